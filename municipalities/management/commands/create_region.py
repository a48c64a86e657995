from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from municipalities.models import Municipality
from municipalities.region_actions import create_region


class Command(BaseCommand):
    help = "Make a region of municipalities, or change one that is there. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--slug", required=True, help="the address, as in /regio/rijnmond/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--host", help="its own host, which must lead to this portal; empty takes it away")
        parser.add_argument(
            "--municipality", dest="slugs", action="append", required=True, help="its address; may be repeated"
        )

    def handle(self, *, slug, name, host, slugs, **options):
        places = list(Municipality.objects.active().filter(slug__in=slugs))
        if missing := sorted(set(slugs) - {place.slug for place in places}):
            raise CommandError(f"there is no municipality {', '.join(missing)}")
        try:
            region, made = create_region(slug=slug, name=name, host=host, municipalities=places)
        except ValidationError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{'made' if made else 'changed'} /regio/{region.slug}/")
