"""What the public form promises, R1 to R10, each by its number; R11 to R20 and R40 stand in test_requirements_2.py.

The table that says which test proves which requirement is in docs/requirements.md. The words are those on the screen:
here they are what is promised.
"""

import re

import pytest
from playwright.sync_api import expect

from municipalities.pages import PAGES
from municipalities.tenancy import tenant
from signals.models import Signal
from tests.browser import walk
from tests.cast import ADDRESS, NOBODY, WHO, WORRY

PHONE, HOURS = "0800 555 01 01", "Maandag tot en met vrijdag van 9 tot 17 uur"
ERRORS = ".utrecht-form-field-error-message, [aria-invalid=true], .error-summary"


@pytest.fixture
def dorp(db, make_cast):
    return make_cast("dorp", phone=PHONE, phone_hours=HOURS, area_codes=["GM0599"])


def signals_of(cast):
    with tenant(cast.municipality.pk):
        return list(Signal.objects.of(cast.municipality))


# -- R1

IN_FRONT_OF_THE_FORM = """() => {
  const said = document.querySelector(".steps__text"), form = document.querySelector("form#step");
  return !said.closest("form") && said.getBoundingClientRect().bottom <= form.getBoundingClientRect().top;
}"""


def test_r01_three_steps_that_are_counted_honestly(page):
    walk.start(page)
    headings = []
    for number, tell in enumerate((walk.tell_worry, walk.tell_who, walk.tell_address), 1):
        assert page.locator(".steps__text").inner_text() == f"Stap {number} van 3"
        assert f"Stap {number} van 3" in page.title()
        assert page.evaluate(IN_FRONT_OF_THE_FORM)
        headings.append(page.locator("h1").inner_text())
        tell(page)
    assert headings == ["Wat is uw zorg?", "Wie bent u?", "Waar woont de persoon?"]
    assert page.locator("h1").inner_text() == "Controleren en versturen"
    assert page.title().startswith("Controleren en versturen")
    assert "Stap" not in page.title()
    expect(page.locator(".steps__text")).to_have_count(0)
    walk.send(page)
    assert page.locator("h1").inner_text() == "Dank u wel, wij hebben uw signaal ontvangen"


# -- R2

ABOUT_SOMEBODY_ELSE = re.compile(
    r"\b(?:(?:de|die|deze) persoon|diegene|hij|hem|iemand anders|bij wie)\b", re.IGNORECASE
)


def journey(page, about):
    """The words of every page from the first step to the receipt, and what was asked on the way."""
    walk.start(page, about=about)
    said, asked = [], []
    for tell in (walk.tell_worry, lambda page: walk.tell_who(page, about), walk.tell_address, walk.go_on):
        said.append(page.locator("main").inner_text())
        asked += page.locator(
            "form#step :is(legend, label[for^=id_]:not(.choice label, [aria-hidden] label))"
        ).all_inner_texts()
        tell(page)
    return [*said, page.locator("main").inner_text()], asked


def test_r02_who_it_is_about_is_asked_first_and_worded_ever_after(page):
    page.goto("/dorp/signaal/")
    assert page.locator("h1").inner_text() == "Over wie gaat het?"
    assert page.locator("button[name=about]").all_inner_texts() == ["Over iemand anders", "Over mijzelf"]
    for about in ("other", "self"):
        said, asked = journey(page, about)
        assert len(said) == 5
        assert len(asked) == len(set(asked)), "nothing is asked twice"
        is_about_somebody = [ABOUT_SOMEBODY_ELSE.search(text) is not None for text in said]
        assert any(is_about_somebody) is (about == "other"), said
        assert sum("naam" in label.lower() for label in asked) == (2 if about == "other" else 1)


