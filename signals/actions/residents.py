"""What is known of the person a signal is about, put right."""

from django.db import transaction

from signals.models import Resident

FIELDS = ("name", "postcode", "house_number", "house_number_addition", "street", "place")


@transaction.atomic
def change_resident(*, resident, **fields):
    """Set these fields (of FIELDS) of the person. Returns what all were; whoever calls keeps that, and who did it."""
    resident = Resident.objects.of(resident.municipality_id).select_for_update().get(pk=resident.pk)
    before = {name: getattr(resident, name) for name in FIELDS}
    for name, value in fields.items():
        setattr(resident, name, value)
    resident.save(update_fields=list(fields))
    return before
