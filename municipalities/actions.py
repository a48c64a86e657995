"""Setting up: municipalities, organisations and the people who work for them."""

import logging

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from municipalities import outbox, relay, standins
from municipalities.database import PortalNow
from municipalities.models import Mailbox, Membership, Municipality, Organisation, Region, UnreachedMail, User
from municipalities.permissions import Role
from municipalities.tenancy import tenant

logger = logging.getLogger("portal.people")


@transaction.atomic
def create_municipality(*, slug, name, **settings):
    """The municipality with this address; made, or changed to what is said now. Returns (municipality, made).

    `settings` are further fields of Municipality; `response_window` is a timedelta of elapsed time.
    Raises ValidationError when a value cannot be used.
    """
    municipality = Municipality.objects.filter(slug=slug).first()
    made = municipality is None
    municipality = municipality or Municipality(pk=_next_municipality_id(), slug=slug)
    municipality.name = name
    for field, value in settings.items():
        setattr(municipality, field, value)
    municipality.full_clean(validate_unique=False)
    if municipality.host and Region.objects.filter(host=municipality.host).exists():
        raise ValidationError({"host": _("A region has this host.")})
    # The row is its own tenant: nobody writes another municipality's.
    with tenant(municipality.pk):
        municipality.save(force_insert=made)
    return municipality, made


@transaction.atomic
def change_settings(*, municipality, **fields):
    """Set these fields of the municipality. Must run inside its tenant."""
    for name, value in fields.items():
        setattr(municipality, name, value)
    municipality.save(update_fields=list(fields))


@transaction.atomic
def create_user(*, email, municipality, role, name="", organisation="", password=None, is_deputy=False):
    """Somebody with this role in this municipality; made, or changed to what is said now. Returns (user, made).

    A worker belongs to an organisation, which is made when it is new. Without a password nobody can log in until
    one is set by mail. An existing password is kept unless a new one is given. A deputy takes over from the
    coordinators on the ladder of a late visit.
    """
    email = email.strip().lower()
    validate_email(email)
    user = User.objects.filter(email=email).first()
    made = user is None
    if made:
        user = User.objects.create_user(email, password, name=name or email.partition("@")[0])
    else:
        _refresh(user, name, password)
    with tenant(municipality.pk):
        Membership.objects.update_or_create(
            municipality=municipality,
            user=user,
            defaults={
                "role": Role(role),
                "organisation": _organisation(municipality, organisation),
                "is_active": True,
                "is_deputy": is_deputy,
            },
        )
    return user, made


@transaction.atomic
def set_absence(*, membership, absent_from, absent_until, stand_in, by):
    """Say when this member is away (days in Dutch time, both included) and which member stands in meanwhile.

    All three None: not away. Must run inside the tenant. Raises ValidationError when one of the days is missing, when
    they are the wrong way round, and when the stand-ins would go in a circle on one of these days; it says who.
    """
    members = standins.everybody(membership.municipality)
    _check_days(absent_from, absent_until)
    _check_chain(members[membership.pk], absent_from, absent_until, members[stand_in.pk] if stand_in else None)
    membership.absent_from, membership.absent_until, membership.stand_in = absent_from, absent_until, stand_in
    membership.save(update_fields=["absent_from", "absent_until", "stand_in"])
    logger.info("absence of membership %s set by user %s", membership.pk, by.pk)


@transaction.atomic
def say_postcode(*, membership, postcode):
    """Keep a fingerprint of where this member lives; of an empty postcode nothing. Must run inside the tenant."""
    membership.home_fingerprint = Membership.fingerprint_of(postcode)
    membership.save(update_fields=["home_fingerprint"])
    logger.info("own postcode of membership %s set or cleared", membership.pk)


def _check_days(absent_from, absent_until):
    if (absent_from is None) != (absent_until is None):
        raise ValidationError({"absent_until": _("Fill in both days, or neither.")}, code="half")
    if absent_from and absent_until < absent_from:
        raise ValidationError({"absent_until": _("The last day comes before the first.")}, code="reversed")


def _check_chain(membership, absent_from, absent_until, stand_in):
    if chain := standins.circle(membership, absent_from, absent_until, stand_in):
        names = " → ".join(member.user.name for member in [*chain, membership])
        text = _("On one of these days nobody would be left: %(names)s. Choose another stand-in.")
        raise ValidationError({"stand_in": ValidationError(text, code="circle", params={"names": names})})


@transaction.atomic
def try_mail_again(*, municipality, by):
    """Forget that mail to addresses of this municipality bounced, and send each coordinator among them one to try.

    Must run inside the tenant.
    """
    tried = relay.bouncing(municipality, relay.coordinators(municipality))
    Mailbox.objects.of(municipality).bouncing().update(bounced_since=None)
    moment = timezone.now().isoformat(timespec="seconds")
    outbox.queue(
        outbox.message(municipality, "mail_check", address, key=f"{moment}:{Mailbox.fingerprint_of(address)[:16]}")
        for address in sorted(tried)
    )
    logger.info("mail of municipality %s is tried again, by user %s", municipality.pk, by.pk)


@transaction.atomic
def see_unreached_mail(*, municipality, mails):
    """Somebody knows that these urgent mails (ids) reached nobody, and acts by other means.

    Must run inside the tenant. For whoever runs the portal, by a command: no address of the municipality works.
    """
    UnreachedMail.objects.of(municipality).unseen().filter(pk__in=mails).update(seen_at=PortalNow())
    logger.info("mails %s of municipality %s, which reached nobody, are seen", mails, municipality.pk)


def _refresh(user, name, password):
    if name:
        user.name = name
    if password:
        user.set_password(password)
    user.save(update_fields=["name", "password"])


def _organisation(municipality, name):
    if not name:
        return None
    return Organisation.objects.get_or_create(municipality=municipality, name=name)[0]


def _next_municipality_id():
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('municipalities_municipality', 'id'))")
        return cursor.fetchone()[0]
