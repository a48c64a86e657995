"""Taking the personal data out of a signal; what remains is a skeleton for the figures and the history."""

import uuid

from django.db import transaction

from municipalities.backups import erasures
from municipalities.models import OutboxMessage, VaultKey
from signals.actions import clocks
from signals.models import Clock, Reporter, Resident, Signal
from signals.workflow import CloseReason, Status

TO_REPORTERS = ("receipt", "own_data", "noticed")
BLANK_REPORTER = {
    **{"name": "", "email": "", "phone": "", "may_call": False, "may_be_named": False},
    "email_confirmed_at": None,
}


@transaction.atomic
def erase_dossier(*, dossier, by):
    """Destroy the keys of all signals of this dossier and blank what is readable in their rows. There is no way back.

    Each is written down outside the database first, so that no backup brings it back. Returns the signals. Expects a
    dossier in which nothing is open. What lies sealed in append-only rows (notes, what the person said is wrong, what a
    reporter gave before or sent later) stays there and can be read by nobody; receipt codes and mailed links lead
    nowhere. Raises ErasureLogError when it cannot be written down; then nothing is erased.
    """
    signals = _held(dossier)
    for signal in signals:
        erasures.append(municipality_id=signal.municipality_id, subject=signal.pk)
    _blank_all(dossier, signals, by)
    return signals


@transaction.atomic
def erase_again(*, municipality_id, subject, erased_at):
    """Erase in a restored backup what was erased after it was made: the dossier of this signal (its id). Settings name
    it as ERASURE_VERB.

    A signal that was still open then is closed for good, for a reason that nobody knows any more. Content when there is
    nothing left to erase. `erased_at` (UTC) is when it was erased at first; the row tells when it was done again.
    """
    signal = Signal.objects.of(municipality_id).kept().filter(pk=subject).select_related("dossier").first()
    if signal is None:
        return
    signals = _held(signal.dossier)
    for row in signals:
        _end(row)
    _blank_all(signal.dossier, [row for row in signals if row.erased_at is None], by=None)


def _held(dossier):
    return [clocks.held(signal) for signal in Signal.objects.of(dossier.municipality_id).filter(dossier=dossier)]


def _end(signal):
    at = clocks.now()
    clocks.stop(signal, at, *Clock.Kind)
    if signal.is_open:
        reason = {"closed_at": at, "close_reason": CloseReason.LOST, "queue": None}
        signal.move_to(Status.CLOSED, by=None, reason="closed", **reason)


def _blank_all(dossier, signals, by):
    for signal in signals:
        _blank(signal, by)
    blank = dict.fromkeys(Resident.personal_fields, "")
    Resident.objects.of(dossier.municipality_id).filter(pk=dossier.resident_id).update(**blank)


def _blank(signal, by):
    Reporter.objects.of(signal.municipality_id).filter(pk=signal.reporter_id).update(**BLANK_REPORTER)
    mails = OutboxMessage.objects.of(signal.municipality_id).filter(template__in=TO_REPORTERS)
    # Also to an address that they changed since.
    mails.filter(key__endswith=str(signal.pk)).delete()
    VaultKey.objects.of(signal.municipality_id).filter(subject=signal.pk).delete()
    # The draft's key and the code that follows from it open the receipt.
    blank = {"story": "", "draft": uuid.uuid4(), "receipt_fingerprint": ""}
    signal.note_change(by=by, reason="erased", erased_at=clocks.now(), **blank)
