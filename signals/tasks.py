from celery import shared_task
from django.utils import timezone

from municipalities.models import Municipality
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Draft


@shared_task
def forget_drafts():
    """Remove drafts that were left for a day."""
    for municipality in Municipality.objects.order_by("pk"):
        with tenant(municipality.pk):
            Draft.objects.of(municipality).expired().delete()


@shared_task
def ask_reporters():
    """Ask whether they noticed that somebody came by; each closing once, and at most one reminder."""
    actions.ask_everywhere(timezone.now())
