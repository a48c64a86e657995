"""Who may do what, as data. A reviewer reads the whole policy on this page."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Permission(TextChoices):
    """One thing that somebody may do; a view names exactly one."""

    SEE_DASHBOARD = "see_dashboard", _("See every open signal of the municipality")
    SEE_DOSSIER = "see_dossier", _("Open a dossier: any of the municipality, or only the own ones")
    SEE_ANY_DOSSIER = "see_any_dossier", _("Open dossiers that are assigned to somebody else")
    SEE_TODAY = "see_today", _("See the own signals of today")
    ASSIGN = "assign", _("Give a signal to a worker")
    CLOSE = "close", _("Close a signal with a reason, and open it again")
    LOG_CONTACT = "log_contact", _("Record a contact")
    CHANGE_SETTINGS = "change_settings", _("Change phone numbers and other settings of the municipality")


class Role(TextChoices):
    """What somebody is in one municipality."""

    COORDINATOR = "coordinator", _("coordinator")
    WORKER = "worker", _("welfare worker")
    PRIVACY_OFFICER = "privacy_officer", _("privacy officer")
    MANAGER = "manager", _("manager")
    PLATFORM_ADMIN = "platform_admin", _("platform administrator")


# Managers and platform administrators see no dossiers; the privacy officer's own screens come with them.
GRANTED = {
    Role.COORDINATOR: frozenset(
        {
            Permission.SEE_DASHBOARD,
            Permission.SEE_DOSSIER,
            Permission.SEE_ANY_DOSSIER,
            Permission.ASSIGN,
            Permission.CLOSE,
            Permission.LOG_CONTACT,
        }
    ),
    Role.WORKER: frozenset({Permission.SEE_TODAY, Permission.SEE_DOSSIER, Permission.LOG_CONTACT}),
    Role.PRIVACY_OFFICER: frozenset(),
    Role.MANAGER: frozenset({Permission.CHANGE_SETTINGS}),
    Role.PLATFORM_ADMIN: frozenset(),
}
