"""The whole round trip to a municipality's own log-in in a browser, which holds us to our own policy on the way."""

import pytest
from allauth.socialaccount.models import SocialAccount

from municipalities import people_actions
from municipalities.models import User
from municipalities.tenancy import tenant
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_axe import judge
from tests.oidc import give, real_provider
from tests.test_second_factor import code_of

# The provider's own page wants a stylesheet from there; no test goes out.
ITS_STYLE = "https://cdn.jsdelivr.net/"


@pytest.fixture(scope="module")
def issuer():
    with real_provider() as issuer:
        yield issuer


@pytest.fixture
def invitation(dorp, live_server, issuer, watch, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    watch.elsewhere = (issuer, ITS_STYLE)
    give(dorp, issuer)
    with tenant(dorp.municipality.pk):
        who = {"email": "noor@dorp.example", "name": "Noor Nieuw", "role": "privacy_officer", "organisation": None}
        return people_actions.invite(municipality=dorp.municipality, by=dorp.manager, **who)


def at_the_provider(page, issuer, button, subject):
    """Press our button, come out at the provider, and say there who we are."""
    page.context.route(f"{ITS_STYLE}**", lambda route: route.abort())
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{issuer}/**")
    page.fill("input[name=sub]", subject)
    page.get_by_role("button", name="Authorize").click()


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
def test_from_the_invitation_to_the_second_log_in(visit, dorp, issuer, invitation, width, javascript):
    page = visit(width, javascript=javascript, public=False)
    page.goto(f"/dorp/uitnodiging/{invitation.token}/")
    at_the_provider(page, issuer, "Aannemen met uw werkaccount van Dorp", f"noor-{width}")
    page.wait_for_url("**/account/tweede-stap/app/")
    page.get_by_text("Ik kan het vierkant niet scannen").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Code uit uw app").fill(code_of(secret))
    page.get_by_role("button", name="Instellen").click()
    page.get_by_role("link", name="Ik heb ze bewaard").click()
    page.wait_for_url("**/dorp/verzoeken/")

    again = visit(width, javascript=javascript, public=False)
    again.goto("/dorp/inloggen/")
    at_the_provider(again, issuer, "Inloggen met uw werkaccount van Dorp", f"noor-{width}")
    again.get_by_label("Code uit uw app").fill(code_of(secret, ahead=1))
    again.get_by_label("Code uit uw app").press("Enter")
    again.wait_for_url("**/dorp/verzoeken/")
    again.goto("/account/wachtwoord/")
    assert again.get_by_role("heading", level=1).inner_text() == "Log hiervoor in met uw wachtwoord"
    assert not javascript or judge(again) == []
    assert SocialAccount.objects.get().user == User.objects.get(email="noor@dorp.example")


def test_whoever_stops_there_is_told_so_here(visit, dorp, issuer, invitation):
    page = visit(PHONE, public=False)
    page.context.route(f"{ITS_STYLE}**", lambda route: route.abort())
    page.goto("/dorp/inloggen/")
    page.get_by_role("button", name="Inloggen met uw werkaccount van Dorp").click()
    page.wait_for_url(f"{issuer}/**")
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url("**/dorp/inloggen/terug/**")
    assert page.get_by_role("heading", level=1).inner_text() == "U bent niet ingelogd"
    page.get_by_role("link", name="Opnieuw beginnen").click()
    page.wait_for_url("**/dorp/inloggen/")
