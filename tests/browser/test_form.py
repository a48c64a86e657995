"""The public form under the fingers of people: mistakes, second thoughts, two tabs, a double click, no mouse."""

from playwright.sync_api import expect

from municipalities.tenancy import tenant
from signals.models import Signal
from tests.browser import walk


def stories(cast):
    with tenant(cast.municipality.pk):
        return sorted(Signal.objects.of(cast.municipality).values_list("story", flat=True))


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
