import json

from django.core.management.base import BaseCommand

from municipalities import outbox
from municipalities.password_actions import answer_password_requests
from municipalities.tenancy import refuse_all_seeing_role


class Command(BaseCommand):
    help = "Deliver the mail that is waiting: one pass, one JSON line."

    def handle(self, **options):
        refuse_all_seeing_role()
        answer_password_requests()
        self.stdout.write(json.dumps(outbox.deliver()))
