from celery import shared_task

from municipalities import outbox


@shared_task
def deliver_mail():
    """One pass over the outbox; safe beside any other."""
    outbox.deliver()
