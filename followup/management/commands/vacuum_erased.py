import re
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from municipalities.models import OutboxMessage, VaultKey
from signals.models import Draft, Reporter, Resident, Signal

BLANKED = (VaultKey, Signal, Reporter, Resident, OutboxMessage, Draft)
# An older transaction may still look at what was erased; then PostgreSQL keeps it. A second each.
TRIES = 60
KEPT = re.compile(r"(\d+) dead row versions? cannot be removed yet")


class Command(BaseCommand):
    help = (
        "Write the tables anew from which something was erased, so that nothing of it is left in their files. "
        "As the owner of the tables; every night. A table is locked while it is written. The old files go with the "
        "database's next checkpoint, within minutes."
    )

    def handle(self, **options):
        if "owner" not in connections.databases:
            raise CommandError("DATABASE_OWNER_URL is missing: only the owner of the tables can write them anew.")
        kept = [model._meta.db_table for model in BLANKED if not self._written_anew(model._meta.db_table)]
        if kept:
            raise CommandError(f"An old transaction is still open, which keeps erased rows of {', '.join(kept)}.")
        self.stdout.write(f"{len(BLANKED)} tables written anew")

    def _written_anew(self, table):
        for _try in range(TRIES):
            if not _rows_kept(table):
                return True
            time.sleep(1)
        return False


def _rows_kept(table):
    """Write the table anew; how many dead rows it still holds."""
    details = []

    def note(notice):
        # What a notice says is there only now.
        details.append(notice.message_detail or "")

    with connections["owner"].cursor() as cursor:
        cursor.connection.add_notice_handler(note)
        try:
            cursor.execute(f"VACUUM (FULL, VERBOSE) {table}")
        finally:
            cursor.connection.remove_notice_handler(note)
    return sum(map(int, KEPT.findall(" ".join(details))))
