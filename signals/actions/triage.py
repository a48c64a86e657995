"""What a coordinator decides: who goes, and when it is over."""

from django.db import transaction

from municipalities.models import Membership, Organisation
from signals import wishes, workflow
from signals.actions import clocks
from signals.models import Clock
from signals.workflow import CloseReason, Status, TransitionError


class NotOurWorker(Exception):
    """A signal goes only to an active worker of one of the municipality's own organisations."""


class NotOurOrganisation(Exception):
    """A signal waits only for an organisation of the municipality that has a worker."""


class NotForMany(Exception):
    """A protected dossier goes to one person, by name: a queue is read by a whole organisation."""


class AlreadyProposed(Exception):
    """Somebody else has to agree: one person alone does not close a signal as false."""


class NoContactWanted(Exception):
    """The person asked us to stay away, and no coordinator decided that somebody goes all the same."""


class NotTheirs(Exception):
    """Only the worker who has the signal may take it on."""


@transaction.atomic
def assign(*, signal, worker, by):
    """Give the signal to a worker. The clock runs on. Raises NotOurWorker, NoContactWanted, TransitionError."""
    members = Membership.objects.of(signal.municipality_id).active().workers()
    if not members.held_by(worker).exists():
        raise NotOurWorker
    signal = clocks.held(signal)
    _check_wishes(signal)
    at = clocks.now()
    status = Status.ASSIGNED if signal.status == Status.RECEIVED else signal.status
    signal.move_to(status, by=by, reason="assigned", queue=None, assigned_to=worker, assigned_at=at, accepted_at=None)
    if signal.visited_at is None:
        clocks.start_acceptance(signal, at)


@transaction.atomic
def put_in_queue(*, signal, organisation, by):
    """Let the signal wait until a worker of this organisation takes it. Until then nobody has it.

    The clock of the visit runs on, and so does what is watched until somebody has it. Raises NotOurOrganisation,
    NotForMany, NoContactWanted, TransitionError.
    """
    if organisation not in organisations_with_workers(signal.municipality_id):
        raise NotOurOrganisation
    signal = clocks.held(signal)
    if signal.dossier.is_protected:
        raise NotForMany
    if not signal.is_open:
        raise TransitionError(signal.status, signal.status)
    _check_wishes(signal)
    at = clocks.now()
    nobody = {"assigned_to": None, "assigned_at": None, "accepted_at": None}
    _restate(signal, signal.status_without_worker(), by=by, reason="queued", queue=organisation, **nobody)
    clocks.stop(signal, at, Clock.Kind.ACCEPTANCE)
    if signal.visited_at is None:
        clocks.start_assignment(signal, at)


def _check_wishes(signal):
    if wishes.keep_away(wishes.standing_for(signal)):
        raise NoContactWanted


def organisations_with_workers(municipality):
    """The active organisations of this municipality with somebody who can take a signal."""
    workers = Membership.objects.of(municipality).active().workers()
    return Organisation.objects.of(municipality).filter(pk__in=workers.values("organisation")).order_by("name")


@transaction.atomic
def take(*, signal, by):
    """A worker takes the signal from the queue of the own organisation: assigned, and taken on, in one.

    Of two at the same moment one gets it. Raises OutOfSight to the other, and to whoever it does not wait for;
    NoContactWanted.
    """
    signal = clocks.held(signal)
    members = Membership.objects.of(signal.municipality_id).active().workers().held_by(by)
    if signal.queue_id is None or not members.filter(organisation=signal.queue_id).exists():
        raise clocks.OutOfSight
    _check_wishes(signal)
    at = clocks.now()
    status = Status.ASSIGNED if signal.status == Status.RECEIVED else signal.status
    _restate(signal, status, by=by, reason="taken", queue=None, assigned_to=by, assigned_at=at, accepted_at=at)
    clocks.stop(signal, at, Clock.Kind.ASSIGNMENT)


def _restate(signal, status, **change):
    if status == signal.status:
        signal.note_change(**change)
    else:
        signal.move_to(status, **change)


@transaction.atomic
def accept(*, signal, by):
    """The assigned worker takes the signal on. Raises NotTheirs when it was given to somebody else meanwhile.

    Accepting twice is accepting once. The clock of the visit runs on.
    """
    signal = clocks.held(signal)
    if signal.assigned_to_id != by.pk:
        raise NotTheirs
    if signal.accepted_at:
        return
    at = clocks.now()
    signal.note_change(by=by, reason="accepted", accepted_at=at)
    clocks.stop(signal, at, Clock.Kind.ACCEPTANCE)


@transaction.atomic
def close(*, signal, reason, by):
    """Close with a lawful reason. Ends the revisit clock, but never the first one: only a logged home visit stops that.

    As false or malicious only two people close together: for the first nothing changes but that it is written down.
    Returns whether the signal is closed. Raises TransitionError when it is closed already, AlreadyProposed when the
    same person asks for it twice.
    """
    signal = clocks.held(signal)
    if reason == CloseReason.REJECTED and not _is_second(signal, by):
        workflow.check(signal.status, Status.CLOSED)
        signal.note_change(by=by, reason="rejection_proposed", rejection_by=by)
        return False
    at = clocks.now()
    first = signal.rejection_by if reason == CloseReason.REJECTED else None
    signal.move_to(
        Status.CLOSED, by=by, reason="closed", queue=None, closed_at=at, close_reason=reason, rejection_by=first
    )
    clocks.stop(signal, at, *(set(Clock.Kind) - {Clock.Kind.VISIT}))
    return True


def _is_second(signal, by):
    """Whether somebody else has proposed it before."""
    if signal.rejection_by_id == by.pk:
        raise AlreadyProposed
    return signal.rejection_by_id is not None


@transaction.atomic
def trust(*, signal, by):
    """Take the mark “doubtful” off. The clock runs on as it did. Taking it off twice is taking it off once."""
    signal = clocks.locked(signal)
    if signal.doubts:
        signal.note_change(by=by, reason="trusted", doubts=[])


@transaction.atomic
def reopen(*, signal, by):
    """Take a closed signal up again where the work had come. A revisit that is still owed starts anew.

    Raises TransitionError when it is open, and when its personal data were erased.
    """
    signal = clocks.held(signal)
    if signal.is_open or signal.erased_at:
        raise TransitionError(signal.status, signal.status)
    signal.move_to(
        signal.status_by_moments(), by=by, reason="reopened", closed_at=None, close_reason="", rejection_by=None
    )
    if signal.reached_at is None and not clocks.running(signal).of_visits().exists():
        clocks.start_revisit(signal, clocks.now())
