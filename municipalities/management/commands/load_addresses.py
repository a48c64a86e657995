from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from municipalities.addresses import loading


class Command(BaseCommand):
    help = "Load the postcodes and house numbers of the country, as Statistics Netherlands publishes them each year."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?", help="pc6hnr….csv, also as .gz or in its .zip")
        parser.add_argument("--areas", type=Path, help="a CSV file of municipalities: code, name, phone, website")

    def handle(self, *, file, areas, **options):
        if not (file or areas):
            raise CommandError("name a file of addresses, or one of municipalities with --areas")
        if "owner" not in connections:
            raise CommandError("DATABASE_OWNER_URL is not set: only the owner of the tables loads addresses")
        try:
            if areas:
                self.stdout.write(f"{loading.load_areas(areas)} municipalities")
            if file:
                self.stdout.write(f"{loading.load(file)} addresses")
        except loading.BadFile as error:
            raise CommandError(str(error)) from None
