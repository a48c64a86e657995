import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from municipalities.database import PortalNow
from municipalities.models import AccessLogEntry, Membership, Organisation, Partner, VaultKey
from municipalities.models.tenant import TenantModel, TenantQuerySet
from municipalities.permissions import Permission
from signals import workflow
from signals.models.doubt import Doubt
from signals.models.meeting import Meeting, is_a_visit
from signals.models.people import Dossier, Reporter
from signals.workflow import CloseReason, Status


class About(models.TextChoices):
    OTHER = "other", _("About somebody else")
    SELF = "self", _("About myself")


class Sign(models.TextChoices):
    """What people notice. A reason to talk, never a score; the last two are there so that nobody gets stuck."""

    CURTAINS = "curtains", _("The curtains stay closed")
    POST = "post", _("The letterbox is full")
    GARDEN = "garden", _("House or garden is neglected")
    LIGHT = "light", _("The light burns by day")
    UNSEEN = "unseen", _("No longer seen outside")
    ABSENT = "absent", _("Stopped coming to the shop, club or church")
    LOOKS = "looks", _("Looks tired, thin or uncared for")
    SAD = "sad", _("Is sad, anxious or says nothing matters")
    LOSS = "loss", _("Has lost somebody, or something big has changed")
    CHAT = "chat", _("Comes by very often just for a chat")
    NOBODY = "nobody", _("Hardly sees anybody")
    FEELING = "feeling", _("I just have a feeling that something is wrong")
    ELSE = "else", _("Something else")


# What people notice of themselves, in their own words.
SELF_SIGNS = {
    Sign.NOBODY: _("I hardly see anybody"),
    Sign.SAD: _("I am sad or anxious"),
    Sign.LOSS: _("I have lost somebody, or something big has changed"),
    Sign.LOOKS: _("I do not manage to look after myself or the house"),
    Sign.ELSE: _("Something else"),
}


def _is_open_to(user_id):
    """Not protected; or assigned to this user, who has to be there; or with the glass broken in the last hour."""
    broken = (
        AccessLogEntry.objects.that_broke_glass()
        .of_the_last_hour()
        .filter(municipality=OuterRef("municipality"), reference=OuterRef("reference"), user=user_id)
    )
    return Q(dossier__is_protected=False) | Q(assigned_to__isnull=False, assigned_to=user_id) | Exists(broken)


class SignalQuerySet(TenantQuerySet):
    def with_clock(self):
        """Joined to the clock that runs, if one does: `running__due_at`, `running__escalated_at`."""
        return self.annotate(
            running=FilteredRelation(
                "clocks", condition=Q(clocks__stopped_at=None, clocks__kind__in=("visit", "revisit"))
            ),
            clock_due_at=F("running__due_at"),
            clock_escalated_at=F("running__escalated_at"),
        )

    def on_the_desk(self):
        """Everything that still asks for something: not closed, or closed while the visit is still owed."""
        return self.with_clock().filter(~Q(status=Status.CLOSED) | Q(clock_due_at__isnull=False))

    def kept(self):
        """Whose personal data were not erased."""
        return self.filter(erased_at=None)

    def awaiting_triage(self):
        return self.filter(status=Status.RECEIVED)

    def late(self):
        return self.filter(clock_due_at__lt=Now())

    def doubtful(self):
        return self.exclude(doubts=[])

    def sent_with(self, fingerprint):
        """The signal of this receipt code's fingerprint, or None."""
        return self.filter(receipt_fingerprint=fingerprint).first()

    def at_address(self, fingerprint, within, moment=None):
        """About somebody at this address, received so long before or after this moment (the present when none)."""
        rows = self.filter(dossier__resident__address_fingerprint=fingerprint).exclude(
            dossier__resident__address_fingerprint=""
        )
        moment = moment or Now()
        return rows.filter(received_at__gte=moment - within, received_at__lte=moment + within)

    def most_urgent_first(self):
        return self.order_by(F("clock_due_at").asc(nulls_last=True), "received_at", "pk")

    def assigned_to(self, user):
        return self.filter(assigned_to=user)

    def in_queue_of(self, membership):
        """What waits for one of the workers of this member's organisation to take it."""
        return self.filter(queue__isnull=False, queue=membership.organisation_id)

    def followed_up_by(self, organisation):
        """In the queue of this organisation, or assigned to one of its members."""
        members = Membership.objects.filter(organisation=organisation)
        return self.filter(Q(queue=organisation) | Q(assigned_to__in=members.values("user")))

    def visible_to(self, membership):
        """Coordinators see every signal of their municipality but those behind glass, workers only their own."""
        rows = self.of(membership.municipality).kept()
        if membership.may(Permission.SEE_ANY_DOSSIER):
            return rows.filter(_is_open_to(membership.user_id))
        return rows.assigned_to(membership.user_id)

    def behind_glass_for(self, user_id):
        """What is protected from this user, who has to break the glass first."""
        return self.filter(~_is_open_to(user_id))

    def for_the_desk(self):
        """With what a list shows. The database gives no resident who is behind glass, so they are asked apart."""
        return self.select_related("dossier", "assigned_to", "queue").prefetch_related("dossier__resident")

    def with_people(self):
        return self.select_related("dossier__resident", "reporter", "assigned_to", "queue", "partner")


