"""The person is told that we keep data about them."""

from django.db import transaction

from followup.models import ContactKind, Informed, Way

WAYS = {ContactKind.HOME_VISIT: Way.VISIT, ContactKind.PHONE: Way.PHONE}


@transaction.atomic
def record_informed(*, signal, way, informed_on, by):
    """Record how and on which day the person was told, or that it was decided not to."""
    return Informed.objects.create(
        municipality=signal.municipality,
        dossier=signal.dossier,
        signal=signal,
        way=way,
        informed_on=informed_on,
        by=by,
    )


def way_of(kind):
    """How somebody was told, in a contact of this kind."""
    return WAYS.get(kind, Way.ELSEWHERE)
