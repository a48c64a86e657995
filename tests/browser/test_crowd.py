"""What people meet in a crowd: with a script nothing but a moment, without one a wait; never a lost word."""

import pytest
from playwright.sync_api import expect

from municipalities import proof
from municipalities.tenancy import tenant
from signals.models import Signal
from tests.browser import walk
from tests.crowded import fill_up

HERE = "127.0.0.1"
ENDPOINTS = ("signal_start", "signal_step", "signal_check")


@pytest.fixture
def full(make_cast, live_server):
    """A municipality of which this network has used up everything, and which has a telephone."""
    cast = make_cast("dorp", phone="0800 555 01 01")
    for endpoint in ENDPOINTS:
        fill_up(endpoint, cast, address=HERE)
    return cast


def signals_of(cast):
    with tenant(cast.municipality.pk):
        return [(signal.story, signal.doubts) for signal in Signal.objects.of(cast.municipality)]


def test_a_browser_works_for_a_moment_at_every_step_and_the_signal_comes_in(visit, full):
    page = visit()
    page.goto("/dorp/signaal/")
    page.click("button[name=about][value=other]")
    page.wait_for_url("**/zorg/")
    page.wait_for_selector("#id_story")
    page.fill("#id_story", walk.STORY)
    page.click("main form button")
    page.wait_for_url("**/wie-bent-u/")
    page.wait_for_selector("#id_kind_2")
    page.check("#id_kind_2")
    page.click("main form button")
    page.wait_for_url("**/adres/")
    page.wait_for_selector("#id_postcode")
    page.fill("#id_postcode", "1234ab")
    page.fill("#id_house_number", "12")
    page.click("main form button")
    page.wait_for_url("**/controleren/")
    page.wait_for_selector(".overview")
    page.click("main form button")
    page.wait_for_url("**/bedankt/")
    [(story, doubts)] = signals_of(full)
    assert story == walk.STORY
    assert "waited" not in doubts


def test_while_it_works_the_page_says_so_and_whom_to_call(visit, full):
    page = visit()
    # The worker comes late, so that there is something to see.
    held = []
    page.route("**/proof-worker.js", lambda route: held.append(route))
    page.goto("/dorp/signaal/")
    page.click("button[name=about][value=other]")
    status = page.locator("[data-proof]")
    expect(status).to_have_attribute("role", "status")
    expect(status).not_to_be_empty()
    expect(page.locator("[data-wait]")).to_be_hidden()
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("main a[href='tel:+31800 555 01 01'], main a[href^='tel:0800']").first).to_be_visible()
    held[0].continue_()
    page.wait_for_url("**/zorg/")


def test_a_browser_that_cannot_work_falls_back_to_waiting(visit, full):
    page = visit()
    page.route("**/proof-worker.js", lambda route: route.abort())
    page.goto("/dorp/signaal/")
    page.click("button[name=about][value=other]")
    expect(page.locator("[data-wait]")).to_be_visible()
    expect(page.locator("[data-proof]")).to_be_empty()


def test_without_a_script_one_waits_and_the_same_button_works(visit, full, monkeypatch):
    monkeypatch.setattr(proof, "WAIT_SECONDS", 2)
    page = visit(javascript=False)
    page.goto("/dorp/signaal/")
    walk.press(page, "button[name=about][value=other]")
    assert walk.status_of(page, "main form button") == 429, "too soon"
    page.wait_for_timeout(2_100)
    walk.go_on(page)
    assert page.url.endswith("/zorg/")


def test_without_a_script_no_word_is_lost(visit, full, monkeypatch):
    monkeypatch.setattr(proof, "WAIT_SECONDS", 1)
    page = visit(javascript=False)
    page.goto(f"/dorp/signaal/{full.draft().pk}/zorg/")
    story = 'Zij zei "kom" & <niets>.\n\nDaarna was het stil.'
    page.fill("#id_story", story)
    assert walk.status_of(page, "main form button") == 429
    page.wait_for_timeout(1_100)
    walk.go_on(page)
    assert page.url.endswith("/controleren/")
    page.goto(page.url.replace("controleren", "zorg"))
    assert page.input_value("#id_story") == story
