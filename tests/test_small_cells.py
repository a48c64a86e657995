"""Nobody who knows every published table can work out a small number: tried on every municipality that is small enough,
and on tables as they stand on the page by what can lie behind them."""

import random
from datetime import date
from itertools import product

import pytest

from followup import figures
from followup.small_cells import ELSEWHERE, STEP, merged, published, share, shown
from tests.figure_pages import EVERY, file_of, let_count, let_the_quarter_end, some_counts

SMALL = range(STEP)


def nearest(amount):
    """The scheme that comes to mind first, and does not hold."""
    return round(amount / STEP) * STEP if amount >= STEP else None


def known(rule, largest=1000):
    """{published number: what can lie behind it}."""
    behind = {}
    for amount in range(largest):
        behind.setdefault(rule(amount), set()).add(amount)
    return behind


# -- every municipality that is small enough, one by one


def populations(cells, most):
    """Every way in which at most so many signals can fall into these cells."""
    return (split for split in product(range(most + 1), repeat=cells) if sum(split) <= most)


def three_tables(split):
    """About whom (2), who of the others (2), and the promise (3) of signals that are counted by all of that at once."""
    self_in, self_late, self_none, near, shop, other_late = split
    about = [self_in + self_late + self_none, near + shop + other_late]
    return [about, [near, shop + other_late], [self_in + near, self_late + other_late, self_none + shop], [sum(split)]]


def pinned_in(rule, most, complete):
    """Small numbers that what is published leaves one value only, over everything that publishes the same."""
    behind = {}
    for split in populations(6, most):
        exact = [amount for table in three_tables(split) for amount in table]
        behind.setdefault(tuple(map(rule, exact)), []).append(exact)
    return [
        said
        for said, all_exact in behind.items()
        # What more signals than were tried could publish as well is not judged.
        if (said[-1] or 0) < complete
        for place, number in enumerate(said)
        if number is None and len({exact[place] for exact in all_exact}) < 2
    ]


def test_among_all_small_municipalities_none_gives_a_number_away():
    assert pinned_in(published, most=9, complete=10) == []


def test_rounding_to_the_nearest_five_does_give_numbers_away():
    assert pinned_in(nearest, most=12, complete=11) != []


# -- tables of any size: every sum that their cells can have


def sums(cells):
    """Every total that can lie behind cells of which these are the possible values."""
    found = {0}
    for values in cells:
        found = {so_far + value for so_far in found for value in values}
    return found


def possible(tables, totals):
    """[[what each cell can be]] of tables that each make up one and the same total; `totals` is what that can be."""
    totals = totals.intersection(*(sums(table) for table in tables))
    judged = []
    for table in tables:
        rest = [sums(table[:place] + table[place + 1 :]) for place in range(len(table))]
        judged.append(
            [
                {value for value in cell if any(total - value in others for total in totals)}
                for cell, others in zip(table, rest, strict=True)
            ]
        )
    return judged


def pinned(tables, rule=published):
    """The small cells of these exact tables (all of the same total) that are left one value."""
    behind = known(rule)
    said = [[behind[rule(amount)] for amount in table] for table in tables]
    judged = possible(said, behind[rule(sum(tables[0]))])
    return [
        amount
        for table, cells in zip(tables, judged, strict=True)
        for amount, values in zip(table, cells, strict=True)
        if rule(amount) is None and len(values) < 2
    ]


def test_the_judge_sees_what_is_given_away():
    assert pinned([[4, 4]], nearest) == [4, 4]
    assert pinned([[4] * 5]) == [4] * 5, "a table whose number of cells is a multiple of five"
    assert pinned([[4, 4]]) == []


@pytest.mark.parametrize("cells", [2, 3, 6, 9, 12, 13])
def test_the_extremes_give_nothing_away(cells):
    for others, amount in product(range(10), SMALL):
        for large in range(cells):
            assert pinned([[amount] * (cells - large) + [others + 5] * large]) == []


def test_no_two_tables_of_the_same_signals_give_a_number_away():
    made = random.Random(48)
    for _ in range(400):
        total, tables = made.choice([6, 9, 14, 24, 30, 48, 49, 60]), []
        for cells in made.sample([2, 3, 9, 12, 13], 3):
            table = [0] * cells
            for _signal in range(total):
                table[made.choice(range(made.choice([2, cells])))] += 1
            tables.append(table)
        assert pinned(tables) == []


# -- the page itself


@pytest.mark.parametrize("month", range(1, 13))
def test_every_table_of_every_page_can_stand_beside_its_total(month):
    choices = (figures.PROMISE, figures.ABOUT, figures.KINDS, figures.SOURCES, figures.OUTCOMES)
    cells = [len(table) for table in choices]
    cells += [len(period.months()) for period in EVERY(date(2026, month, 9)) if period.is_a_year]
    # By which they keep their secret: see followup/small_cells.py.
    assert [number for number in cells if number % STEP == 0] == []


@pytest.mark.parametrize("seed", range(12))
def test_the_file_gives_no_small_number_away(seed, dorp, monkeypatch):
    """All of it at once: what the totals, the parts and the parts of a part can be."""
    let_the_quarter_end(monkeypatch)
    let_count(monkeypatch, **some_counts(seed))
    behind, tables = known(published), {}
    for line in file_of(dorp.client("manager"), dorp.slug):
        number = None if line["Aantal"] == "<5" else int(line["Aantal"])
        tables.setdefault(line["Tabel"], []).append(behind[number])
    (total,) = tables.pop("Samen")
    tables.pop("Waar de persoon woont")
    kinds = tables.pop("Wie meldt over iemand anders")
    about = list(tables).index("Over wie")
    others = tables["Over wie"][1] & sums(kinds)
    tables["Over wie"] = [tables["Over wie"][0], others]
    judged = possible(list(tables.values()), total)
    judged += possible([kinds], judged[about][1])
    assert all(len(cell) > 1 for table in judged for cell in table)


def test_what_is_published():
    assert [published(amount) for amount in (0, 1, 4, 5, 9, 10, 14)] == [None, None, None, 5, 5, 10, 10]
    assert [shown(published(amount)) for amount in (0, 4, 5, 103)] == ["<5", "<5", "5", "100"]


def test_areas_below_five_are_one():
    assert merged({"9992": 4, "1234": 5, "1233": 9}) == {"1233": 9, "1234": 5, ELSEWHERE: 4}
    assert merged({}) == {ELSEWHERE: 0}


def test_the_true_share_lies_within_what_is_said():
    for part, more in product(range(5, 60), range(60)):
        whole = part + more
        said = share(published(part), published(whole))
        assert said.least <= 100 * part / whole <= said.most <= 100
        assert said.least <= said.about <= said.most
    assert share(None, 10) is None
