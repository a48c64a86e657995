from datetime import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.models.tenant import TenantModel, TenantQuerySet


class ClockKind(models.TextChoices):
    """Which hours count towards the home visit; the values are those of `municipalities.calendar.Kind`."""

    CLOCK_HOURS = "clock_hours", _("Every hour, also at night and in the weekend")
    WORKING_HOURS = "working_hours", _("Only the hours in which we are open")


class HolidayQuerySet(TenantQuerySet):
    def in_year(self, year):
        return self.filter(date__year=year)


class Holiday(TenantModel):
    """A day on which this municipality's office is closed, on top of its closed weekdays."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "date", "name", "by"})

    date = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=60)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        verbose_name=_("added by"),
    )

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [models.UniqueConstraint(fields=["municipality", "date"], name="holiday_date_once")]

    def __str__(self):
        return self.name


def office_hours():
    """Monday to Friday from nine to five: for each weekday a list of [from, to], in local time."""
    return [[["09:00", "17:00"]]] * 5 + [[]] * 2


def check_opening_hours(days):
    """Seven lists of ["HH:MM", "HH:MM"]; whether they follow one another is up to `calendar.Policy`."""
    try:
        opening = opening_of(days)
    except (TypeError, ValueError) as error:
        raise ValidationError(_("These are not opening hours.")) from error
    if len(opening) != 7:
        raise ValidationError(_("These are not opening hours."))


def opening_of(days):
    """Opening hours as they are stored, as `calendar.Policy` wants them. Raises TypeError, ValueError."""
    return tuple(tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans) for spans in days)
