"""How long a dossier is kept: which ones have reached the end of their term, and which soon will.

A dossier is kept for as long as the longest term of its signals, counted from when each was closed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Value,
    When,
)

from followup.models import Hold, ResultClass, RetentionTerm
from followup.models.retention import HELPED, NOT_TAKEN_UP, class_of
from signals.models import Dossier

# Days before the end at which somebody is told.
WARNED = (30, 7, 1)


@dataclass(frozen=True)
class Kept:
    """Until when a dossier is kept (aware), on what ground, and whether it is held past that."""

    until: datetime
    term: RetentionTerm
    is_held: bool

    @property
    def result_class(self):
        return ResultClass(self.term.result_class)


def finished(municipality):
    """The finished dossiers that still hold personal data, with `ends_at` and `is_held`. Inside the tenant."""
    held = Hold.objects.of(municipality).standing().filter(dossier=OuterRef("pk"))
    rows = Dossier.objects.of(municipality).kept().finished()
    return rows.annotate(ends_at=Max(_end(municipality)), is_held=Exists(held))


def past_term(municipality, now):
    """The dossiers that are to be erased now (aware), the oldest first."""
    return finished(municipality).filter(ends_at__lte=now, is_held=False).order_by("ends_at", "pk")


def ending_within(municipality, now, days):
    """The dossiers whose term ends in that many days from now (aware) or less, and has not ended yet."""
    soon = finished(municipality).filter(ends_at__gt=now, ends_at__lte=now + timedelta(days=days), is_held=False)
    return soon.order_by("ends_at", "pk")


def of(signal):
    """A Kept for the dossier of this signal; None while something in it is open or a visit is owed."""
    row = finished(signal.municipality).filter(pk=signal.dossier_id).first()
    if row is None:
        return None
    terms = RetentionTerm.all_of(signal.municipality)
    classes = {class_of(one.close_reason): one.closed_at for one in signal.dossier.signals.order_by("closed_at")}
    deciding = max(classes, key=lambda kind: classes[kind] + terms[kind].length)
    return Kept(row.ends_at, terms[deciding], row.is_held)


def _end(municipality):
    terms = RetentionTerm.all_of(municipality)
    length = Case(
        When(signals__close_reason__in=NOT_TAKEN_UP, then=Value(terms[ResultClass.NOT_TAKEN_UP].length)),
        When(signals__close_reason__in=HELPED, then=Value(terms[ResultClass.HELPED].length)),
        default=Value(terms[ResultClass.NO_HELP].length),
        output_field=DurationField(),
    )
    return ExpressionWrapper(F("signals__closed_at") + length, output_field=DateTimeField())
