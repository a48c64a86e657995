from celery import shared_task
from django.utils import timezone

from followup import all_clear, watchdog
from followup.actions import escalation, warning
from followup.ping import ping_when_fine


@shared_task
def sweep(caller="beat"):
    """One pass of the escalation sweep; safe beside any other."""
    escalation.sweep(caller=caller)


@shared_task
def ping():
    """Tell the dead-man's switch that the promise is kept; silence is the alarm."""
    ping_when_fine(watchdog.look())


@shared_task
def warn_of_erasing():
    """Say what reaches the end of its term soon; each distance once."""
    warning.warn_everywhere(timezone.now())


@shared_task
def queue_all_clear():
    """The mail of this morning, once a day for each municipality."""
    all_clear.queue_due(timezone.now())
