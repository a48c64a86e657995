from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel
from signals.models import Signal


class Escalation(TenantModel):
    """A deadline passed without a logged home visit. Exactly one per signal and level, whoever sweeps."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "signal", "level", "due_at", "escalated_at"})

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="escalations", db_constraint=False)
    level = models.PositiveSmallIntegerField(_("level"))
    due_at = models.DateTimeField(_("was due"))
    escalated_at = models.DateTimeField(_("escalated"), db_default=PortalNow())

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        constraints = [models.UniqueConstraint(fields=["signal", "level"], name="escalation_once")]


class SweepRunQuerySet(models.QuerySet):
    def last_good(self):
        """When any caller last finished a sweep; None before the first."""
        return self.aggregate(last=Max("finished_at"))["last"]


class SweepRun(models.Model):
    """When each caller last finished a sweep: one row a caller, for the watchdog. Belongs to no municipality."""

    tenant_path = None  # the sweep serves all of them
    personal_fields = frozenset()
    plain_fields = frozenset({"caller", "finished_at", "escalated", "milliseconds"})

    caller = models.CharField(max_length=20, primary_key=True)
    finished_at = models.DateTimeField()
    escalated = models.PositiveIntegerField()
    milliseconds = models.PositiveIntegerField()

    objects = SweepRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
