"""Recording what was done about a signal. Entries are only ever added; a mistake is mended by another entry."""

from django.db import transaction
from django.utils import timezone

from followup.actions.informing import record_informed, way_of
from followup.models import REACHING_RESULTS, ContactEntry, ContactKind, ContactResult
from signals import actions as signal_actions


class AlreadyCorrected(Exception):
    """This entry was corrected before: the newest one is to be corrected instead."""


@transaction.atomic
def log_contact(*, signal, by, kind, result, occurred_at, note="", next_step="", key=None, told=False):
    """Record one contact and let it count: a home visit stops the clock at once, nothing else does.

    `occurred_at` is when it happened, as claimed; the database sets `recorded_at`. With a `key` (uuid) the same form
    sent twice makes one entry, and the first one is returned. `told` says that in it the person heard what we keep.
    """
    signal = signal_actions.held(signal)
    sent_before = _sent_before(signal, key)
    if sent_before:
        return sent_before
    entry = _write(signal, by, kind, result, occurred_at, note, next_step, key)
    signal_actions.note_contact(
        signal=signal,
        at=entry.recorded_at,
        is_visit=_is_visit(entry),
        is_attempt=_is_attempt(entry),
        reached=entry.reached,
        by=by,
    )
    if told and entry.reached:
        day = timezone.localtime(occurred_at).date()
        record_informed(signal=signal, way=way_of(entry.kind), informed_on=day, by=by)
    return entry


@transaction.atomic
def correct_contact(*, entry, by, kind, result, occurred_at, note="", next_step="", key=None):
    """Record what should have been recorded. The old entry stays, and is shown as corrected.

    The signal's moments and clock follow what stands now: a visit that never was gives the clock its old deadline
    back. Raises AlreadyCorrected.
    """
    signal = signal_actions.held(entry.signal)
    sent_before = _sent_before(signal, key)
    if sent_before:
        return sent_before
    if ContactEntry.objects.for_signal(signal).filter(corrects=entry).exists():
        raise AlreadyCorrected
    correction = _write(signal, by, kind, result, occurred_at, note, next_step, key, corrects=entry)
    signal_actions.restate_contacts(signal=signal, at=correction.recorded_at, moments=_standing_moments(signal), by=by)
    return correction


def _write(signal, by, kind, result, occurred_at, note, next_step, key, corrects=None):
    kind, result = ContactKind(kind), ContactResult(result)
    entry = ContactEntry(
        municipality=signal.municipality,
        signal=signal,
        kind=kind,
        result=result,
        reached=kind.seeks_the_person and result in REACHING_RESULTS,
        occurred_at=occurred_at,
        by=by,
        next_step=next_step,
        corrects=corrects,
    )
    if key:
        entry.idempotency_key = key
    entry.note = note
    entry.save(force_insert=True)
    return entry


def _sent_before(signal, key):
    return ContactEntry.objects.for_signal(signal).filter(idempotency_key=key).first() if key else None


def _is_visit(entry):
    return entry.kind == ContactKind.HOME_VISIT and entry.result != ContactResult.WITHDRAWN


def _is_attempt(entry):
    return ContactKind(entry.kind).seeks_the_person and entry.result != ContactResult.WITHDRAWN


def _standing_moments(signal):
    """When each moment was first recorded, by the entries that stand."""
    standing = ContactEntry.objects.for_signal(signal).standing()
    return {
        "first_attempt_at": _first(standing.attempts()),
        "reached_at": _first(standing.that_reached()),
        "visited_at": _first(standing.visits()),
    }


def _first(entries):
    return min((_first_recorded(entry) for entry in entries), default=None)


def _first_recorded(entry):
    """A correction keeps the moment of the entry that it mends."""
    while entry.corrects:
        entry = entry.corrects
    return entry.recorded_at
