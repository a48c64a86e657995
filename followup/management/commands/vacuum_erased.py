from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from municipalities.models import OutboxMessage, VaultKey
from signals.models import Draft, Reporter, Resident, Signal

BLANKED = (VaultKey, Signal, Reporter, Resident, OutboxMessage, Draft)


class Command(BaseCommand):
    help = (
        "Write the tables anew from which something was erased, so that nothing of it is left in their files. "
        "As the owner of the tables; every night. A table is locked while it is written. The old files go with the "
        "database's next checkpoint, within minutes."
    )

    def handle(self, **options):
        if "owner" not in connections.databases:
            raise CommandError("DATABASE_OWNER_URL is missing: only the owner of the tables can write them anew.")
        with connections["owner"].cursor() as cursor:
            for model in BLANKED:
                cursor.execute(f"VACUUM FULL {model._meta.db_table}")
        self.stdout.write(f"{len(BLANKED)} tables written anew")
