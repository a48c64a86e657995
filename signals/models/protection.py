from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel
from signals.models.people import Dossier


class ProtectReason(models.TextChoices):
    """Why a dossier is protected. A list, so that nothing about the person gets into the record."""

    COLLEAGUE = "colleague", _("A relative or acquaintance of a colleague")
    KNOWN = "known", _("Somebody whom many people know")
    SECRET = "secret", _("The address has to stay secret")
    ASKED = "asked", _("The person asked for it")


class Protection(TenantModel):
    """That a dossier was protected, or that the protection ended. Append-only; writing it is what does it.

    A protected dossier opens to the worker to whom it is assigned, and to nobody else without breaking the glass.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "dossier", "is_on", "reason", "by", "at"})

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="protections", db_constraint=False)
    is_on = models.BooleanField(_("protected"))
    reason = models.CharField(_("reason"), max_length=20, choices=ProtectReason, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    class Meta:
        verbose_name = _("protection")
        verbose_name_plural = _("protections")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on=False, reason="") | (Q(is_on=True) & ~Q(reason="")), name="protected_why"
            )
        ]
        indexes = [models.Index(fields=["municipality", "dossier"], name="protection_by_dossier")]
