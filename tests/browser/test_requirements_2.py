"""What the public side promises, R11 to R20 and R40, each by its number; the first ten are in test_requirements.py."""

import re
import uuid
from datetime import timedelta

import pypdfium2
import pytest
from playwright.sync_api import expect

from municipalities import outbox, partner_actions, posters, wording
from municipalities.models import OutboxMessage, Partner, PartnerKind
from municipalities.pages import PAGES
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Signal
from tests.browser import eyes, walk
from tests.browser.conftest import DESKTOP
from tests.cast import NOBODY, WHO, WORRY
from tests.conftest import connect
from tests.fake_pdok import doc
from tests.prose import blocks_of, main_of
from tests.sheets import codes_in, picture, text_of
from tests.test_readability import FAMILIAR, MOST_WORDS, OFFICE_WORDS, mean_length

PHONE = "0800 555 01 01"
SHOP = "Kapsalon Knip"


@pytest.fixture
def dorp(db, make_cast):
    return make_cast("dorp", phone=PHONE, area_codes=["GM0599"])


@pytest.fixture
def shop(dorp):
    with tenant(dorp.municipality.pk):
        return partner_actions.add_partner(
            municipality=dorp.municipality, name=SHOP, kind=PartnerKind.SHOP, by=dorp.manager
        )


# -- R11

PERSONAL = re.compile(r"naast|nora|jan|wit|linde|gordijn|0600000001|1234", re.IGNORECASE)
MOMENT = re.compile(r"(?:maan|dins|woens|donder|vrij|zater|zon)dag \d{1,2} [a-z]+ om \d{1,2}\.\d{2} uur")


def test_r11_the_receipt_says_when_and_is_only_for_whoever_has_its_address(visit, dorp):
    page, asked = visit(), []
    page.on("request", lambda request: asked.append(request.url.partition("/dorp/")[2]))
    walk.to_check(page)
    reference, code = walk.send(page)
    with tenant(dorp.municipality.pk):
        due = wording.moment(Signal.objects.of(dorp.municipality).get().due_at)
    assert MOMENT.fullmatch(due)
    for text in (f"uiterlijk op: {due}", "Wat gebeurt er nu?", "Bewaren als PDF"):
        expect(page.locator("main")).to_contain_text(text)
    expect(page.locator("footer .footer-help")).to_contain_text(PHONE)
    assert re.fullmatch(r"/dorp/signaal/[0-9a-f-]{36}/bedankt/", walk.path_of(page))
    hidden = re.compile(r"[0-9a-f-]{36}|huisstijl-\w+")
    assert [url for url in asked if PERSONAL.search(hidden.sub("", url))] == []
    page.reload()
    assert tuple(page.locator(".receipt__code").all_inner_texts()) == (reference, code)
    expect(page.locator("[data-print]")).to_be_visible()
    printed = text_of(page.pdf())
    assert [text for text in (reference, code, due, PHONE) if text not in printed] == []
    assert "Print deze pagina" not in printed
    other = visit(javascript=False)
    assert other.goto(page.url).status == 200
    expect(other.locator("[data-print]")).to_be_hidden()
    kept = page.context.request.get(f"{page.url}pdf/").body()
    assert [text for text in (reference, code, PHONE) if text not in text_of(kept)] == []
    assert other.goto(f"/dorp/signaal/{uuid.uuid4()}/bedankt/").status == 410
    expect(other.locator("main")).not_to_contain_text(reference)


# -- R12


def mails_to_the_reporter(cast):
    with tenant(cast.municipality.pk):
        rows = OutboxMessage.objects.of(cast.municipality).filter(recipient=WHO["email"]).order_by("pk")
        return [(row.template, outbox.rendered(cast.municipality, row)) for row in rows]


def test_r12_one_receipt_and_one_mail_at_the_end_or_none_and_it_says_so(page, dorp):
    page.goto(walk.step_of(dorp.draft(**{"wie-bent-u": NOBODY}), "controleren"))
    walk.send(page)
    expect(page.locator("main")).to_contain_text("Daarom kunnen wij u niets sturen")
    assert mails_to_the_reporter(dorp) == []
    page.goto(walk.step_of(dorp.draft(), "controleren"))
    reference, _code = walk.send(page)
    expect(page.locator("main")).to_contain_text("ontvangstbewijs in uw e-mail")
    with tenant(dorp.municipality.pk):
        signal = Signal.objects.of(dorp.municipality).with_clock().with_people().get(reference=reference)
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        actions.ask_everywhere(dorp.fresh(signal).closed_at + timedelta(days=2))
    mails = mails_to_the_reporter(dorp)
    assert [template for template, _mail in mails] == ["receipt", "noticed"]
    for _template, mail in mails:
        assert reference in mail.body
        [(html, kind)] = mail.alternatives
        assert kind == "text/html"
        assert reference in html


# -- R13


