import json
from pathlib import Path

import psycopg
from django.core.management.base import BaseCommand, CommandError

from municipalities.backups.erasures import ErasureLogError
from municipalities.backups.making import BackupError
from municipalities.backups.restoring import StaysClosed, restore
from municipalities.backups.sealed_file import SealedFileError


class Command(BaseCommand):
    help = (
        "Restore the newest backup, or the files that are named: refused by name before anything changes, or carried "
        "out, checked, and only then opened. The portal must be stopped. One JSON line."
    )

    def add_arguments(self, parser):
        parser.add_argument("--data", type=Path, metavar="FILE", help="otherwise the newest in BACKUP_FOLDER")
        parser.add_argument("--keys", type=Path, metavar="FILE", help="otherwise the newest in BACKUP_KEYS_FOLDER")
        parser.add_argument("--replace", action="store_true", help="replace all that is in the database")

        parser.add_argument(
            "--accept-history",
            action="store_true",
            help="open although verify_history finds faults: entries of after the backup are lost. The line shows them",
        )

    def handle(self, *, data, keys, replace, accept_history, **options):
        try:
            told = restore(data_path=data, keys_path=keys, replace=replace, accept_history=accept_history)
            self.stdout.write(json.dumps(told))
        except (BackupError, SealedFileError, ErasureLogError) as error:
            raise CommandError(f"Refused, nothing was changed: {error}") from None
        except psycopg.OperationalError as error:
            raise CommandError(f"The database does not answer ({type(error).__name__})") from None
        except StaysClosed as error:
            raise CommandError(f"The portal stays closed: {error}") from None
