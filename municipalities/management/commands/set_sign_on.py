import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from municipalities.models import Municipality
from municipalities.sign_on_actions import set_sign_on


class Command(BaseCommand):
    help = (
        "Let the staff of a municipality log in with its own OpenID Connect provider. Safe to repeat. A command and "
        "not a page: whoever names the issuer decides who can be any colleague of that municipality."
    )

    def add_arguments(self, parser):
        parser.add_argument("--municipality", required=True, help="its slug")
        parser.add_argument("--issuer", help="exactly as the provider names itself; another one knows nobody any more")
        parser.add_argument("--client-id")
        parser.add_argument("--secret-stdin", action="store_true", help="read the client secret from standard input")
        parser.add_argument("--off", action="store_true", help="nobody gets in this way; passwords still work")

    def handle(self, *, municipality, issuer, client_id, secret_stdin, off, **options):
        try:
            place = Municipality.objects.get(slug=municipality)
        except Municipality.DoesNotExist:
            raise CommandError(f"there is no municipality /{municipality}/") from None
        secret = sys.stdin.readline().strip() if secret_stdin else None
        try:
            row = set_sign_on(municipality=place, issuer=issuer, client_id=client_id, secret=secret, is_active=not off)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(f"sign-on of /{place.slug}/ is {'on' if row.is_active else 'off'}")
