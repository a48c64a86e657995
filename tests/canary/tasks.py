from celery import shared_task

from municipalities.tenancy import tenant
from signals.models import Signal
from tests.canary.faults import plain_error


@shared_task(name="canary.fail")
def fail(municipality_id, signal_id):
    """As a task of ours would fail: it knows ids only, and what it looks up is in its hands when it falls."""
    with tenant(municipality_id):
        plain_error(Signal.objects.with_people().get(pk=signal_id))
