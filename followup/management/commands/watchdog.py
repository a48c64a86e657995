import json
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from followup import watchdog
from followup.ping import ping_when_fine


class Command(BaseCommand):
    help = "Check the promise as facts. One JSON line; exit 1 when a fact breaks it."

    def add_arguments(self, parser):
        parser.add_argument("--ping", action="store_true", help="call DEADMAN_URL when all facts are fine")

    def handle(self, *, ping, **options):
        if ping and not settings.DEADMAN_URL:
            raise CommandError("there is nobody to call: DEADMAN_URL is not set")
        facts = watchdog.look()
        failures = facts.failures()
        told = {"pinged": ping_when_fine(facts)} if ping else {}
        self.stdout.write(json.dumps({**vars(facts), "running": facts.running_by_kind(), "failures": failures, **told}))
        if failures:
            sys.exit(1)
