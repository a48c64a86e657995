import json
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from municipalities import vault
from municipalities.database import PortalNow
from municipalities.models import VaultKey
from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models.signal import Signal

LINKS = Signer(salt="signals.reporter_link")


class ReporterLinkQuerySet(TenantQuerySet):
    def unopened(self):
        return self.filter(opened_at=None, created_at__gt=Now() - ReporterLink.LASTS)

    def in_use(self):
        """Opened, and still good to send the form with."""
        return self.filter(opened_at__gt=Now() - ReporterLink.GOOD_FOR, changed_at=None)


class ReporterLink(TenantModel):
    """A reporter asked for their own data. The link in the mail is the row's number, signed; it opens once, by POST.

    After that the page that it opened can be sent once, for half an hour.
    """

    LASTS, GOOD_FOR = timedelta(hours=2), timedelta(minutes=30)

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "signal", "created_at", "opened_at", "changed_at"})

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="reporter_links", db_constraint=False)
    created_at = models.DateTimeField(db_default=PortalNow())
    opened_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)

    objects = ReporterLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link for a reporter")
        verbose_name_plural = _("links for reporters")
        indexes = [models.Index(fields=["municipality", "signal"], name="reporter_link_by_signal")]

    @property
    def token(self):
        return LINKS.sign(self.pk)

    @staticmethod
    def read_token(token):
        """The id in a token; None when it is not ours."""
        try:
            return int(LINKS.unsign(token))
        except BadSignature:
            return None


class ReporterChange(TenantModel):
    """Contact data or consent of a reporter changed, by the reporter themselves (no `by`) or by a coordinator.

    Append-only; what was there before is sealed.
    """

    sealed_by_a_subject = {"sealed_before": "before"}
    personal_fields = frozenset({"sealed_before"})
    plain_fields = frozenset({"id", "municipality", "signal", "fields", "by", "at"})

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="reporter_changes", db_constraint=False)
    fields = ArrayField(models.CharField(max_length=20))
    sealed_before = models.BinaryField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    class Meta:
        verbose_name = _("change of a reporter")
        verbose_name_plural = _("changes of reporters")
        indexes = [models.Index(fields=["municipality", "signal"], name="reporter_change_by_signal")]

    @property
    def before(self):
        """{field: what it was}."""
        return json.loads(vault.unseal(self.signal.vault_key, self.sealed_before, context=self._context))

    def seal(self, before):
        key = VaultKey.objects.made_for(self.municipality_id, self.signal_id)
        self.sealed_before = vault.seal(key, json.dumps(before), context=self._context)

    @property
    def _context(self):
        return f"signals_reporterchange|{self.signal_id}|before"
