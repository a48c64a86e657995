"""What a recorded contact means for the signal that it is about."""

from django.db import transaction

from signals.actions import clocks
from signals.models import Clock


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
    # Whoever records a contact has taken the signal on.
    clocks.stop(signal, at, Clock.Kind.ACCEPTANCE)
    if is_visit:
        clocks.stop(signal, at, *Clock.Kind)
    elif reached:
        clocks.stop(signal, at, Clock.Kind.REVISIT)
    if is_visit and signal.reached_at is None and signal.is_open:
        clocks.start_revisit(signal, at)


@transaction.atomic
def restate_contacts(*, signal, at, moments, by):
    """Set the moments to what the standing contacts say after a correction, and the clocks to what follows from them.

    `at` is when the correction was recorded. When no home visit stands any more, the clock that it stopped runs again,
    with its old deadline; a revisit that is owed keeps its own. Expects a signal that is `held`, since before the
    correction was written.
    """
    _save_moments(signal, moments, by=by, reason="corrected", correcting=True)
    if moments["visited_at"] is None:
        clocks.stop(signal, at, Clock.Kind.REVISIT)
        clocks.resume_first(signal)
    elif moments["reached_at"] or not signal.is_open:
        clocks.stop(signal, at, *Clock.Kind)
    else:
        clocks.stop(signal, at, Clock.Kind.VISIT)
        clocks.resume_revisit(signal, at)


def _save_moments(signal, moments, *, by, reason, correcting=False):
    for name, value in moments.items():
        setattr(signal, name, value)
    if not signal.is_open:
        signal.note_change(by=by, reason=reason, **moments)
        return
    status = signal.status_by_moments()
    if status == signal.status:
        signal.note_change(by=by, reason=reason, **moments)
    else:
        signal.move_to(status, by=by, reason=reason, correcting=correcting, **moments)
