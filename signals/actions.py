"""Everything that happens to a signal, as verbs. Each is one transaction, with its history and its mail inside.

`by` is the user who does it. All moments are the database's clock, in UTC. Every verb must run inside the tenant of
the signal's municipality.
"""

from django.db import transaction
from django.utils import timezone

from municipalities import outbox
from municipalities.database import PortalNow
from municipalities.models import Membership
from signals import emails, intake, receipt
from signals.models import About, Clock, Dossier, Draft, Reporter, ReporterKind, Resident, Signal
from signals.workflow import Status, TransitionError


class DraftExpired(Exception):
    """There is neither a draft nor a signal under this key any more."""


class DraftIncomplete(Exception):
    """A step still lacks an answer. `step` names the first."""

    def __init__(self, step):
        super().__init__(step.name)
        self.step = step


class NotOurWorker(Exception):
    """A signal goes only to an active worker of one of the municipality's own organisations."""


@transaction.atomic
def save_step(*, draft, step, answers):
    """Keep what was answered on one step, sealed."""
    draft.answers = {**draft.answers, step.name: answers}
    draft.changed_at = PortalNow()
    draft.save(update_fields=["sealed", "changed_at"])


@transaction.atomic
def submit(*, municipality, draft_id):
    """Turn a draft into a signal, once: the same draft sent again gives the same signal, also at the same moment.

    The database sets `received_at` and `due_at` and starts the clock. A receipt mail is queued when there is an
    address. Raises DraftExpired, DraftIncomplete.
    """
    draft = Draft.objects.of(municipality).select_for_update().filter(pk=draft_id).first()
    if draft is None:
        return sent_from(municipality, draft_id)
    missing = intake.first_missing(draft.answers)
    if missing is not None:
        raise DraftIncomplete(missing)
    signal = _signal_from(municipality, draft)
    if signal.reporter.email:
        outbox.queue([emails.receipt(signal, signal.reporter.email)])
    draft.delete()
    return signal


def sent_from(municipality, draft_id):
    """The signal that was sent from this draft. Raises DraftExpired when there is none."""
    signal = Signal.objects.of(municipality).filter(draft=draft_id).first()
    if signal is None:
        raise DraftExpired
    return signal


def _signal_from(municipality, draft):
    answers = draft.answers
    worry, who, address = (step.checked(answers).cleaned_data for step in intake.STEPS)
    is_self = answers["about"] == About.SELF
    reporter = Reporter.objects.create(
        municipality=municipality,
        kind=ReporterKind.SELF if is_self else who["kind"],
        may_be_named=is_self or who["may_be_named"],
        **{field: who[field] for field in ("name", "email", "phone", "may_call")},
    )
    name = who["name"] if is_self else address.pop("person_name")
    resident = Resident.objects.create(municipality=municipality, name=name, **address)
    signal = Signal(
        municipality=municipality,
        reference=receipt.new_reference(timezone.localdate().year),
        draft=draft.pk,
        receipt_fingerprint=receipt.fingerprint(receipt.code_for(draft.pk)),
        about=answers["about"],
        dossier=Dossier.objects.create(municipality=municipality, resident=resident),
        reporter=reporter,
        partner_id=answers["partner"],
        **worry,
    )
    signal._change_reason = "received"
    signal.save(force_insert=True)
    return signal


@transaction.atomic
def assign(*, signal, worker, by):
    """Give the signal to a worker. The clock runs on. Raises NotOurWorker, TransitionError."""
    members = Membership.objects.of(signal.municipality_id).active().workers()
    if not members.held_by(worker).exists():
        raise NotOurWorker
    signal = locked(signal)
    status = Status.ASSIGNED if signal.status == Status.RECEIVED else signal.status
    signal.move_to(status, by=by, reason="assigned", assigned_to=worker, assigned_at=now())


@transaction.atomic
def close(*, signal, reason, by):
    """Close with a lawful reason. Ends the revisit clock, but never the first one: only a logged home visit stops that.

    Raises TransitionError when it is closed already.
    """
    signal = held(signal)
    at = now()
    signal.move_to(Status.CLOSED, by=by, reason="closed", closed_at=at, close_reason=reason)
    _stop_clocks(signal, at, Clock.Kind.REVISIT)


@transaction.atomic
def reopen(*, signal, by):
    """Take a closed signal up again where the work had come. A revisit that is still owed starts anew.

    Raises TransitionError when it is open.
    """
    signal = held(signal)
    if signal.is_open:
        raise TransitionError(signal.status, signal.status)
    signal.move_to(_status_by_moments(signal), by=by, reason="reopened", closed_at=None, close_reason="")
    if signal.reached_at is None and not _running_clocks(signal).exists():
        _start_revisit(signal, now())


