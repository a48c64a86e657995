"""What a provider of addresses answers. A provider is one function: `lookup(postcode, number)`.

It is given a postcode as '1234AB' and a number in digits, and nothing about anybody. It returns a list of `Answer`,
one for each addition; empty when there is no such address. It raises `Unavailable`, and nothing else.
"""

from dataclasses import dataclass


class Unavailable(Exception):
    """There is no answer at this moment. Carries nothing of what was asked."""


@dataclass(frozen=True)
class Answer:
    """One address at this postcode and number.

    `addition` is None where the register knows of no additions; street and place are empty where it knows of none.
    `area` is the code of the municipality, like GM0599.
    """

    addition: str | None
    street: str = ""
    place: str = ""
    area: str = ""
    area_name: str = ""
