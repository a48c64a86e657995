from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.database import PortalNow
from municipalities.models.tenant import TenantModel, TenantQuerySet
from municipalities.permissions import Role

# The action of breaking the glass of a protected dossier, and for how long that opens it to whoever did. The database
# counts the same hour, in signals_behind_glass().
GLASS, OPEN_FOR = "glass", timedelta(hours=1)

# What an action is called for whoever reads the log.
PAGES = {
    "dashboard": _("List of signals"),
    "dossier": _("Dossier"),
    "today": _("Signals of today"),
    "log_contact": _("Recording a contact"),
    "correct_contact": _("Correcting a contact"),
    "pause": _("Pausing a signal"),
    "hold": _("Putting a dossier on hold"),
    "reporter": _("Who the reporter is"),
    GLASS: _("Opening a protected dossier"),
    "protected": _("Protected dossiers"),
    "access_log": _("Who looked"),
    "access_log_export": _("Who looked, as a file"),
    "outliers": _("What stands out"),
    "requests": _("List of requests"),
    "ask_inspection": _("Starting a request to see the dossier"),
    "rights_request": _("Request to see the dossier"),
    "prepare_inspection": _("Preparing what the person gets to see"),
    "inspection_document": _("What the person gets to see"),
    "inspection_json": _("What the person gets to see, as a file"),
    "inspection_pdf": _("What the person gets to see, as a PDF"),
    "record_wish": _("Recording that the person wants no contact"),
    "withdraw_wish": _("Recording that contact is wanted again"),
    "decide_wish": _("Deciding about a wish for no contact"),
    "rectify": _("Recording what the person says is wrong"),
    "correct_person": _("Putting name or address right"),
    "reporter_data": _("What the reporter gave about themselves"),
    "reporter_data_file": _("What the reporter gave, as a file"),
    "inform": _("Recording that the person was told"),
    "not_informed": _("People not told yet"),
    "own_access": _("List for the person of who looked"),
}


class Reason(models.TextChoices):
    """Why somebody looks at what is not shown by itself. A list, so that no personal text gets into the log."""

    DANGER = "danger", _("Somebody is in danger")
    NOT_FOUND = "not_found", _("The person or the address cannot be found without the reporter")
    ASKED = "asked", _("The reporter asked to be called")


class GlassReason(models.TextChoices):
    """Why somebody opens a dossier that is protected."""

    DECIDING = "deciding", _("I decide who goes, or what has to be done next")
    LATE = "late", _("The visit is late and I see to it")
    DANGER = "danger", _("Somebody is in danger")
    REQUEST = "request", _("The person asks to see or correct what is recorded")


REASONS = list(dict([*Reason.choices, *GlassReason.choices]).items())


class AccessLogQuerySet(TenantQuerySet):
    def that_broke_glass(self):
        return self.filter(action=GLASS)

    def of_the_last_hour(self):
        return self.filter(at__gt=PortalNow() - OPEN_FOR)


class AccessLogEntry(TenantModel):
    """Somebody was shown personal data. Append-only; written before the answer leaves, or there is no answer."""

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "user", "role", "action", "reference", "reason", "at"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=20)
    action = models.CharField(_("what was opened"), max_length=40)
    reference = models.CharField(_("reference"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=REASONS, blank=True)
    at = models.DateTimeField(_("when"), db_default=PortalNow())

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log entries")
        indexes = [models.Index(fields=["municipality", "reference", "at"], name="access_by_reference")]

    @property
    def role_name(self):
        return Role(self.role).label

    @property
    def page_name(self):
        """What was opened, in words; an action of an older version as it was written."""
        return PAGES.get(self.action, self.action)
