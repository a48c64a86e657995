"""How a table of published numbers is drawn: where each bar begins and how long it is. What is "<5" gets no bar."""

from dataclasses import dataclass

WIDTH = 320
# Of a row: the label above, the bar below it, and room for the number behind the longest bar.
ROW, BAR_TOP, BAR, LONGEST = 46, 20, 16, 276
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
    def label_y(self):
        return self.y - 6

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
    scale = LONGEST / _largest(rows)
    bars = [Bar(row, 0, ROW * place + BAR_TOP, _scaled(row.number, scale), BAR) for place, row in enumerate(rows)]
    return Chart("figures/lying.html", ROW * len(rows), bars)


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
