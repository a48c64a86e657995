import json
import re
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from municipalities.actions import create_municipality

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def duration(text):
    """'48h', '2m' or '1h30m' as elapsed time."""
    if not re.fullmatch(r"(\d+[dhms])+", text):
        raise ValueError(text)
    return sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([dhms])", text)), timedelta())


class Command(BaseCommand):
    help = "Make a municipality, or change one that is there. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--slug", required=True, help="the address, as in /rotterdam/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--host", help="its own host, like signaal.dorp.nl, which must lead to this portal")
        parser.add_argument(
            "--area-code", dest="area_codes", action="append", default=[], help="GM0599; may be repeated"
        )
        parser.add_argument("--response-window", type=duration, help="48h, 90m, 30s; elapsed time")
        parser.add_argument("--phone")
        parser.add_argument("--fallback-email", help="who gets a mail when nobody else can")
        parser.add_argument("--house-style", type=Path, help="a JSON file of design tokens")
        parser.add_argument("--danger-numbers", type=Path, help="a JSON file: a list of name, number, when")

    def handle(self, *, slug, name, house_style, danger_numbers, **options):
        given = ("host", "area_codes", "response_window", "phone", "fallback_email")
        settings = {key: options[key] for key in given if options[key] not in (None, [])}
        try:
            settings |= {
                key: json.loads(path.read_text())
                for key, path in {"house_style": house_style, "danger_numbers": danger_numbers}.items()
                if path
            }
            municipality, made = create_municipality(slug=slug, name=name, **settings)
        except (ValidationError, ValueError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{'made' if made else 'changed'} /{municipality.slug}/")
