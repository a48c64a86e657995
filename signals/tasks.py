from celery import shared_task

from municipalities.models import Municipality
from municipalities.tenancy import tenant
from signals.models import Draft


@shared_task
def forget_drafts():
    """Remove drafts that were left for a day."""
    for municipality in Municipality.objects.order_by("pk"):
        with tenant(municipality.pk):
            Draft.objects.of(municipality).expired().delete()
