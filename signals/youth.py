"""Where children and young people can turn: shown on the form to whoever says that it is about one."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from municipalities.models.own_texts import explanation


@dataclass(frozen=True)
class Line:
    """A number to call. `language` is that of the explanation, where it is another than the page's."""

    name: str
    number: str
    explanation: str
    language: str = ""


# National, as of November 2026.
LINES = (
    Line(
        "Kindertelefoon", "0800 0432", _("For children and young people up to 18. Free, every day from 11:00 to 21:00.")
    ),
    Line("Veilig Thuis", "0800 2000", _("When it is not safe at home. Free, day and night.")),
)


def lines_for(municipality):
    """What the municipality has itself first, then the national lines."""
    return [*(_own(entry) for entry in municipality.youth_lines), *LINES]


def _own(entry):
    text, code = explanation(entry)
    return Line(entry["name"], entry["number"], text, "" if code == get_language() else code)
