"""The address step in a real browser, with a register over a socket; with scripts and without them."""

import pytest
from playwright.sync_api import expect

from tests.browser import walk
from tests.fake_pdok import doc


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request, visit, register, make_cast):
    """At the address step of Dorp; Stad is on this portal as well."""
    make_cast("dorp", area_codes=["GM0599"])
    make_cast("stad", area_codes=["GM0363"])
    page = visit(javascript=request.param)
    page.has_script = request.param
    walk.start(page)
    walk.tell_worry(page)
    walk.tell_who(page)
    return page


def press_next(page):
    walk.press(page, "form:has(#id_postcode) button:not([name])")


def tell(page, **fields):
    for name, value in ({"postcode": "1234 ab", "house_number": "12"} | fields).items():
        page.fill(f"#id_{name}", value)
    press_next(page)


def test_the_found_address_is_shown_and_next_goes_on(page):
    tell(page)
    expect(page.locator("#looked-up")).to_contain_text("Lindelaan 12, 1234 AB Dorp")
    if page.has_script:
        assert walk.active_id(page) == "looked-up"
    assert page.input_value("#id_street") == ""
    press_next(page)
    assert walk.path_of(page).endswith("/controleren/") if page.has_script else page.url.endswith("/controleren/")
    expect(page.locator("main")).to_contain_text("Lindelaan")


def test_the_right_door_is_chosen_from_a_list(page, register):
    register.docs = [doc(), doc(letter="A"), doc("bis")]
    tell(page, house_number="12")
    page.check("[name=which][value='1']")
    press_next(page)
    assert page.url.endswith("/controleren/")


def test_with_a_register_that_is_down_the_street_is_typed(page, register):
    register.fault = "error"
    tell(page)
    expect(page.locator("#looked-up")).to_be_visible()
    page.fill("#id_street", "Lindelaan")
    page.fill("#id_place", "Dorp")
    press_next(page)
    assert page.url.endswith("/controleren/")
    walk.send(page)