def test_r13_an_example_and_a_counter_that_does_not_chatter(page):
    walk.start(page)
    expect(page.locator("#id_story")).to_have_accessible_description(re.compile("Bijvoorbeeld: .+ tekens"))
    shown = page.locator("[data-counter-for=id_story] [aria-hidden]")
    spoken = page.locator("[data-counter-for=id_story] + [aria-live=polite]")
    page.clock.install()
    page.fill("#id_story", "x" * 1998)
    assert shown.inner_text() == "U kunt nog 2 tekens typen."
    page.clock.run_for(600)
    page.fill("#id_story", "x" * 1999)
    page.clock.run_for(1_100)
    expect(spoken).to_be_empty()
    page.clock.run_for(200)
    expect(spoken).to_have_text("U kunt nog 1 teken typen.")


def test_r13_without_a_script_the_counter_is_a_sentence(visit, dorp):
    page = visit(javascript=False)
    page.goto(walk.step_of(dorp.draft(), "zorg"))
    assert page.locator("[data-counter-for=id_story]").inner_text() == "U kunt maximaal 2000 tekens typen."
    expect(page.locator("[id=id_story_helptext]")).to_contain_text("Bijvoorbeeld:")


# -- R14


def test_r14_the_pages_as_they_are_shown_are_plain_dutch(page, dorp):
    draft, sent = dorp.draft(), dorp.signal()
    steps = [walk.step_of(draft, name) for name in ("zorg", "wie-bent-u", "adres", "controleren")]
    told = [f"/dorp/{each.path}/" for each in PAGES]
    for path in ["/", "/dorp/", "/dorp/signaal/", *told, *steps, f"/dorp/signaal/{sent.draft}/bedankt/"]:
        page.goto(path)
        blocks = blocks_of(main_of(page.content()))
        assert 0 < mean_length(blocks) <= MOST_WORDS, path
        said = page.locator("body").inner_text()
        assert (OFFICE_WORDS.search(said), FAMILIAR.search(said)) == (None, None), path


# -- R15


def choose(page, code):
    page.click(".languages summary")
    with page.expect_navigation():
        page.click(f".languages [lang={code}] :is(a, button)")


def test_r15_half_way_a_step_the_language_changes_and_nothing_else(either_page):
    page = either_page
    walk.start(page)
    switch = page.locator("header details.languages")
    box = switch.bounding_box()
    assert box["x"] + box["width"] > DESKTOP * 0.85
    assert [each.strip() for each in switch.locator("li").all_text_contents()] == ["Nederlands", "English"]
    page.check("#id_signs_1")
    page.fill("#id_story", "Half getypt")
    choose(page, "en")
    assert page.url.endswith("/zorg/?taal=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#id_signs_1")).to_be_checked()
    assert page.input_value("#id_story") == "Half getypt"
    walk.go_on(page)
    assert page.url.endswith("/wie-bent-u/?taal=en")
    choose(page, "nl")
    expect(page.locator("html")).to_have_attribute("lang", "nl")