@transaction.atomic
def note_contact(*, signal, at, is_visit, is_attempt, reached, by):
    """Take in what a logged contact means for the signal: its moments, its status and its clock.

    `at` is when it was recorded, by the database's clock. A home visit stops the clock; when nobody was reached by it,
    the revisit clock starts anew. Whoever reaches the person ends that one. Expects a signal that is `held`, since
    before the contact was written.
    """
    moments = {
        "first_attempt_at": signal.first_attempt_at or (at if is_attempt else None),
        "reached_at": signal.reached_at or (at if reached else None),
        "visited_at": signal.visited_at or (at if is_visit else None),
    }
    _save_moments(signal, moments, by=by, reason="contact")
    if is_visit:
        _stop_clocks(signal, at, *Clock.Kind)
    elif reached:
        _stop_clocks(signal, at, Clock.Kind.REVISIT)
    if is_visit and signal.reached_at is None and signal.is_open:
        _start_revisit(signal, at)


@transaction.atomic
def restate_contacts(*, signal, at, moments, by):
    """Set the moments to what the standing contacts say after a correction, and the clocks to what follows from them.

    `at` is when the correction was recorded. When no home visit stands any more, the clock that it stopped runs again,
    with its old deadline; a revisit that is owed keeps its own. Expects a signal that is `held`, since before the
    correction was written.
    """
    _save_moments(signal, moments, by=by, reason="corrected", correcting=True)
    if moments["visited_at"] is None:
        _stop_clocks(signal, at, Clock.Kind.REVISIT)
        _resume_first_clock(signal)
    elif moments["reached_at"] or not signal.is_open:
        _stop_clocks(signal, at, *Clock.Kind)
    else:
        _stop_clocks(signal, at, Clock.Kind.VISIT)
        _resume_revisit(signal, at)


def held(signal):
    """The signal as it stands now, held together with its clocks until the end of the transaction.

    Taken before a contact is written, so that logging and escalating never cross: whoever holds the clock first
    decides. A visit logged before the deadline is never escalated, one logged after it never hides an escalation.
    """
    signal = locked(signal)
    list(Clock.objects.of(signal.municipality_id).filter(signal=signal).order_by("pk").select_for_update())
    return signal


def locked(signal):
    """The signal as it stands now, held until the end of the transaction."""
    # NO KEY: the sweep's new escalations refer to the signal meanwhile, and must not wait for us while we wait for it.
    rows = Signal.objects.of(signal.municipality_id).select_for_update(of=("self",), no_key=True)
    return rows.select_related("municipality").get(pk=signal.pk)


def now():
    """The database's clock, in UTC."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        return cursor.fetchone()[0]


def _save_moments(signal, moments, *, by, reason, correcting=False):
    for name, value in moments.items():
        setattr(signal, name, value)
    if not signal.is_open:
        signal.note_change(by=by, reason=reason, **moments)
        return
    status = _status_by_moments(signal)
    if status == signal.status:
        signal.note_change(by=by, reason=reason, **moments)
    else:
        signal.move_to(status, by=by, reason=reason, correcting=correcting, **moments)


def _status_by_moments(signal):
    if signal.visited_at:
        return Status.VISITED
    if signal.first_attempt_at:
        return Status.IN_CONTACT
    return Status.ASSIGNED if signal.assigned_to_id else Status.RECEIVED


def _clocks(signal):
    return Clock.objects.of(signal.municipality_id).filter(signal=signal).order_by("level")


def _running_clocks(signal):
    return _clocks(signal).running()


def _stop_clocks(signal, at, *kinds):
    for clock in _running_clocks(signal).filter(kind__in=kinds):
        clock.stop(at)


def _start_revisit(signal, at):
    due_at = at + signal.municipality.response_window
    Clock.objects.create(
        municipality=signal.municipality,
        signal=signal,
        kind=Clock.Kind.REVISIT,
        level=_clocks(signal).count() + 1,
        due_at=due_at,
        next_at=due_at,
    )


def _resume_first_clock(signal):
    first = _clocks(signal).get(kind=Clock.Kind.VISIT)
    if first.stopped_at is not None:
        first.resume()


def _resume_revisit(signal, at):
    """The last revisit that was owed runs on with its old deadline; the first one starts now."""
    last = _clocks(signal).filter(kind=Clock.Kind.REVISIT).last()
    if last is None:
        _start_revisit(signal, at)
    elif last.stopped_at is not None:
        last.resume()
