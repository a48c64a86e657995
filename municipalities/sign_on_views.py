"""The log-in page of a municipality, the way to its own sign-on and back, and the page to connect a work account."""

import logging

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.core import ratelimit
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from municipalities import sign_on_actions
from municipalities.access import member_door, member_view, public_door
from municipalities.models import Invitation, Membership, SignOn
from municipalities.sign_on import SignOnRefused, begin, finish
from municipalities.tenancy import tenant

logger = logging.getLogger("portal.people")


@public_door
def sign_on(request):
    """The log-in page of one municipality; by POST on the way to its own log-in, with an invitation or without."""
    if request.method == "POST":
        return _leave(request)
    with tenant(request.municipality.pk):
        has_sign_on = SignOn.objects.of(request.municipality).active().exists()
    return render(
        request, "account/sign_on.html", {"has_sign_on": has_sign_on, "next": get_next_redirect_url(request) or ""}
    )


def _leave(request):
    if not ratelimit.consume(request, action="login"):
        return ratelimit.respond_429(request)
    if "uitnodiging" not in request.POST:
        return _away(request, request.municipality, process="login", next_url=get_next_redirect_url(request))
    invitation = Invitation.read_token(request.POST["uitnodiging"])
    with tenant(request.municipality.pk):
        if not Invitation.objects.of(request.municipality).open().filter(pk=invitation).exists():
            return render(request, "account/invitation_gone.html", status=404)
    return _away(request, request.municipality, process="accept", invitation=invitation)


def _away(request, municipality, **what):
    """A page that leads on, not a redirect: `form-action 'self'` holds for what a form is redirected to as well."""
    try:
        return render(request, "account/sign_on_away.html", {"there": begin(request, municipality, **what)})
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except SignOnRefused as refused:
        return _refused(request, refused.why)


@public_door
@require_GET
def sign_on_back(request):
    """Back from the municipality's own log-in."""
    try:
        fingerprint, state = finish(request, request.municipality)
        return ARRIVALS[state["process"]](request, fingerprint, state)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except SignOnRefused as refused:
        return _refused(request, refused.why)
    except sign_on_actions.BelongsToSomebodyElse:
        return _refused(request, "taken")


def _refused(request, why):
    municipality = getattr(request, "municipality", None)
    logger.warning("sign-on of municipality %s refused: %s", municipality and municipality.pk, why)
    return render(request, "account/sign_on_refused.html", {"why": why}, status=503 if why == "unreachable" else 403)


def _log_in(request, fingerprint, state):
    user = sign_on_actions.owner_of(request.municipality, fingerprint)
    if user is None:
        raise SignOnRefused("unknown")
    return _let_in(request, user, fingerprint, state.get("next"))


def _accept(request, fingerprint, state):
    with tenant(request.municipality.pk):
        invitation = Invitation.objects.of(request.municipality).filter(pk=state["data"]["invitation"]).first()
        user = invitation and sign_on_actions.accept(invitation=invitation, fingerprint=fingerprint)
    if user is None:
        return render(request, "account/invitation_gone.html", status=404)
    return _let_in(request, user, fingerprint)


def _let_in(request, user, fingerprint, next_url=None):
    """As far as a password lets in: the second factor comes after it."""
    with tenant(request.municipality.pk):
        works_here = Membership.objects.of(request.municipality).active().held_by(user).exists()
    if user.is_active and not works_here:
        raise SignOnRefused("ended")
    if request.user.is_authenticated:
        logout(request)
    record_authentication(request, user, "socialaccount", provider=str(request.municipality.pk), uid=fingerprint)
    return perform_login(request, user, redirect_url=next_url)


def _connect(request, fingerprint, state):
    if request.user.pk != state["data"]["user"]:
        raise SignOnRefused("state")
    sign_on_actions.connect(municipality=request.municipality, user=request.user, fingerprint=fingerprint)
    messages.success(request, _("Your work account is connected. From now on you can log in with it."))
    return redirect("work_accounts")


ARRIVALS = {"login": _log_in, "accept": _accept, "connect": _connect}


@member_view
@require_GET
def work_accounts(request):
    """Where somebody works that has a sign-on of its own, and whether their work account is connected."""
    connected = set(SocialAccount.objects.filter(user=request.user).values_list("provider", flat=True))
    held = Membership.objects.active().held_by(request.user).select_related("municipality")
    places = []
    for municipality in [membership.municipality for membership in held.order_by("municipality__name")]:
        with tenant(municipality.pk, user_id=request.user.pk):
            if SignOn.objects.of(municipality).active().exists():
                places.append((municipality, str(municipality.pk) in connected))
    return render(request, "account/work_accounts.html", {"places": places})


@require_POST
@member_door
def connect(request, place):
    """On the way to the municipality's own log-in, to connect what comes back with the account of whoever asks."""
    municipality = _workplace(request, place)
    request.municipality = municipality
    return _away(request, municipality, process="connect", user=request.user.pk)


@require_POST
@member_door
def disconnect(request, place):
    """From now on the work account opens nothing here."""
    sign_on_actions.disconnect(municipality=_workplace(request, place), user=request.user)
    messages.success(request, _("Your work account is no longer connected."))
    return redirect("work_accounts")


def _workplace(request, place):
    """The municipality with this slug, when this person works there."""
    with tenant(None, user_id=request.user.pk):
        held = Membership.objects.active().held_by(request.user).select_related("municipality")
        membership = held.filter(municipality__slug=place).first()
    if membership is None:
        raise Http404
    return membership.municipality
