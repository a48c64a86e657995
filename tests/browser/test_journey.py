"""The whole promise in a browser: from a worry to a closed signal, and what happens when nobody comes."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from followup.actions.escalation import sweep
from tests.browser import walk
from tests.browser.conftest import DESKTOP, PHONE


def assign(page, reference, worker):
    page.click(f"a[href$='/{reference}/']")
    page.select_option("#id_worker", str(worker.pk))
    walk.press(page, "section[aria-labelledby=assign-title] button")


def log_visit(page):
    """From the worker's day; the kind is chosen already when it starts from a card."""
    page.click(".card a[href$='?soort=home_visit']")
    expect(page.locator("input[name=kind][value=home_visit]")).to_be_checked()
    page.check("input[name=result][value=spoken]")
    walk.press(page, "form.contact-form button")


def close(page):
    page.reload()
    page.select_option("#id_reason", "helped")
    walk.press(page, "section[aria-labelledby=close-title] button")


def milestones(page, code):
    """How many milestones the public status page shows as done."""
    page.goto("/dorp/status/")
    page.fill("#id_code", code)
    walk.go_on(page)
    return page.locator(".milestones__done").count()


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
def test_from_a_worry_to_a_closed_signal(visit, dorp, width, javascript):
    reporter = visit(width, javascript=javascript)
    walk.to_check(reporter)
    reference, code = walk.send(reporter)
    assert milestones(reporter, code) == 1
    coordinator = visit(javascript=javascript, public=False)
    walk.log_in(coordinator, dorp.coordinator)
    assign(coordinator, reference, dorp.worker)
    assert milestones(reporter, code) == 2
    worker = visit(width, javascript=javascript, public=False)
    walk.log_in(worker, dorp.worker)
    log_visit(worker)
    expect(worker.locator(".badge--visited")).to_be_visible()
    close(coordinator)
    expect(coordinator.locator(".badge--closed")).to_be_visible()
    assert milestones(reporter, code) == 5


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
def test_somebody_reports_about_themselves(visit, dorp, width, javascript):
    reporter = visit(width, javascript=javascript)
    walk.to_check(reporter, about="self")
    reference, code = walk.send(reporter)
    assert milestones(reporter, code) == 1
    coordinator = visit(who=dorp.coordinator)
    coordinator.goto(f"/dorp/signalen/{reference}/")
    expect(coordinator.locator("a[href^='tel:']")).to_have_attribute("href", "tel:+31600000001")


def test_a_signal_left_alone_turns_escalated_on_a_page_that_is_left_open(visit, make_cast, browser):
    haast = make_cast("haast", response_window=timedelta(milliseconds=1))
    signal = haast.signal()
    page = visit(who=haast.coordinator)
    page.clock.install()
    page.goto("/haast/signalen/")
    row = page.locator("tr", has_text=signal.reference)
    expect(row).to_be_visible()
    expect(row.locator(".badge--escalated")).to_have_count(0)
    assert sweep(caller="test").escalated == 1
    page.clock.fast_forward(31_000)
    expect(row.locator(".badge--escalated")).to_be_visible()
