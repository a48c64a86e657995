"""The ways that people take through the portal. By ids and addresses, never by words: those are translated."""

import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

PASSWORD = "Samen-aanbellen-48"
STORY = "De gordijnen zijn al een week dicht."
# The button that leads on from a step; the switch of languages is a button of that form as well.
NEXT = "form#step .utrecht-button-group button"


def start(page, slug="dorp", about="other"):
    """From the first page of all to the first step of the form."""
    page.goto("/")
    page.click(f"main a[href='/{slug}/']")
    page.click(f"main a[href='/{slug}/signaal/']")
    page.click(f"button[name=about][value={about}]")


def press(page, button):
    """Press a button that sends a form, and wait for the page that comes."""
    with page.expect_navigation():
        page.click(button)


def status_of(page, button):
    """Press a button that sends a form; gives the status of the answer."""
    with page.expect_navigation() as navigation:
        page.click(button)
    return navigation.value.status


def step_of(draft, name):
    """The address of a step of this draft, or of its check page."""
    return f"/{draft.municipality.slug}/signaal/{draft.pk}/{name}/"


def go_on(page):
    press(page, "main form button")


def tell_worry(page, story=STORY):
    page.check("#id_signs_0")
    page.fill("#id_story", story)
    go_on(page)


def tell_who(page, about="other"):
    if about == "other":
        page.check("#id_kind_2")
    page.fill("#id_name", "Nora Naast")
    page.fill("#id_email", "nora@naast.example")
    page.fill("#id_phone", "06 00000001")
    page.check("#id_may_call")
    go_on(page)


def tell_address(page):
    page.fill("#id_postcode", "1234ab")
    page.fill("#id_house_number", "12")
    go_on(page)


def to_check(page, slug="dorp", about="other", story=STORY):
    """From the first page of all to the check page, every step answered."""
    start(page, slug, about)
    tell_worry(page, story)
    tell_who(page, about)
    tell_address(page)
    assert page.url.endswith("/controleren/")


def send(page):
    """Send from the check page; gives (reference, code) of the receipt."""
    go_on(page)
    page.wait_for_url("**/bedankt/")
    return tuple(page.locator(".receipt__code").all_inner_texts())


def log_in(page, user):
    """By both forms, after which the portal shows where this person's work is."""
    user.set_password(PASSWORD)
    user.save()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    page.goto("/account/inloggen/")
    page.fill("#id_login", user.email)
    page.fill("#id_password", PASSWORD)
    go_on(page)
    page.fill("#id_code", format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    go_on(page)


def tab_to(page, wanted, presses=60):
    """Press Tab until the focus stands on what is wanted (a selector)."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"the keyboard does not reach {wanted}")


def active_id(page):
    return page.evaluate("document.activeElement.id")


def path_of(page):
    return page.evaluate("location.pathname")
