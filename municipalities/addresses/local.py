"""The table that `load_addresses` fills from the file of Statistics Netherlands: asks nobody outside the house.

It knows which postcode and number are there and in which municipality, but no streets and no additions.
"""

from municipalities.addresses.answers import Answer, Unavailable
from municipalities.models import Area, KnownAddress


def lookup(postcode, number):
    """As `answers` says it. While nothing was loaded it knows nothing, and says so by `Unavailable`."""
    known = KnownAddress.objects.filter(postcode=postcode, number=int(number)).first()
    if known is None:
        if not KnownAddress.objects.exists():
            raise Unavailable
        return []
    name = Area.objects.filter(code=known.area).values_list("name", flat=True).first()
    return [Answer(addition=None, area=known.area, area_name=name or "")]
