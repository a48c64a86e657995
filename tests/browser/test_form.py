"""The public form under the fingers of people: mistakes, second thoughts, two tabs, a double click, no mouse."""

import pytest
from playwright.sync_api import expect

from municipalities.tenancy import tenant
from signals.models import Signal
from tests.browser import walk


def stories(cast):
    with tenant(cast.municipality.pk):
        return sorted(Signal.objects.of(cast.municipality).values_list("story", flat=True))


@pytest.fixture
def page(visit, dorp):
    return visit()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either_page(request, visit, dorp):
    return visit(javascript=request.param)


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(page):
    walk.start(page)
    title = page.title()
    walk.go_on(page)
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().endswith(title)
    assert len(page.title()) > len(title)
    page.click(".error-summary a")
    assert walk.active_id(page) == "id_signs_0"


def test_what_was_typed_survives_an_error(either_page):
    page = either_page
    walk.start(page)
    walk.tell_worry(page)
    page.check("#id_kind_2")
    page.fill("#id_name", "Nora Naast")
    page.fill("#id_email", "nora@")
    page.check("#id_may_call")
    walk.go_on(page)
    assert page.locator(".error-summary a").evaluate_all("links => links.map(link => link.hash)") == [
        "#id_email",
        "#id_phone",
    ]
    expect(page.locator("#id_kind_2")).to_be_checked()
    expect(page.locator("#id_may_call")).to_be_checked()
    assert [page.input_value(f"#id_{name}") for name in ("name", "email")] == ["Nora Naast", "nora@"]


def test_a_double_click_sends_one_signal(either_page, dorp):
    walk.to_check(either_page)
    either_page.locator("main form button").dblclick()
    either_page.wait_for_url("**/bedankt/**")
    assert stories(dorp) == [walk.STORY]


def test_a_second_press_while_the_first_is_under_way_does_nothing(page):
    walk.to_check(page)
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.evaluate("() => { const send = document.querySelector('main form button'); send.click(); send.click(); }")
    page.wait_for_url("**/bedankt/")
    assert len(posts) == 1


def test_two_tabs_are_two_drafts(page, dorp):
    other = page.context.new_page()
    walk.to_check(page, story="De eerste zorg.")
    walk.to_check(other, story="De tweede zorg.")
    receipts = [walk.send(page), walk.send(other)]
    assert stories(dorp) == ["De eerste zorg.", "De tweede zorg."]
    assert receipts[0] != receipts[1]


def test_back_after_sending_shows_the_receipt_again(either_page, dorp):
    walk.to_check(either_page)
    receipt = walk.send(either_page)
    either_page.go_back()
    assert tuple(either_page.locator(".receipt__code").all_inner_texts()) == receipt
    assert stories(dorp) == [walk.STORY]


def test_one_change_leads_straight_back_to_the_check_page(either_page, dorp):
    page = either_page
    walk.to_check(page)
    page.click("main a[href$='/zorg/']")
    assert page.input_value("#id_story") == walk.STORY
    page.fill("#id_story", "Toch iets anders.")
    walk.go_on(page)
    assert page.url.endswith("/controleren/")
    walk.send(page)
    assert stories(dorp) == ["Toch iets anders."]


def test_step_one_with_the_keyboard_only(page):
    page.goto("/dorp/signaal/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main"
    walk.tab_to(page, "button[value=other]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/zorg/")
    walk.tab_to(page, "#id_signs_0")
    page.keyboard.press("Space")
    walk.tab_to(page, "#id_story")
    page.keyboard.type("Getypt.")
    walk.tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/wie-bent-u/")


def test_the_focus_can_be_seen_on_every_stop_of_the_first_step(page):
    walk.start(page)
    unseen = []
    for _ in range(page.locator("main :is(a, input, textarea, button):not([type=hidden])").count()):
        page.keyboard.press("Tab")
        if not page.evaluate(FOCUS_IS_DRAWN):
            unseen.append(page.evaluate("document.activeElement.outerHTML"))
    assert unseen == []


FOCUS_IS_DRAWN = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
}"""


@pytest.mark.parametrize("javascript", [True, False])
def test_the_print_button_is_there_only_when_it_can_print(visit, dorp, javascript):
    signal = dorp.signal()
    page = visit(javascript=javascript)
    page.goto(f"/dorp/signaal/{signal.draft}/bedankt/")
    assert page.locator("[data-print]").is_visible() is javascript


def test_the_counter_counts_what_is_left(page):
    walk.start(page)
    counter = page.locator("[data-counter-for=id_story]")
    before = counter.inner_text()
    page.fill("#id_story", "x" * 1999)
    expect(counter).not_to_have_text(before)
    assert "1" in counter.inner_text()