def test_r15_a_receipt_code_comes_along_and_never_stands_in_an_address(either_page, dorp):
    page, code = either_page, "1234 5678"
    page.goto("/dorp/status/")
    page.fill("#id_code", code)
    choose(page, "en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.input_value("#id_code") == code
    expect(page.locator(".error-summary")).to_have_count(0)
    assert "1234" not in page.url
    page.fill("#id_code", "1" * 16)
    with page.expect_navigation():
        page.press("#id_code", "Enter")
    choose(page, "nl")
    expect(page.locator("main [role=alert]")).to_contain_text("kennen deze code niet")
    assert page.input_value("#id_code").replace(" ", "") == "1" * 16


# -- R16


def test_r16_the_narrowest_screen_wide_spacing_and_a_focus_that_is_never_hidden(visit, dorp):
    sent = dorp.signal(assigned_to="worker")
    draft = dorp.draft(**{"zorg": {}, "adres": None})
    steps = [walk.step_of(draft, name) for name in ("zorg", "wie-bent-u", "adres")]
    page, colleague = visit(320), visit(320, who=dorp.coordinator)
    for path in ("/", "/dorp/", "/dorp/signaal/", *steps, f"/dorp/signaal/{sent.draft}/bedankt/", "/dorp/status/"):
        page.goto(path)
        if path == steps[0]:
            walk.go_on(page)
        eyes.space_out(page)
        assert (page.evaluate(eyes.SPILLS), page.evaluate(eyes.CLIPPED)) == ([], []), path
        assert eyes.keyboard_faults(page) == [], path
    # With a menu that stays at the bottom of a small screen.
    colleague.goto("/dorp/signalen/")
    assert colleague.evaluate("getComputedStyle(document.querySelector('.staff-nav')).position") == "fixed"
    assert eyes.keyboard_faults(colleague) == []


# -- R17


def test_r17_the_focus_is_drawn_borders_stay_and_nothing_moves(page):
    walk.start(page)
    walk.go_on(page)
    assert eyes.keyboard_faults(page) == []
    assert page.evaluate(eyes.FOCUS_CONTRASTS) == []
    moves = "getComputedStyle(document.querySelector('.utrecht-button')).transitionDuration"
    assert page.evaluate(moves) != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moves) == "0s"
    page.emulate_media(forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.evaluate(eyes.WITHOUT_BORDER) == []
    assert eyes.keyboard_faults(page) == []


# -- R18


def test_r18_a_partners_short_address_leads_to_the_form_and_can_be_withdrawn(page, dorp, shop):
    page.goto(f"/s/{shop.code}/")
    expect(page.locator("main")).to_contain_text(f"U kwam hier via {SHOP}")
    walk.press(page, "button[name=about][value=other]")
    walk.tell_worry(page)
    expect(page.locator("input[name=kind][value=shop]")).to_be_checked()
    walk.go_on(page)
    walk.tell_address(page)
    walk.send(page)
    with tenant(dorp.municipality.pk):
        signal = Signal.objects.of(dorp.municipality).get()
        assert (signal.partner, signal.municipality) == (shop, dorp.municipality)
        partner_actions.revoke_partner(partner=shop, by=dorp.manager)
    assert page.goto(f"/s/{shop.code}/").status == 410
    expect(page.locator("h1")).to_have_text("Dit korte adres werkt niet meer")
    expect(page.locator("main a[href='/dorp/signaal/']")).to_be_visible()
    assert page.context.cookies() == []


# -- R19


def test_r19_what_is_printed_for_a_partner_can_be_scanned_typed_and_called(visit, dorp, shop):
    page = visit(who=dorp.manager)
    shop = Partner.objects.select_related("municipality").get(pk=shop.pk)
    for size in posters.SHEETS:
        page.goto("/dorp/instellingen/partners/")
        address = page.locator(f"main a[href$='/{size}.pdf']").get_attribute("href")
        pdf = page.context.request.get(address).body()
        page.click(f"main a[href$='/{size}/']")
        page.wait_for_url(f"**/{size}/")
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        for made in (pdf, printed):
            assert codes_in(picture(made, 150)) == [shop.address], size
            assert [text for text in (shop.typed_address, PHONE) if text not in text_of(made)] == [], size
        assert pypdfium2.PdfDocument(pdf).is_tagged()


# -- R20


def test_r20_an_address_elsewhere_is_no_dead_end(either_page, dorp, make_cast, register):
    page = either_page
    make_cast("stad", area_codes=["GM0363"])
    with connect("owner") as owner:
        owner.execute("INSERT INTO municipalities_area VALUES ('GM0001', 'Verweg', '0111 22 33 44', '')")
    register.docs = [doc(gemeentecode="0001", gemeentenaam="Verweg", woonplaatsnaam="Verweg")]
    page.goto(walk.step_of(dorp.draft(adres=None), "adres"))
    page.fill("#id_postcode", "1234 AB")
    page.fill("#id_house_number", "12")
    walk.press(page, walk.NEXT)
    expect(page.locator("#elsewhere-title")).to_contain_text("Verweg")
    expect(page.locator("main a[href^='tel:']").first).to_have_text("0111 22 33 44")
    register.docs = [
        doc(huisnummer=14, gemeentecode="0363", gemeentenaam="Stad", woonplaatsnaam="Stad"),
    ]
    page.fill("#id_house_number", "14")
    walk.press(page, walk.NEXT)
    expect(page.locator("#elsewhere-title")).to_contain_text("Stad")
    walk.press(page, "button[value=move]")
    assert "/stad/signaal/" in page.url
    assert page.url.endswith("/controleren/")
    expect(page.locator("main")).to_contain_text(WORRY["story"])
    walk.send(page)
    assert "/stad/" in page.url


# -- R40

PROMISED = {"Privacy", "Toegankelijkheid", "Contact"}
FOOT = "links => links.map((link) => [link.innerText.trim(), link.getAttribute('href')])"


def test_r40_every_app_says_how_it_treats_you_and_asks_nothing_of_others(visit, dorp):
    """Foreign hosts, refusals of the policy and errors in the console are watched on every page: see conftest."""
    sent = dorp.signal(assigned_to="worker")
    shown = {
        None: ["/", "/dorp/", "/dorp/signaal/", f"/dorp/signaal/{sent.draft}/bedankt/", "/dorp/status/"],
        "coordinator": ["/dorp/signalen/", f"/dorp/signalen/{sent.reference}/", "/account/tweede-stap/"],
        "worker": ["/dorp/vandaag/"],
        "manager": ["/dorp/instellingen/"],
        "privacy_officer": ["/dorp/leeslog/"],
    }
    found = set()
    for who, paths in shown.items():
        page = visit(who=dorp.people[who] if who else None)
        for path in paths:
            assert page.goto(path).status == 200
            links = page.locator("footer a").evaluate_all(FOOT)
            assert {text for text, _address in links} >= PROMISED, path
            found |= {address for text, address in links if text in PROMISED}
    page = visit()
    for address in found:
        assert page.context.request.get(address).status == 200
        page.goto(address)
        fragment = address.partition("#")[2]
        assert not fragment or page.locator(f"h2#{fragment}").is_visible()
    guest = visit(public=False)
    guest.goto("/account/inloggen/")
    assert {text for text, _address in guest.locator("footer a").evaluate_all(FOOT)} >= PROMISED
