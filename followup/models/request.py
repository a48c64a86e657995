from calendar import monthrange
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models import Dossier, Signal

# What the GDPR gives to answer a request, and what may be added to it (art. 12(3)).
MONTHS_TO_ANSWER, MONTHS_MORE = 1, 2


class Channel(models.TextChoices):
    """How somebody asked."""

    LETTER = "letter", _("By letter")
    EMAIL = "email", _("By e-mail")
    PHONE = "phone", _("By phone")
    COUNTER = "counter", _("At the counter")
    VISIT = "visit", _("During a visit")


class IdentityCheck(models.TextChoices):
    """How we know who asks. Never the number or a copy of a document."""

    DOCUMENT_SEEN = "document_seen", _("We saw a passport or identity card")
    KNOWN = "known", _("The welfare worker knows the person and was there")
    CALLED_BACK = "called_back", _("We called back on a number that we knew already")
    REPRESENTATIVE = "representative", _("A representative showed the authorisation")


class StepReason(models.TextChoices):
    """Why a step was taken. A list, so that no personal text gets into what is kept for good."""

    TOO_LITTLE_WITHHELD = "too_little", _("Somebody else can still be recognised")
    TOO_MUCH_WITHHELD = "too_much", _("More is left out than is needed")
    NOT_COMPLETE = "not_complete", _("Something is missing")
    WRONG_PERSON = "wrong_person", _("This is not the dossier of whoever asks")
    COMPLEX = "complex", _("The dossier is large or difficult")
    MANY_REQUESTS = "many_requests", _("There are many requests at this moment")
    BY_POST = "by_post", _("Sent by post to the address of the person")
    HANDED_OVER = "handed_over", _("Handed over in person")
    READ_TOGETHER = "read_together", _("Read together with the person")
    TAKEN_BACK = "taken_back", _("The person no longer asks for it")
    NO_IDENTITY = "no_identity", _("We could not establish who asks")


class RightsRequestQuerySet(TenantQuerySet):
    def with_steps(self):
        return self.select_related("dossier", "by").prefetch_related("steps__by", "steps__draft")

    def for_answer(self):
        """With everything that the answer is made of."""
        return self.with_steps().select_related("municipality", "dossier__municipality", "dossier__resident", "signal")

    def kept(self):
        """About a dossier that was not erased."""
        return self.filter(signal__erased_at=None)

    def open(self):
        return self.exclude(Exists(_endings()))

    def ended(self):
        return self.filter(Exists(_endings()))

    def oldest_first(self):
        return self.order_by("asked_on", "pk")


def _endings():
    return RequestStep.objects.filter(request=OuterRef("pk"), kind__in=RequestStep.ENDINGS)


class RightsRequest(TenantModel):
    """The person whom a dossier is about asks to see it (GDPR art. 15). Append-only; what came of it are its steps.

    `signal` is the one from whose page it was started; the answer covers all signals of the dossier.
    """

    personal_fields = frozenset()
    plain_fields = frozenset("id municipality dossier signal channel identity asked_on by at".split())

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="requests", db_constraint=False)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    channel = models.CharField(_("how it was asked"), max_length=20, choices=Channel)
    identity = models.CharField(_("how we know who asks"), max_length=20, choices=IdentityCheck)
    asked_on = models.DateField(_("day on which it was asked"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("recorded"), db_default=PortalNow())

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="rights_request_key")]
        indexes = [models.Index(fields=["municipality", "asked_on"], name="rights_request_age")]

    @property
    def due_on(self):
        """The last day to answer: a month after it was asked, three when that was extended."""
        extended = any(step.kind == RequestStep.Kind.EXTENDED for step in self.steps.all())
        return months_later(self.asked_on, MONTHS_TO_ANSWER + (MONTHS_MORE if extended else 0))

    @property
    def is_late(self):
        return self.due_on < timezone.localdate() and self.ending is None

    @property
    def may_be_extended(self):
        """Once, and only while the first month runs."""
        first = months_later(self.asked_on, MONTHS_TO_ANSWER)
        return self.ending is None and self.due_on == first and timezone.localdate() <= first

    @property
    def draft(self):
        """The newest draft; None before there is one."""
        return self._last(RequestStep.Kind.DRAFTED)

    @property
    def verdict(self):
        """What the reviewer said of the newest draft; None while nobody did."""
        last = self._last(RequestStep.Kind.APPROVED, RequestStep.Kind.SENT_BACK)
        return last if last and last.draft_id == self.draft.pk else None

    @property
    def approval(self):
        verdict = self.verdict if self.draft else None
        return verdict if verdict and verdict.kind == RequestStep.Kind.APPROVED else None

    @property
    def ending(self):
        return self._last(*RequestStep.ENDINGS)

    def _last(self, *kinds):
        steps = [step for step in self.steps.all() if step.kind in kinds]
        return max(steps, key=lambda step: step.pk, default=None)


def months_later(day, months):
    """The same day so many months later, or the last day of that month when it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class RequestStep(TenantModel):
    """One thing that was done about a request. Append-only, without a word of the dossier.

    A draft is which passages are left out (`withheld`), which are shown though that was advised against (`released`),
    up to where the access log was read (`log_until`), of which day (`made_on`) and what the document then hashes to.
    The document itself is made anew from the dossier whenever it is shown: what hashes differently was not approved.
    """

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("The document was prepared.")
        SENT_BACK = "sent_back", _("The document was sent back.")
        APPROVED = "approved", _("The document was approved.")
        DELIVERED = "delivered", _("The person got the document.")
        EXTENDED = "extended", _("The term was extended by two months.")
        DROPPED = "dropped", _("The request was ended without a document.")

    ENDINGS = (Kind.DELIVERED, Kind.DROPPED)

    personal_fields = frozenset()
    plain_fields = frozenset(
        "id municipality request kind draft withheld released made_on log_until sha256 reason by at".split()
    )

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="steps", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    draft = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="verdicts", db_constraint=False)
    withheld = ArrayField(models.CharField(max_length=80), default=list)
    released = ArrayField(models.CharField(max_length=80), default=list)
    made_on = models.DateField(_("document of"), null=True)
    log_until = models.BigIntegerField(null=True)
    sha256 = models.CharField(_("fingerprint of the document"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=StepReason, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    class Meta:
        verbose_name = _("step of a request")
        verbose_name_plural = _("steps of requests")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "id"], name="request_step_key"),
            models.UniqueConstraint(
                fields=["draft"], condition=Q(kind__in=["approved", "sent_back"]), name="one_verdict_a_draft"
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(kind__in=["delivered", "dropped"]), name="a_request_ends_once"
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(kind="extended"), name="a_request_is_extended_once"
            ),
        ]
        indexes = [models.Index(fields=["municipality", "request"], name="step_by_request")]
