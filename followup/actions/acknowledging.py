"""A human says: I know, and I see to it."""

from datetime import timedelta

from django.db import transaction

from followup.models import Acknowledgement, ContactEntry, ContactResult
from followup.models.escalation import LONGEST_ACKNOWLEDGED
from signals import actions as signal_actions
from signals import wishes
from signals.actions.clocks import hold_next_step

LONGEST = LONGEST_ACKNOWLEDGED
# After this a human looks again whether the wish still stands.
REST = timedelta(days=30)


class NothingLate(Exception):
    """No visit of this signal is late and escalated at this moment."""


class NotAnAgreement(Exception):
    """The agreed moment is not within the coming 48 hours."""


class NotAWish(Exception):
    """There is no respected wish with a recorded refusal, or the one refusal was recorded by the same person."""


@transaction.atomic
def acknowledge(*, signal, until, by):
    """Let the ladder rest until the agreed moment (aware). Not a closing: unvisited by then, it climbs on.

    Raises NothingLate, NotAnAgreement.
    """
    signal = signal_actions.held(signal)
    now = signal_actions.now()
    if not now < until <= now + LONGEST:
        raise NotAnAgreement
    clock = hold_next_step(signal, until)
    if clock is None:
        raise NothingLate
    return Acknowledgement.objects.create(
        municipality=signal.municipality, signal=signal, level=clock.level - 1, until=until, by=by
    )


@transaction.atomic
def rest_for_wish(*, signal, by):
    """Let the ladder of a late visit rest for thirty days, since the person refused and a coordinator respects that.

    The clock is not stopped: the escalation stands, the signal stays late on the desk, and after the rest it climbs
    on. Asks for two people: one who recorded that the person refused, and `by`. Raises NotAWish, NothingLate.
    """
    signal = signal_actions.held(signal)
    if not may_rest_for_wish(signal, by):
        raise NotAWish
    until = signal_actions.now() + REST
    clock = hold_next_step(signal, until)
    if clock is None:
        raise NothingLate
    return Acknowledgement.objects.create(
        municipality=signal.municipality, signal=signal, level=clock.level - 1, until=until, by=by
    )


def may_rest_for_wish(signal, by):
    """Whether the person refused in a conversation that somebody else recorded, and that is respected here."""
    respected = [each.wish for each in wishes.standing_for(signal) if each.is_respected]
    refusals = ContactEntry.objects.of(signal.municipality_id).standing().that_reached()
    about = [signal.pk, *(wish.signal_id for wish in respected)]
    refusals = refusals.filter(result=ContactResult.REFUSED, signal__in=about)
    return bool(respected) and refusals.exclude(by=by).exists()
