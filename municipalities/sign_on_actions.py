"""Setting a municipality's sign-on, and whose work account belongs to which account here."""

import logging

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from municipalities import people_actions
from municipalities.models import SignOn
from municipalities.tenancy import tenant

logger = logging.getLogger("portal.people")


class BelongsToSomebodyElse(Exception):
    """This work account opens another account here already."""


@transaction.atomic
def set_sign_on(*, municipality, issuer=None, client_id=None, secret=None, is_active=True):
    """The municipality's sign-on, made or changed to what is said now; what is None stays as it was.

    For whoever runs the portal. With another issuer no work account is known any more. Raises ValidationError.
    """
    with tenant(municipality.pk):
        row = SignOn.objects.of(municipality).first() or SignOn(municipality=municipality, client_secret=b"")
        row.issuer, row.client_id = issuer or row.issuer, client_id or row.client_id
        row.is_active = is_active
        if secret:
            row.seal(secret)
        if not row.client_secret:
            raise ValidationError(_("A sign-on needs a client secret."))
        row.full_clean(exclude=["client_secret"])
        row.save()
    logger.info("sign-on of municipality %s is %s", municipality.pk, "on" if is_active else "off")
    return row


def owner_of(municipality, fingerprint):
    """Whose account this work account of the municipality opens; None when it opens nobody's."""
    link = SocialAccount.objects.filter(provider=str(municipality.pk), uid=fingerprint).select_related("user").first()
    return link.user if link else None


@transaction.atomic
def connect(*, municipality, user, fingerprint):
    """From now on this work account opens this account, instead of an earlier one of the same municipality.

    Raises BelongsToSomebodyElse.
    """
    provider = str(municipality.pk)
    SocialAccount.objects.filter(provider=provider, user=user).exclude(uid=fingerprint).delete()
    try:
        with transaction.atomic():
            link, made = SocialAccount.objects.get_or_create(
                provider=provider, uid=fingerprint, defaults={"user": user, "extra_data": {}}
            )
    except IntegrityError:
        raise BelongsToSomebodyElse from None
    if link.user_id != user.pk:
        raise BelongsToSomebodyElse
    if made:
        logger.info("work account of municipality %s connected by user %s", municipality.pk, user.pk)


@transaction.atomic
def disconnect(*, municipality, user):
    """The work account of this municipality no longer opens this account."""
    SocialAccount.objects.filter(provider=str(municipality.pk), user=user).delete()
    logger.info("work account of municipality %s disconnected by user %s", municipality.pk, user.pk)


@transaction.atomic
def accept(*, invitation, fingerprint):
    """Take the invitation up with a work account: no password, and once. Must run inside the tenant.

    Returns the user, or None when the invitation no longer works. Raises BelongsToSomebodyElse, and then it still does.
    """
    user = people_actions.accept(invitation=invitation)
    if user is not None:
        connect(municipality=invitation.municipality, user=user, fingerprint=fingerprint)
    return user
