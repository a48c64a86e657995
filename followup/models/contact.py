import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from municipalities import vault
from municipalities.database import PortalNow
from municipalities.models import VaultKey
from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models import Signal


class ContactKind(models.TextChoices):
    HOME_VISIT = "home_visit", _("Home visit")
    PHONE = "phone", _("Phone call")
    LETTER = "letter", _("Letter")
    CARD = "card", _("Card left")
    EMAIL = "email", _("E-mail")
    MESSAGE = "message", _("Text message")
    CONVERSATION_ELSEWHERE = "conversation_elsewhere", _("Conversation elsewhere")
    REPORTER_CONTACT = "reporter_contact", _("Contact with the reporter")
    PARTNER_CONTACT = "partner_contact", _("Contact with a partner")

    @property
    def seeks_the_person(self):
        """Whether it is an attempt at the person, rather than talk about them."""
        return self not in {ContactKind.REPORTER_CONTACT, ContactKind.PARTNER_CONTACT}


class ContactResult(models.TextChoices):
    SPOKEN = "spoken", _("We spoke")
    WORRYING = "worrying", _("We spoke, and it is worrying")
    REFUSED = "refused", _("The person does not want contact")
    NO_ANSWER = "no_answer", _("No answer")
    LEFT_MESSAGE = "left_message", _("Message or card left behind")
    NOT_HERE = "not_here", _("The person does not live here")
    WITHDRAWN = "withdrawn", _("This contact was recorded by mistake")


REACHING_RESULTS = frozenset({ContactResult.SPOKEN, ContactResult.WORRYING, ContactResult.REFUSED})


class NextStep(models.TextChoices):
    NONE = "", _("Nothing yet")
    VISIT_AGAIN = "visit_again", _("Come by again")
    CALL = "call", _("Call the person")
    ASK_COORDINATOR = "ask_coordinator", _("Ask the coordinator")
    READY_TO_CLOSE = "ready_to_close", _("Ready to close")


class ContactEntryQuerySet(TenantQuerySet):
    def for_signal(self, signal):
        return self.of(signal.municipality_id).filter(signal=signal)

    def standing(self):
        """What holds today: neither replaced by a correction nor withdrawn."""
        return self.filter(correction=None).exclude(result=ContactResult.WITHDRAWN)

    def visits(self):
        return self.filter(kind=ContactKind.HOME_VISIT)

    def attempts(self):
        return self.filter(kind__in=[kind for kind in ContactKind if kind.seeks_the_person])

    def that_reached(self):
        return self.attempts().filter(reached=True)


class ContactEntry(TenantModel):
    """One contact as somebody recorded it. Only ever added: a mistake is mended by a new entry that points at it.

    `occurred_at` is when it happened, as claimed; `recorded_at` is when it was logged, by the database's clock.
    """

    sealed_by_a_subject = {"sealed_note": "note"}
    personal_fields = frozenset({"sealed_note"})
    plain_fields = frozenset(
        "id municipality signal kind result reached occurred_at recorded_at by next_step corrects "
        "idempotency_key".split()
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="contacts", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=30, choices=ContactKind)
    result = models.CharField(_("result"), max_length=20, choices=ContactResult)
    reached = models.BooleanField(_("person reached"))
    occurred_at = models.DateTimeField(_("when it happened"))
    recorded_at = models.DateTimeField(_("when it was recorded"), db_default=PortalNow())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_note = models.BinaryField(default=b"")
    next_step = models.CharField(_("next step"), max_length=20, choices=NextStep, blank=True)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="correction", db_constraint=False
    )
    idempotency_key = models.UUIDField(default=uuid.uuid4, help_text=_("sending a form twice makes one entry"))

    objects = ContactEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact entry")
        verbose_name_plural = _("contact entries")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "id"], name="contact_entry_key"),
            models.UniqueConstraint(fields=["municipality", "idempotency_key"], name="contact_entry_once"),
            models.CheckConstraint(
                condition=Q(reached=False) | Q(result__in=REACHING_RESULTS), name="reached_has_such_a_result"
            ),
        ]
        indexes = [models.Index(fields=["municipality", "signal", "recorded_at"], name="contact_by_signal")]

    @property
    def note(self):
        if not self.sealed_note:
            return ""
        return vault.unseal(self.signal.vault_key, self.sealed_note, context=self._context)

    @note.setter
    def note(self, text):
        if text:
            key = VaultKey.objects.made_for(self.municipality_id, self.signal_id)
            self.sealed_note = vault.seal(key, text, context=self._context)

    @property
    def _context(self):
        return f"followup_contactentry|{self.pk}|note"
