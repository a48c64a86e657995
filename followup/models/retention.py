from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models import Dossier, Signal
from signals.workflow import CloseReason


class ResultClass(models.TextChoices):
    """How a dossier ended, as far as it decides how long it is kept."""

    NOT_TAKEN_UP = "not_taken_up", _("Not taken up: wrong address, another municipality, reported before")
    NO_HELP = "no_help", _("No help needed, not wanted, or nobody reached")
    HELPED = "helped", _("Helped, or handed over to other care")


class Ground(models.TextChoices):
    """Why something is erased."""

    TERM = "term", _("The term has passed")
    REQUEST = "request", _("The person asked for it (GDPR article 17)")


class HoldReason(models.TextChoices):
    """Why something is kept past its term."""

    COMPLAINT = "complaint", _("There is a complaint")
    PROCEDURE = "procedure", _("There is a legal procedure")
    INVESTIGATION = "investigation", _("There is an investigation")
    PERSON_ASKED = "person_asked", _("The person asked us to keep it")


NOT_TAKEN_UP = frozenset(
    {CloseReason.WRONG_ADDRESS, CloseReason.DUPLICATE, CloseReason.OUTSIDE_AREA, CloseReason.REJECTED}
)
HELPED = frozenset({CloseReason.HELPED, CloseReason.HANDED_OVER})

# Short on purpose: the file of the help itself is the welfare organisation's own, with its own legal term.
DEFAULT_DAYS = {ResultClass.NOT_TAKEN_UP: 28, ResultClass.NO_HELP: 180, ResultClass.HELPED: 365}
# On what ground, until the municipality names its own.
DEFAULT_GROUND = _("no longer than needed (GDPR article 5.1.e), own default of this portal")
LONGEST_DAYS = 20 * 365


def class_of(reason):
    """The result class of a reason to close."""
    if reason in NOT_TAKEN_UP:
        return ResultClass.NOT_TAKEN_UP
    return ResultClass.HELPED if reason in HELPED else ResultClass.NO_HELP


class RetentionTerm(TenantModel):
    """For how many days after closing a municipality keeps what ended like this, and on what ground.

    Without a row the default holds.
    """

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "result_class", "days", "ground"})

    result_class = models.CharField(max_length=20, choices=ResultClass)
    days = models.PositiveIntegerField(_("days after closing"))
    ground = models.CharField(_("ground"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("retention term")
        verbose_name_plural = _("retention terms")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "result_class"], name="one_term_a_class"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=LONGEST_DAYS), name="term_is_possible"),
        ]

    @classmethod
    def all_of(cls, municipality):
        """{result class: its term}, unsaved where the default holds."""
        rows = {row.result_class: row for row in cls.objects.of(municipality)}
        return {
            kind: rows.get(kind) or cls(municipality=municipality, result_class=kind, **cls._default(kind))
            for kind in ResultClass
        }

    @staticmethod
    def _default(kind):
        return {"days": DEFAULT_DAYS[kind], "ground": str(DEFAULT_GROUND)}

    @property
    def length(self):
        return timedelta(days=self.days)


class HoldQuerySet(TenantQuerySet):
    def standing(self):
        return self.filter(lifts=None, lifted=None)


class Hold(TenantModel):
    """A dossier that is kept whatever its term says. Append-only: a row with `lifts` ends an earlier one."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "dossier", "reason", "lifts", "by", "at"})

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="holds", db_constraint=False)
    reason = models.CharField(_("reason"), max_length=20, choices=HoldReason)
    lifts = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="lifted", db_constraint=False
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="hold_key")]
        indexes = [models.Index(fields=["municipality", "dossier"], name="hold_by_dossier")]


class DisposalQuerySet(TenantQuerySet):
    def waiting(self):
        """Proposed, and neither carried out nor taken back."""
        return self.filter(executed_at=None, withdrawn_at=None)


class Disposal(TenantModel):
    """One proposal to erase: who proposed, who agreed, and when it was done. Always two people."""

    personal_fields = frozenset()
    plain_fields = frozenset(
        "id municipality ground proposed_by proposed_at approved_by executed_at withdrawn_by withdrawn_at".split()
    )

    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"), db_default=PortalNow())
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    executed_at = models.DateTimeField(_("erased"), null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = DisposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("disposal")
        verbose_name_plural = _("disposals")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "id"], name="disposal_key"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")), name="disposal_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, executed_at=None)
                | Q(approved_by__isnull=False, executed_at__isnull=False),
                name="disposal_approved_and_executed",
            ),
            models.CheckConstraint(
                condition=Q(executed_at=None) | Q(withdrawn_at=None), name="disposal_executed_or_withdrawn"
            ),
        ]


class DisposalItem(TenantModel):
    """One dossier of a proposal. `skipped` says why it was left alone in the end."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "disposal", "dossier", "skipped"})

    class Skipped(models.TextChoices):
        REOPENED = "reopened", _("opened again, or reported again")
        HELD = "held", _("on hold")
        ERASED = "erased", _("erased before")
        NOT_YET = "not_yet", _("the term has not passed")

    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="items", db_constraint=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    skipped = models.CharField(max_length=10, choices=Skipped, blank=True)

    class Meta:
        verbose_name = _("disposal item")
        verbose_name_plural = _("disposal items")
        constraints = [models.UniqueConstraint(fields=["disposal", "dossier"], name="disposal_item_once")]


class Tombstone(TenantModel):
    """That a signal's personal data were erased, when and by whose proposal. Append-only, without personal data."""

    personal_fields = frozenset()
    plain_fields = frozenset("id municipality signal reference disposal result_class closed_at erased_at".split())

    signal = models.OneToOneField(Signal, on_delete=models.PROTECT, related_name="tombstone", db_constraint=False)
    reference = models.CharField(_("reference"), max_length=20)
    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="tombstones", db_constraint=False)
    result_class = models.CharField(max_length=20, choices=ResultClass)
    closed_at = models.DateTimeField(_("closed"))
    erased_at = models.DateTimeField(_("erased"), db_default=PortalNow())

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        indexes = [models.Index(fields=["municipality", "disposal"], name="tombstone_by_disposal")]


class RetentionWarning(TenantModel):
    """That it was mailed how soon a dossier reaches the end of its term: once for each distance and end."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "dossier", "days", "ends_on"})

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    days = models.PositiveSmallIntegerField()
    ends_on = models.DateField()

    class Meta:
        verbose_name = _("retention warning")
        verbose_name_plural = _("retention warnings")
        constraints = [models.UniqueConstraint(fields=["dossier", "days", "ends_on"], name="retention_warning_once")]
