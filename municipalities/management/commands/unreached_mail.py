import json

from django.core.management.base import BaseCommand, CommandError

from municipalities import relay
from municipalities.actions import see_unreached_mail
from municipalities.models import Municipality, UnreachedMail
from municipalities.tenancy import refuse_all_seeing_role, tenant


class Command(BaseCommand):
    help = "Which urgent mails reached nobody, by reference: one JSON line. With --seen the watchdog stops barking."

    def add_arguments(self, parser):
        parser.add_argument("--seen", metavar="SLUG", help="somebody knows of those of this municipality, and acts")

    def handle(self, *, seen, **options):
        refuse_all_seeing_role()
        places = Municipality.objects.filter(pk__in=UnreachedMail.objects.unseen().values("municipality"))
        if seen:
            places = Municipality.objects.filter(slug=seen)
            if not places:
                raise CommandError(f"there is no municipality /{seen}/")
        self.stdout.write(json.dumps({place.slug: self.told(place, seen) for place in places.order_by("slug")}))

    def told(self, municipality, seen):
        with tenant(municipality.pk):
            mails = relay.unreached(municipality)
            if seen:
                see_unreached_mail(municipality=municipality, mails=[mail["mail"] for mail in mails])
        return mails
