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
    PAUSE = "pause", _("Stop the clock of a signal for some days")
    PROTECT = "protect", _("Protect a dossier, so that it opens only to whoever has to be there or says why")
    BREAK_GLASS = (
        "break_glass",
        _("Open a protected dossier for an hour, with a reason that the privacy officer is told"),
    )
    GUARD_PROTECTED = "guard_protected", _("See which dossiers are protected, protect one, and end the protection")
    LOG_CONTACT = "log_contact", _("Record a contact")
    SET_ABSENCE = "set_absence", _("Say when you are away and who stands in")
    SAY_POSTCODE = "say_postcode", _("Say in which postcode you live, so that looking into the own street stands out")
    SET_ANY_ABSENCE = "set_any_absence", _("Say the same for colleagues")
    ACCEPT = "accept", _("Take on a signal that was given to you")
    TAKE = "take", _("Take a signal from the queue of the own organisation")
    ACKNOWLEDGE = "acknowledge", _("See which visits are late, and say until when you see to one")
    TRY_MAIL = "try_mail", _("See which colleague gets no mail, and try again")
    ANSWER_REQUESTS = "answer_requests", _("Prepare what a person gets to see of their dossier, and hand it over")
    REVIEW_REQUESTS = "review_requests", _("Approve such a document that a colleague prepared, or send it back")
    SEE_UNINFORMED = "see_uninformed", _("See how many people were not told yet that we keep data about them")
    SEE_FIGURES = "see_figures", _("See the figures of the municipality, in which nobody can be recognised")
    SEE_ACCESS_LOG = "see_access_log", _("See which colleague opened which page with personal data, and when")
    SEE_OUTLIERS = "see_outliers", _("See whose looking stands out, also by comparing names")
    ERASE = (
        "erase",
        _("Propose to erase what was kept long enough, agree to it as the second person, or put it on hold"),
    )
    MANAGE_PEOPLE = "manage_people", _("Invite colleagues, give them a role, and end their access")
    CHANGE_SETTINGS = "change_settings", _("Change phone numbers and other settings of the municipality")


class Role(TextChoices):
    """What somebody is in one municipality."""

    COORDINATOR = "coordinator", _("coordinator")
    WORKER = "worker", _("welfare worker")
    PRIVACY_OFFICER = "privacy_officer", _("privacy officer")
    MANAGER = "manager", _("manager")
    PLATFORM_ADMIN = "platform_admin", _("platform administrator")


# What a manager can make somebody; the platform's own administrators are made by command.
GIVEN_BY_A_MANAGER = (Role.COORDINATOR, Role.WORKER, Role.PRIVACY_OFFICER, Role.MANAGER)

# Managers, privacy officers and platform administrators see no dossiers. Only the privacy officer ends a protection:
# whoever may open the dossier could else end it, look, and protect it again without anybody being told.
# A privacy officer sees of a dossier what is in a document that waits for approval; nobody approves what they prepared.
GRANTED = {
    Role.COORDINATOR: frozenset(
        {
            Permission.SEE_DASHBOARD,
            Permission.SEE_DOSSIER,
            Permission.SEE_ANY_DOSSIER,
            Permission.ASSIGN,
            Permission.CLOSE,
            Permission.PAUSE,
            Permission.PROTECT,
            Permission.BREAK_GLASS,
            Permission.ACKNOWLEDGE,
            Permission.LOG_CONTACT,
            Permission.TRY_MAIL,
            Permission.ANSWER_REQUESTS,
            Permission.REVIEW_REQUESTS,
            Permission.SEE_UNINFORMED,
            Permission.SET_ABSENCE,
            Permission.SAY_POSTCODE,
            Permission.SET_ANY_ABSENCE,
            Permission.ERASE,
            Permission.SEE_FIGURES,
        }
    ),
    Role.WORKER: frozenset(
        {
            Permission.SEE_TODAY,
            Permission.SEE_DOSSIER,
            Permission.LOG_CONTACT,
            Permission.ACCEPT,
            Permission.TAKE,
            Permission.SET_ABSENCE,
            Permission.SAY_POSTCODE,
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.SEE_ACCESS_LOG,
            Permission.SEE_OUTLIERS,
            Permission.GUARD_PROTECTED,
            Permission.ERASE,
            Permission.REVIEW_REQUESTS,
            Permission.SEE_UNINFORMED,
            Permission.SEE_FIGURES,
        }
    ),
    Role.MANAGER: frozenset(
        {
            Permission.TRY_MAIL,
            Permission.ACKNOWLEDGE,
            Permission.CHANGE_SETTINGS,
            Permission.MANAGE_PEOPLE,
            Permission.SEE_UNINFORMED,
            Permission.SEE_FIGURES,
        }
    ),
    Role.PLATFORM_ADMIN: frozenset(),
}


class Reach(TextChoices):
    """How far a page looks among the signals. The database holds it to that, whatever the page asks for."""

    ALL = "all", _("every signal")
    OWN = "own", _("the own signals, and those in the queue of the own organisation")
    STANDING = "standing", _("where every signal stands, and nothing about anybody")
    COMPARING = "comparing", _("who was looked at and who did something, without reporters and notes")
    NONE = "none", _("no signal")


USUAL_REACH = {Role.COORDINATOR: Reach.ALL, Role.WORKER: Reach.OWN}
# Where a page needs something else than what is usual for the role.
REACH_ON = {
    (Role.MANAGER, Permission.ACKNOWLEDGE): Reach.STANDING,
    (Role.PRIVACY_OFFICER, Permission.GUARD_PROTECTED): Reach.STANDING,
    (Role.PRIVACY_OFFICER, Permission.ERASE): Reach.STANDING,
    (Role.PRIVACY_OFFICER, Permission.SEE_OUTLIERS): Reach.COMPARING,
    # What is reviewed is a whole dossier; the pages find it by a request only.
    (Role.PRIVACY_OFFICER, Permission.REVIEW_REQUESTS): Reach.ALL,
    (Role.PRIVACY_OFFICER, Permission.SEE_UNINFORMED): Reach.STANDING,
    (Role.MANAGER, Permission.SEE_UNINFORMED): Reach.STANDING,
    # The database counts for that page; no signal is opened for it, whoever looks.
    (Role.COORDINATOR, Permission.SEE_FIGURES): Reach.NONE,
}


def reach_of(role, permission):
    """How far a page of this permission reaches for a member with this role."""
    return REACH_ON.get((role, permission), USUAL_REACH.get(role, Reach.NONE))
