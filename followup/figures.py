"""The municipality's figures: tables of published numbers about the signals of a period, and nothing that is exact.

What counts as in time is the promise itself: a home visit recorded before the deadline of the signal's first clock.
"""

from dataclasses import dataclass

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup import charts
from followup.small_cells import ELSEWHERE, merged, published, share, shown
from signals.models import About, ReporterKind
from signals.workflow import CloseReason

# What is in no other row of its table stands in the last one.
PROMISE = (
    ("in_time", gettext_lazy("Somebody came by within the term")),
    ("late", gettext_lazy("Somebody came by, but later")),
    ("none", gettext_lazy("Nobody came by yet, or it was closed without a visit")),
)
ABOUT = ((About.SELF, gettext_lazy("About themselves")), (About.OTHER, gettext_lazy("About somebody else")))
KINDS = tuple((kind.value, kind.label) for kind in ReporterKind if kind != ReporterKind.SELF)
SOURCES = (("partner", gettext_lazy("Through a partner")), ("alone", gettext_lazy("Without a partner")))
OUTCOMES = (
    *((reason.value, reason.label) for reason in CloseReason if reason != CloseReason.LOST),
    ("", gettext_lazy("Still open, or not known any more")),
)


@dataclass(frozen=True)
class Row:
    """One row of a table; `number` is a published one. A month has a `short` label for the chart, and its `year`."""

    label: str
    number: int | None
    share: object = None
    short: str = ""
    year: str = ""

    @property
    def text(self):
        return shown(self.number)


@dataclass(frozen=True)
class Table:
    """`whole` is the published number that the shares are of; None when there are none."""

    key: str
    title: str
    heading: str
    rows: list
    whole: int | None = None

    @property
    def chart(self):
        """The same rows drawn; None when there is nothing but "<5"."""
        if all(row.number is None for row in self.rows):
            return None
        return charts.standing(self.rows) if self.key == "months" else charts.lying(self.rows)

    @property
    def told(self):
        """The rows in one sentence, for whoever does not see the drawing."""
        return "; ".join(f"{row.label}: {row.text}" for row in self.rows)


class Overview:
    """The figures of a Period. Must run inside the tenant; asks the database once."""

    def __init__(self, period):
        counts = _counted(period)
        self.period = period
        self.months = _months(counts.get("month", {}), period)
        self.total = published(counts.get("all", {}).get("all", 0))
        self.promise = _table("promise", _("Did somebody come by in time?"), _("Visit"), counts, PROMISE, self.total)
        self.tables = [self.months, self.promise, *self._others(counts)] if period.is_a_year else [self.months]
        self.hours = counts["hours"]["median"] if self._somebody_came else None

    def _others(self, counts):
        about = _table("about", _("About whom"), _("About whom"), counts, ABOUT, self.total)
        others = about.rows[-1].number
        return [
            about,
            _table("kind", _("Who reports about somebody else"), _("Reporter"), counts, KINDS, others),
            _table("source", _("How the signal came in"), _("Way"), counts, SOURCES, self.total),
            _table("outcome", _("How it ended"), _("Outcome"), counts, OUTCOMES, self.total),
            _areas(counts.get("area", {})),
        ]

    @property
    def _somebody_came(self):
        """Whether five people or more were visited, as far as the published numbers say so."""
        return any(row.number for row in self.promise.rows[:2])

    @property
    def total_text(self):
        return shown(self.total)

    @property
    def in_time(self):
        return self.promise.rows[0]

    def is_empty(self):
        """Whether nothing but "<5" is shown; the total of months only is not."""
        numbers = [row.number for table in self.tables for row in table.rows]
        return not any([*numbers, self.total if self.period.is_a_year else None])


def _counted(period):
    """{table: {cell: exact number}}. What comes out of here is published first and shown then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, cell, amount FROM followup_counts(%s, %s)", period.moments())
        found = {}
        for subject, cell, amount in cursor.fetchall():
            found.setdefault(subject, {})[cell] = amount
    return found


def _table(key, title, heading, counts, choices, whole):
    amounts = dict(counts.get(key, {}))
    exact = [amounts.pop(cell, 0) for cell, _label in choices]
    exact[-1] += sum(amounts.values())
    numbers = [published(amount) for amount in exact]
    rows = [
        Row(str(label), number, share(number, whole)) for (_cell, label), number in zip(choices, numbers, strict=True)
    ]
    return Table(key, title, heading, rows, whole)


def _months(amounts, period):
    rows = [
        Row(date_format(day, "F Y"), published(amounts.get(f"{day:%Y-%m}", 0)), None, *_below(day, period))
        for day in period.months()
    ]
    return Table("months", _("Signals received by month"), _("Month"), rows)


def _below(day, period):
    """What stands under a month in the chart: its name, and the year where one begins."""
    return date_format(day, "M"), str(day.year) if day in {period.first, day.replace(month=1)} else ""


def _areas(amounts):
    numbers = {area: published(amount) for area, amount in merged(amounts).items()}
    rows = [Row(_("Elsewhere") if area == ELSEWHERE else area, number) for area, number in numbers.items()]
    return Table("area", _("Where the person lives"), _("Postcode area"), rows)
