"""Numbers so coarse that nobody can be found in them.

Statistics Netherlands (CBS) publishes about the inhabitants of a postcode from five up; five is the floor here too.
**Every number is rounded down to a multiple of five, each by itself, totals as well, and what is below five is "<5".**
So a number stands for five possible ones, and "<5" for 0, 1, 2, 3 and 4: a nought that can be told apart would say of a
whole group what they are not, and of the rest what they are.

Rounded to the nearest five, two cells of "<5" under a total of "10" would both have to be 4. Rounded down, the most
that the cells of a table can add up to lies at least one above what their total begins with, as long as the number of
cells is no multiple of five (each cell can be 4 more than it says, and 4 times the number of cells is no multiple of
five either). That one leaves every "<5" two values or more; docs/figures.md has the proof, tests/test_small_cells.py
looks for exceptions. Nothing on a page or in a file is worked out from anything but these numbers.
"""

from dataclasses import dataclass

STEP = 5
ELSEWHERE = "elsewhere"


def published(amount):
    """The number as it may be known: a multiple of five, or None for less than five."""
    return amount - amount % STEP if amount >= STEP else None


def shown(number):
    """A published number as text."""
    return f"<{STEP}" if number is None else str(number)


def merged(amounts):
    """{area: amount} of the areas that are large enough to be named, in order, and of all others together."""
    named = {area: amounts[area] for area in sorted(amounts) if amounts[area] >= STEP}
    return named | {ELSEWHERE: sum(amounts.values()) - sum(named.values())}


@dataclass(frozen=True)
class Share:
    """A percentage out of published numbers: `about`, and from `least` to `most` what it can really be."""

    about: int
    least: int
    most: int


def share(part, whole):
    """The Share of one published number in another; None when either is less than five."""
    if part is None or whole is None:
        return None
    most = min(100, -(-100 * (part + STEP - 1) // whole))
    return Share(round(100 * part / whole), 100 * part // (whole + STEP - 1), most)