def test_r02_what_was_answered_is_filled_in_when_one_comes_back(page, dorp):
    draft = dorp.draft("self", **{"zorg": {"signs": ["nobody"], "story": "Stil."}, "wie-bent-u": WHO})
    page.goto(walk.step_of(draft, "wie-bent-u"))
    assert [page.input_value(f"#id_{name}") for name in ("name", "phone")] == [WHO["name"], WHO["phone"]]
    page.goto(walk.step_of(draft, "adres"))
    assert page.input_value("#id_postcode") == ADDRESS["postcode"]


# -- R3


def test_r03_nothing_judges_before_it_is_sent(page, dorp):
    draft = dorp.draft(**{"wie-bent-u": {}, "adres": None})
    needed = {}
    for path in (*(walk.step_of(draft, name) for name in ("zorg", "wie-bent-u", "adres")), "/dorp/status/"):
        page.goto(path)
        form = page.locator("main form")
        expect(form.first).to_have_attribute("novalidate", "")
        expect(page.locator("main [required]")).to_have_count(0)
        needed[path.split("/")[-2]] = page.locator("main [aria-required=true]").count()
        page.evaluate(
            "document.querySelectorAll('main form :is(input, textarea)').forEach((one) => { one.value = ''; })"
        )
        for _stop in range(page.locator("main form :is(input:not([type=hidden]), textarea)").count()):
            page.keyboard.press("Tab")
        expect(page.locator(ERRORS)).to_have_count(0)
    assert needed == {"zorg": 0, "wie-bent-u": 1, "adres": 0, "status": 1}


# -- R4

SUMMARY_IS_ABOVE = """() => document.querySelector(".error-summary").getBoundingClientRect().bottom
  <= document.querySelector("h1").getBoundingClientRect().top"""
INLINE = """(control) => {
  const box = control.closest(".utrecht-form-field");
  return [...box.querySelectorAll(".utrecht-form-field-error-message")].map((each) => each.innerText.trim());
}"""


def follow_every_item(page):
    """What the summary says, each item followed by the keyboard to a field where the same words stand."""
    items = page.locator(".error-summary a").all()
    for number, item in enumerate(items):
        said, target = item.inner_text(), item.get_attribute("href").removeprefix("#")
        page.focus("#error-summary")
        for _item in range(number + 1):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert walk.active_id(page) == target
        assert said in page.locator(f"[id='{target}']").evaluate(INLINE)
    return [item.inner_text() for item in items]


def test_r04_the_error_summary_takes_the_focus_and_leads_to_each_field(page):
    walk.start(page)
    title = page.title()
    walk.go_on(page)
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title() == f"Fout: {title}"
    assert page.evaluate(SUMMARY_IS_ABOVE)
    assert len(follow_every_item(page)) == 1
    walk.tell_worry(page)
    page.check("#id_kind_2")
    page.fill("#id_name", "Nora Naast")
    page.fill("#id_email", "nora@")
    page.check("#id_may_call")
    walk.go_on(page)
    expect(page.locator("#error-summary")).to_be_focused()
    assert len(follow_every_item(page)) == 2
    assert [page.input_value(f"#id_{name}") for name in ("name", "email")] == ["Nora Naast", "nora@"]
    expect(page.locator("#id_kind_2")).to_be_checked()


# -- R5

ORDER = """() => [...document.querySelectorAll(".utrecht-form-field--invalid")].map((box) => {
  const place = (selector) => box.querySelector(selector)?.getBoundingClientRect();
  const [label, help, error] = [".utrecht-form-label", ".utrecht-form-field-description", "[id$=_error]"].map(place);
  const control = place("input, textarea");
  const told = box.matches("[aria-describedby]") ? box : box.querySelector("[aria-describedby]");
  const ids = (told?.getAttribute("aria-describedby") || "").split(" ");
  const texts = [...box.querySelectorAll("[id$=_helptext], [id$=_error]")].map((each) => each.id);
  return {
    name: box.querySelector("input, textarea").name,
    inOrder: label.bottom <= (help || error).top + 1 && error.bottom <= control.top + 1,
    isTold: texts.length > 0 && texts.every((id) => ids.includes(id)),
    message: box.querySelector("[id$=_error]").innerText.trim(),
  };
})"""
WRONG = {
    "zorg": {},
    "wie-bent-u": {"email": "nora@", "phone": "12"},
    "adres": {"postcode": "12", "house_number": "x", "street": "Postbus 12"},
}


