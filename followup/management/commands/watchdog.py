import json
import sys
from dataclasses import asdict

from django.core.management.base import BaseCommand

from followup import watchdog


class Command(BaseCommand):
    help = "Check the promise as facts. One JSON line; exit 1 when a fact breaks it."

    def handle(self, **options):
        facts = watchdog.look()
        failures = facts.failures()
        self.stdout.write(json.dumps({**asdict(facts), "failures": failures}))
        if failures:
            sys.exit(1)
