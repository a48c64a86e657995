"""The pages of the deadline under the fingers of people: which hours count, who hears, a pause, an absence."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from followup.actions.escalation import sweep
from municipalities.models import Ladder, Membership, OutboxMessage
from municipalities.tenancy import tenant
from tests.browser import walk
from tests.browser.conftest import DESKTOP, PHONE

WAYS = pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
FRIDAY_AT_FOUR = "2026-11-20T16:00"
# Day, what counts of it, and the sum so far: sixteen hours from Friday at four to Tuesday at four.
SUM = [
    ("counting--open", "1:00", "1:00"),
    ("counting--outside_hours", "0:00", "1:00"),
    ("counting--closed_day", "0:00", "1:00"),
    ("counting--closed_day", "0:00", "1:00"),
    ("counting--outside_hours", "0:00", "1:00"),
    ("counting--open", "8:00", "9:00"),
    ("counting--outside_hours", "0:00", "9:00"),
    ("counting--outside_hours", "0:00", "9:00"),
    ("counting--open", "7:00", "16:00"),
]


def in_days(number):
    """What a field for date and time takes."""
    return f"{timezone.localtime() + timedelta(days=number):%Y-%m-%dT%H:%M}"


def lines_of_the_sum(page):
    rows = page.locator("#sum tbody tr").all()
    return [
        (row.get_attribute("class").split()[-1], *row.locator(".utrecht-table__cell--numeric").all_inner_texts())
        for row in rows
    ]


@WAYS
def test_a_manager_sets_the_working_hours_and_sees_the_sum(visit, dorp, width, javascript):
    page = visit(width, who=dorp.manager, javascript=javascript)
    page.goto("/dorp/instellingen/")
    page.click("main a[href$='/termijn/']")
    page.check("input[name=clock_kind][value=working_hours]")
    page.fill("#id_response_window", "16 uur")
    for day in range(7):
        page.fill(f"#id_day_{day}", "9:00-17:00" if day < 5 else "")
    walk.go_on(page)
    expect(page.locator(".utrecht-alert--ok")).to_be_visible()
    page.fill("#id_ontvangen", FRIDAY_AT_FOUR)
    walk.press(page, "section[aria-labelledby=example-title] button")
    assert page.locator("#example-due time").last.get_attribute("datetime").startswith("2026-11-24T15:00")
    assert lines_of_the_sum(page) == SUM


@WAYS
def test_a_manager_sets_who_hears_when_it_is_late(visit, dorp, width, javascript):
    page = visit(width, who=dorp.manager, javascript=javascript)
    page.goto("/dorp/instellingen/")
    page.click("main a[href$='/escalatie/']")
    page.fill("#id_assign_within", "2")
    page.fill("#id_stap-1-after", "1,5")
    page.fill("#id_stap-3-after", "24")
    page.check("input[name=stap-3-who][value=managers]")
    walk.go_on(page)
    expect(page.locator(".utrecht-alert--ok")).to_be_visible()
    assert [page.input_value(f"#id_{name}") for name in ("assign_within", "stap-1-after")] == ["2", "1,5"]
    expect(page.locator("fieldset.panel")).to_have_count(5)  # room for the next
    with tenant(dorp.municipality.pk):
        ladder = Ladder.of_municipality(dorp.municipality)
    assert ladder.assign_within == timedelta(hours=2)
    assert [rung["after"] for rung in ladder.rungs] == [0, 90, 8 * 60, 24 * 60]
    assert ladder.rungs[-1]["who"] == ["managers"]


@WAYS
def test_a_coordinator_pauses_a_signal_and_lets_it_run_again(visit, dorp, width, javascript):
    reference = dorp.signal(assigned_to="worker").reference
    page = visit(width, who=dorp.coordinator, javascript=javascript)
    page.goto("/dorp/signalen/")
    page.click(f"a[href$='/{reference}/']")
    page.click("main a[href$='/pauze/']")
    page.check("input[name=reason][value=hospital]")
    page.fill("#id_until", in_days(5))
    walk.go_on(page)
    expect(page.locator("form[action$='/pauze/voorbij/'] button")).to_be_visible()
    page.goto("/dorp/signalen/?paused=on")
    row = page.locator("tr", has_text=reference)
    expect(row.locator(".badge--paused")).to_be_visible()
    page.click(f"a[href$='/{reference}/']")
    walk.press(page, "form[action$='/pauze/voorbij/'] button")
    expect(page.locator("main a[href$='/pauze/']")).to_be_visible()
    page.goto("/dorp/signalen/")
    expect(row).to_be_visible()
    expect(row.locator(".badge--paused")).to_have_count(0)


def test_a_pause_with_the_keyboard_only(visit, dorp):
    reference = dorp.signal().reference
    page = visit(who=dorp.coordinator)
    page.goto(f"/dorp/signalen/{reference}/pauze/")
    walk.tab_to(page, "input[name=reason]")
    page.keyboard.press("ArrowDown")
    walk.tab_to(page, "main form button")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("input[name=reason][value=away]")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert walk.active_id(page) == "id_until"
    page.fill("#id_until", in_days(3))  # in which order the parts are typed is the browser's own
    page.keyboard.press("Enter")
    expect(page.locator("form[action$='/pauze/voorbij/']")).to_be_visible()


@WAYS
def test_a_manager_says_until_when_they_see_to_a_late_visit(visit, make_cast, width, javascript):
    haast = make_cast("haast", response_window=timedelta(milliseconds=1))
    reference = haast.signal().reference
    assert sweep(caller="test").escalated == 1
    page = visit(width, who=haast.manager, javascript=javascript)
    page.goto("/haast/instellingen/")
    page.click(".staff-nav a[href$='/te-laat/']")
    card = page.locator(".card", has_text=reference)
    expect(card.locator(".badge--late")).to_be_visible()
    expect(card.locator("a")).to_have_count(0)  # a manager opens no dossier
    lines = card.locator(".card__line").count()
    page.fill(f"#id_{reference}-until", in_days(1))
    walk.press(page, ".card form button")
    expect(page.locator(".utrecht-alert--ok")).to_be_visible()
    expect(card.locator(".card__line")).to_have_count(lines + 1)
    expect(card).to_contain_text(haast.manager.name)


@WAYS
def test_a_coordinator_says_who_stands_in_and_they_get_the_mail(visit, dorp, width, javascript):
    signal = dorp.signal(assigned_to="worker")
    with tenant(dorp.municipality.pk):
        members = {member.user_id: member.pk for member in Membership.objects.of(dorp.municipality)}
    away, stand_in = members[dorp.worker.pk], members[dorp.other_worker.pk]
    page = visit(width, who=dorp.coordinator, javascript=javascript)
    page.goto("/dorp/signalen/")
    page.click(".staff-nav a[href$='/afwezig/']")
    page.click(f"#member-{away} a")
    page.fill("#id_absent_from", in_days(0)[:10])
    page.fill("#id_absent_until", in_days(7)[:10])
    page.select_option("#id_stand_in", str(stand_in))
    walk.press(page, "main form button >> nth=0")
    expect(page.locator(f"#member-{away}")).to_contain_text(dorp.other_worker.name)
    sweep(caller="test", now=signal.due_at + timedelta(seconds=1))
    with tenant(dorp.municipality.pk):
        told = OutboxMessage.objects.of(dorp.municipality).filter(template="escalation")
        assert set(told.values_list("recipient", flat=True)) == {dorp.other_worker.email, dorp.coordinator.email}
