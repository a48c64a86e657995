from celery import shared_task

from municipalities import old_mail, outbox, tally
from municipalities.anchor_actions import anchor_all
from municipalities.password_actions import answer_password_requests


@shared_task
def deliver_mail():
    """One pass over the outbox, and over what it has to say to who forgot a password; safe beside any other."""
    answer_password_requests()
    outbox.deliver()


@shared_task
def forget_mail():
    """Remove mail that left long ago."""
    old_mail.forget()


@shared_task
def forget_tallies():
    """Remove counts whose window has ended."""
    tally.forget()


@shared_task
def anchor_history():
    """Put on record outside the database how far each ledger came."""
    anchor_all()
