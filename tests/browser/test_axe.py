"""Every page in every state against WCAG 2.2 AA as far as a machine can judge it, wide and narrow, in two house styles.

Public pages also on a tablet, in forced colours, with large letters, by the keyboard and without scripts.
"""

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from django.urls import Resolver404, resolve

from municipalities.tenancy import tenant
from tests.addresses import ADDRESSES, access_of
from tests.browser import eyes, scenes, walk
from tests.browser.conftest import DESKTOP
from tests.browser.eyes import SPILLS
from tests.figure_pages import let_the_quarter_end

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LAYOUT = {"type": "rule", "values": [*COLOURS["values"], "target-size", "scrollable-region-focusable"]}
RUN = """async (runOnly) => {
  const found = await axe.run({runOnly, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`));
}"""
# The stylesheet of the other house, as the server gives it to that municipality's own pages.
REPAINT = """async (address) => {
  const link = document.querySelector("link[href*='/huisstijl-']");
  if (!link || link.getAttribute("href") === address) return false;
  await new Promise((done, fail) => { link.onload = done; link.onerror = fail; link.href = address; });
  return true;
}"""
NARROW, TABLET = 320, 768
# As somebody sets them in the browser: the size of letters that every other size here follows.
LETTERS, TWICE_THE_LETTERS = {"standard": 16, "fixed": 13}, {"standard": 32, "fixed": 26}
STYLES = Path(__file__).parents[2] / "municipalities" / "demo"


# Public addresses that show no page of their own.
NO_PAGE = {
    *("healthz", "readyz", "security_txt", "house_style", "logo", "receipt_pdf", "reminder_file"),
}


def name_of(address):
    """The name of the view behind an address; of one that is not there, nothing."""
    try:
        return resolve(urlsplit(address).path).url_name
    except Resolver404:
        return ""


def tokens(style):
    return json.loads((STYLES / f"{style}.tokens.json").read_text())


@pytest.fixture
def casts(live_server, make_cast, monkeypatch):
    """Our municipality, and two in the other house style: without signals, and too late with everything."""
    let_the_quarter_end(monkeypatch)
    return [
        make_cast("dorp", house_style=tokens("zonnedael"), phone="0800 555 01 01"),
        make_cast("leeg", house_style=tokens("waterrijk")),
        make_cast("haast", house_style=tokens("waterrijk"), response_window=timedelta(milliseconds=1)),
    ]


def open_scene(page, scene):
    page.set_viewport_size({"width": DESKTOP, "height": 800})
    page.goto(scene.path)
    if scene.act:
        scene.act(page)
    return page


def faults_at(page, width, rules=EVERYTHING):
    page.set_viewport_size({"width": width, "height": 800})
    return [f"at {width} px: {fault}" for fault in page.evaluate(RUN, rules)]


def judge(page):
    """What axe finds on a desk and, of layout and colour, on the narrowest screen; and what sticks out of that."""
    page.evaluate(AXE)
    return faults_at(page, DESKTOP) + faults_at(page, NARROW, LAYOUT) + page.evaluate(SPILLS)


def judge_repainted(page, cast):
    """The same page in another house style, which changes its colours: their contrast."""
    address = f"/{cast.slug}/huisstijl-{cast.municipality.theme_hash}.css"
    return faults_at(page, NARROW, COLOURS) if page.evaluate(REPAINT, address) else []


def judge_for_everybody(page):
    """The same page in the other ways in which somebody may see it, without loading it once more.

    Those rules of axe that look at layout and colour are asked again on a tablet and in forced colours; the others
    judge the same markup everywhere. The keyboard goes through it once, where the room is smallest and the system draws
    the focus.
    """
    faults = faults_at(page, TABLET, LAYOUT) + page.evaluate(SPILLS)
    page.emulate_media(forced_colors="active")
    faults += faults_at(page, NARROW, LAYOUT) + eyes.keyboard_faults(page)
    page.emulate_media(forced_colors="none")
    return faults + judge_with_large_letters(page)


