import json
import uuid
from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from municipalities import vault
from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet

LIFETIME = timedelta(hours=24)


class DraftQuerySet(TenantQuerySet):
    def fresh(self):
        return self.filter(changed_at__gt=Now() - LIFETIME)

    def expired(self):
        return self.filter(changed_at__lte=Now() - LIFETIME)


class Draft(TenantModel):
    """A signal being written: sealed, in an unlogged table, gone when sent or a day after the last change."""

    sealed_by_the_municipality = "sealed"
    personal_fields = frozenset({"sealed"})
    plain_fields = frozenset({"id", "municipality", "changed_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sealed = models.BinaryField()
    changed_at = models.DateTimeField(db_default=PortalNow())

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [models.Index(fields=["municipality", "changed_at"], name="draft_age")]

    @property
    def answers(self):
        """What was typed so far: {step: {field: value}}."""
        return json.loads(vault.unseal_for(self.municipality_id, self.sealed, context=self._context))

    @answers.setter
    def answers(self, answers):
        self.sealed = vault.seal_for(self.municipality_id, json.dumps(answers), context=self._context)

    @property
    def _context(self):
        return f"signals_draft|{self.pk}|sealed"
