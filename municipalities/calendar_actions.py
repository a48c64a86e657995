"""How a municipality counts time, and the days on which it is closed. All verbs run inside its tenant."""

import logging

import holidays
from django.db import transaction

from municipalities.models import Holiday
from municipalities.models.calendar import ClockKind

logger = logging.getLogger("portal.calendar")

# In the library's list, but no day off by law or in most collective agreements, such as that of municipalities.
# Bevrijdingsdag (5 May) is in its list in lustrum years only, as in those agreements. Both may be added by hand.
AT_WORK = frozenset({"Goede vrijdag"})
NEXT_YEAR_IS_WANTED_FROM = (11, 2)


@transaction.atomic
def set_calendar(*, municipality, by, **fields):
    """Count by these fields of Municipality for whatever is received from now on; what runs keeps its deadline.

    Raises ValidationError, or ValueError for hours by which nothing can be counted.
    """
    for name, value in fields.items():
        setattr(municipality, name, value)
    municipality.clean_fields(exclude={field.name for field in municipality._meta.fields} - set(fields))
    municipality.policy()
    municipality.save(update_fields=list(fields))
    logger.info("calendar of municipality %s set by user %s", municipality.pk, by.pk)


@transaction.atomic
def add_holiday(*, municipality, date, name, by):
    """Close on this day (Dutch time). Returns the Holiday; a day that was there already keeps its name."""
    return Holiday.objects.get_or_create(municipality=municipality, date=date, defaults={"name": name, "by": by})[0]


@transaction.atomic
def remove_holiday(*, municipality, holiday, by):
    """Be open on this day after all."""
    logger.info("holiday %s of municipality %s removed by user %s", holiday.date, municipality.pk, by.pk)
    holiday.delete()


@transaction.atomic
def fill_holidays(*, municipality, year, by):
    """Add the Dutch holidays of this year that are not there yet. Returns how many."""
    known = set(Holiday.objects.of(municipality).in_year(year).values_list("date", flat=True))
    fresh = {date: name for date, name in proposed(year).items() if date not in known}
    Holiday.objects.bulk_create(
        Holiday(municipality=municipality, date=date, name=name, by=by) for date, name in fresh.items()
    )
    return len(fresh)


def proposed(year):
    """{date: name} of the days on which most Dutch offices are closed in this year, in order."""
    found = holidays.country_holidays("NL", years=year, language="nl")
    return {date: name for date, name in sorted(found.items()) if name not in AT_WORK}


def years_without_holidays(municipality, today):
    """The years of which no holidays are known while they should be: this one, and in time the next.

    Nothing is missing where every hour counts anyway. `today` is a date in Dutch time.
    """
    if municipality.clock_kind == ClockKind.CLOCK_HOURS:
        return []
    wanted = [today.year] + [today.year + 1] * ((today.month, today.day) >= NEXT_YEAR_IS_WANTED_FROM)
    return [year for year in wanted if not Holiday.objects.of(municipality).in_year(year).exists()]
