"""Who may: one line on every view. A municipality's pages run inside its tenant, in one transaction.

`@public_view` is for everybody, with `receives=True` also for what they send; `@staff_view(Permission.X)` for members
with that permission, and the database opens to such a page no more signals than `municipalities.permissions` says. A
stranger gets 404, as if nothing were there; a member without the permission gets 403. Without either line a page asks
for a log-in (Django's LoginRequiredMiddleware), and the suite refuses the address.
"""

from dataclasses import dataclass
from functools import partial, wraps

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, OperationalError
from django.db.models import Exists
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from municipalities import languages, relay
from municipalities.accounts import SIGNED_ON_BY
from municipalities.models import AccessLogEntry, Mailbox, Membership, Municipality
from municipalities.permissions import Permission, reach_of
from municipalities.sessions import keep_unsent
from municipalities.tenancy import reach_for, tenant


class NotOnRecord(OperationalError):
    """That somebody looks could not be written down, so nothing is shown."""


class GlassFirst(Exception):
    """What is asked lies behind glass. Answered with the page where it is broken; nothing else is read or written."""

    def __init__(self, reference):
        super().__init__(reference)
        self.reference = reference


@dataclass(frozen=True)
class Screen:
    """A screen in the menu; `name` is its URL name."""

    permission: Permission
    name: str
    icon: str
    label: str


SCREENS = (
    Screen(Permission.SEE_DASHBOARD, "dashboard", "list", _("Signals")),
    Screen(Permission.ACKNOWLEDGE, "late", "escalation", _("Late")),
    Screen(Permission.SEE_TODAY, "today", "today", _("Today")),
    Screen(Permission.REVIEW_REQUESTS, "requests", "mail", _("Requests")),
    Screen(Permission.SEE_ACCESS_LOG, "access_log", "search", _("Who looked")),
    Screen(Permission.GUARD_PROTECTED, "protected", "lock", _("Protected")),
    Screen(Permission.ERASE, "retention", "closed", _("Erasing")),
    Screen(Permission.SET_ABSENCE, "absences", "people", _("Absence")),
    Screen(Permission.SEE_FIGURES, "figures", "figures", _("Figures")),
    Screen(Permission.CHANGE_SETTINGS, "settings", "pen", _("Settings")),
)


def public_view(view=None, *, receives=False):
    """Open to everybody; when the address names a municipality, inside its tenant.

    Whatever takes in what strangers send says so by `receives`, and has its rows in the table of limits; the other
    pages refuse a POST.
    """
    if view is None:
        return partial(public_view, receives=receives)

    @wraps(view)
    def guarded(request, *args, gemeente=None, **kwargs):
        if gemeente is not None:
            _enter(request, gemeente)
        if request.method == "POST" and not receives:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if gemeente is None:
            return view(request, *args, **kwargs)
        with tenant(request.municipality.pk):
            return view(request, *args, **kwargs)

    guarded.access, guarded.receives = "public", receives
    return login_not_required(guarded)


def _enter(request, slug):
    """Say which municipality a page for everybody is of, and speak its languages from here on."""
    request.municipality = get_object_or_404(Municipality.objects.active(), slug=slug)
    languages.keep_to(request.municipality)


def public_door(view=None, *, receives=False):
    """Open to everybody, in a municipality, for a view that waits for somebody else's server.

    No transaction is held meanwhile: the view opens the tenant itself for what it reads and writes. `receives` says,
    as with `public_view`, that it takes in what strangers send, and has its rows in the table of limits.
    """
    if view is None:
        return partial(public_door, receives=receives)

    @wraps(view)
    def guarded(request, *args, gemeente, **kwargs):
        _enter(request, gemeente)
        return view(request, *args, **kwargs)

    guarded.access = "public"
    if receives:
        guarded.receives = True
    return never_cache(login_not_required(guarded))


