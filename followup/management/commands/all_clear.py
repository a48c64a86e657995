import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from followup import all_clear
from municipalities.tenancy import refuse_all_seeing_role


class Command(BaseCommand):
    help = "Queue the mail of this morning where that is not done yet. Safe to repeat; one JSON line."

    def handle(self, **options):
        refuse_all_seeing_role()
        self.stdout.write(json.dumps({"queued": all_clear.queue_due(timezone.now())}))
