import json
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from followup.models.contact import ContactEntry
from municipalities import vault
from municipalities.database import PortalNow
from municipalities.models import VaultKey
from municipalities.models.tenant import TenantModel
from signals.models import Signal


class Rectification(TenantModel):
    """What the person says is wrong, and what it should be (GDPR art. 16). Append-only; the original stays beside it.

    With `is_applied` the name or the address itself was put right: then `wrong` is what stood there before.
    """

    class About(models.TextChoices):
        REPORTED = "reported", _("What was reported")
        CONTACT = "contact", _("What we recorded of a contact")
        PERSON = "person", _("Name or address")
        ELSE = "else", _("Something else")

    sealed_by_a_subject = {"sealed": "said"}
    personal_fields = frozenset({"sealed"})
    plain_fields = frozenset("id municipality signal contact about is_applied by at".split())

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="rectifications", db_constraint=False)
    contact = models.ForeignKey(
        ContactEntry, on_delete=models.PROTECT, null=True, related_name="rectifications", db_constraint=False
    )
    about = models.CharField(_("what it is about"), max_length=10, choices=About)
    sealed = models.BinaryField()
    is_applied = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("recorded"), db_default=PortalNow())

    class Meta:
        verbose_name = _("rectification")
        verbose_name_plural = _("rectifications")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="rectification_key")]
        indexes = [models.Index(fields=["municipality", "signal"], name="rectification_by_signal")]

    @property
    def said(self):
        """(wrong, right), in the words that were recorded."""
        kept = json.loads(vault.unseal(self.signal.vault_key, self.sealed, context=self._context))
        return kept["wrong"], kept["right"]

    def seal(self, wrong, right):
        """Keep both texts under the key of the signal."""
        key = VaultKey.objects.made_for(self.municipality_id, self.signal_id)
        self.sealed = vault.seal(key, json.dumps({"wrong": wrong, "right": right}), context=self._context)

    @property
    def _context(self):
        return f"followup_rectification|{self.pk}|said"