def test_r05_what_is_wrong_stands_between_the_label_and_the_field(page, dorp):
    draft = dorp.draft(**{"zorg": {}, "wie-bent-u": {}, "adres": None})
    found = []
    for name, values in WRONG.items():
        page.goto(walk.step_of(draft, name))
        for field, value in values.items():
            page.fill(f"#id_{field}", value)
        walk.go_on(page)
        found += page.evaluate(ORDER)
    assert {each["name"] for each in found} == {"signs", "kind", *WRONG["wie-bent-u"], *WRONG["adres"]}
    assert [each["name"] for each in found if not (each["inOrder"] and each["isTold"])] == []
    assert [each["message"] for each in found if re.search("verplicht|ongeldig|geldige waarde", each["message"])] == []
    page.goto(walk.step_of(draft, "wie-bent-u"))
    page.fill("#id_email", "nora@")
    walk.go_on(page)
    expect(page.locator("#id_email")).to_have_accessible_description(re.compile("ontvangstbewijs.*naam@voorbeeld.nl"))
    assert 'textbox "Uw e-mailadres' in page.locator("form#step").aria_snapshot()


# -- R6

PARTS = """() => [...document.querySelectorAll("header, main, footer, .footer-help, .footer-links")].map(
  (part) => part.className || part.tagName).join(" > ")"""


def test_r06_help_stands_in_the_same_place_on_every_page(page, dorp):
    draft, sent = dorp.draft(), dorp.signal()
    steps = [walk.step_of(draft, name) for name in ("zorg", "wie-bent-u", "adres", "controleren")]
    after = [f"/dorp/signaal/{sent.draft}/bedankt/", "/dorp/status/"]
    places = {}
    for path in ["/dorp/", "/dorp/signaal/", *(f"/dorp/{each.path}/" for each in PAGES), *steps, *after]:
        page.goto(path)
        places.setdefault(page.evaluate(PARTS), []).append(path)
        said = page.locator("footer .footer-help").inner_text()
        assert [text for text in ("Liever bellen?", PHONE, HOURS) if text not in said] == [], path
        assert page.get_attribute("footer .footer-help a", "href").startswith("tel:")
    for path in ("/", "/over-signaalpunt/", "/dorp/is-er-niet/"):
        # Pages of nobody: where the number is to be found.
        page.goto(path)
        places.setdefault(page.evaluate(PARTS), []).append(path)
        assert "Liever bellen?" in page.locator("footer .footer-help").inner_text()
    assert len(places) == 1, places
    for path in ("/dorp/signaal/", steps[0]):
        page.goto(path)
        for number in ("112", "113"):
            expect(page.locator(f".danger a[href='tel:{number}']")).to_be_visible()


# -- R7


def at_address(page, cast):
    page.goto(walk.step_of(cast.draft(adres=None), "adres"))


def tell_address(page, **fields):
    for name, value in fields.items():
        expect(page.locator(f"#id_{name}")).to_be_visible()
        page.fill(f"#id_{name}", value)
    walk.press(page, walk.NEXT)


def test_r07_an_address_in_any_spelling_is_found_and_said(either_page, dorp, register):
    page = either_page
    for typed in ("1234ab", " 1234 AB ", "12.34-AB"):
        at_address(page, dorp)
        expect(page.locator("#id_street")).to_be_visible()
        expect(page.locator("#id_place")).to_be_visible()
        tell_address(page, postcode=typed, house_number="12", house_number_addition="")
        said = page.locator("[role=status]", has=page.locator("#looked-up"))
        expect(said).to_contain_text("Adres gevonden: Lindelaan 12, 1234 AB Dorp")
        expect(said).to_contain_text("Klopt niet?")
        expect(page.locator("#id_street")).to_be_visible()
    page.fill("#id_street", "Kerkpad")
    page.fill("#id_place", "Dorp")
    walk.press(page, walk.NEXT)
    expect(page.locator("main")).to_contain_text("Kerkpad")


