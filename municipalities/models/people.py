from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from municipalities.models.municipality import Organisation
from municipalities.models.tenant import TenantModel, TenantQuerySet
from municipalities.permissions import GRANTED, Role


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
        return self.filter(is_active=True, user__is_active=True, municipality__is_active=True).filter(
            Q(organisation=None) | Q(organisation__is_active=True)
        )

    def coordinators(self):
        return self.filter(role=Role.COORDINATOR)

    def workers(self):
        return self.filter(role=Role.WORKER)

    def held_by(self, user):
        return self.filter(user=user)


class Membership(TenantModel):
    """What one user is in one municipality, and for a worker: of which organisation."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "user", "role", "organisation", "is_active"})

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=~Q(role=Role.WORKER) | Q(organisation__isnull=False),
                name="worker_has_an_organisation",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} {self.pk}"

    def may(self, permission):
        return permission in GRANTED[Role(self.role)]
