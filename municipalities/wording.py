"""Moments and spans as people say them, in Dutch time."""

from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def moment(when):
    """'dinsdag 24 november om 14.05 uur', with the year when it is not this one."""
    local = timezone.localtime(when)
    if local.year == timezone.localtime().year:
        # Translators: a date format, see Django's "date" filter
        return format_date(local, _(r"l j F \a\t H:i"))
    # Translators: a date format, see Django's "date" filter
    return format_date(local, _(r"l j F Y \a\t H:i"))


def full_moment(when):
    """The same with the year always: for papers that are read years later, and must not change meanwhile."""
    # Translators: a date format, see Django's "date" filter
    return format_date(timezone.localtime(when), _(r"l j F Y \a\t H:i"))


def full_day(day):
    """'24 november 2026', of a date."""
    # Translators: a date format, see Django's "date" filter
    return format_date(day, _(r"j F Y"))


def lower_first(text):
    """For a label in the middle of a sentence."""
    return text[:1].lower() + text[1:]


def spoken(when):
    """The same of a moment as a queued mail holds it, in ISO 8601; words that an older mail holds stay as they are."""
    try:
        return moment(datetime.fromisoformat(when))
    except ValueError:
        return when


def short_moment(when):
    """'di 24 nov 14.05', for lists."""
    # Translators: a date format, see Django's "date" filter
    return format_date(timezone.localtime(when), _("D j M H:i"))


def span(delta):
    """'2 dagen', '5 uur', '12 minuten': the largest whole unit, of a positive or negative timedelta."""
    minutes = int(abs(delta).total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 72:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}


def time_left(due_at, now=None):
    """'nog 5 uur' or '3 uur te laat'."""
    left = due_at - (now or timezone.now())
    if left.total_seconds() < 0:
        return _("%(span)s late") % {"span": span(left)}
    return _("%(span)s left") % {"span": span(left)}


def term(municipality):
    """Within what time somebody comes by, as the municipality counts it: '48 uur'."""
    words = span(municipality.response_window)
    return _("%(span)s (counted in working hours)") % {"span": words} if municipality.counts_working_hours() else words
