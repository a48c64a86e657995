"""The page of figures and its file as a reader finds them, and periods in which the present month is over."""

import csv
import io
import random
import re
from datetime import date
from html import unescape

from django.urls import reverse
from django.utils import timezone

from followup import figures, periods

SECTION = re.compile(r'<section class="figure" id="(\w+)">(.*?)</section>', re.DOTALL)
ROW = re.compile(r'<th scope="row"[^>]*>(.*?)</th>\s*<td[^>]*>(.*?)</td>', re.DOTALL)
VALUE = re.compile(r'<text class="chart__value[^"]*"[^>]*>(.*?)</text>')
DESC = re.compile(r"<desc[^>]*>(.*?)</desc>")
EVERY = periods.every


def next_quarter():
    """The first day of the quarter after the present one: what came in until now came in during a finished one."""
    today = timezone.localdate()
    month = today.month - (today.month - 1) % 3 + 3
    return date(today.year + (month > 12), (month - 1) % 12 + 1, 1)


def let_the_quarter_end(monkeypatch):
    monkeypatch.setattr(periods, "every", lambda today: EVERY(next_quarter()))


def this_year():
    """The newest period, after `let_the_quarter_end`."""
    return periods.every(timezone.localdate())[0]


def let_count(monkeypatch, hours=None, **tables):
    """What the database would count, for pages that are only looked at: `promise={"late": 7}`, and so on."""
    counts = {"all": {"all": sum(tables.get("promise", {}).values())}, "hours": {"median": hours}} | tables
    monkeypatch.setattr(figures, "_counted", lambda period: counts)


def some_counts(seed):
    """Numbers of a municipality of which nobody knows anything, up to some hundreds."""
    made = random.Random(seed)
    size = made.choice([3, 9, 40, 400])
    tables = {"month": {f"{day:%Y-%m}": 0 for day in this_year().months()}}
    for key, choices in (
        ("promise", figures.PROMISE),
        ("about", figures.ABOUT),
        ("source", figures.SOURCES),
        ("outcome", figures.OUTCOMES),
    ):
        tables[key] = {cell: 0 for cell, _label in choices}
    tables["area"] = {str(code): 0 for code in range(1000, 1012)}
    for cells in tables.values():
        for _ in range(size):
            cells[made.choice(sorted(cells, key=str)[: made.choice([2, 3, 99])])] += 1
    tables["kind"] = {cell: 0 for cell, _label in figures.KINDS}
    for _ in range(tables["about"]["other"]):
        tables["kind"][made.choice(list(tables["kind"]))] += 1
    return tables


def page_of(client, slug, **asked):
    return client.get(reverse("figures", args=[slug]), asked)


def file_of(client, slug, **asked):
    """[{column: text}] of the file."""
    answer = client.get(reverse("figures_file", args=[slug]), asked)
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def main_of(page):
    """What the page says, without its frame."""
    return re.search(r"<main.*?</main>", page.content.decode(), re.DOTALL)[0]


def tables_of(page):
    """{table: [(row, number)]}, as they stand in the tables."""
    return {key: _rows(inside) for key, inside in SECTION.findall(main_of(page))}


def charts_of(page):
    """{table: (numbers that are drawn, description)} of the tables that have a drawing."""
    found = {key: (VALUE.findall(inside), DESC.findall(inside)) for key, inside in SECTION.findall(main_of(page))}
    return {
        key: ([unescape(value) for value in values], unescape(desc[0])) for key, (values, desc) in found.items() if desc
    }


def _rows(inside):
    return [(unescape(label).strip(), unescape(number).strip()) for label, number in ROW.findall(inside)]