class Signal(TenantModel):
    """What one reporter sent about one person.

    `received_at` and `due_at` are the database's, set at insert and never changed; the same trigger starts the
    clock. Five moments are kept apart: received, assigned, first attempt, reached, visited.
    """

    personal_fields = frozenset({"story"})
    plain_fields = frozenset(
        "id municipality reference draft receipt_fingerprint about signs dossier reporter partner status "
        "received_at due_at queue assigned_to assigned_at accepted_at first_attempt_at reached_at visited_at closed_at "
        "close_reason doubts rejection_by erased_at "
        "meeting is_minor language".split()
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=20)
    draft = models.UUIDField(help_text=_("the draft this was sent from; sending twice gives one signal"))
    receipt_fingerprint = models.CharField(max_length=64)

    about = models.CharField(_("about"), max_length=10, choices=About)
    signs = ArrayField(models.CharField(max_length=20, choices=Sign), verbose_name=_("signs"), default=list)
    story = models.TextField(_("in own words"), blank=True)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="signals", db_constraint=False)
    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", null=True, db_constraint=False)

    meeting = models.CharField(
        _("how they want to meet"), max_length=10, choices=Meeting, blank=True, default="", db_default=""
    )
    is_minor = models.BooleanField(_("about somebody under 18"), default=False, db_default=False)
    language = models.CharField(_("language of the reporter"), max_length=10, default="nl", db_default="nl")

    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.RECEIVED)
    received_at = models.DateTimeField(_("received"), db_default=PortalNow())
    due_at = models.DateTimeField(_("visit due"), db_default=PortalNow())
    queue = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("in the queue of"),
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    assigned_at = models.DateTimeField(_("assigned"), null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    first_attempt_at = models.DateTimeField(_("first attempt"), null=True)
    reached_at = models.DateTimeField(_("reached"), null=True)
    visited_at = models.DateTimeField(_("visited"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    close_reason = models.CharField(_("reason"), max_length=20, choices=CloseReason, blank=True)
    erased_at = models.DateTimeField(_("personal data erased"), null=True)

    doubts = ArrayField(
        models.CharField(max_length=10, choices=Doubt), verbose_name=_("why it is doubtful"), default=list
    )
    rejection_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("who wants to close it as false"),
    )

    history = HistoricalRecords(excluded_fields=["story", "draft", "receipt_fingerprint"])
    objects = SignalQuerySet.as_manager()

    class Meta:
        verbose_name = _("signal")
        verbose_name_plural = _("signals")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "reference"], name="signal_reference_once"),
            models.UniqueConstraint(fields=["municipality", "draft"], name="signal_draft_once"),
            models.UniqueConstraint(fields=["municipality", "id"], name="signal_key"),
            models.CheckConstraint(
                condition=Q(assigned_to=None, assigned_at=None)
                | Q(assigned_to__isnull=False, assigned_at__isnull=False),
                name="assigned_to_whom_and_when",
            ),
            models.CheckConstraint(condition=Q(queue=None) | Q(assigned_to=None), name="waits_or_is_assigned"),
            models.CheckConstraint(
                condition=Q(closed_at=None, close_reason="") | (Q(closed_at__isnull=False) & ~Q(close_reason="")),
                name="closed_when_and_why",
            ),
            models.CheckConstraint(
                condition=~Q(close_reason=CloseReason.REJECTED) | Q(rejection_by__isnull=False),
                name="rejected_by_somebody_first",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(closed_at__isnull=False), name="erased_only_when_closed"
            ),
        ]
        indexes = [
            models.Index(fields=["municipality", "status", "received_at"], name="signal_by_status"),
            models.Index(fields=["municipality", "assigned_to"], name="signal_by_worker"),
            models.Index(fields=["municipality", "queue"], name="signal_by_queue", condition=Q(queue__isnull=False)),
            models.Index(fields=["municipality", "receipt_fingerprint"], name="signal_by_receipt"),
            models.Index(fields=["municipality"], name="signal_doubtful", condition=~Q(doubts=[])),
        ]

    def __str__(self):
        return self.reference

    @property
    def comes_by(self):
        """Whether what is promised to the reporter is that somebody comes; else that they hear from us."""
        return is_a_visit(self.meeting)

    @property
    def is_open(self):
        return self.status != Status.CLOSED

    def status_by_moments(self):
        """Where the work has come, told by what has happened."""
        if self.visited_at:
            return Status.VISITED
        if self.first_attempt_at:
            return Status.IN_CONTACT
        return Status.ASSIGNED if self.assigned_to_id else Status.RECEIVED

    def status_without_worker(self):
        """Where the work has come when nobody has the signal any more."""
        return Status.RECEIVED if self.status == Status.ASSIGNED else self.status

    @cached_property
    def vault_key(self):
        """The key under which notes about this signal are sealed. Raises VaultError when it is gone."""
        return VaultKey.objects.key_of(self.municipality_id, self.pk)

    def move_to(self, status, *, by, reason, correcting=False, **fields):
        """Change the status and what goes with it, with its history row. The only place that writes a status.

        Raises TransitionError when the workflow knows no such step.
        """
        workflow.check(self.status, status, correcting=correcting)
        self.note_change(by=by, reason=reason, status=status, **fields)

    def note_change(self, *, by, reason, **fields):
        """Save these fields with a history row that says who and why."""
        for name, value in fields.items():
            setattr(self, name, value)
        self._history_user = by
        self._change_reason = reason
        self.save(update_fields=list(fields))
