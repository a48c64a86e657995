"""A human says: I know, and I see to it."""

from datetime import timedelta

from django.db import transaction

from followup.models import Acknowledgement
from signals import actions as signal_actions
from signals.actions.clocks import hold_next_step

# Longer than the promise itself nobody can ask for.
LONGEST = timedelta(hours=48)


class NothingLate(Exception):
    """No visit of this signal is late and escalated at this moment."""


class NotAnAgreement(Exception):
    """The agreed moment is not within the coming 48 hours."""


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
