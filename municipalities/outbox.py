"""Mail that survives: queued in the transaction that needs it, delivered by whoever comes by next.

The row is claimed under a lease before the provider is called, and marked after it. A crash in between sends the mail
once more, under the same Message-ID: at least once, never lost. What the provider says later is in `fate`.
"""

import logging
import time
from datetime import timedelta
from email.utils import formataddr, parseaddr
from smtplib import SMTPRecipientsRefused

from anymail.exceptions import AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Min
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone, translation

from municipalities import fate, quiet, relay, reset_link
from municipalities.models import Mailbox, Municipality, OutboxDue, OutboxMessage
from municipalities.models.outbox import Urgency
from municipalities.tenancy import tenant
from municipalities.workflow import Mail

logger = logging.getLogger("portal.outbox")

BATCH = 20
LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=24)
# Less than a task may take, with room for one provider that hangs until its timeout.
SECONDS_PER_PASS = 30

# What these templates say cannot wait, whoever queues them. A receipt is the answer to the reporter's own act.
URGENCY = {
    "escalation": Urgency.URGENT,
    "receipt": Urgency.ANSWER,
    "own_data": Urgency.ANSWER,
    "mail_check": Urgency.ANSWER,
    "invitation": Urgency.ANSWER,
    "password_reset": Urgency.ANSWER,
}
# What must not lie in a row is made when the mail leaves: by template, what adds to its context.
MADE_AT_SENDING = {"password_reset": lambda context: {"path": reset_link.path_for(context["account"])}}


def row(template, recipient, *, key, urgent=False, second_recipient="", **context):
    """What one mail to one recipient is, as plain values. `key` says which mail: the same key is queued once.

    An urgent one leaves at any hour and is passed on until it reaches somebody, `second_recipient` first; answers to
    somebody's own act leave at any hour; everything else waits for the end of the quiet hours.
    """
    return {
        "template": template,
        "recipient": recipient,
        "second_recipient": second_recipient,
        "urgency": Urgency.URGENT if urgent else URGENCY.get(template, Urgency.ORDINARY),
        "key": f"{template}:{key}",
        "context": context,
    }


def message(municipality, template, recipient, **what):
    """An unsaved mail to one recipient, for `queue`; `what` as in `row`."""
    return OutboxMessage(municipality=municipality, **row(template, recipient, **what))


def queue(messages):
    """Write mails into the current transaction; one whose key is there already is left alone.

    All of one municipality, inside its tenant. An urgent one to an address that bounces goes to somebody else as well.
    """
    messages = list(messages)
    OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True)
    urgent = {mail.key: mail.recipient for mail in messages if mail.urgency == Urgency.URGENT}
    if urgent:
        pass_on_from(relay.dead_mailboxes(messages[0].municipality), messages[0].municipality, urgent)


def pass_on_from(dead, municipality, urgent):
    """Queue those of these urgent, queued mails whose address is among the dead for somebody else as well.

    `dead` holds fingerprints of mailboxes, `urgent` recipients by the keys of their mails. Inside the tenant.
    """
    keys = [key for key, recipient in urgent.items() if dead and Mailbox.fingerprint_of(recipient) in dead]
    if keys:
        for mail in OutboxMessage.objects.of(municipality).filter(key__in=keys):
            relay.pass_on(mail)


def coordinators_of(municipality):
    """Addresses of whoever must know: the active coordinators, else the municipality's fallback, else the operator."""
    return relay.coordinators(municipality) or last_resort(municipality)


def last_resort(municipality):
    """Where mail goes that nobody of the municipality can get: its fallback address, else the operator's."""
    return [municipality.fallback_email or relay.operator()]


def waiting_since():
    """Since when the oldest mail of all municipalities waits for the provider (aware); None when none does.

    What is held back until morning waits from then on. One statement, without a tenant.
    """
    return OutboxDue.objects.aggregate(oldest=Min("waiting_since"))["oldest"]


def deliver(*, now=None):
    """One pass over the mail of every municipality. Returns the counts {"sent": n, "failed": n}.

    Finds in one statement who has mail to send, longest waiting first; stops after SECONDS_PER_PASS, and the rest is
    free for the next pass. `now` (aware) replaces the present moment in rehearsals.
    """
    counts, until = {"sent": 0, "failed": 0}, time.monotonic() + SECONDS_PER_PASS
    due = OutboxDue.objects.due(now).values("municipality_id").annotate(oldest=Min("next_at")).order_by("oldest")
    order = [row["municipality_id"] for row in due]
    municipalities = Municipality.objects.in_bulk(order) if order else {}
    waiting = [municipalities[pk] for pk in order]
    while waiting:
        # A batch each in turn, so that a busy municipality never keeps the others waiting.
        waiting = [place for place in waiting if _deliver_batch(place, counts, until, now)]
    return counts


def _deliver_batch(municipality, counts, until, now):
    """Offer one batch. Returns whether there may be more, and time for it."""
    if time.monotonic() >= until:
        return False
    mails = _claimed(municipality, now)
    for number, mail in enumerate(mails):
        if time.monotonic() >= until:
            _release(municipality, mails[number:])
            return False
        counts["sent" if _deliver_one(municipality, mail) else "failed"] += 1
    return len(mails) == BATCH


