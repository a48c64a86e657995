"""Who works here: invited by a manager, given a role, and let go on a date."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from municipalities import outbox
from municipalities.database import PortalNow
from municipalities.models import Invitation, Membership, User
from municipalities.permissions import GIVEN_BY_A_MANAGER, Role

logger = logging.getLogger("portal.people")


@transaction.atomic
def invite(*, municipality, email, name, role, organisation, by):
    """Ask somebody by mail to work here; an earlier invitation to the same address no longer works.

    Must run inside the tenant. `organisation` is compulsory for a worker and None for everybody else. Raises
    ValidationError when the address works here already, or when the role is not a manager's to give.
    """
    email = email.strip().lower()
    _check(role, organisation)
    if Membership.objects.of(municipality).active().filter(user__email=email).exists():
        raise ValidationError({"email": _("Somebody with this address works here already.")})
    Invitation.objects.of(municipality).filter(email=email, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=PortalNow()
    )
    invitation = Invitation.objects.create(
        municipality=municipality,
        email=email,
        name=name,
        role=role,
        organisation=organisation,
        by=by,
        expires_at=timezone.now() + Invitation.LASTS,
    )
    outbox.queue([_mail(invitation)])
    logger.info("invitation %s made by user %s", invitation.pk, by.pk)
    return invitation


@transaction.atomic
def withdraw(*, invitation, by):
    """Make the link of this invitation useless. Must run inside the tenant."""
    Invitation.objects.of(invitation.municipality_id).filter(pk=invitation.pk, accepted_at=None).update(
        withdrawn_at=PortalNow()
    )
    logger.info("invitation %s withdrawn by user %s", invitation.pk, by.pk)


@transaction.atomic
def accept(*, invitation, password=None):
    """Take the invitation up: the account, made with this password or as it was, and its membership. Once.

    Must run inside the tenant. The link proves that the address is theirs, so that an account of that address gets
    the membership without further questions; its password stays. Returns the user, or None when it no longer works.
    """
    held = Invitation.objects.of(invitation.municipality_id).open().select_for_update().filter(pk=invitation.pk).first()
    if held is None:
        return None
    user = User.objects.filter(email=held.email).first()
    if user is None:
        user = User.objects.create_user(held.email, password, name=held.name)
    elif password and not user.has_usable_password():
        user.set_password(password)
        user.save(update_fields=["password"])
    Membership.objects.update_or_create(
        municipality_id=held.municipality_id,
        user=user,
        defaults={"role": held.role, "organisation": held.organisation, "is_active": True, "ends_on": None},
    )
    Invitation.objects.filter(pk=held.pk).update(accepted_at=PortalNow())
    logger.info("invitation %s accepted by user %s", held.pk, user.pk)
    return user


@transaction.atomic
def change_membership(*, membership, role, organisation, is_deputy, ends_on, by):
    """Give a member this role, this organisation and this last day (in Dutch time, None: for good).

    Must run inside the tenant. Takes effect at the member's next page. Raises ValidationError when nobody would be
    left who can manage people, and when the role is not a manager's to give.
    """
    _check(role, organisation)
    if membership.role == Role.MANAGER and (role != Role.MANAGER or ends_on is not None):
        _check_another_manager(membership)
    membership.role, membership.organisation = role, organisation
    membership.is_deputy, membership.ends_on = is_deputy, ends_on
    membership.save(update_fields=["role", "organisation", "is_deputy", "ends_on"])
    logger.info("membership %s changed by user %s", membership.pk, by.pk)


@transaction.atomic
def end_membership(*, membership, by):
    """Nothing more from the member's next page on; what they did keeps their name. Must run inside the tenant.

    Raises ValidationError when nobody would be left who can manage people.
    """
    if membership.role == Role.MANAGER:
        _check_another_manager(membership)
    membership.is_active = False
    membership.save(update_fields=["is_active"])
    logger.info("membership %s ended by user %s", membership.pk, by.pk)


def _check(role, organisation):
    if role not in GIVEN_BY_A_MANAGER:
        raise ValidationError({"role": _("This role is not yours to give.")})
    if (role == Role.WORKER) != (organisation is not None):
        raise ValidationError({"organisation": _("A welfare worker belongs to an organisation, others to none.")})


def _check_another_manager(membership):
    # Held, so that two managers cannot let each other go at the same moment.
    managers = Membership.objects.of(membership.municipality_id).active().managers().order_by("pk")
    held = managers.select_for_update(of=("self",)).values_list("pk", flat=True)
    if not set(held) - {membership.pk}:
        raise ValidationError(_("This is the last manager. Make somebody else manager first."), code="last_manager")


def _mail(invitation):
    """No personal data: which municipality asks, and the link."""
    municipality = invitation.municipality
    path = f"/{municipality.slug}/uitnodiging/{invitation.token}/"
    return outbox.message(municipality, "invitation", invitation.email, key=str(invitation.pk), path=path)
