"""The sweep: every clock that ran out is escalated, exactly once, whoever sweeps and however often."""

import logging
import time
from dataclasses import asdict, dataclass

from django.db import DatabaseError
from django.db.models.functions import Now

from followup import emails
from followup.models import Escalation, SweepRun
from municipalities import outbox
from municipalities.database import PortalNow
from municipalities.models import Municipality
from municipalities.tenancy import tenant
from signals.models import Clock

logger = logging.getLogger("portal.sweep")

BATCH = 1000


@dataclass
class SweepResult:
    caller: str
    escalated: int = 0
    mails: int = 0
    municipalities: int = 0
    failed: int = 0
    milliseconds: int = 0

    def as_dict(self):
        return asdict(self)


def sweep(*, caller, now=None):
    """Escalate what is due: one row per (signal, level), and its mails, in one transaction per batch.

    Finds who is due everywhere in one statement, then works inside the tenant of those municipalities only. A clock
    that another sweep or a visit being logged holds at this moment is left to them. `now` (aware, UTC) replaces the
    database's clock in rehearsals. One municipality that fails never stops the others; it is logged and counted.
    """
    started = time.monotonic()
    result = SweepResult(caller=caller)
    due_in = Clock.objects.due_for_escalation(now).order_by().values_list("municipality_id", flat=True).distinct()
    for municipality in Municipality.objects.filter(pk__in=list(due_in)):
        result.municipalities += 1
        try:
            _sweep_municipality(municipality, now, result)
        except DatabaseError as error:
            result.failed += 1
            logger.error("sweep of municipality %s failed: %s", municipality.pk, type(error).__name__)
    result.milliseconds = round((time.monotonic() - started) * 1000)
    if not result.failed:
        _record(result)
    return result


def _sweep_municipality(municipality, now, result):
    while True:
        with tenant(municipality.pk):
            clocks = _escalate_batch(municipality, now)
            mails = emails.escalations(municipality, clocks)
            outbox.queue(mails)
        result.escalated += len(clocks)
        result.mails += len(mails)
        if len(clocks) < BATCH:
            return


def _escalate_batch(municipality, now):
    """Lock and re-check under the lock, write the escalations, move the clocks on. Returns the clocks."""
    due = Clock.objects.of(municipality).due_for_escalation(now).order_by("next_at", "pk")
    clocks = list(due.select_related("signal").select_for_update(of=("self",), skip_locked=True)[:BATCH])
    Escalation.objects.bulk_create(
        [
            Escalation(municipality=municipality, signal_id=clock.signal_id, level=clock.level, due_at=clock.due_at)
            for clock in clocks
        ],
        ignore_conflicts=True,
    )
    Clock.objects.of(municipality).filter(pk__in=[clock.pk for clock in clocks]).update(
        next_at=None, escalated_at=PortalNow()
    )
    return clocks


def _record(result):
    SweepRun.objects.update_or_create(
        caller=result.caller,
        defaults={
            "finished_at": Now(),
            "escalated": result.escalated,
            "milliseconds": result.milliseconds,
        },
    )
