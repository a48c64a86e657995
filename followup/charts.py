"""How a table of published numbers is drawn: where each bar begins and how long it is. What is "<5" gets no bar."""

import textwrap
from dataclasses import dataclass

WIDTH = 320
# Of a row: the lines of the label, the bar below them, and room for the number behind the longest bar.
LINE, LETTERS, BAR, AFTER, LONGEST = 15, 44, 16, 12, 276
# Of a column: room for the number above, and for month and year below.
TALLEST, ABOVE, BELOW, GAP = 110, 16, 34, 6


@dataclass(frozen=True)
class Bar:
    """One drawn row. `length` is None for what is "<5"; `x` and `y` are where its bar begins."""

    row: object
    x: float
    y: float
    length: float | None
    thickness: float

    @property
    def lines(self):
        """[(y, text)] of the label above the bar."""
        texts = textwrap.wrap(self.row.label, LETTERS)
        return [(self.y - 6 - LINE * (len(texts) - 1 - place), text) for place, text in enumerate(texts)]

    @property
    def value_x(self):
        return self.x + (self.length + 6 if self.length else 0)

    @property
    def value_y(self):
        return self.y + 13


@dataclass(frozen=True)
class Column(Bar):
    """The same, standing on a line: `y` is the top of it."""

    @property
    def middle(self):
        return round(self.x + self.thickness / 2, 1)

    @property
    def above(self):
        return self.y - 4


@dataclass(frozen=True)
class Chart:
    """`template` draws it; `width` and `height` are those of the drawing, `foot` is where columns stand."""

    template: str
    height: int
    bars: list
    width: int = WIDTH
    foot: int = ABOVE + TALLEST


def lying(rows):
    """A chart of bars below each other; a row has `number`, a published one."""
    scale, bars, top = LONGEST / _largest(rows), [], 0
    for row in rows:
        top += LINE * len(textwrap.wrap(row.label, LETTERS)) + 5
        bars.append(Bar(row, 0, top, _scaled(row.number, scale), BAR))
        top += BAR + AFTER
    return Chart("figures/lying.html", top, bars)


def standing(rows):
    """A chart of columns next to each other, for what follows one another in time."""
    scale, room = TALLEST / _largest(rows), WIDTH / len(rows)
    columns = []
    for place, row in enumerate(rows):
        length = _scaled(row.number, scale)
        top = round(ABOVE + TALLEST - (length or 0), 1)
        columns.append(Column(row, round(room * place + GAP / 2, 1), top, length, round(room - GAP, 1)))
    return Chart("figures/standing.html", ABOVE + TALLEST + BELOW, columns)


def _largest(rows):
    return max((row.number or 0 for row in rows), default=0) or 1


def _scaled(number, scale):
    return None if number is None else round(number * scale, 1)
