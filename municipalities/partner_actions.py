"""Partners and their short addresses: made, withdrawn, and given anew."""

import logging
import secrets

from django.db import transaction

from municipalities.models import Partner

logger = logging.getLogger("portal.partners")

# No vowels, so that no code is a word; nothing that looks like something else in print.
LETTERS = "bcdfghjkmnpqrstvwxz23456789"
LENGTH = 6


@transaction.atomic
def add_partner(*, municipality, name, kind, by):
    """A partner with an address that nobody had before. Returns the partner. Must run inside the tenant."""
    partner = Partner.objects.create(municipality=municipality, name=name, kind=kind, code=_free_code())
    logger.info("partner %s of municipality %s added by user %s", partner.pk, municipality.pk, by.pk)
    return partner


@transaction.atomic
def revoke_partner(*, partner, by):
    """From now on this address leads to an explanation. Must run inside the tenant."""
    partner.is_active = False
    partner.save(update_fields=["is_active"])
    logger.info("partner %s of municipality %s withdrawn by user %s", partner.pk, partner.municipality_id, by.pk)


@transaction.atomic
def renew_partner(*, partner, by):
    """The same partner under a new address; the old one is withdrawn. Returns the new row. Inside the tenant."""
    revoke_partner(partner=partner, by=by)
    return add_partner(municipality=partner.municipality, name=partner.name, kind=partner.kind, by=by)


def _free_code():
    while True:
        code = "".join(secrets.choice(LETTERS) for _place in range(LENGTH))
        # Codes are known across municipalities: the address says nothing but the code.
        if not Partner.objects.filter(code=code).exists():
            return code
