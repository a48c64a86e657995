"""Taking the personal data out of a signal; what remains is a skeleton for the figures and the history."""

import uuid

from django.db import transaction

from municipalities.models import OutboxMessage, VaultKey
from signals.actions import clocks
from signals.models import Reporter, Resident, Signal

BLANK_REPORTER = {"name": "", "email": "", "phone": "", "may_call": False, "may_be_named": False}


@transaction.atomic
def erase_dossier(*, dossier, by):
    """Destroy the keys of all signals of this dossier and blank what is readable in their rows. There is no way back.

    `by` is who agreed to it, None where a restored backup is brought up to date. Returns the signals. Expects a dossier
    in which nothing is open; one that was erased before stays as it is. What lies sealed in append-only rows stays
    there and can be read by nobody; the receipt codes lead nowhere.
    """
    signals = [clocks.held(signal) for signal in Signal.objects.of(dossier.municipality_id).filter(dossier=dossier)]
    for signal in signals:
        _erase(signal, by)
    Resident.objects.of(dossier.municipality_id).filter(pk=dossier.resident_id).update(**_blank(Resident))
    return signals


def _erase(signal, by):
    reporters = Reporter.objects.of(signal.municipality_id).filter(pk=signal.reporter_id)
    for email in reporters.exclude(email="").values_list("email", flat=True):
        OutboxMessage.objects.of(signal.municipality_id).filter(recipient=email, key__endswith=str(signal.pk)).delete()
    reporters.update(**BLANK_REPORTER)
    VaultKey.objects.of(signal.municipality_id).filter(subject=signal.pk).delete()
    # The draft's key and the code that follows from it open the receipt.
    blank = {"story": "", "draft": uuid.uuid4(), "receipt_fingerprint": ""}
    signal.note_change(by=by, reason="erased", erased_at=clocks.now(), **blank)


def _blank(model):
    """Every personal field of this model, empty: one that is added later is not forgotten."""
    return dict.fromkeys(model.personal_fields, "")
