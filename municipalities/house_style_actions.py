"""How a municipality looks and what it is called, everywhere it is shown: pages, mail, posters."""

import hashlib
import logging

from django.db import transaction

from municipalities import svg
from municipalities.actions import change_settings
from municipalities.contrast import check_house_style

logger = logging.getLogger("portal.house_style")


@transaction.atomic
def set_house_style(*, municipality, house_style, by):
    """These tokens from now on; the empty dictionary gives the portal's own look back. Must run inside the tenant.

    Raises ValidationError when a token is unknown, a value does not fit, or colours cannot be told apart.
    """
    check_house_style(house_style)
    change_settings(municipality=municipality, house_style=house_style)
    logger.info("house style of municipality %s set by user %s", municipality.pk, by.pk)


@transaction.atomic
def set_logo(*, municipality, drawing, by):
    """This drawing, cleaned, as the logo; the empty text takes it away. Must run inside the tenant.

    Raises ValidationError when it is no drawing that can be shown.
    """
    clean = svg.sanitised(drawing) if drawing else ""
    digest = hashlib.sha256(clean.encode()).hexdigest()[:12] if clean else ""
    change_settings(municipality=municipality, logo=clean, logo_hash=digest)
    logger.info("logo of municipality %s set by user %s", municipality.pk, by.pk)


@transaction.atomic
def set_names(*, municipality, by, **names):
    """What it is called and how it is reached, by field of Municipality. Must run inside the tenant."""
    change_settings(municipality=municipality, **names)
    logger.info("names of municipality %s set by user %s", municipality.pk, by.pk)
