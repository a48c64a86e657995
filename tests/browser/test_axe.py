"""Every page in every state against WCAG 2.2 AA as far as a machine can judge it, in both widths and house styles."""

import json
from datetime import timedelta
from pathlib import Path

import axe_playwright_python
import pytest

from municipalities.tenancy import tenant
from tests.browser import scenes
from tests.browser.conftest import DESKTOP, PHONE
from tests.figure_pages import let_the_quarter_end

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RUN = """async (runOnly) => {
  const found = await axe.run({runOnly, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`));
}"""
SPILLS = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > room + 1);
  return [`${document.documentElement.scrollWidth} px: ${wide.map((node) => node.outerHTML.slice(0, 80))}`];
}"""
# The stylesheet of the other house, as the server gives it to that municipality's own pages.
REPAINT = """async (address) => {
  const link = document.querySelector("link[href*='/huisstijl-']");
  if (!link || link.getAttribute("href") === address) return false;
  await new Promise((done, fail) => { link.onload = done; link.onerror = fail; link.href = address; });
  return true;
}"""
NARROW = 320
STYLES = Path(__file__).parents[2] / "municipalities" / "demo"


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
    """What axe finds in both widths, and what sticks out of the narrowest screen that WCAG asks for."""
    page.evaluate(AXE)
    faults = faults_at(page, DESKTOP) + faults_at(page, PHONE)
    page.set_viewport_size({"width": NARROW, "height": 800})
    return faults + page.evaluate(SPILLS)


def judge_repainted(page, cast):
    """The same page in another house style, which changes its colours: their contrast."""
    address = f"/{cast.slug}/huisstijl-{cast.municipality.theme_hash}.css"
    return faults_at(page, PHONE, COLOURS) if page.evaluate(REPAINT, address) else []


@pytest.mark.timeout(600)
def test_no_page_is_closed_to_anybody(visit, casts):
    users = scenes.visitors(*casts)
    pages = {who: visit(who=user, public=who != "guest") for who, user in users.items()}
    found = []
    for scene in scenes.every_scene(*casts):
        page = open_scene(pages[scene.who], scene)
        found += [f"{scene.name}: {fault}" for fault in judge(page) + judge_repainted(page, casts[1])]
    assert found == []


def test_the_judge_sees_a_fault_when_there_is_one(visit, dorp):
    page = visit()
    page.goto("/dorp/")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img width=700 height=9>')")
    nameless, nameless_on_a_phone, spill = judge(page)
    assert nameless.startswith("at 1280 px: image-alt")
    assert nameless_on_a_phone.startswith("at 360 px: image-alt")
    assert "<img width" in spill


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
