"""The sweep: every clock whose step has come takes it, exactly once, whoever sweeps and however often."""

import logging
import time
from dataclasses import asdict, dataclass

from django.db import DatabaseError
from django.db.models.functions import Now

from followup import emails
from followup.models import Escalation, Nudge, SweepRun
from followup.recipients import Directory
from municipalities import outbox
from municipalities.models import Ladder, Municipality
from municipalities.tenancy import tenant
from signals.actions import now as database_now
from signals.actions.clocks import advance
from signals.models import Clock
from signals.models.clock import VISITS

logger = logging.getLogger("portal.sweep")

BATCH = 1000


@dataclass
class SweepResult:
    caller: str
    escalated: int = 0
    nudged: int = 0
    mails: int = 0
    municipalities: int = 0
    failed: int = 0
    milliseconds: int = 0

    def as_dict(self):
        return asdict(self)


def sweep(*, caller, now=None):
    """Take every step that is due: its escalation or nudge, its mails and the next step, in one transaction per batch.

    A late visit climbs its ladder: one row per (signal, level).
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
            clocks, mails = _step_batch(municipality, now, result)
            outbox.queue(mails)
        result.mails += len(mails)
        if len(clocks) < BATCH:
            return


def _step_batch(municipality, now, result):
    """Lock and re-check under the lock, write what is due, move the clocks on. Returns the clocks and the mails."""
    due = Clock.objects.of(municipality).due_for_escalation(now).order_by("next_at", "pk")
    clocks = list(due.select_related("signal").select_for_update(of=("self",), skip_locked=True)[:BATCH])
    if not clocks:
        return [], []
    # The database's clock, also for who is away: this process's own may be wrong.
    moment = now or database_now()
    ladder = Ladder.of_municipality(municipality)
    directory = Directory(municipality, moment)
    late = [clock for clock in clocks if clock.kind in VISITS]
    early = [clock for clock in clocks if clock.kind not in VISITS]
    _write_escalations(municipality, late)
    _write_nudges(municipality, early)
    mails = [
        emails.escalation(municipality, clock, recipient)
        for clock in late
        for recipient in directory.of(ladder.who(clock.step), clock.signal)
    ] + [
        emails.nudge(municipality, clock, recipient)
        for clock in early
        for recipient in directory.of(ladder.nudge_who(clock.kind, clock.step), clock.signal)
    ]
    advance(municipality, clocks, ladder, moment)
    result.escalated += len(late)
    result.nudged += len(early)
    return clocks, mails


def _write_escalations(municipality, clocks):
    Escalation.objects.bulk_create(
        [
            Escalation(municipality=municipality, signal_id=clock.signal_id, level=clock.level, due_at=clock.due_at)
            for clock in clocks
        ],
        ignore_conflicts=True,
    )


def _write_nudges(municipality, clocks):
    Nudge.objects.bulk_create(
        Nudge(municipality=municipality, signal_id=clock.signal_id, kind=clock.kind, number=clock.step + 1)
        for clock in clocks
    )


def _record(result):
    SweepRun.objects.update_or_create(
        caller=result.caller,
        defaults={
            "finished_at": Now(),
            "escalated": result.escalated,
            "milliseconds": result.milliseconds,
        },
    )
