"""A person sees their dossier: asked, prepared, approved by another, printed; also without scripts."""

import pytest
from playwright.sync_api import expect

from tests import inspections
from tests.browser import walk
from tests.browser.conftest import DESKTOP, PHONE


def ask(page, signal):
    page.goto(f"/dorp/signalen/{signal.reference}/")
    page.click(f"a[href$='/{signal.reference}/inzage/']")
    page.check("input[name=channel][value=letter]")
    page.check("input[name=identity][value=known]")
    walk.go_on(page)


def prepare(page, signal):
    """Every proposal is ticked; one that only points at the reporter is shown all the same."""
    expect(page.locator(f"input[value='story:{signal.reference}:1']")).to_be_checked()
    expect(page.locator(f"input[value='story:{signal.reference}:3']")).to_be_disabled()
    page.uncheck(f"input[value='story:{signal.reference}:5']")
    walk.go_on(page)


def approve(page):
    expect(page.locator("mark.withheld", has_text="haar kapster")).to_be_visible()
    expect(page.locator("mark.released", has_text="De buurvrouw weet het ook.")).to_be_visible()
    page.check("input[name=approved][value=yes]")
    walk.press(page, "section[aria-labelledby=review-title] button")


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
def test_a_dossier_is_asked_for_prepared_approved_and_printed(visit, dorp, width, javascript):
    signal = inspections.protected(dorp)
    coordinator = visit(width, javascript=javascript, public=False)
    walk.log_in(coordinator, dorp.coordinator)
    ask(coordinator, signal)
    prepare(coordinator, signal)
    expect(coordinator.locator("section[aria-labelledby=review-title]")).to_have_count(0)
    officer = visit(width, javascript=javascript, who=dorp.privacy_officer)
    officer.goto("/dorp/verzoeken/")
    officer.click("main table a")
    approve(officer)
    coordinator.reload()
    coordinator.click("a[href$='/document/']")
    document = coordinator.locator("main").inner_text()
    assert "[weggelaten: bescherming van een ander, art. 15 lid 4 AVG]" in document
    assert "De buurvrouw weet het ook." in document
    assert [word for word in ("Mieke", "kapster", "Knip", "kruimel") if word in document] == []
    coordinator.emulate_media(media="print")
    expect(coordinator.locator(".staff-nav")).to_be_hidden()


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
def test_nobody_is_sent_to_whoever_wants_no_contact(visit, dorp, width, javascript):
    first = dorp.signal(assigned_to="worker")
    worker = visit(width, javascript=javascript, who=dorp.worker)
    worker.goto(f"/dorp/signalen/{first.reference}/geen-contact/")
    worker.check("input[name=kind][value=no_contact]")
    worker.check("input[name=said_by][value=person]")
    walk.go_on(worker)
    worker.goto("/dorp/vandaag/")
    expect(worker.locator(".card a[href$='?soort=home_visit']")).to_have_count(0)
    later = dorp.signal()
    coordinator = visit(width, javascript=javascript, who=dorp.coordinator)
    coordinator.goto(f"/dorp/signalen/{later.reference}/")
    expect(coordinator.locator("#id_worker")).to_have_count(0)
    coordinator.click("a[href$='/besluit/']")
    coordinator.check("input[name=choice][value=go]")
    coordinator.select_option("#id_reason", "danger")
    walk.go_on(coordinator)
    expect(coordinator.locator("#id_worker")).to_be_visible()
