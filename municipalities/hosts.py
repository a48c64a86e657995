"""Which host is asked: the portal's own, one municipality's or region's, or none of ours.

A Host header must be exactly one that is configured: ALLOWED_HOSTS, or `host` of a municipality that takes part,
with a port only when it is one of ALLOWED_PORTS. Whatever else is said about hosts, in X-Forwarded-Host or in the
request line, is not believed. On a municipality's own host nothing of another one exists, on a region's only its own.
"""

import time
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponseBadRequest
from django.template.loader import render_to_string

from municipalities.models import Municipality, Region

# A municipality that gets a host, or gives one up, is known everywhere after this many seconds.
KEPT_SECONDS = 30
# For whoever runs the servers: asked by address or by any name, since they say nothing of any municipality.
HEALTH = frozenset({"/healthz", "/readyz", "/metrics"})
# Addresses of the portal itself that are not on a municipality's own host: the mail provider's.
PORTAL_ONLY = frozenset({"mail_events"})
SEALED = {
    "Content-Security-Policy": "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class _Table:
    """Municipalities by their own hosts, asked of the database at most once in KEPT_SECONDS, for each process."""

    def __init__(self):
        self.forget()

    def forget(self):
        self.rows, self.read_at = {}, None

    def find(self, host):
        now = time.monotonic()
        if self.read_at is None or now - self.read_at >= KEPT_SECONDS:
            places = [*Region.objects.with_own_host(), *Municipality.objects.active().with_own_host()]
            self.rows = {place.host: place for place in places}
            self.read_at = now
        return self.rows.get(host)


TABLE = _Table()


class HostMiddleware:
    """In front of everything: a request to no host of ours gets nothing.

    Sets `request.place` to the municipality whose host it is and `request.region` to the region; both None elsewhere.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Whoever says no host at all, as HTTP/1.0 allows, is held to be asking for the address that the server has.
        said = request.META.get("HTTP_HOST", request.META["SERVER_NAME"])
        if request.path_info in HEALTH:
            request.place, request.region, said = None, None, urlsplit(settings.PUBLIC_BASE_URL).netloc
        elif not _is_one_of_ours(request, said):
            return HttpResponseBadRequest(render_to_string("errors/no_host.html"), headers=SEALED)
        # Django would hold it against ALLOWED_HOSTS, which knows no municipality.
        request.get_host = lambda: said
        return self.get_response(request)


def _is_one_of_ours(request, said):
    host, port = _split(said)
    if port is not None and port not in settings.ALLOWED_PORTS:
        return False
    asked = urlsplit(request.META.get("RAW_URI", ""))
    if asked.netloc and asked.netloc != said:
        return False
    found = None if host in settings.ALLOWED_HOSTS else TABLE.find(host)
    request.region = found if isinstance(found, Region) else None
    request.place = None if request.region else found
    return host in settings.ALLOWED_HOSTS or found is not None


def _split(said):
    """(host, port or None) of a Host header; a port is digits after the last colon outside of brackets."""
    host, colon, port = said.rpartition(":")
    if colon and port.isascii() and port.isdecimal():
        return host, port
    return said, None


class OwnAddressesMiddleware:
    """On a host of a municipality or region only its own addresses exist, and those that belong to nobody."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, arguments, keywords):
        if request.place is None and request.region is None:
            return
        if request.resolver_match.url_name in PORTAL_ONLY or not _is_at_home(request, keywords):
            raise Http404


def _is_at_home(request, keywords):
    """Whether what is asked belongs to whose host this is."""
    slug, region = keywords.get("gemeente"), keywords.get("region")
    if request.place:
        return slug in {None, request.place.slug} and region is None
    if region is not None:
        return region == request.region.slug
    return slug is None or request.region.doors().filter(slug=slug).exists()
