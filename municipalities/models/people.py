from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.municipality import Organisation
from municipalities.models.tenant import TenantModel, TenantQuerySet
from municipalities.permissions import GRANTED, Permission, Role

INVITATIONS = Signer(salt="municipalities.invitation")


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser):
    """Somebody who logs in. Deactivated, never deleted: history names them. What they may do is their memberships'."""

    tenant_path = None  # one person may work for several municipalities
    personal_fields = frozenset({"email", "name", "password"})
    plain_fields = frozenset({"id", "is_active", "last_login"})

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_in_lower_case")]

    def __str__(self):
        return self.name


class MembershipQuerySet(TenantQuerySet):
    def active(self):
        there = self.filter(is_active=True, user__is_active=True, municipality__is_active=True)
        still = Q(ends_on=None) | Q(ends_on__gte=timezone.localdate())
        return there.filter(still, Q(organisation=None) | Q(organisation__is_active=True))

    def managers(self):
        return self.filter(role=Role.MANAGER)

    def coordinators(self):
        return self.filter(role=Role.COORDINATOR)

    def workers(self):
        return self.filter(role=Role.WORKER)

    def privacy_officers(self):
        return self.filter(role=Role.PRIVACY_OFFICER)

    def deputies(self):
        """Who takes over from the coordinators when none of them answers."""
        return self.filter(is_deputy=True)

    def held_by(self, user):
        return self.filter(user=user)

    def can_follow_up(self):
        return self.filter(role__in=[role for role, granted in GRANTED.items() if Permission.LOG_CONTACT in granted])

    def whose_absence_is_set_by(self, membership):
        """Coordinators say for everybody of their municipality when they are away, others for themselves."""
        rows = self.of(membership.municipality_id).active()
        return rows if membership.may(Permission.SET_ANY_ABSENCE) else rows.filter(pk=membership.pk)


class Membership(TenantModel):
    """What one user is in one municipality, and for a worker: of which organisation.

    `home_fingerprint` tells whether a resident has the same postcode, and nothing else: the postcode is not kept.
    `ends_on` is the last day on which they may do anything here, `absent_from` and `absent_until` are days away, all in
    Dutch time; who stands in meanwhile is worked out in `municipalities.standins`.
    """

    personal_fields = frozenset({"home_fingerprint"})
    plain_fields = frozenset(
        "id municipality user role organisation is_active is_deputy ends_on absent_from absent_until stand_in".split()
    )

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_deputy = models.BooleanField(_("deputises for the coordinators"), default=False)
    home_fingerprint = models.CharField(_("own postcode"), max_length=64, blank=True, default="", db_default="")
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    absent_from = models.DateField(_("first day away"), null=True, blank=True)
    absent_until = models.DateField(_("last day away"), null=True, blank=True)
    stand_in = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("stand-in"),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "user"], name="membership_once"),
            models.UniqueConstraint(fields=["municipality", "id"], name="membership_key"),
            models.CheckConstraint(
                condition=~Q(role=Role.WORKER) | Q(organisation__isnull=False),
                name="worker_has_an_organisation",
            ),
            models.CheckConstraint(
                condition=Q(absent_from=None, absent_until=None)
                | Q(absent_from__isnull=False, absent_until__isnull=False, absent_until__gte=F("absent_from")),
                name="absent_from_until",
            ),
            models.CheckConstraint(
                condition=Q(stand_in=None) | ~Q(stand_in=F("id")), name="nobody_stands_in_for_themselves"
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} {self.pk}"

    @staticmethod
    def fingerprint_of(postcode):
        """What is kept of a postcode, whatever its spacing and case; of none nothing."""
        plain = "".join(postcode.split()).upper()
        return salted_hmac("municipalities.home", plain, algorithm="sha256").hexdigest() if plain else ""

    def may(self, permission):
        return permission in GRANTED[Role(self.role)]

    def works_here(self):
        """Whether nothing about this member is switched off, in words of one row what `active()` asks of all."""
        organisation_works = self.organisation is None or self.organisation.is_active
        is_over = self.ends_on is not None and self.ends_on < timezone.localdate()
        return (
            self.is_active
            and self.user.is_active
            and self.municipality.is_active
            and organisation_works
            and not is_over
        )

    def is_away(self, now):
        """Whether this moment (aware) falls on one of the days away."""
        return self.absent_from is not None and self.absent_from <= timezone.localdate(now) <= self.absent_until


class InvitationQuerySet(TenantQuerySet):
    def open(self):
        """Not taken up, not taken back and not too old."""
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=Now())


class Invitation(TenantModel):
    """Somebody is asked to work here. The link in the mail is the row's number, signed; it works once, by POST."""

    LASTS = timedelta(days=7)

    personal_fields = frozenset({"email", "name"})
    plain_fields = frozenset(
        "id municipality role organisation by created_at expires_at accepted_at withdrawn_at".split()
    )

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=PortalNow())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                F("municipality"),
                F("email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation",
            )
        ]

    @property
    def token(self):
        return INVITATIONS.sign(self.pk)

    @staticmethod
    def read_token(token):
        """The id in a token; None when it is not ours."""
        try:
            return int(INVITATIONS.unsign(token))
        except BadSignature:
            return None
