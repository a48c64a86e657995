"""Who gets a mail that did not reach its first recipient: the next human, never nobody without a word in the log."""

import hashlib
import logging
from email.utils import parseaddr

from django.conf import settings

from municipalities import workflow
from municipalities.models import Mailbox, Membership, OutboxMessage, UnreachedMail
from municipalities.models.outbox import Urgency

# After so many failed attempts somebody else gets the mail as well.
PATIENCE = 3

logger = logging.getLogger("portal.outbox")


def coordinators(municipality):
    """Addresses of the active coordinators, in a fixed order."""
    members = Membership.objects.of(municipality).active().coordinators().order_by("user__email")
    return list(members.values_list("user__email", flat=True))


def operator():
    """The address of whoever runs this portal."""
    return parseaddr(settings.OPERATOR_EMAIL)[1]


def bouncing(municipality, addresses):
    """Which of these addresses do not get our mail at present; one statement."""
    dead = dead_mailboxes(municipality)
    return {address for address in addresses if Mailbox.fingerprint_of(address) in dead}


def dead_mailboxes(municipality):
    """The fingerprints of the mailboxes that bounce."""
    return set(Mailbox.objects.of(municipality).bouncing().values_list("fingerprint", flat=True))


def pass_on(mail, *, slow=False):
    """Queue an urgent mail for the next recipient, unless another copy of it has arrived or may well do so.

    `slow` says that the mail itself is still being tried: then the fallback address comes before other coordinators.
    Must run inside the tenant, with the mail's chain locked. Every address is tried once, so that it always ends.
    """
    chain = list(OutboxMessage.objects.of(mail.municipality_id).standing_in_for(mail))
    if mail.urgency != Urgency.URGENT or any(_may_arrive(copy) for copy in chain if copy.pk != mail.pk):
        return
    recipient = _next(mail, {copy.recipient.lower() for copy in chain}, slow)
    if recipient is None:
        logger.error("mail %s reached nobody, and there is nobody left to send it to", mail.pk)
        return
    OutboxMessage.objects.bulk_create([_copy(mail, recipient)], ignore_conflicts=True)


def unreached(municipality):
    """What nobody knows of yet: the urgent mails that reached nobody, each as what it says. Inside the tenant."""
    since = dict(UnreachedMail.objects.of(municipality).unseen().values_list("pk", "since"))
    mails = OutboxMessage.objects.of(municipality).filter(pk__in=since).order_by("pk")
    return [
        {"mail": mail.pk, "template": mail.template, "since": since[mail.pk].isoformat(timespec="seconds")}
        | {name: mail.context[name] for name in ("reference", "path") if name in mail.context}
        for mail in mails
    ]


def _may_arrive(copy):
    is_slow = copy.state in workflow.WAITING and copy.attempts >= PATIENCE
    return copy.state not in workflow.FAILED and not is_slow


def _next(mail, tried, slow):
    municipality = mail.municipality
    fallback, colleagues = [municipality.fallback_email], coordinators(municipality)
    order = [mail.second_recipient, *(fallback + colleagues if slow else colleagues + fallback), operator()]
    left = [address for address in order if address and address.lower() not in tried]
    dead = bouncing(municipality, left)
    # Somebody who gets no mail either is asked last, not never.
    return min(left, key=lambda address: address in dead, default=None)


def _copy(mail, recipient):
    root = mail.relay_of or mail.pk
    return OutboxMessage(
        municipality_id=mail.municipality_id,
        template=mail.template,
        recipient=recipient,
        context=mail.context | {"relayed": True},
        key=f"relay:{root}:{hashlib.sha256(recipient.lower().encode()).hexdigest()[:16]}",
        urgency=mail.urgency,
        relay_of=root,
    )
