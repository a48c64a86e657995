"""Dossiers that concern somebody of ours: protected, opened with a reason, and never without the privacy officer."""

import hashlib

from django.db import transaction

from municipalities import outbox
from municipalities.models import Membership
from signals import emails
from signals.actions import clocks
from signals.models import Dossier, Protection, ProtectReason, Signal


class NothingToProtect(Exception):
    """It is as was asked for already."""


@transaction.atomic
def protect(*, signal, reason, by):
    """Let the dossier of this signal open only to whom it is assigned, and to others by breaking the glass.

    It leaves the queue in which it waits. Raises NothingToProtect, OutOfSight.
    """
    dossier = _held(signal, is_protected=False)
    for waiting in Signal.objects.of(signal.municipality_id).filter(dossier=dossier, queue__isnull=False):
        # A queue is read by a whole organisation; whoever goes is named by the coordinator.
        clocks.held(waiting).note_change(by=by, reason="protected", queue=None)
    return _record(dossier, by, is_on=True, reason=ProtectReason(reason))


@transaction.atomic
def end_protection(*, signal, by):
    """Let the dossier open to whoever may open others. Raises NothingToProtect, OutOfSight."""
    return _record(_held(signal, is_protected=True), by, is_on=False)


@transaction.atomic
def tell_of_broken_glass(*, signal, entry):
    """Mail every privacy officer at once that this dossier was opened, by the row of the access log that says so.

    With no privacy officer the municipality's fallback address is told, else the operator: never nobody, and not the
    coordinators, of whom one just opened it.
    """
    officers = Membership.objects.of(signal.municipality_id).active().privacy_officers()
    addresses = list(officers.order_by("pk").values_list("user__email", flat=True))
    addresses = addresses or outbox.last_resort(entry.municipality)
    outbox.queue(
        emails.glass(entry, address, key=f"{entry.pk}:{hashlib.sha256(address.encode()).hexdigest()[:16]}")
        for address in addresses
    )


def _held(signal, *, is_protected):
    signal = clocks.locked(signal)
    dossier = Dossier.objects.of(signal.municipality_id).select_for_update().get(pk=signal.dossier_id)
    if dossier.is_protected is not is_protected:
        raise NothingToProtect
    return dossier


def _record(dossier, by, **what):
    return Protection.objects.create(municipality_id=dossier.municipality_id, dossier=dossier, by=by, **what)
