import json

from django.core.management.base import BaseCommand, CommandError

from followup.actions.escalation import sweep
from municipalities.tenancy import refuse_all_seeing_role


class Command(BaseCommand):
    help = "One pass of the escalation sweep. Safe to run any number of times, at the same moment, from anywhere."

    def add_arguments(self, parser):
        parser.add_argument("--caller", default="command", help="who sweeps, for the watchdog")

    def handle(self, *, caller, **options):
        refuse_all_seeing_role()
        result = sweep(caller=caller)
        self.stdout.write(json.dumps(result.as_dict()))
        if result.failed:
            raise CommandError(f"{result.failed} steps could not be taken")
