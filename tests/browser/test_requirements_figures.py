"""What is required of figures (R37 and R38), in a browser: drawings with their numbers, and nobody in them."""

import csv

import pytest

from tests.browser.conftest import PHONE
from tests.cast import WHO
from tests.figure_pages import let_the_quarter_end
from tests.test_small_cells import known, possible, published, sums

SELF = {"wie-bent-u": WHO | {"kind": "", "meeting": "home"}, "zorg": {"signs": ["nobody"], "story": ""}}
# Of every table: its rows, and what is drawn of it, if anything.
READ = """() => [...document.querySelectorAll("section.figure")].map((figure) => {
  const text = (selector) => [...figure.querySelectorAll(selector)].map((node) => node.textContent.trim());
  const svg = figure.querySelector("svg");
  return {
    title: text("h2")[0],
    labels: text("tbody th[scope=row]"),
    numbers: text("tbody td:nth-child(2)"),
    headings: text("thead th[scope=col]").length,
    caption: text("table caption")[0],
    drawn: svg && {
      role: svg.getAttribute("role"),
      name: svg.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id).textContent),
      first: svg.firstElementChild.localName,
      numbers: text("svg .chart__value"),
      bars: [...svg.querySelectorAll("rect")].map((bar) => {
        const box = bar.getBBox();
        return svg.querySelector("path") ? box.height : box.width;
      }),
    },
  };
})"""
# What a page could bring along from elsewhere, or by itself.
BROUGHT = """() => ({
  scripts: [...document.scripts].map((script) => new URL(script.src || location.href).origin),
  inline: document.querySelectorAll("[style], main script, main style, main img, main canvas, main iframe").length,
})"""


@pytest.fixture
def busy(live_server, make_cast, monkeypatch):
    """Two thirds about somebody else, half of them visited."""
    let_the_quarter_end(monkeypatch)
    cast = make_cast("dorp")
    for number in range(18):
        signal = cast.signal(about="self", **SELF) if number % 3 == 0 else cast.signal()
        if number % 2:
            cast.contact(signal)
    return cast


def test_r37_charts_are_svg_with_the_same_numbers_in_a_table(visit, busy):
    """Also on paper; the watch over every page refuses whatever comes from elsewhere."""
    page, asked = visit(PHONE, who=busy.manager), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/dorp/cijfers/")
    found = page.evaluate(READ)
    drawn = [figure for figure in found if figure["drawn"]]
    assert len(found) == 7
    assert len(drawn) == 7
    for figure in drawn:
        chart = figure["drawn"]
        assert (chart["role"], chart["first"]) == ("img", "title")
        assert chart["name"][0] == figure["title"]
        assert all(f"{label}: {number}" in chart["name"][1] for label, number in rows_of(figure))
        assert chart["numbers"] == figure["numbers"]
        numbers = [int(number) for number in figure["numbers"] if number != "<5"]
        assert [round(bar / max(chart["bars"]), 2) for bar in chart["bars"]] == [
            round(number / max(numbers), 2) for number in numbers
        ]
        assert figure["caption"]
        assert figure["headings"] >= 2
    origin, brought = page.evaluate("location.origin"), page.evaluate(BROUGHT)
    assert asked
    assert [url for url in asked if not url.startswith(f"{origin}/")] == []
    assert (set(brought["scripts"]), brought["inline"]) == ({origin}, 0)
    printed_well(page)


def rows_of(figure):
    return zip(figure["labels"], figure["numbers"], strict=True)


def printed_well(page):
    """The menu and the choice stay on the screen; a chart stays with its table, dark enough without colour."""
    page.emulate_media(media="print")
    assert not page.locator(".staff-nav").is_visible()
    assert not page.locator("form.filters").is_visible()
    assert page.locator("svg.chart").first.is_visible()
    look = "(node) => [getComputedStyle(node).breakInside, getComputedStyle(node.querySelector('rect')).fill]"
    assert page.locator("section.figure").first.evaluate(look) == ["avoid", "rgb(85, 85, 85)"]
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="screen")


def test_r38_small_numbers_cannot_be_worked_out(visit, busy, make_cast):
    """Page and file leave every small number two values or more, and say the same of two signals as of none."""
    page = visit(who=busy.manager)
    page.goto("/dorp/cijfers/")
    found = {figure["title"]: list(rows_of(figure)) for figure in page.evaluate(READ)}
    assert {title: rows for title, rows in filed(page).items() if title != "Samen"} == found
    total = page.locator(".figures dd").first.inner_text()
    assert total == "15"
    behind = known(published)
    cells = {
        title: [behind[None if number == "<5" else int(number)] for _label, number in rows]
        for title, rows in found.items()
    }
    areas, kinds = cells.pop("Waar de persoon woont"), cells.pop("Wie meldt over iemand anders")
    assert len(areas) == 2
    cells["Over wie"][1] &= sums(kinds)
    assert all(len(cell) > 1 for table in possible(list(cells.values()), behind[int(total)]) for cell in table)
    assert nothing_said(visit, make_cast("leeg")) == nothing_said(visit, make_cast("klein"), signals=2)


def nothing_said(visit, cast, signals=0):
    for _ in range(signals):
        cast.contact(cast.signal())
    page = visit(who=cast.manager)
    page.goto(f"/{cast.slug}/cijfers/")
    assert page.locator("svg.chart").count() == 0
    assert {number for figure in page.evaluate(READ) for number in figure["numbers"]} == {"<5"}
    return page.locator("main").inner_text(), filed(page)


def filed(page):
    """{table: [(row, number)]} of the file behind the link."""
    with page.expect_download() as download:
        page.click("a[href*='/cijfers/bestand/']")
    found = {}
    with open(download.value.path(), newline="") as file:
        for line in csv.DictReader(file):
            found.setdefault(line["Tabel"], []).append((line["Rij"], line["Aantal"]))
    return found
