import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from municipalities import vault, vault_versions
from municipalities.models import Municipality
from municipalities.tenancy import refuse_all_seeing_role


class Command(BaseCommand):
    help = (
        "Bring every key and second factor under the newest version in VAULT_KEYS, and the fingerprints by which "
        "addresses are found; the sealed texts stay as they are. Safe to stop, to repeat and beside a running "
        "portal. One JSON line: what was done, and what is under each version; exit 1 when something did not open."
    )

    def add_arguments(self, parser):
        parser.add_argument("--municipality", metavar="SLUG", help="only the keys of this one")

    def handle(self, *, municipality, **options):
        refuse_all_seeing_role()
        places = Municipality.objects.order_by("pk")
        if municipality:
            places = places.filter(slug=municipality)
            if not places:
                raise CommandError(f"there is no municipality /{municipality}/")
        told = [vault_versions.rewrap_keys(place.pk) for place in places]
        told += [vault_versions.reseal_sign_ons(place.pk) for place in places]
        fingerprint_anew = import_string(settings.ROTATION_VERB)
        addresses = sum(fingerprint_anew(place.pk) for place in places)
        if not municipality:
            told.append(vault_versions.reseal_second_factors())
        failed = sum(closed for _done, closed in told)
        report = {
            "newest": vault.current_version(),
            "brought_along": sum(done for done, _closed in told),
            "addresses": addresses,
            "failed": failed,
            "under": vault_versions.under_each_version(),
            "missing": vault_versions.missing_versions(),
        }
        self.stdout.write(json.dumps(report))
        if failed:
            raise CommandError(f"{failed} could not be opened; they stay as they are. Is VAULT_KEYS complete?")
