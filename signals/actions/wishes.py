"""Somebody asks us to stay away: recorded, decided about for each signal, taken back."""

from django.db import transaction

from signals import wishes
from signals.actions import clocks, triage
from signals.models import NoContactWish, WishDecision
from signals.workflow import CloseReason


class NoSuchWish(Exception):
    """This wish does not hold for this signal (any more)."""


@transaction.atomic
def record_wish(*, signal, kind, said_by, said_on, by):
    """Record that the person wants no contact, or objects. Holds for every signal about the dossier or the address.

    No clock changes by it: a coordinator decides first.
    """
    return _write(signal, by, kind=kind, said_by=said_by, said_on=said_on)


@transaction.atomic
def withdraw_wish(*, signal, wish, said_by, said_on, by):
    """Record, from the page of this signal, that the person came back on it. Raises NoSuchWish."""
    signal = clocks.held(signal)
    _check_holds(signal, wish)
    return _write(signal, by, kind=wish.kind, said_by=said_by, said_on=said_on, withdraws=wish)


@transaction.atomic
def decide_wish(*, signal, wish, choice, by, reason=""):
    """Decide about this signal, knowing the wish: respect it, or go all the same with a reason.

    Respecting closes the signal as refused, which ends the clock of another visit. The clock of the first visit runs
    on, as after any closing: only a logged visit ends that one. Raises NoSuchWish.
    """
    signal = clocks.held(signal)
    _check_holds(signal, wish)
    decision = WishDecision.objects.create(
        municipality=signal.municipality, wish=wish, signal=signal, choice=choice, reason=reason, by=by
    )
    if choice == WishDecision.Choice.RESPECT and signal.is_open:
        triage.close(signal=signal, reason=CloseReason.REFUSED, by=by)
    return decision


def _check_holds(signal, wish):
    if wish.pk not in {each.wish.pk for each in wishes.standing_for(signal)}:
        raise NoSuchWish


def _write(signal, by, **fields):
    return NoContactWish.objects.create(
        municipality=signal.municipality, dossier=signal.dossier, signal=signal, by=by, **fields
    )