@pytest.mark.parametrize("fault", ["error", "slow"])
def test_r07_a_register_that_fails_never_blocks(page, dorp, register, fault):
    register.fault = fault
    at_address(page, dorp)
    tell_address(page, postcode="1234 AB", house_number="14")
    expect(page.locator("#looked-up")).to_have_text("We kunnen het adres nu niet opzoeken")
    tell_address(page, street="Lindelaan", place="Dorp")
    walk.send(page)
    assert len(signals_of(dorp)) == 1


# -- R8


def test_r08_all_of_it_works_without_a_script(visit, dorp):
    page = visit(javascript=False)
    walk.to_check(page)
    reference, code = walk.send(page)
    with page.expect_download() as download:
        page.click("main a[href$='/bedankt/pdf/']")
    assert download.value.suggested_filename == f"ontvangstbewijs-{reference}.pdf"
    page.goto("/dorp/status/")
    page.fill("#id_code", code)
    walk.go_on(page)
    expect(page.locator("main")).to_contain_text(reference)
    expect(page.locator(".milestones__done")).to_have_count(1)


# -- R9


def test_r09_every_answer_is_shown_and_a_change_leads_straight_back(either_page, dorp):
    page = either_page
    address = ADDRESS | {"person_name": ""}
    page.goto(walk.step_of(dorp.draft(**{"zorg": WORRY, "wie-bent-u": NOBODY, "adres": address}), "controleren"))
    assert page.locator(".overview").count() == 3
    empty = page.locator(".utrecht-data-list__item", has_text="Niet ingevuld").locator("dt").all_inner_texts()
    assert {"Uw naam", "Uw e-mailadres", "Uw telefoonnummer", "Naam van de persoon"} <= set(empty)
    for name in ("zorg", "wie-bent-u", "adres"):
        change = page.locator(f"main a[href$='/{name}/']")
        assert change.inner_text().startswith("Wijzigen")
        change.click()
        page.wait_for_url(f"**/{name}/")
        if name == "zorg":
            assert page.input_value("#id_story") == WORRY["story"]
            page.fill("#id_story", "Toch iets anders.")
        walk.press(page, walk.NEXT)
        assert page.url.endswith("/controleren/")
    assert page.locator("main form button").inner_text() == "Verstuur uw signaal"
    walk.send(page)
    assert [signal.story for signal in signals_of(dorp)] == ["Toch iets anders."]


# -- R10

AT_ONCE = """async (times) => {
  const answers = await Promise.all(Array.from({length: times}, () => fetch(location.href, {method: "POST"})));
  return answers.map((answer) => answer.url.split("?")[0]);
}"""


def test_r10_a_double_click_a_reload_and_back_are_one_signal(either_page, dorp):
    page = either_page
    walk.to_check(page)
    page.locator("main form button").dblclick()
    page.wait_for_url("**/bedankt/**")
    receipt = page.locator(".receipt__code").all_inner_texts()
    page.reload()
    assert page.locator(".receipt__code").all_inner_texts() == receipt
    page.go_back()
    expect(page.locator("main")).to_contain_text("U hebt dit signaal al verstuurd")
    expect(page.locator("main form")).to_have_count(0)
    assert page.locator(".receipt__code").all_inner_texts() == receipt
    assert len(signals_of(dorp)) == 1


def test_r10_two_tabs_with_one_draft_are_one_signal(page, dorp):
    path = walk.step_of(dorp.draft(), "controleren")
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(path)
    assert len(set(page.evaluate(AT_ONCE, 4))) == 1
    walk.press(other, "main form button")
    page.goto(other.url)
    for tab in (page, other):
        expect(tab.locator(".receipt__code").first).to_have_text(signals_of(dorp)[0].reference)
    assert len(signals_of(dorp)) == 1
