"""Which colours stand on which, and whether they can be told apart: WCAG 2.2, criteria 1.4.3 and 1.4.11.

Every pair that the stylesheet uses stands in the table below; a test holds it against the stylesheet.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities import tokens

TEXT, LARGE, PARTS = 4.5, 3.0, 3.0
NEEDS = {"text": TEXT, "large": LARGE, "parts": PARTS}
KINDS = {
    "text": gettext_lazy("text"),
    "large": gettext_lazy("large text"),
    "parts": gettext_lazy("lines and icons"),
}
COLOR = "--basis-color-"
PAGE = tuple(f"{COLOR}default-{ground}" for ground in ("bg-document", "bg-subtle", "bg-default"))
HOVER, CONTROL = f"{COLOR}action-1-bg-hover", "--basis-form-control-background-color"
MEANINGS = ("positive", "warning", "negative", "info")


def _pairs():
    """(kind, what stands on it, the ground) of every pair."""
    for ground in PAGE:
        for name in ("default-color-default", "default-color-subtle", "action-1-color-default", "action-1-color-hover"):
            yield "text", COLOR + name, ground
        yield "text", "--basis-heading-color", ground
        yield "text", f"{COLOR}negative-color-default", ground
        for name in ("--basis-form-control-border-color", f"{COLOR}action-1-border-default"):
            yield "parts", name, ground
        for name in ("--basis-focus-outline-color", f"{COLOR}negative-border-default"):
            yield "parts", name, ground
    for name in ("default-color-default", "default-color-subtle", "action-1-color-default", "action-1-color-hover"):
        yield "text", COLOR + name, HOVER
    for name in ("bg-default", "bg-hover", "bg-active"):
        yield "text", f"{COLOR}action-1-inverse-color-default", f"{COLOR}action-1-inverse-{name}"
    accent = f"{COLOR}accent-1-bg-subtle"
    yield "text", f"{COLOR}accent-1-color-default", accent
    yield "large", "--basis-heading-color", accent
    for meaning in MEANINGS:
        ground = f"{COLOR}{meaning}-bg-subtle"
        yield "text", f"{COLOR}{meaning}-color-default", ground
        yield "text", f"{COLOR}default-color-default", ground
    yield "text", "--basis-form-control-color", CONTROL
    yield "text", f"{COLOR}default-color-default", CONTROL
    yield "parts", "--basis-form-control-border-color", CONTROL
    yield "text", "--basis-focus-outline-color", "--basis-focus-background-color"
    for part in ("header", "footer"):
        yield "text", f"--utrecht-page-{part}-color", f"--utrecht-page-{part}-background-color"


PAIRS = tuple(_pairs())


@dataclass(frozen=True)
class Pair:
    """One pair with its ratio; `need` is what WCAG asks."""

    kind: str
    front: str
    back: str
    ratio: float
    need: float

    @property
    def is_enough(self):
        return self.ratio >= self.need

    @property
    def kind_label(self):
        return KINDS[self.kind]

    @property
    def shown_ratio(self):
        """Rounded down: 4.499 is not 4.5."""
        return int(self.ratio * 100) / 100


def luminance(rgb):
    """Relative luminance, from 0 (black) to 1 (white)."""
    parts = [value / 255 for value in rgb]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one, other):
    """How far apart two colours (red, green, blue) are: from 1 to 21, whichever comes first."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def pairs_of(house_style):
    """Every pair as this house style paints it, the weakest first."""
    found = tokens.full(house_style)
    rows = [
        Pair(kind, front, back, ratio(tokens.rgb_of(found[front]), tokens.rgb_of(found[back])), NEEDS[kind])
        for kind, front, back in PAIRS
    ]
    return sorted(rows, key=lambda pair: pair.ratio / pair.need)


def check_contrast(house_style):
    """Raises ValidationError with every pair that people cannot tell apart, its ratio and what is needed."""
    weak = [pair for pair in pairs_of(house_style) if not pair.is_enough]
    tokens.raise_all(
        [
            ValidationError(
                _("%(front)s on %(back)s has a contrast of %(ratio)s to 1. It must be %(need)s to 1 at least."),
                params={"front": pair.front, "back": pair.back, "ratio": pair.shown_ratio, "need": pair.need},
                code="contrast",
            )
            for pair in weak
        ]
    )


def check_house_style(house_style):
    """Only known tokens with fitting values, and every pair of colours readable. Raises ValidationError."""
    tokens.check_tokens(house_style)
    check_contrast(house_style)
