"""Who looked at what: the rows that the privacy officer asks for, and what stands out among them."""

import csv
import io
import re
from datetime import datetime, time, timedelta

from django import forms
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.models import ContactEntry
from municipalities.cells import plain, spreadsheet
from municipalities.models import AccessLogEntry, Membership, User
from municipalities.models.trail import REASONS
from signals.desk import WorkerChoice
from signals.models import Signal
from signals.receipt import ReferenceConverter

PAGE, LOOKED_BACK, MOST = 50, timedelta(days=30), 20
# Looking at the log is no looking at a dossier.
OF_THE_LOG = ("access_log", "access_log_export", "outliers")
# From so many different people on one dossier is named; in the Haga case it was 85.
MANY_VIEWERS = 8
# The fields of NEN 7513 that this log has: who, in which role, what was done, to what, when and where.
COLUMNS = (
    *("event_id", "event_time_utc", "user_id", "user_name", "user_role"),
    *("action", "object", "reason", "source", "event"),
)
HERE = ("signaalpunt", "read")


class LogFilter(forms.Form):
    """Who, what, when and why; the filter lives in the address."""

    use_required_attribute = False
    marks_optional = False

    who = WorkerChoice(label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("Everybody"))
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=[("", _("All reasons")), *REASONS])
    reference = forms.CharField(label=_("Reference"), required=False, max_length=20)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label=_("Up to and including"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data, *, municipality):
        super().__init__(data)
        self.municipality = municipality
        people = Membership.objects.of(municipality).values("user")
        self.fields["who"].queryset = User.objects.filter(pk__in=people).order_by("name")

    def asked_reference(self):
        """The reference that is asked for, for the record; anything else that was typed there may be a name."""
        typed = self.data.get("reference", "").strip().upper()
        return typed if re.fullmatch(ReferenceConverter.regex, typed) else ""

    def rows(self):
        """What is asked for, the newest first."""
        chosen = self.cleaned_data if self.is_valid() else {}
        rows = AccessLogEntry.objects.of(self.municipality).select_related("user").order_by("-pk")
        if chosen.get("who"):
            rows = rows.filter(user=chosen["who"])
        if chosen.get("reason"):
            rows = rows.filter(reason=chosen["reason"])
        if chosen.get("reference"):
            rows = rows.filter(reference__iexact=chosen["reference"].strip())
        if chosen.get("since"):
            rows = rows.filter(at__gte=_midnight(chosen["since"]))
        if chosen.get("until"):
            rows = rows.filter(at__lt=_midnight(chosen["until"] + timedelta(days=1)))
        return rows


def page_of(rows, cursor):
    """(rows, cursor of the next page or None), by key and never by offset."""
    if str(cursor or "").isdecimal():
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def cells_of(rows):
    """The rows in the shape of NEN 7513, moments in UTC; the names of the columns first."""
    yield COLUMNS
    for row in rows.iterator():
        at = row.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="milliseconds")
        yield row.pk, at, row.user_id, row.user.name, row.role, row.action, row.reference, row.reason, *HERE


def as_csv(rows):
    """As comma-separated values. No cell can be read as a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([plain(cell) for cell in cells] for cells in cells_of(rows))
    return text.getvalue()


def as_ods(rows):
    """As a spreadsheet in which text is text by its type."""
    return spreadsheet("leeslog", cells_of(rows))


# By what the address asks: how the file is made, and of which type it is.
FILES = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "ods": (as_ods, "application/vnd.oasis.opendocument.spreadsheet"),
}


class Outliers:
    """What stands out in the last thirty days; a reason to ask, never a verdict."""

    def __init__(self, municipality, now=None):
        self.municipality = municipality
        since = (now or timezone.now()) - LOOKED_BACK
        self.opened = AccessLogEntry.objects.of(municipality).filter(at__gte=since).exclude(reference="")
        self.opened = self.opened.exclude(action__in=OF_THE_LOG)

    def many_viewers(self):
        """[{reference, viewers}]: dossiers that many different people opened."""
        counted = self.opened.values("reference").annotate(viewers=Count("user", distinct=True))
        return list(counted.filter(viewers__gte=MANY_VIEWERS).order_by("-viewers", "reference")[:MOST])

    def never_worked(self):
        """[(name, references)]: who opened dossiers on which they never did anything, most of them first."""
        pairs, found = self._pairs(), {}
        for user, reference in sorted(pairs - self._worked({reference for _user, reference in pairs})):
            found.setdefault(user, []).append(reference)
        names = User.objects.in_bulk(found)
        ordered = sorted(found.items(), key=lambda item: (-len(item[1]), names[item[0]].name))
        return [(names[user].name, references) for user, references in ordered[:MOST]]

    def same_surname(self):
        """[(name, reference)]: who opened the dossier of somebody who bears the same last name."""
        pairs = self._pairs()
        people = User.objects.in_bulk({user for user, _reference in pairs})
        signals = Signal.objects.of(self.municipality).filter(reference__in={reference for _user, reference in pairs})
        residents = dict(signals.values_list("reference", "dossier__resident__name"))
        return sorted(
            (people[user].name, reference)
            for user, reference in pairs
            if _surname(people[user].name) and _surname(people[user].name) == _surname(residents.get(reference, ""))
        )

    def same_postcode(self):
        """[(name, reference)]: who opened the dossier of somebody with the postcode that they live in themselves."""
        homes = self._homes()
        pairs = {(user, reference) for user, reference in self._pairs() if user in homes}
        people = User.objects.in_bulk({user for user, _reference in pairs})
        signals = Signal.objects.of(self.municipality).filter(reference__in={reference for _user, reference in pairs})
        postcodes = signals.values_list("reference", "dossier__resident__postcode")
        residents = {reference: Membership.fingerprint_of(postcode) for reference, postcode in postcodes}
        return sorted(
            (people[user].name, reference) for user, reference in pairs if homes[user] == residents.get(reference)
        )

    def without_postcode(self):
        """How many of those who opened a dossier said of no postcode that they live there: of them nothing is known."""
        return len({user for user, _reference in self._pairs()} - set(self._homes()))

    def _homes(self):
        members = Membership.objects.of(self.municipality).exclude(home_fingerprint="")
        return dict(members.values_list("user", "home_fingerprint"))

    def _pairs(self):
        return set(self.opened.values_list("user", "reference").distinct())

    def _worked(self, references):
        """(user, reference) of whoever recorded something, changed the signal, or was given it; of these signals."""
        history = Signal.history.model.objects.filter(municipality_id=self.municipality.pk, reference__in=references)
        contacts = ContactEntry.objects.of(self.municipality).filter(signal__reference__in=references)
        return {
            *contacts.values_list("by", "signal__reference"),
            *history.values_list("history_user", "reference"),
            *history.values_list("assigned_to", "reference"),
        }


def _surname(name):
    return name.split()[-1].casefold() if len(name.split()) > 1 else ""


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
