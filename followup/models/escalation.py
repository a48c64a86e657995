from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel
from signals.models import Clock, Signal

# Longer than the promise itself nobody can ask for.
LONGEST_ACKNOWLEDGED = timedelta(hours=48)


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


class Nudge(TenantModel):
    """Somebody was reminded before the deadline: to assign, to take on, or to go."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "signal", "kind", "number", "at"})

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="nudges", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Clock.Kind)
    number = models.PositiveSmallIntegerField(_("number"))
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    class Meta:
        verbose_name = _("nudge")
        verbose_name_plural = _("nudges")
        # Not unique: a signal that changes hands is watched anew.
        indexes = [models.Index(fields=["municipality", "signal"], name="nudge_by_signal")]


class Acknowledgement(TenantModel):
    """A named human knows that a visit is late, and until when they see to it themselves. Then it climbs again."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "signal", "level", "until", "by", "at"})

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="acknowledgements", db_constraint=False)
    level = models.PositiveSmallIntegerField(_("level"), help_text=_("the last escalation that was acknowledged"))
    until = models.DateTimeField(_("seen to until"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    @property
    def is_rest(self):
        """Whether it rests for as long as only a respected wish for no contact lets it."""
        return self.until - self.at > LONGEST_ACKNOWLEDGED

    class Meta:
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        indexes = [models.Index(fields=["municipality", "signal"], name="acknowledgement_by_signal")]
