"""Of which months there are figures. No period can be taken from another: what is told apart is told per calendar year.

A year that has not ended is told up to the end of its last finished quarter, so that its months are 3, 6, 9 or 12 and
no page changes from one day to the next because a signal came in. The last twelve months show months only, each the
same number as on the page of its year.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

YEARS, QUARTER = 5, 3
LAST_TWELVE = "12-maanden"


@dataclass(frozen=True)
class Period:
    """Whole months: `first` is the first day, `until` the day after the last one."""

    key: str
    first: date
    until: date

    @property
    def is_a_year(self):
        return self.key != LAST_TWELVE

    @property
    def is_whole(self):
        return len(self.months()) == 12

    @property
    def last(self):
        """The first day of the last month."""
        return self.months()[-1]

    def months(self):
        """The first day of each month."""
        months, day = [], self.first
        while day < self.until:
            months.append(day)
            day = _after(day, 1)
        return months

    def moments(self):
        """From which moment up to which one (aware, Dutch midnights)."""
        return tuple(timezone.make_aware(datetime.combine(day, time(0))) for day in (self.first, self.until))


def every(today):
    """The periods that can be chosen, the newest year first."""
    month = today.replace(day=1)
    quarter = _after(month, -((month.month - 1) % QUARTER))
    years = [date(year, 1, 1) for year in range(today.year, today.year - YEARS, -1)]
    told = [Period(str(first.year), first, min(_after(first, 12), quarter)) for first in years if first < quarter]
    return [*told, Period(LAST_TWELVE, _after(month, -12), month)]


def _after(day, months):
    """The first day of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


class PeriodForm(forms.Form):
    """The period lives in the address; of one that cannot be understood the page says so, and shows the newest year."""

    use_required_attribute = False
    marks_optional = False

    period = forms.ChoiceField(
        label=_("Period"),
        required=False,
        error_messages={"invalid_choice": _("There are no figures of this period. Choose one from the list.")},
    )

    def __init__(self, data, *, today):
        super().__init__(data)
        self.periods = every(today)
        self.fields["period"].choices = [(period.key, _label(period)) for period in self.periods]

    def chosen(self):
        key = self.cleaned_data["period"] if self.is_valid() else ""
        return next((period for period in self.periods if period.key == key), self.periods[0])


def _label(period):
    return period.key if period.is_a_year else _("The last twelve months")