def _claimed(municipality, now=None):
    with tenant(municipality.pk):
        rows = OutboxMessage.objects.of(municipality).deliverable(now)
        _hold_until_morning(municipality, rows, now)
        ready = rows.order_by("urgency", "not_before", "pk")
        mails = list(ready.select_for_update(skip_locked=True)[:BATCH])
        OutboxMessage.objects.of(municipality).filter(pk__in=[mail.pk for mail in mails]).update(
            state=Mail.CLAIMED, claimed_until=Now() + LEASE, attempts=F("attempts") + 1
        )
    for mail in mails:
        mail.attempts += 1
    return mails


def _hold_until_morning(municipality, rows, now):
    now = now or timezone.now()
    if morning := quiet.ends_at(municipality.quiet_from, municipality.quiet_until, now):
        rows.that_can_wait().update(not_before=morning, wanted_at=morning, state=Mail.READY, claimed_until=None)


def _release(municipality, mails):
    """Give back what was claimed and not tried."""
    with tenant(municipality.pk):
        for mail in mails:
            if (row := _still_ours(mail)) is not None:
                row.move_to(Mail.READY, attempts=mail.attempts - 1)


def _deliver_one(municipality, mail):
    try:
        provider_id = _send(municipality, mail)
    except (AnymailRecipientsRefused, SMTPRecipientsRefused) as error:
        # The provider knows that this address does not work: trying again would not help.
        _settle(municipality, mail, Mail.BOUNCED, last_error=type(error).__name__)
        return False
    except Exception as error:
        _note_failure(municipality, mail, error)
        return False
    _settle(municipality, mail, Mail.OFFERED, provider_id=provider_id)
    return True


def _send(municipality, mail):
    """Offer it to the provider. Returns the provider's own number for it, empty where it has none."""
    email = rendered(municipality, mail)
    email.send()
    status = getattr(email, "anymail_status", None)
    return str(getattr(status, "message_id", None) or "")[:200]


def _settle(municipality, mail, fact, **fields):
    with tenant(municipality.pk):
        row = fate.locked(municipality.pk, mail.pk)
        if row is not None:
            fate.settle(row, fact, **fields)


def _note_failure(municipality, mail, error):
    # The class only: a provider's sentence may repeat the address.
    name = type(error).__name__
    logger.warning("mail %s not sent at attempt %s: %s", mail.pk, mail.attempts, name)
    with tenant(municipality.pk):
        row = _still_ours(mail)
        if row is None:
            return
        # What was held back on purpose is as old as the moment it was held until.
        if max(row.created_at, row.wanted_at or row.created_at) + GIVE_UP_AFTER <= timezone.now():
            logger.error("mail %s given up after %s attempts", mail.pk, mail.attempts)
            row.move_to(Mail.GIVEN_UP, last_error=name)
            relay.pass_on(row)
            return
        wait = min(timedelta(seconds=15 * 2 ** min(mail.attempts - 1, 10)), LONGEST_WAIT)
        row.move_to(Mail.READY, not_before=Now() + wait, last_error=name)
        if row.attempts == relay.PATIENCE and row.relay_of is None:
            relay.pass_on(row, slow=True)


def sender(municipality):
    """Who the mail is from: the municipality by its own name, at the address that the portal mails from."""
    return formataddr((municipality.mail_sender or municipality.shown_name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def _still_ours(mail):
    """The locked row, when the claim under which this attempt was made still stands; inside the tenant."""
    row = fate.locked(mail.municipality_id, mail.pk)
    return row if row is not None and (row.state, row.attempts) == (Mail.CLAIMED, mail.attempts) else None


def rendered(municipality, mail):
    """The mail as it leaves: reference, reason and link in plain words, under a Message-ID that a repeat keeps.

    In the language that its context names and the municipality speaks, else the portal's own.
    """
    with translation.override(municipality.language_for(mail.context.get("language"))):
        return _rendered(municipality, mail)


def _rendered(municipality, mail):
    made = MADE_AT_SENDING.get(mail.template, lambda context: {})(mail.context)
    context = {"municipality": municipality, "base_url": municipality.base_url, **mail.context, **made}
    subject = " ".join(render_to_string(f"mail/{mail.template}.subject.txt", context).split())
    body = render_to_string(f"mail/{mail.template}.txt", context)
    if mail.relay_of:
        body = f"{render_to_string('mail/relayed.txt')}\n{body}"
    email = EmailMultiAlternatives(
        subject,
        body,
        from_email=sender(municipality),
        to=[mail.recipient],
        reply_to=[municipality.reply_to] if municipality.reply_to else None,
        headers={"Message-ID": mail.message_id},
    )
    email.attach_alternative(render_to_string(f"mail/{mail.template}.html", context), "text/html")
    # Anymail hands this to the provider, which gives it back with every report.
    email.metadata = {"mail": mail.token}
    return email
