import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from municipalities import vault
from municipalities.database import PortalNow
from municipalities.models import VaultKey
from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models.doubt import Doubt
from signals.models.signal import Signal

QUESTIONS = Signer(salt="signals.question")


class AfterKind(models.TextChoices):
    """What a reporter sends after the signal, and what is asked of them; the last one is a coordinator's."""

    ADDED = "added", _("The reporter added something.")
    WITHDRAWN = "withdrawn", _("The reporter wants to withdraw the signal.")
    WORRIED = "worried", _("The reporter is still worried, and asks to open the signal again.")
    ASKED = "asked", _("The reporter was asked by mail whether they noticed that somebody came by.")
    REMINDED = "reminded", _("The reporter was asked that once more.")
    NOTICED = "noticed", _("The reporter said whether they noticed that somebody came by.")
    SEEN = "seen", _("A coordinator saw what the reporter sent.")


# About one closing, each of them once for each closing.
OF_A_CLOSING = (AfterKind.WORRIED, AfterKind.ASKED, AfterKind.REMINDED, AfterKind.NOTICED)
ASKING = (AfterKind.ASKED, AfterKind.REMINDED)


class Noticed(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("I do not know")


class AfterwordQuerySet(TenantQuerySet):
    def waiting(self):
        """Not seen by a coordinator, and not overtaken: by closing what was withdrawn, or by opening it again."""
        stands = (
            Q(kind=AfterKind.ADDED)
            | Q(kind=AfterKind.WITHDRAWN, signal__closed_at=None)
            | Q(kind=AfterKind.WORRIED, signal__closed_at=F("closing"))
        )
        return self.filter(stands, answered=None, signal__erased_at=None)

    def questions(self):
        """By which a reporter was asked something, about a closing that still stands."""
        return self.filter(kind__in=ASKING, signal__closed_at=F("closing"), signal__erased_at=None)


class Afterword(TenantModel):
    """Something that passed between a reporter and us after the signal was sent. Append-only; the text is sealed.

    `closing` is the moment of the closing that it is about, `answers` what a coordinator says to have seen. A question
    by mail is a row as well: its number, signed, is the link.
    """

    sealed_by_a_subject = {"sealed_text": "text"}
    personal_fields = frozenset({"sealed_text"})
    plain_fields = frozenset("id municipality signal kind closing noticed doubts answers by at idempotency_key".split())

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="afterwords", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=10, choices=AfterKind)
    sealed_text = models.BinaryField(default=b"")
    closing = models.DateTimeField(_("closing that it is about"), null=True)
    noticed = models.CharField(_("noticed that somebody came by"), max_length=10, choices=Noticed, blank=True)
    doubts = ArrayField(models.CharField(max_length=10, choices=Doubt), default=list)
    answers = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="answered", db_constraint=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    at = models.DateTimeField(_("when"), db_default=PortalNow())
    idempotency_key = models.UUIDField(default=uuid.uuid4, help_text=_("sending a form twice makes one row"))

    objects = AfterwordQuerySet.as_manager()

    class Meta:
        verbose_name = _("word afterwards")
        verbose_name_plural = _("words afterwards")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "id"], name="afterword_key"),
            models.UniqueConstraint(fields=["municipality", "idempotency_key"], name="afterword_once"),
            models.UniqueConstraint(
                fields=["signal", "kind", "closing"],
                name="afterword_once_a_closing",
                condition=Q(closing__isnull=False),
            ),
            models.UniqueConstraint(fields=["signal"], name="withdrawn_once", condition=Q(kind="withdrawn")),
            models.CheckConstraint(
                condition=Q(kind="seen", answers__isnull=False, by__isnull=False)
                | (~Q(kind="seen") & Q(answers=None, by=None)),
                name="seen_what_and_by_whom",
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=["worried", "asked", "reminded", "noticed"]) & Q(closing__isnull=False))
                | (Q(kind__in=["added", "withdrawn", "seen"]) & Q(closing=None)),
                name="about_which_closing",
            ),
        ]
        indexes = [models.Index(fields=["municipality", "signal"], name="afterword_by_signal")]

    @property
    def text(self):
        if not self.sealed_text:
            return ""
        return vault.unseal(self.signal.vault_key, self.sealed_text, context=self._context)

    @text.setter
    def text(self, text):
        if text:
            key = VaultKey.objects.made_for(self.municipality_id, self.signal_id)
            self.sealed_text = vault.seal(key, text, context=self._context)

    @property
    def _context(self):
        return f"signals_afterword|{self.idempotency_key}|text"

    @property
    def token(self):
        """What a mailed question ends with: its number, signed."""
        return QUESTIONS.sign(str(self.pk))

    @staticmethod
    def read_token(token):
        """The id in a token; None when it is not ours."""
        try:
            return int(QUESTIONS.unsign(token))
        except BadSignature:
            return None
