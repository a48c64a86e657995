"""Erasing what was kept long enough: proposed by one person, agreed to by another, and what is left of it is proof."""

import logging

from django.db import transaction

from followup import retention
from followup.models import Disposal, DisposalItem, Ground, Hold, HoldReason, RetentionTerm, Tombstone
from followup.models.retention import class_of
from municipalities.database import PortalNow
from municipalities.tenancy import tenant
from signals import actions as signal_actions
from signals.actions.erasing import erase_dossier
from signals.models import Dossier

logger = logging.getLogger("portal.erasing")

# As much as one person can look through, and one page can carry out.
MOST = 200
Skipped = DisposalItem.Skipped


class NothingToErase(Exception):
    """None of these dossiers can be erased on this ground now."""


class TakesTwoPeople(Exception):
    """Whoever proposed it cannot agree to it as well."""


class NotWaiting(Exception):
    """The proposal was carried out or taken back meanwhile."""


@transaction.atomic
def propose(*, municipality, dossiers, ground, by):
    """Put these dossiers (ids) up to be erased; nothing is erased yet. Returns the Disposal.

    On the ground of the term only those whose term has passed, on request any that is finished; never one on hold, and
    200 at the most. What cannot be erased is left out. Must run inside the tenant. Raises NothingToErase.
    """
    rows = Dossier.objects.of(municipality).filter(pk__in=dossiers).order_by("pk")[:MOST]
    now = signal_actions.now()
    fit = [dossier for dossier in rows if not _obstacle(municipality, dossier, ground, now)]
    if not fit:
        raise NothingToErase
    disposal = Disposal.objects.create(municipality=municipality, ground=Ground(ground), proposed_by=by)
    DisposalItem.objects.bulk_create(
        DisposalItem(municipality=municipality, disposal=disposal, dossier=dossier) for dossier in fit
    )
    logger.info("disposal %s of %s dossiers proposed by user %s", disposal.pk, len(fit), by.pk)
    return disposal


@transaction.atomic
def approve(*, disposal, by):
    """Agree to a proposal and carry it out: from here on there is no way back. Returns the Disposal.

    Every dossier is looked at again, and left alone when it was opened again, put on hold or erased meanwhile. Must run
    inside the tenant. Raises TakesTwoPeople, NotWaiting, and ErasureLogError when it cannot be written down outside.
    """
    disposal = _held(disposal)
    if disposal.proposed_by_id == by.pk:
        raise TakesTwoPeople
    # The portal's own work: whoever agrees reads nothing of it, and what lies behind glass is erased as well.
    with tenant(disposal.municipality_id):
        for item in disposal.items.select_related("dossier", "municipality").order_by("pk"):
            _carry_out(disposal, item, by)
    disposal.approved_by, disposal.executed_at = by, signal_actions.now()
    disposal.save(update_fields=["approved_by", "executed_at"])
    logger.info("disposal %s approved and carried out by user %s", disposal.pk, by.pk)
    return disposal


@transaction.atomic
def withdraw(*, disposal, by):
    """Take a proposal back; nothing happens to its dossiers. Must run inside the tenant. Raises NotWaiting."""
    disposal = _held(disposal)
    disposal.withdrawn_by, disposal.withdrawn_at = by, signal_actions.now()
    disposal.save(update_fields=["withdrawn_by", "withdrawn_at"])
    logger.info("disposal %s withdrawn by user %s", disposal.pk, by.pk)


@transaction.atomic
def hold(*, dossier, reason, by):
    """Keep a dossier whatever its term says, until the hold is lifted. Must run inside the tenant."""
    standing = Hold.objects.of(dossier.municipality_id).standing().filter(dossier=dossier).first()
    return standing or Hold.objects.create(
        municipality_id=dossier.municipality_id, dossier=dossier, reason=HoldReason(reason), by=by
    )


@transaction.atomic
def lift_hold(*, dossier, by):
    """Let the term count again. Must run inside the tenant."""
    for standing in Hold.objects.of(dossier.municipality_id).standing().filter(dossier=dossier):
        Hold.objects.create(
            municipality_id=dossier.municipality_id, dossier=dossier, reason=standing.reason, lifts=standing, by=by
        )


@transaction.atomic
def set_terms(*, municipality, terms, by):
    """Keep what ends like this for that long: {result class: (days after closing, ground)}. Holds from now on.

    Must run inside the tenant. Raises ValidationError for a term that is not possible.
    """
    for kind, (days, ground) in terms.items():
        term = RetentionTerm.all_of(municipality)[kind]
        term.days, term.ground = days, ground
        term.full_clean(validate_unique=False, validate_constraints=False)
        term.save()
    logger.info("retention terms of municipality %s set by user %s", municipality.pk, by.pk)


def _held(disposal):
    held = Disposal.objects.of(disposal.municipality_id).waiting().select_for_update(of=("self",))
    row = held.filter(pk=disposal.pk).first()
    if row is None:
        raise NotWaiting
    return row


def _carry_out(disposal, item, by):
    # Held first, so that nobody opens a signal of it again between looking and erasing.
    Dossier.objects.of(item.municipality_id).select_for_update().get(pk=item.dossier_id)
    item.skipped = _obstacle(item.municipality, item.dossier, disposal.ground, signal_actions.now())
    if item.skipped:
        item.save(update_fields=["skipped"])
        return
    signals = erase_dossier(dossier=item.dossier, by=by)
    Tombstone.objects.bulk_create(_tombstone(disposal, signal) for signal in signals)


def _obstacle(municipality, dossier, ground, now):
    """Why this dossier cannot be erased on this ground now; empty when it can."""
    if not Dossier.objects.of(municipality).kept().filter(pk=dossier.pk).exists():
        return Skipped.ERASED
    row = retention.finished(municipality).filter(pk=dossier.pk).first()
    if row is None:
        return Skipped.REOPENED
    if row.is_held:
        return Skipped.HELD
    return Skipped.NOT_YET if ground == Ground.TERM and row.ends_at > now else ""


def _tombstone(disposal, signal):
    return Tombstone(
        municipality=disposal.municipality,
        signal=signal,
        reference=signal.reference,
        disposal=disposal,
        result_class=class_of(signal.close_reason),
        closed_at=signal.closed_at,
        erased_at=PortalNow(),
    )
