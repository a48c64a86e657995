"""How long somebody stays logged in, and with what: no longer than a day's work, never unattended, with two factors.

What was typed on a form whose session had ended is kept, sealed, for the same person to send after logging in; so is
what was typed about a dossier that has to be opened first.
"""

import base64
import json
import time

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from municipalities import vault
from municipalities.accounts import PORTAL, SECOND_FACTORS, SIGNED_ON_BY
from municipalities.permissions import Permission

BEGAN, SEEN, SECOND, UNSENT = "began_at", "seen_at", "second_factor", "unsent"
# The field by which a form says that it sends what was kept: then it need be kept no longer.
SENT_AFTER_ALL = "sent_after_all"
# The moment of the last page is written down no more often than this, in seconds.
SEEN_EVERY = 60
# What the browser forgets when somebody logs out: pages in its cache and in its memory, and what a page stored. Not the
# cookies, in which the message for the next page is. It costs the static files once more, after each log-out.
CLEARED = '"cache", "storage"'
# What somebody may open who has no second factor yet.
SETTING_UP = {"mfa_activate_totp", "mfa_add_webauthn", "account_logout", "account_reauthenticate", "unsent"}
# What opens an account anywhere, and so is not for whom one municipality's sign-on says is its owner. The second factor
# that is compulsory can be set: it opens nothing by itself.
NOT_BY_SIGN_ON = {
    *("account_change_password", "account_set_password", "connect_work_account", "disconnect_work_account"),
    *("mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_deactivate_totp"),
}


class SessionTermMiddleware:
    """Ends a session that stood idle, or that is as old as a day's work."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        who, now = request.user.pk, time.time()
        if is_over(request.session, now):
            response = self._ended(request)
        else:
            request.session.setdefault(BEGAN, now)
            # A page that refreshes itself is not somebody at work.
            if not request.htmx and request.session.get(SEEN, 0) + SEEN_EVERY <= now:
                request.session[SEEN] = now
            if UNSENT in request.session and SENT_AFTER_ALL in request.POST:
                drop_unsent(request)
            response = self.get_response(request)
        if request.user.pk != who:
            response.headers["Clear-Site-Data"] = CLEARED
        return response

    def _ended(self, request):
        user_id, fields = request.user.pk, _typed(request)
        logout(request)
        if request.htmx:
            # So that the names on an unattended screen make way for the log-in page.
            return HttpResponseClientRedirect(_log_in_and_go_to(request.htmx.current_url_abs_path or ""))
        if fields is None:
            return self.get_response(request)
        keep_unsent(request, user_id, fields)
        return redirect(_log_in_and_go_to(reverse("unsent")))


class SecondFactorMiddleware:
    """Until somebody has a second factor there is nothing but the pages to set it, and the public ones."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, arguments, keywords):
        if request.resolver_match.url_name in NOT_BY_SIGN_ON and SIGNED_ON_BY in request.session:
            return render(request, "account/not_by_sign_on.html", status=403)
        is_open = getattr(view, "access", None) == "public" or request.resolver_match.url_name in SETTING_UP
        if not settings.SECOND_FACTOR or is_open or not request.user.is_authenticated or has_second_factor(request):
            return None
        return redirect("mfa_activate_totp")


def _log_in_and_go_to(path):
    return f"{reverse('account_login')}?{urlencode({'next': path})}"


def is_over(session, now):
    """Whether this session ends before the page of this moment (seconds since the epoch)."""
    too_old = session.get(BEGAN, now) + settings.SESSION_COOKIE_AGE <= now
    return too_old or session.get(SEEN, now) + settings.SESSION_IDLE_MINUTES * 60 <= now


def has_second_factor(request):
    """Whether this session may go on. Whoever has a second factor could not log in without it."""
    if request.session.get(SECOND) != request.user.pk:
        if not Authenticator.objects.filter(user=request.user, type__in=SECOND_FACTORS).exists():
            return False
        request.session[SECOND] = request.user.pk
    return True


def _typed(request):
    """What was sent from a form of the staff; None for everything else."""
    if request.method != "POST":
        return None
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return None
    return request.POST if getattr(view, "access", None) in list(Permission) else None


def keep_unsent(request, user_id, fields):
    """Keep what this person sent from a form, sealed, in the session that is left after the log-out."""
    fields = {name: values for name, values in fields.lists() if name not in {"csrfmiddlewaretoken", SENT_AFTER_ALL}}
    kept = json.dumps({"user": user_id, "path": request.get_full_path(), "fields": fields})
    request.session[UNSENT] = base64.b64encode(vault.seal_for(PORTAL, kept, context=UNSENT)).decode()


def has_unsent(request):
    """Whether something that was typed waits to be sent after all."""
    return UNSENT in request.session


def kept_unsent(request):
    """(path, [(name, value)]) of what this person had typed; None when there is nothing, or it is somebody else's.

    It stays until it is sent or dropped, so that a page that is loaded twice loses nothing.
    """
    sealed = request.session.get(UNSENT)
    if sealed is None:
        return None
    kept = json.loads(vault.unseal_for(PORTAL, base64.b64decode(sealed), context=UNSENT))
    if kept["user"] != request.user.pk:
        drop_unsent(request)
        return None
    return kept["path"], [(name, value) for name, values in kept["fields"].items() for value in values]


def drop_unsent(request):
    """Forget what was typed."""
    request.session.pop(UNSENT, None)
