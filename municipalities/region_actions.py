"""Putting several municipalities behind one door."""

from django.db import transaction

from municipalities.models import Municipality, Region
from municipalities.tenancy import tenant


@transaction.atomic
def create_region(*, slug, name, municipalities, host=None):
    """The region with this address; made, or changed to what is said now. Returns (region, made).

    `municipalities` are those that are in it from now on; whoever else was, is no longer. Raises ValidationError when
    a value cannot be used.
    """
    region = Region.objects.filter(slug=slug).first() or Region(slug=slug)
    made = region.pk is None
    region.name, region.host = name, region.host if host is None else host
    region.full_clean()
    region.save()
    for municipality in Municipality.objects.filter(region=region).exclude(pk__in=[each.pk for each in municipalities]):
        _put(municipality, None)
    for municipality in municipalities:
        _put(municipality, region)
    return region, made


def _put(municipality, region):
    # The row is its own tenant: nobody writes another municipality's.
    with tenant(municipality.pk):
        municipality.region = region
        municipality.save(update_fields=["region"])