def judge_with_large_letters(page):
    """Letters of twice the size, set in the browser, cut nothing off and push nothing aside (WCAG 1.4.4 and 1.4.10)."""
    settings, faults = page.context.new_cdp_session(page), []
    settings.send("Page.setFontSizes", {"fontSizes": TWICE_THE_LETTERS})
    for width in (DESKTOP, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        faults += [f"large letters, {width} px: {fault}" for fault in page.evaluate(eyes.CLIPPED)]
        faults += [f"large letters, {width} px: {fault}" for fault in page.evaluate(SPILLS)]
    settings.send("Page.setFontSizes", {"fontSizes": LETTERS})
    settings.detach()
    return faults


@pytest.mark.timeout(600)
def test_no_page_is_closed_to_anybody(visit, casts):
    users = scenes.visitors(*casts)
    pages = {who: visit(who=user, public=who != "guest") for who, user in users.items()}
    found, seen = [], set()
    for scene in scenes.every_scene(*casts):
        page = open_scene(pages[scene.who], scene)
        seen |= {name_of(scene.path), name_of(page.url)}
        faults = judge(page) + judge_repainted(page, casts[1])
        faults += judge_for_everybody(page) if scene.who in {"public", "guest"} else []
        found += [f"{scene.name}: {fault}" for fault in faults]
    assert found == []
    assert {name for name in ADDRESSES if access_of(name) == "public"} - seen == NO_PAGE


@pytest.mark.timeout(600)
def test_no_public_page_is_closed_to_anybody_without_scripts(visit, casts):
    """No script of a page arrives; with scripts switched off altogether axe could not run either."""
    page, found, kept_away = visit(), [], []
    page.route("**/*.js", lambda route: (kept_away.append(route.request.url), route.abort()))
    for scene in scenes.for_everybody(*casts):
        open_scene(page, scene)
        page.evaluate(AXE)
        found += [f"{scene.name}: {fault}" for fault in faults_at(page, NARROW) + page.evaluate(SPILLS)]
    assert found == []
    assert len(kept_away) > 50


def test_the_way_to_another_municipality_is_open_to_everybody(visit, watch, make_cast, live_server):
    """From a municipality's own host one goes on by a link, since a form may not lead to another host."""
    port = live_server.thread.port
    dorp, stad = make_cast("dorp", host="dorp.localhost"), make_cast("stad", area_codes=["GM0363"])
    watch.elsewhere = (f"http://dorp.localhost:{port}/",)
    [(_name, draft)] = scenes.drafts_looked_up(dorp, {"elsewhere": "GM0363"})
    page = visit()
    page.goto(f"http://dorp.localhost:{port}/dorp/signaal/{draft.pk}/adres/")
    walk.press(page, "button[value=move]")
    assert page.locator("main a.utrecht-button").get_attribute("href").startswith(f"{stad.municipality.base_url}/stad/")
    assert judge(page) + judge_for_everybody(page) == []


def test_the_judge_sees_a_fault_when_there_is_one(visit, dorp):
    page = visit()
    page.goto("/dorp/")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img width=700 height=9>')")
    nameless, spill = judge(page)
    assert nameless.startswith("at 1280 px: image-alt")
    assert "<img width" in spill
    page.evaluate("document.querySelector('main h1').style.color = '#ddd'")
    assert [fault.partition(" px: ")[0] for fault in judge(page) if "color-contrast" in fault] == ["at 1280", "at 320"]


def test_another_house_style_is_really_worn(visit, dorp, make_cast):
    pale = make_cast("bleek")
    # Nobody can set it: the page refuses it, and so do the command and the model.
    pale.municipality.house_style = {"--basis-color-default-color-default": "#eeeeee"}
    with tenant(pale.municipality.pk):
        pale.municipality.save(update_fields=["house_style"])
    page = visit()
    page.goto("/dorp/")
    assert judge(page) == []
    assert any("color-contrast" in fault for fault in judge_repainted(page, pale))
