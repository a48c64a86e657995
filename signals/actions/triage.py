"""What a coordinator decides: who goes, and when it is over."""

from django.db import transaction

from municipalities.models import Membership
from signals.actions import clocks
from signals.models import Clock
from signals.workflow import Status, TransitionError


class NotOurWorker(Exception):
    """A signal goes only to an active worker of one of the municipality's own organisations."""


@transaction.atomic
def assign(*, signal, worker, by):
    """Give the signal to a worker. The clock runs on. Raises NotOurWorker, TransitionError."""
    members = Membership.objects.of(signal.municipality_id).active().workers()
    if not members.held_by(worker).exists():
        raise NotOurWorker
    signal = clocks.locked(signal)
    status = Status.ASSIGNED if signal.status == Status.RECEIVED else signal.status
    signal.move_to(status, by=by, reason="assigned", assigned_to=worker, assigned_at=clocks.now())


@transaction.atomic
def close(*, signal, reason, by):
    """Close with a lawful reason. Ends the revisit clock, but never the first one: only a logged home visit stops that.

    Raises TransitionError when it is closed already.
    """
    signal = clocks.held(signal)
    at = clocks.now()
    signal.move_to(Status.CLOSED, by=by, reason="closed", closed_at=at, close_reason=reason)
    clocks.stop(signal, at, Clock.Kind.REVISIT)


@transaction.atomic
def reopen(*, signal, by):
    """Take a closed signal up again where the work had come. A revisit that is still owed starts anew.

    Raises TransitionError when it is open.
    """
    signal = clocks.held(signal)
    if signal.is_open:
        raise TransitionError(signal.status, signal.status)
    signal.move_to(signal.status_by_moments(), by=by, reason="reopened", closed_at=None, close_reason="")
    if signal.reached_at is None and not clocks.running(signal).exists():
        clocks.start_revisit(signal, clocks.now())
