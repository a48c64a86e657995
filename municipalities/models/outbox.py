from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from municipalities import workflow
from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet
from municipalities.workflow import Mail

SIGNER = Signer(salt="municipalities.mail")


class Urgency(models.IntegerChoices):
    """How long a mail may lie: what must reach a human, an answer to somebody's own act, and all that can wait."""

    URGENT = 1
    ANSWER = 2
    ORDINARY = 3


class OutboxQuerySet(TenantQuerySet):
    def unsent(self):
        """Not yet accepted by the provider, and not given up."""
        return self.filter(state__in=workflow.WAITING)

    def deliverable(self, now=None):
        """Due for an attempt, and in nobody's hands: a claim that ran out is free again."""
        now = now or Now()
        return self.unsent().filter(not_before__lte=now).filter(~Q(state=Mail.CLAIMED) | Q(claimed_until__lt=now))

    def that_can_wait(self):
        """What is not sent in the quiet hours."""
        return self.filter(urgency=Urgency.ORDINARY)

    def standing_in_for(self, mail):
        """The mail itself, or the one it was relayed from, and everything that was relayed from that."""
        root = mail.relay_of or mail.pk
        return self.filter(Q(pk=root) | Q(relay_of=root))

    def copies_of(self, firsts):
        """These mails (ids), and everything that was relayed from them."""
        return self.filter(Q(pk__in=firsts) | Q(relay_of__in=firsts))

    def outlived(self, age):
        """First copies of which every copy has been settled for this long, and which somebody got or knows of."""
        settled = ~Q(state__in=workflow.WAITING) & Q(last_fact__lte=Now() - age)
        copies = OutboxMessage.objects.with_last_fact().filter(relay_of=OuterRef("pk"))
        return self.with_last_fact().filter(
            settled,
            ~Exists(copies.exclude(settled)),
            ~Exists(UnreachedMail.objects.unseen().filter(pk=OuterRef("pk"))),
            relay_of=None,
        )

    def with_last_fact(self):
        return self.annotate(last_fact=Coalesce("sent_at", "created_at"))


class OutboxMessage(TenantModel):
    """A mail that must leave, written in the transaction that makes it necessary. The row is the retry state.

    `context` holds references and addresses of pages, never personal data; `key` makes queueing the same mail
    twice harmless. What may follow what stands in `municipalities.workflow`.
    """

    personal_fields = frozenset({"recipient", "second_recipient"})
    plain_fields = frozenset(
        "id municipality template context key created_at not_before claimed_until attempts sent_at last_error "
        "state urgency wanted_at provider_id relay_of".split()
    )

    template = models.CharField(max_length=40)
    recipient = models.EmailField()
    second_recipient = models.EmailField(blank=True, help_text=_("who gets it when the first cannot be reached"))
    context = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.ORDINARY)
    # Not a foreign key: a mail is relayed within its own tenant only, and rows of the outbox may go one by one.
    relay_of = models.BigIntegerField(null=True, help_text=_("the mail that did not reach its first recipient"))

    state = models.CharField(max_length=10, choices=Mail, default=Mail.READY)
    created_at = models.DateTimeField(db_default=PortalNow())
    wanted_at = models.DateTimeField(null=True, help_text=_("the morning it was held until; its age counts from then"))
    not_before = models.DateTimeField(db_default=PortalNow())
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, help_text=_("when the provider had it"))
    provider_id = models.CharField(max_length=200, blank=True, help_text=_("the provider's own number for it"))
    last_error = models.CharField(max_length=80, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "key"], name="outbox_key_once"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in Mail]), name="outbox_state_is_known"
            ),
        ]
        indexes = [
            models.Index(
                F("municipality"),
                F("not_before"),
                name="outbox_waiting",
                condition=Q(state__in=sorted(workflow.WAITING)),
            ),
            models.Index(F("relay_of"), name="outbox_relays", condition=Q(relay_of__isnull=False)),
        ]

    @property
    def message_id(self):
        """The same at every attempt, so that a mail program shows a repeat once."""
        return f"<outbox-{self.pk}@{settings.PUBLIC_BASE_URL.split('//')[-1].split(':')[0]}>"

    @property
    def token(self):
        """What a provider gives back with its reports: whose mail, and which, under a signature of ours."""
        return SIGNER.sign(f"{self.municipality_id}-{self.pk}")

    @staticmethod
    def read_token(token):
        """(municipality id, id) from a token; None when it is not ours."""
        try:
            municipality_id, _dash, pk = SIGNER.unsign(str(token)).partition("-")
        except BadSignature:
            return None
        return int(municipality_id), int(pk)

    def move_to(self, state, **fields):
        """Write the next state of a row that is locked. Raises StateError when it cannot follow the present one."""
        workflow.check(self.state, state)
        fields |= {"state": state, "claimed_until": None}
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))


class OutboxDueQuerySet(TenantQuerySet):
    def due(self, now=None):
        return self.filter(next_at__lte=now or Now())


class OutboxDue(TenantModel):
    """One narrow row for each mail that still has to leave, kept by a trigger: no mail can be forgotten.

    Without personal data, and therefore readable across municipalities: a pass finds in one statement who has mail
    to send, and the watchdog how long the oldest has been lying.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "next_at", "waiting_since"})

    id = models.BigIntegerField(primary_key=True, help_text=_("the id of the mail"))
    next_at = models.DateTimeField(help_text=_("when it may be tried, or when the lease on it ends"))
    waiting_since = models.DateTimeField()

    objects = OutboxDueQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail to be sent")
        verbose_name_plural = _("mail to be sent")
        indexes = [models.Index(fields=["next_at", "municipality"], name="outbox_due")]


class UnreachedMailQuerySet(TenantQuerySet):
    def unseen(self):
        """Nobody said yet that they know."""
        return self.filter(seen_at=None)


class UnreachedMail(TenantModel):
    """One narrow row for each urgent mail of which every copy failed, with nobody left to send it to; by a trigger.

    Without personal data, and therefore readable across municipalities: the watchdog barks until somebody says that
    they know. It goes when a copy arrives after all.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "since", "seen_at"})

    id = models.BigIntegerField(primary_key=True, help_text=_("the id of the first of the copies"))
    since = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, help_text=_("when somebody said that they know"))

    objects = UnreachedMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail that reached nobody")
        verbose_name_plural = _("mail that reached nobody")


class MailboxQuerySet(TenantQuerySet):
    def bouncing(self):
        return self.filter(bounced_since__isnull=False)

    def at(self, address):
        return self.filter(fingerprint=Mailbox.fingerprint_of(address))


class Mailbox(TenantModel):
    """Whether mail to one staff address arrives: the newest mail whose fate is known decides.

    Kept under a keyed fingerprint, for staff and the fallback address only, never for a reporter.
    """

    personal_fields = frozenset({"fingerprint"})
    plain_fields = frozenset({"id", "municipality", "mail", "bounced_since"})

    fingerprint = models.CharField(max_length=64)
    mail = models.BigIntegerField(help_text=_("id of the newest mail whose fate is known"))
    bounced_since = models.DateTimeField(null=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        constraints = [models.UniqueConstraint(fields=["municipality", "fingerprint"], name="mailbox_once")]

    @staticmethod
    def fingerprint_of(address):
        return salted_hmac("municipalities.mailbox", address.strip().lower(), algorithm="sha256").hexdigest()
