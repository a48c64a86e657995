"""Health for whoever runs the servers, and the pages for when something went wrong or the portal is closed."""

import sys
from secrets import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from followup import metrics as figures
from followup import watchdog
from municipalities import languages
from municipalities.backups.closing import is_closed
from municipalities.models import Municipality
from municipalities.vault import VaultError

# Asked by monitors, which must get an answer of their own, and what needs no database.
ALWAYS_OPEN = ("/healthz", "/readyz", "/.well-known/security.txt")


class ClosedMiddleware:
    """While the database is being restored every page says that we are away."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path not in ALWAYS_OPEN and is_closed():
            return away(request)
        return self.get_response(request)


@login_not_required
@never_cache
def healthz(request):
    """Live: this process answers."""
    return JsonResponse({"live": True})


@login_not_required
@never_cache
def readyz(request):
    """Ready: the portal is open, the database answers and somebody has swept in the last five minutes."""
    try:
        if is_closed():
            return JsonResponse({"ready": False, "reason": "closed"}, status=503)
        age = watchdog.last_sweep_seconds()
    except DatabaseError:
        return JsonResponse({"ready": False, "reason": "database"}, status=503)
    ready = age is not None and age <= watchdog.GRACE.total_seconds()
    return JsonResponse({"ready": ready, "last_sweep_seconds": age}, status=200 if ready else 503)


@login_not_required
@never_cache
@require_GET
def metrics(request):
    """Figures for monitoring, for whoever has METRICS_TOKEN; without such a token there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    if not compare_digest(request.headers.get("Authorization", "").encode(), expected):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(figures.exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


@login_not_required
@require_GET
def security_txt(request):
    """Where to report a weakness (RFC 9116). Somebody looks at it again before it expires; a test says when."""
    at_home = request.place or request.region
    base_url = at_home.base_url if at_home else settings.PUBLIC_BASE_URL
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {settings.SECURITY_TXT_EXPIRES.isoformat()}",
        "Preferred-Languages: nl, en",
        f"Canonical: {base_url}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


healthz.access = readyz.access = security_txt.access = "public"
metrics.access = "token"


def csrf_failure(request, reason=""):
    return render(request, "errors/csrf.html", status=403)


def bad_request(request, exception):
    """What cannot be taken in: too much of it, or not what a browser sends."""
    if not isinstance(exception, RequestDataTooBig):
        return render(request, "errors/400.html", status=400)
    place = Municipality.objects.active().filter(slug=request.path_info.split("/")[1]).first()
    languages.keep_to(place)
    return render(request, "errors/413.html", {"place": place}, status=413)


def forbidden(request, exception):
    frame = "staff.html" if getattr(request, "membership", None) else "base.html"
    return render(request, "errors/403.html", {"frame": frame}, status=403)


def not_found(request, exception):
    return render(request, "errors/404.html", status=404)


def too_many(request):
    """A limit of logging in is reached: wait a minute."""
    response = render(request, "errors/429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response


def server_error(request):
    """A database that does not answer is a pause, not a fault: the page says to try again. So is a missing key."""
    problem = sys.exc_info()[1]
    if isinstance(problem, OperationalError):
        return away(request)
    if isinstance(problem, VaultError):
        return _for_a_while(render(request, "errors/sealed.html", status=503))
    return render(request, "errors/500.html", status=500)


def away(request):
    """The page for while the portal is closed or its database does not answer."""
    return _for_a_while(render(request, "errors/503.html", status=503))


def _for_a_while(response):
    response.headers["Retry-After"] = "30"
    response.headers["Cache-Control"] = "no-store"
    return response
