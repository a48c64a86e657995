from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models.people import Dossier
from signals.models.signal import Signal


class WishKind(models.TextChoices):
    """What somebody asks of us; either way nobody goes there without a coordinator's decision."""

    NO_CONTACT = "no_contact", _("Wants no contact")
    OBJECTION = "objection", _("Objects to what we do with their data")


class SaidBy(models.TextChoices):
    PERSON = "person", _("The person themselves")
    REPRESENTATIVE = "representative", _("Their representative")
    FAMILY = "family", _("Somebody of the family, for the person")


class GoReason(models.TextChoices):
    """Why somebody goes all the same."""

    DANGER = "danger", _("The person may be in danger")
    OTHERS = "others", _("Somebody else may be in danger")
    ASKS_HELP = "asks_help", _("The person asks for help now")
    OTHER_PERSON = "other_person", _("This signal is about somebody else at the address")


class NoContactWishQuerySet(TenantQuerySet):
    def standing(self):
        """Neither taken back, nor the taking back itself."""
        return self.filter(withdraws=None, withdrawn=None)


class NoContactWish(TenantModel):
    """A person asked us to stay away. Append-only; a row with `withdraws` takes such a wish back.

    It holds for every signal about the dossier, and about a resident at the same address as this one has now.
    """

    personal_fields = frozenset()
    plain_fields = frozenset("id municipality dossier signal kind said_by said_on withdraws by at".split())

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="wishes", db_constraint=False)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="wishes", db_constraint=False)
    kind = models.CharField(_("what is asked"), max_length=12, choices=WishKind)
    said_by = models.CharField(_("who said it"), max_length=20, choices=SaidBy)
    said_on = models.DateField(_("day on which it was said"))
    withdraws = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="withdrawn", db_constraint=False
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("recorded"), db_default=PortalNow())

    objects = NoContactWishQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish for no contact")
        verbose_name_plural = _("wishes for no contact")
        constraints = [models.UniqueConstraint(fields=["municipality", "id"], name="wish_key")]
        indexes = [models.Index(fields=["municipality", "dossier"], name="wish_by_dossier")]


class WishDecision(TenantModel):
    """What a coordinator decided about one signal, knowing the wish. Append-only; the newest holds."""

    class Choice(models.TextChoices):
        RESPECT = "respect", _("We respect it: nobody goes there")
        GO = "go", _("Somebody goes all the same")

    personal_fields = frozenset()
    plain_fields = frozenset("id municipality wish signal choice reason by at".split())

    wish = models.ForeignKey(NoContactWish, on_delete=models.PROTECT, related_name="decisions", db_constraint=False)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="wish_decisions", db_constraint=False)
    choice = models.CharField(_("decision"), max_length=10, choices=Choice)
    reason = models.CharField(_("reason"), max_length=20, choices=GoReason, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    class Meta:
        verbose_name = _("decision about a wish")
        verbose_name_plural = _("decisions about wishes")
        constraints = [
            models.CheckConstraint(
                condition=Q(choice="respect", reason="") | (Q(choice="go") & ~Q(reason="")), name="going_has_a_reason"
            )
        ]
        indexes = [models.Index(fields=["municipality", "signal"], name="wish_decision_by_signal")]
