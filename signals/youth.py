"""Where children and young people can turn: shown on the form to whoever says that it is about one. National lines."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Line:
    name: str
    number: str
    explanation: str


LINES = (
    Line(
        "Kindertelefoon", "0800 0432", _("For children and young people up to 18. Free, every day from 11:00 to 21:00.")
    ),
    Line("Veilig Thuis", "0800 2000", _("When it is not safe at home. Free, day and night.")),
)
