import getpass
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from municipalities.actions import create_user
from municipalities.models import Municipality
from municipalities.permissions import Role


class Command(BaseCommand):
    help = "Give somebody a role in a municipality. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--email", required=True)
        parser.add_argument("--municipality", required=True, help="its slug")
        parser.add_argument("--role", required=True, choices=[role.value for role in Role])
        parser.add_argument("--organisation", default="", help="compulsory for a worker; made when it is new")
        parser.add_argument("--name", default="")
        parser.add_argument("--deputy", dest="is_deputy", action="store_true", help="takes over from the coordinators")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *, municipality, password_stdin, **options):
        try:
            place = Municipality.objects.get(slug=municipality)
        except Municipality.DoesNotExist:
            raise CommandError(f"there is no municipality /{municipality}/") from None
        fields = {key: options[key] for key in ("email", "role", "organisation", "name", "is_deputy")}
        try:
            user, made = create_user(municipality=place, password=self.password(password_stdin), **fields)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        except IntegrityError:
            raise CommandError("a worker needs an --organisation") from None
        self.stdout.write(f"{'made' if made else 'changed'} user {user.pk} as {options['role']}")

    def password(self, from_stdin):
        if from_stdin:
            password = sys.stdin.readline().rstrip("\n")
        elif sys.stdin.isatty():
            password = getpass.getpass("Password (empty: keep, or set by mail): ")
        else:
            return None
        if password:
            validate_password(password)
        return password or None
