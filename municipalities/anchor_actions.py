"""Putting on record, outside the database, how far each ledger came."""

import hashlib
import logging
from dataclasses import asdict, dataclass, field

from django.utils import timezone

from municipalities import anchors, outbox
from municipalities.models import LedgerEntry, Membership, Municipality
from municipalities.tenancy import tenant

logger = logging.getLogger("portal.ledger")


@dataclass
class Anchoring:
    """How many ledgers were anchored anew, how many had not moved, and the addresses of those that went back."""

    anchored: int = 0
    unchanged: int = 0
    contradicted: list[str] = field(default_factory=list)

    def as_dict(self):
        return asdict(self)


def anchor_all(*, now=None):
    """Anchor the end of every municipality's ledger: a new file, and once a day (UTC) a mail to the privacy officers.

    Safe to repeat: a ledger that did not move gets no second file. `now` is aware. Raises ImproperlyConfigured without
    ANCHOR_DIR or ANCHOR_KEY, and OSError when the directory takes no file.
    """
    now, result = now or timezone.now(), Anchoring()
    for municipality in Municipality.objects.order_by("pk"):
        with tenant(municipality.pk):
            head = LedgerEntry.objects.of(municipality).order_by("-number").first()
            last = anchors.last_number(municipality.pk)
            if head or last:
                _anchor(municipality, head, last, now, result)
    return result


def _anchor(municipality, head, last, now, result):
    if head is None or last > head.number:
        _contradict(municipality, result)
        return
    anchor = anchors.keep(anchors.signed(municipality, head, now))
    if anchor.hash != bytes(head.hash).hex():
        _contradict(municipality, result)
        return
    result.anchored += last < head.number
    result.unchanged += last == head.number
    outbox.queue(_mails(municipality, anchor, now))


def _contradict(municipality, result):
    # Verifying says what and where; this says it within the hour.
    logger.error("the ledger of municipality %s contradicts its anchors", municipality.pk)
    result.contradicted.append(municipality.slug)


def _mails(municipality, anchor, now):
    members = Membership.objects.of(municipality).active().privacy_officers().order_by("pk")
    told = list(members.values_list("user__email", flat=True)) or outbox.last_resort(municipality)
    return [
        outbox.message(
            municipality,
            "anchor",
            address,
            key=f"{now:%Y-%m-%d}:{hashlib.sha256(address.encode()).hexdigest()[:16]}",
            line=anchor.line,
        )
        for address in told
    ]
