import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from followup.verification import verify
from municipalities import anchors
from municipalities.tenancy import refuse_all_seeing_role


class Command(BaseCommand):
    help = "Verify the ledger of every municipality. One JSON line; names the first bad rows; exit 1 when there is one."

    def add_arguments(self, parser):
        parser.add_argument("--anchor", action="append", default=[], metavar="LINE", help="a line from a mail")
        parser.add_argument(
            "--mail", action="append", default=[], metavar="FILE", help="a file with mails in it; - reads"
        )
        parser.add_argument("--public-key", action="append", default=[], metavar="KEY", help="another key to trust")

    def handle(self, *, anchor, mail, public_key, **options):
        refuse_all_seeing_role()
        texts = [("--anchor", line) for line in anchor] + [(name, self.read(name)) for name in mail]
        report = verify(lines=[one for place, text in texts for one in self.lines(place, text)], keys=public_key)
        self.stdout.write(json.dumps(report.as_dict()))
        if report.fault_count:
            sys.exit(1)

    def read(self, name):
        try:
            return sys.stdin.read() if name == "-" else Path(name).read_text()
        except OSError as error:
            raise CommandError(f"{name} cannot be read: {type(error).__name__}") from None

    def lines(self, place, text):
        found = list(anchors.found_in(text, place))
        if not found:
            raise CommandError(f"{place} holds no whole line of an anchor")
        return found
