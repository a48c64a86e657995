from celery import shared_task

from followup.actions import escalation


@shared_task
def sweep(caller="beat"):
    """One pass of the escalation sweep; safe beside any other."""
    escalation.sweep(caller=caller)
