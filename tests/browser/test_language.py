"""The language switch under the fingers of people, and a made-up language from right to left with longer words."""

import polib
import pytest
from django.utils import translation
from django.utils.translation import trans_real

from municipalities.pages import PAGES
from signaalpunt import catalogue
from tests.browser import walk
from tests.browser.conftest import DESKTOP
from tests.browser.eyes import SPILLS
from tests.browser.test_axe import AXE, EVERYTHING, NARROW, RUN

MIRRORED, LONGER, FILLING = "ar-xb", 1.4, "مرآة طويلة "


def test_enter_in_a_field_goes_on_and_does_not_change_the_language(either_page):
    page = either_page
    walk.start(page)
    walk.tell_worry(page)
    walk.tell_who(page)
    page.fill("#id_postcode", "1234ab")
    page.fill("#id_house_number", "12")
    with page.expect_navigation():
        page.press("#id_house_number", "Enter")
    assert page.url.endswith("/controleren/")


def test_the_switch_works_with_the_keyboard_and_says_where_it_is(visit, dorp):
    page = visit()
    page.goto("/dorp/")
    walk.tab_to(page, ".languages summary")
    page.keyboard.press("Enter")
    walk.tab_to(page, ".languages [lang=en] a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_attribute(".languages [aria-current]", "hreflang") == "en"


def longer(text):
    """The same with everything it fills in, and almost half as long again; a date format stays as it is."""
    wanted = round(len(text) * (LONGER - 1))
    return text if "\\" in text or not text.strip() else f"{text} {(FILLING * wanted)[:wanted].strip()}"


@pytest.fixture
def mirrored(settings, tmp_path):
    """Every message in a language that is written from right to left, in a catalogue made on the fly."""
    folder = tmp_path / "ar_XB" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    made = polib.POFile()
    made.metadata = catalogue.HEADER | {"Language": "ar_XB"}
    for msgid, plural in catalogue.messages().items():
        forms = {"msgid_plural": plural, "msgstr_plural": {0: longer(msgid), 1: longer(plural)}} if plural else {}
        made.append(polib.POEntry(msgid=msgid, **(forms or {"msgstr": longer(msgid)})))
    made.save_as_mofile(str(folder / "django.mo"))
    settings.LANGUAGES = [*settings.LANGUAGES, (MIRRORED, "مرآة")]
    settings.LOCALE_PATHS = [str(tmp_path), *settings.LOCALE_PATHS]
    forget()
    yield MIRRORED
    forget()


def forget():
    """What was read of catalogues and languages so far."""
    trans_real._translations.clear()
    trans_real.get_languages.cache_clear()
    translation.activate("nl")


def faults_of(page, where):
    page.evaluate(AXE)
    found = page.evaluate(RUN, EVERYTHING)
    page.set_viewport_size({"width": NARROW, "height": 800})
    found += page.evaluate(SPILLS)
    page.set_viewport_size({"width": DESKTOP, "height": 800})
    is_mirrored = page.evaluate("[document.dir, getComputedStyle(document.body).direction]") == ["rtl", "rtl"]
    return [f"{where}: {fault}" for fault in found + ([] if is_mirrored else ["not from right to left"])]


@pytest.mark.parametrize("about", ["other", "self"])
def test_r15_a_language_from_right_to_left_fits_on_the_narrowest_screen(visit, make_cast, mirrored, about):
    make_cast("dorp", phone="0800 555 01 01")
    page, found = visit(), []
    if about == "other":
        for path in ("", "signaal/", "status/", "startkaart/", "is-er-niet/", *(f"{each.path}/" for each in PAGES)):
            page.goto(f"/dorp/{path}?taal={mirrored}")
            found += faults_of(page, path)
    page.goto(f"/dorp/signaal/?taal={mirrored}")
    walk.press(page, f"button[name=about][value={about}]")
    for tell in (walk.tell_worry, lambda page: walk.tell_who(page, about), walk.tell_address, walk.go_on):
        where = walk.path_of(page)
        page.click(".languages summary")
        found += faults_of(page, where)
        tell(page)
    assert "/bedankt/" in page.url
    assert found + faults_of(page, "receipt") == []
