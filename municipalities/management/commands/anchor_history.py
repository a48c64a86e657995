import json
import sys

from django.core.management.base import BaseCommand

from municipalities.anchor_actions import anchor_all
from municipalities.tenancy import refuse_all_seeing_role


class Command(BaseCommand):
    help = (
        "Anchor the end of every ledger outside the database. Safe to repeat; one JSON line, exit 1 on contradiction."
    )

    def handle(self, **options):
        refuse_all_seeing_role()
        result = anchor_all()
        self.stdout.write(json.dumps(result.as_dict()))
        if result.contradicted:
            sys.exit(1)
