"""The round trip to a municipality's own log-in: there with a state, back with a subject, or with one word why not.

What the provider answers is never kept, logged or shown. A subject is known by a fingerprint of issuer and subject
together, so that another issuer matches nobody, whatever subjects it makes up.
"""

import functools
import hashlib
import json
import secrets
from contextlib import contextmanager

import jwt
import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.exceptions import PermissionDenied

from municipalities.models import SignOn
from municipalities.provider import SignOnProvider
from municipalities.tenancy import tenant

# Seconds to reach the provider, and to wait for its answer.
TIMEOUT = (3, 5)
UNREADABLE = (OAuth2Error, jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError)


class SignOnRefused(Exception):
    """No log-in. `why` is a word of ours: state, cancelled, unreachable or answer; nothing of the provider's."""

    def __init__(self, why):
        super().__init__(why)
        self.why = why


class StaffSignOnAdapter(DefaultSocialAccountAdapter):
    """Providers come from the table of municipalities; nobody signs themselves up."""

    def list_apps(self, request, provider=None, client_id=None):
        """The sign-on of the municipality with this id (as text), when it has one that is on."""
        if provider is None or not provider.isdecimal():
            return []
        with tenant(int(provider)):
            row = SignOn.objects.of(int(provider)).active().select_related("municipality").first()
        return [_app(row)] if row else []

    def is_open_for_signup(self, request, sociallogin):
        return False

    def get_requests_session(self):
        """Follows no redirect: where a secret is sent was said by the provider of that issuer, not by who answers."""
        session = requests.Session()
        session.request = functools.partial(session.request, timeout=TIMEOUT, allow_redirects=False)
        return session


def _app(row):
    return SocialApp(
        provider=SignOnProvider.id,
        provider_id=str(row.municipality_id),
        name=row.municipality.name,
        client_id=row.client_id,
        secret=row.unsealed(),
        settings={"issuer": row.issuer},
    )


def _provider(request, municipality):
    """Raises SocialApp.DoesNotExist when there is no sign-on here, or it is off."""
    return get_adapter(request).get_provider(request, str(municipality.pk))


def begin(request, municipality, *, process, next_url=None, **state):
    """The address at the provider to send this visitor to; `state` waits in the session. Raises SignOnRefused.

    Asks the provider where that is: must not run inside a transaction.
    """
    provider, nonce = _provider(request, municipality), secrets.token_urlsafe(32)
    with _provider_answers():
        there = provider.redirect(request, process, next_url, state, auth_params={"nonce": nonce}, nonce=nonce)
    return there.url


def finish(request, municipality):
    """(fingerprint of who logged in at the provider, the state that was waiting). Raises SignOnRefused.

    Asks the provider: must not run inside a transaction.
    """
    provider = _provider(request, municipality)
    state = _state(request, provider)
    if request.GET.get("error") == "access_denied":
        raise SignOnRefused("cancelled")
    if "error" in request.GET or request.GET.get("iss", provider.issuer) != provider.issuer:
        raise SignOnRefused("answer")
    with _provider_answers():
        there = provider.get_oauth2_adapter(request)
        client = there.get_client(request, provider.app)
        answer = client.get_access_token(request.GET["code"], pkce_code_verifier=state["pkce_code_verifier"])
        subject = there.subject(get_adapter(request).get_requests_session(), answer, state["nonce"])
    return fingerprint_of(provider.issuer, subject), state


def fingerprint_of(issuer, subject):
    """Issuer and subject as one text of a fixed length that says nothing about the person."""
    return hashlib.sha256(json.dumps([issuer, subject]).encode()).hexdigest()


def _state(request, provider):
    try:
        return provider.unstash_redirect_state(request, request.GET.get("state", ""))
    except PermissionDenied:
        raise SignOnRefused("state") from None


@contextmanager
def _provider_answers():
    """Whatever the provider does or says becomes one of our words; its own never get into a traceback."""
    try:
        yield
    except UNREADABLE:
        raise SignOnRefused("answer") from None
    except requests.RequestException:
        raise SignOnRefused("unreachable") from None
