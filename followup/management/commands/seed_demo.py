from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from followup import demo
from municipalities.models import Municipality
from municipalities.tenancy import act_as_owner


class Command(BaseCommand):
    help = "Two made-up municipalities with people and signals; only on an empty or a demo database. Safe to repeat."

    def handle(self, **options):
        if Municipality.objects.filter(is_demo=False).exists():
            raise CommandError("this database holds a real municipality; demo data is not put beside it")
        if not Municipality.objects.exists():
            act_as_owner()
            demo.seed(timezone.now())
        self.stdout.write(f"Demo logins, all with the password {demo.PASSWORD}")
        for slug, role, email in demo.logins():
            self.stdout.write(f"  /{slug}/  {role:16} {email}")
