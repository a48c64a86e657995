"""What is known of the person a signal is about, put right."""

from django.db import transaction

from municipalities.tenancy import tenant
from signals.doubts import fingerprint_of
from signals.models import Resident, Standing

BATCH = 500

FIELDS = ("name", "postcode", "house_number", "house_number_addition", "street", "place", "description")


@transaction.atomic
def change_resident(*, resident, **fields):
    """Set these fields (of FIELDS) of the person. Returns what all were; whoever calls keeps that, and who did it."""
    resident = Resident.objects.of(resident.municipality_id).select_for_update().get(pk=resident.pk)
    before = {name: getattr(resident, name) for name in FIELDS}
    for name, value in fields.items():
        setattr(resident, name, value)
    if any(before[name] != getattr(resident, name) for name in FIELDS if name != "name"):
        # No register said so: somebody of the staff did.
        resident.standing = Standing.MANUAL
    resident.address_fingerprint = _fingerprint(resident)
    resident.save(update_fields=[*fields, "address_fingerprint", "standing"])
    return before


def fingerprint_anew(municipality_id):
    """Make the fingerprints of all addresses with the newest key, so that the same address is still found.

    What settings name as ROTATION_VERB. Returns how many were. Safe to repeat.
    """
    after, done = 0, 0
    while batch := _batch_anew(municipality_id, after):
        after, changed = batch
        done += changed
    return done


def _batch_anew(municipality_id, after):
    with tenant(municipality_id):
        rows = Resident.objects.of(municipality_id).filter(pk__gt=after)
        residents = list(rows.order_by("pk").select_for_update()[:BATCH])
        stale = [resident for resident in residents if resident.address_fingerprint != _fingerprint(resident)]
        for resident in stale:
            resident.address_fingerprint = _fingerprint(resident)
        Resident.objects.bulk_update(stale, ["address_fingerprint"])
    return (residents[-1].pk, len(stale)) if residents else None


def _fingerprint(resident):
    if not (resident.postcode or resident.street):
        return ""
    return fingerprint_of(resident.municipality_id, {name: getattr(resident, name) for name in FIELDS})
