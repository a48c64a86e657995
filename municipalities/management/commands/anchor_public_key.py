from django.core.management.base import BaseCommand

from municipalities import anchors


class Command(BaseCommand):
    help = "Print the public key of the anchors, for whoever is to verify them without us."

    def handle(self, **options):
        self.stdout.write(anchors.public_key())
