"""Keys and passkeys, with the authenticator that Chromium pretends to have; and the scripts for it under our policy."""

from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_second_factor import give_password, worker  # noqa: F401
from tests.test_second_factor import PASSWORD

PASSKEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
KEY = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False}


def plug_in(page, kind, **credential):
    """An authenticator of this kind for this page's browser, whose owner always says yes."""
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    options = kind | {"automaticPresenceSimulation": True, "isUserVerified": kind["hasUserVerification"]}
    made = browser.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return browser, made["authenticatorId"]


def add_key(page, name, passkey):
    page.goto("/account/tweede-stap/sleutels/erbij/")
    page.get_by_label("Naam van de sleutel").fill(name)
    if passkey:
        page.get_by_label("Inloggen met alleen deze sleutel").check()
    page.get_by_role("button", name="Sleutel toevoegen").click()
    page.get_by_role("link", name="Ik heb ze bewaard").click()
    page.wait_for_url("**/dorp/vandaag/")


def log_out(page):
    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url(lambda url: "/vandaag/" not in url)


def test_a_passkey_lets_in_by_itself(dorp, worker, visit):  # noqa: F811
    page = visit(PHONE, public=False)
    plug_in(page, PASSKEY)
    give_password(page, worker)
    add_key(page, "mijn telefoon", passkey=True)
    log_out(page)
    page.goto("/account/inloggen/")
    page.get_by_role("button", name="Inloggen met een passkey").click()
    page.wait_for_url("**/dorp/vandaag/")
    assert Authenticator.objects.get(type="webauthn").last_used_at


def test_a_key_is_the_second_step_after_the_password(dorp, worker, visit):  # noqa: F811
    page = visit(DESKTOP, public=False)
    plug_in(page, KEY)
    give_password(page, worker)
    add_key(page, "blauwe sleutel", passkey=False)
    log_out(page)
    give_password(page, worker)
    page.get_by_role("button", name="Beveiligingssleutel of passkey gebruiken").click()
    page.wait_for_url("**/dorp/vandaag/")


def test_a_key_alone_does_not_let_in(dorp, worker, visit):  # noqa: F811
    page = visit(DESKTOP, public=False)
    plug_in(page, KEY)
    give_password(page, worker)
    add_key(page, "blauwe sleutel", passkey=False)
    log_out(page)
    page.goto("/account/inloggen/")
    page.get_by_role("button", name="Inloggen met een passkey").click()
    expect(page.locator("[data-key-fault]")).to_be_visible()
    assert page.url.endswith("/account/inloggen/")


def test_the_last_key_is_named_anew_and_stays(dorp, worker, visit):  # noqa: F811
    page = visit(PHONE, public=False)
    plug_in(page, KEY)
    give_password(page, worker)
    add_key(page, "blauwe sleutel", passkey=False)
    page.goto("/account/tweede-stap/sleutels/")
    page.get_by_role("link", name="Andere naam").click()
    page.get_by_label("Naam van de sleutel").fill("groene sleutel")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("listitem").filter(has_text="groene sleutel")).to_be_visible()
    page.get_by_role("link", name="Weghalen").click()
    page.get_by_role("button", name="Weghalen").click()
    expect(page.get_by_role("alert")).to_contain_text("Dit is uw laatste tweede stap")
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_without_a_key_the_page_says_so(dorp, worker, visit):  # noqa: F811
    page = visit(PHONE, public=False)
    browser, key = plug_in(page, KEY)
    browser.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto("/account/inloggen/")
    page.get_by_role("button", name="Inloggen met een passkey").click()
    fault = page.locator("[data-key-fault]")
    expect(fault).to_be_visible()
    expect(fault).to_be_focused()
    assert PASSWORD not in page.content()
