from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet


class OutboxQuerySet(TenantQuerySet):
    def unsent(self):
        return self.filter(sent_at=None)

    def deliverable(self):
        """Due for an attempt, and in nobody's hands: a claim that ran out is free again."""
        return self.unsent().filter(not_before__lte=Now()).filter(Q(claimed_until=None) | Q(claimed_until__lt=Now()))


class OutboxMessage(TenantModel):
    """A mail that must leave, written in the transaction that makes it necessary. The row is the retry state.

    `context` holds references and addresses of pages, never personal data; `key` makes queueing the same mail
    twice harmless.
    """

    personal_fields = frozenset({"recipient"})
    plain_fields = frozenset(
        "id municipality template context key created_at not_before claimed_until attempts sent_at last_error".split()
    )

    template = models.CharField(max_length=40)
    recipient = models.EmailField()
    context = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(db_default=PortalNow())
    not_before = models.DateTimeField(db_default=PortalNow())
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="outbox_key_once")]
        indexes = [
            models.Index(F("municipality"), F("not_before"), name="outbox_unsent", condition=Q(sent_at__isnull=True))
        ]
