from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel
from signals.models import About, Dossier, Signal

# At the latest (art. 14(3)(a)); the natural moment is the first conversation.
LATEST = timedelta(days=30)


class Way(models.TextChoices):
    """How the person was told, or why that was decided against."""

    VISIT = "visit", _("Told during a visit")
    PHONE = "phone", _("Told by phone")
    LETTER = "letter", _("By letter")
    ELSEWHERE = "elsewhere", _("Told somewhere else")
    NEVER_REACHED = "never_reached", _("Not possible: never reached, and no address to write to")
    DANGER = "danger", _("Not told, since that would put somebody in danger")


# A coordinator's decision not to tell (art. 14(5)), rather than telling.
DECISIONS_NOT_TO = (Way.NEVER_REACHED, Way.DANGER)


class Informed(TenantModel):
    """The person was told that we keep data about them, what, why and with which rights (art. 14). Append-only."""

    personal_fields = frozenset()
    plain_fields = frozenset("id municipality dossier signal way informed_on by at".split())

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="informed", db_constraint=False)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="informed", db_constraint=False)
    way = models.CharField(_("how"), max_length=20, choices=Way)
    informed_on = models.DateField(_("informed on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("recorded"), db_default=PortalNow())

    class Meta:
        verbose_name = _("information given")
        verbose_name_plural = _("information given")
        indexes = [models.Index(fields=["municipality", "dossier"], name="informed_by_dossier")]


def uninformed(municipality):
    """The signals about somebody else whose person was not told yet, the oldest first."""
    told = Informed.objects.of(municipality).filter(dossier=OuterRef("dossier"))
    return Signal.objects.of(municipality).kept().filter(~Exists(told), about=About.OTHER).order_by("received_at", "pk")
