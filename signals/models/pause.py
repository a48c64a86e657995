from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models.clock import VISITS
from signals.models.signal import Signal


class PauseReason(models.TextChoices):
    """Why nobody can come by for some days; each of them somebody else's wish or absence, never our lack of time."""

    REPORTER_ASKED = "reporter_asked", _("The reporter asked us to wait")
    AWAY = "away", _("The person is away")
    HOSPITAL = "hospital", _("The person is in hospital")
    AGREED = "agreed", _("Agreed with the person")


class PauseQuerySet(TenantQuerySet):
    def begun(self):
        """The rows that start a pause; the others end one early."""
        return self.filter(ends=None)

    def running(self):
        return self.begun().filter(ended=None, ends_at__gt=PortalNow())

    def moving(self, clock):
        """Running, and what moved the deadline of this clock to where it stands."""
        return self.running().filter(signal=clock.signal_id, due_at=clock.due_at)

    def moving_any(self):
        """Running, and what moved the deadline of a visit that is still owed."""
        return self.running().filter(
            signal__clocks__stopped_at=None, signal__clocks__kind__in=VISITS, signal__clocks__due_at=F("due_at")
        )


class Pause(TenantModel):
    """A stretch of time that does not count towards the running deadline. Append-only.

    A row with `ends` ends that pause early, at its own `ends_at`. `due_before` is the deadline as it was before the
    pause, `due_at` as it became by this row; the promise at receipt, on the signal, never changes.
    """

    personal_fields = frozenset()
    plain_fields = frozenset(
        "id municipality signal reason starts_at ends_at ends due_before due_at by recorded_at".split()
    )

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="pauses", db_constraint=False)
    reason = models.CharField(_("reason"), max_length=20, choices=PauseReason)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    ends = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="ended", db_constraint=False, verbose_name=_("ends")
    )
    due_before = models.DateTimeField(_("deadline before"))
    due_at = models.DateTimeField(_("deadline"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    recorded_at = models.DateTimeField(_("recorded"), db_default=PortalNow())

    objects = PauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "id"], name="pause_key"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="pause_takes_time"),
            models.CheckConstraint(condition=Q(due_at__gte=F("due_before")), name="pause_brings_nothing_forward"),
        ]
        indexes = [models.Index(fields=["municipality", "signal"], name="pause_by_signal")]

    @property
    def really_ends_at(self):
        """When it ended or will end, an early end counted in."""
        return self.ended.ends_at if hasattr(self, "ended") else self.ends_at