def staff_view(permission, *, step_up=False):
    """Open to members of the municipality in the address who have this permission.

    With `step_up` only to whoever gave a password or a second factor in the last minutes; what was sent by somebody
    who has to do that again is carried out afterwards.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, gemeente, **kwargs):
            municipality = get_object_or_404(Municipality.objects.active(), slug=gemeente)
            try:
                with tenant(municipality.pk, user_id=request.user.pk):
                    _admit(request, municipality, permission)
                    return view(request, *args, **kwargs)
            except GlassFirst as glass:
                return _to_the_glass(request, glass.reference)

        guarded.access, guarded.step_up = permission, step_up
        return never_cache(reauthentication_required(guarded) if step_up else guarded)

    return decorate


def member_view(view):
    """Open to everybody who is logged in, before a municipality is chosen; only the own memberships are visible."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        with tenant(None, user_id=request.user.pk):
            return view(request, *args, **kwargs)

    guarded.access = "member"
    return never_cache(guarded)


def member_door(view):
    """Open to whoever is logged in and gave a password or second factor in the last minutes; holds no transaction."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        return view(request, *args, **kwargs)

    guarded.access, guarded.step_up = "member", True
    return never_cache(reauthentication_required(guarded))


def _admit(request, municipality, permission):
    # The log-in of one municipality is no key to another, whoever it says that somebody is.
    if request.session.get(SIGNED_ON_BY, municipality.pk) != municipality.pk:
        raise Http404
    members = Membership.objects.of(municipality).active().held_by(request.user).select_related("organisation")
    # Asked along with it, so that a page costs no statement more as long as all mail arrives.
    membership = members.annotate(mail_bounces=Exists(Mailbox.objects.of(municipality).bouncing())).first()
    if membership is None:
        raise Http404
    membership.municipality = municipality
    # First, so that the refusal is a page of the member's own, with their menu.
    request.municipality, request.membership = municipality, membership
    request.mail_trouble = _mail_trouble(membership) if membership.mail_bounces else None
    if not membership.may(permission):
        raise PermissionDenied
    reach_for(reach_of(membership.role, permission))


def _to_the_glass(request, reference):
    if request.method == "POST":
        keep_unsent(request, request.user.pk, request.POST)
    return redirect("glass", request.municipality.slug, reference)


def _mail_trouble(membership):
    """How many coordinators get no mail, and for whoever may try again their names; None when all of them do."""
    coordinators = Membership.objects.of(membership.municipality_id).active().coordinators().select_related("user")
    people = {member.user.email: member.user.name for member in coordinators}
    dead = relay.bouncing(membership.municipality_id, people)
    may_try = membership.may(Permission.TRY_MAIL)
    names = sorted(people[address] for address in dead) if may_try else []
    return {"count": len(dead), "names": names, "may_try": may_try} if dead else None


def log_access(request, action, reference="", reason=""):
    """Record that this member is shown personal data; in the page's own transaction: no page without it.

    `reason` is one of `Reason` or `GlassReason`, for what is not shown by itself. Returns the row. Raises NotOnRecord,
    which is answered with 503.
    """
    try:
        return AccessLogEntry.objects.create(
            municipality=request.municipality,
            user=request.user,
            role=request.membership.role,
            action=action,
            reference=reference,
            reason=reason,
        )
    except DatabaseError as error:
        raise NotOnRecord(type(error).__name__) from error


def screens_of(membership):
    """The screens where this member's work is, first things first."""
    return [screen for screen in SCREENS if membership.may(screen.permission)]


def _is_for_everybody(request):
    """Whether this answer is a public page, or says that there is none."""
    match = request.resolver_match
    return match is None or getattr(match.func, "access", None) == "public"


def page_context(request):
    """What every page's frame shows: whose page it is and which screens this member has."""
    membership = getattr(request, "membership", None)
    place = getattr(request, "place", None)
    municipality = getattr(request, "municipality", place)
    return {
        "municipality": municipality,
        "own_host": place is not None,
        # Where it can be had in another one, which is on the pages for everybody.
        "languages": languages.choices(request, municipality) if _is_for_everybody(request) else [],
        "membership": membership,
        "screens": screens_of(membership) if membership else [],
        "mail_trouble": getattr(request, "mail_trouble", None),
    }
