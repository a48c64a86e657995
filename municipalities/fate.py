"""What became of a mail: what the provider said at once or reported later, and what follows from it."""

from anymail.signals import EventType

from municipalities import relay
from municipalities.database import PortalNow
from municipalities.models import Mailbox, Membership, OutboxMessage
from municipalities.tenancy import tenant
from municipalities.workflow import Mail, lifted

# A complaint or a sign-off arrived once, but makes the provider drop whatever comes after it.
FACTS = {
    EventType.QUEUED: Mail.OFFERED,
    EventType.SENT: Mail.OFFERED,
    EventType.DEFERRED: Mail.OFFERED,
    EventType.DELIVERED: Mail.DELIVERED,
    EventType.BOUNCED: Mail.BOUNCED,
    EventType.REJECTED: Mail.BOUNCED,
    EventType.FAILED: Mail.BOUNCED,
    EventType.COMPLAINED: Mail.BOUNCED,
    EventType.UNSUBSCRIBED: Mail.BOUNCED,
}


def report(event):
    """Take in one report of the provider (anymail's AnymailTrackingEvent). Returns whether it was about a mail of ours.

    A provider knows no tenant: its report brings back our own signed token. The mail was committed before the
    provider ever saw it, so a report can come early but never too early; doubled or reversed reports change nothing.
    """
    owner = OutboxMessage.read_token((event.metadata or {}).get("mail", ""))
    if owner is None or event.event_type not in FACTS:
        return False
    municipality_id, pk = owner
    with tenant(municipality_id):
        mail = locked(municipality_id, pk)
        if mail is None or not _is_about(event, mail):
            return False
        settle(mail, FACTS[event.event_type])
    return True


def _is_about(event, mail):
    """A token that was put on a report about another mail is not believed."""
    numbers = {mail.message_id, mail.provider_id} - {""}
    # After a cut connection the provider's own number is not known yet, but one of our shape must be this mail's.
    same_number = event.message_id in numbers or not (mail.provider_id or str(event.message_id).startswith("<outbox-"))
    return same_number and (event.recipient or mail.recipient).lower() == mail.recipient.lower()


def locked(municipality_id, pk):
    """This mail with all its copies locked, always in the same order; None when it is gone. Inside the tenant."""
    mail = OutboxMessage.objects.of(municipality_id).filter(pk=pk).first()
    if mail is None:
        return None
    chain = OutboxMessage.objects.of(municipality_id).standing_in_for(mail).order_by("pk").select_for_update()
    return next((copy for copy in chain if copy.pk == pk), None)


def settle(mail, fact, **fields):
    """Write down a fact about a locked mail and do what follows. A fact that says nothing new changes nothing."""
    state = lifted(mail.state, fact)
    if state == mail.state:
        OutboxMessage.objects.of(mail.municipality_id).filter(pk=mail.pk).update(**fields) if fields else None
        return
    mail.move_to(state, **{"sent_at": mail.sent_at or PortalNow(), "last_error": ""} | fields)
    if state in {Mail.DELIVERED, Mail.BOUNCED}:
        _note_mailbox(mail, bounced=state == Mail.BOUNCED)
    if state == Mail.BOUNCED:
        relay.pass_on(mail)


def _note_mailbox(mail, *, bounced):
    """The newest mail decides, and a bounce of the same mail over its delivery: in whatever order this is told."""
    if not _is_staff(mail):
        return
    since = PortalNow() if bounced else None
    boxes = Mailbox.objects.of(mail.municipality_id).select_for_update()
    box, made = boxes.get_or_create(
        municipality_id=mail.municipality_id,
        fingerprint=Mailbox.fingerprint_of(mail.recipient),
        defaults={"mail": mail.pk, "bounced_since": since},
    )
    if not made and (mail.pk > box.mail or (mail.pk == box.mail and bounced)):
        box.mail, box.bounced_since = mail.pk, (box.bounced_since or since) if bounced else None
        box.save(update_fields=["mail", "bounced_since"])


def _is_staff(mail):
    members = Membership.objects.of(mail.municipality_id).active()
    addresses = {mail.municipality.fallback_email.lower(), relay.operator().lower()}
    return mail.recipient.lower() in addresses or members.filter(user__email=mail.recipient.lower()).exists()
