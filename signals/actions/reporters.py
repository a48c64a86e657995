"""What a reporter may ask about themselves: a link to their own data, contact data put right, consent withdrawn."""

from django.db import transaction

from municipalities import outbox
from municipalities.database import PortalNow
from signals import emails
from signals.actions import clocks
from signals.models import Reporter, ReporterChange, ReporterLink

CONTACT, CONSENT = ("name", "email", "phone"), ("may_call", "may_be_named")


@transaction.atomic
def send_link(*, signal):
    """Mail a link to the address that the reporter gave, at most one that still works; without an address nothing.

    Raises OutOfSight.
    """
    signal = clocks.kept(signal)
    links = ReporterLink.objects.of(signal.municipality_id).filter(signal=signal)
    if signal.reporter.email and not links.unopened().exists():
        link = ReporterLink.objects.create(municipality=signal.municipality, signal=signal)
        outbox.queue([emails.own_data(signal, link, signal.reporter.email)])


@transaction.atomic
def open_link(*, link):
    """The link is used up. Returns whether it still worked: of two who open it at the same moment only one may."""
    rows = ReporterLink.objects.of(link.municipality_id).unopened().filter(pk=link.pk)
    return rows.update(opened_at=PortalNow()) == 1


@transaction.atomic
def change_by_link(*, link, **fields):
    """What the reporter changed on the page that the link opened, once. Returns whether that page was still good."""
    rows = ReporterLink.objects.of(link.municipality_id).in_use().filter(pk=link.pk)
    if rows.update(changed_at=PortalNow()) != 1:
        return False
    change_reporter(signal=link.signal, by=None, **fields)
    return True


@transaction.atomic
def confirm_address(*, reporter):
    """Somebody who reads mail at this address says that it is theirs; saying so again changes nothing.

    It holds for this address only: not when it became another one meanwhile. Nothing else follows from it.
    """
    rows = Reporter.objects.of(reporter.municipality_id).filter(pk=reporter.pk, email=reporter.email)
    rows.filter(email_confirmed_at=None).update(email_confirmed_at=PortalNow())


@transaction.atomic
def change_reporter(*, signal, by, **fields):
    """Put contact data right and withdraw consent. Consent is never given this way: what was no stays no.

    `by` is the user who does it for the reporter, None for the reporter. Returns the ReporterChange, or None when
    everything stood there already. Raises OutOfSight.
    """
    signal = clocks.kept(signal)
    reporter = Reporter.objects.of(signal.municipality_id).select_for_update().get(pk=signal.reporter_id)
    wanted = {name: fields[name] for name in CONTACT if name in fields}
    wanted |= {name: bool(fields[name]) and getattr(reporter, name) for name in CONSENT if name in fields}
    if "phone" in wanted and not wanted["phone"]:
        wanted["may_call"] = False
    before = {name: getattr(reporter, name) for name, value in wanted.items() if getattr(reporter, name) != value}
    if not before:
        return None
    for name in before:
        setattr(reporter, name, wanted[name])
    if "email" in before:
        reporter.email_confirmed_at = None
    reporter.save(update_fields=[*before, "email_confirmed_at"])
    change = ReporterChange(municipality=signal.municipality, signal=signal, fields=sorted(before), by=by)
    change.seal(before)
    change.save(force_insert=True)
    return change
