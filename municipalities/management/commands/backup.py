import json

import psycopg
from django.core.management.base import BaseCommand, CommandError

from municipalities.backups.erasures import ErasureLogError
from municipalities.backups.making import BackupError, make_backup
from municipalities.backups.programs import ProgramError


class Command(BaseCommand):
    help = (
        "Write a backup, encrypted under BACKUP_KEY: a data file in BACKUP_FOLDER and a keys file in "
        "BACKUP_KEYS_FOLDER; then remove those that are too old. One JSON line."
    )

    def handle(self, **options):
        try:
            self.stdout.write(json.dumps(make_backup()))
        except (BackupError, ProgramError, ErasureLogError, psycopg.OperationalError) as error:
            raise CommandError(f"No backup was made: {error}") from None
