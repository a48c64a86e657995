"""The sweep: every clock whose step has come takes it, exactly once, whoever sweeps and however often."""

import logging
import time
from dataclasses import asdict, dataclass

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from followup import due, emails
from followup.models import SweepRun
from municipalities import outbox
from municipalities.models import Audience
from municipalities.tenancy import tenant
from signals.models import Clock

logger = logging.getLogger("portal.sweep")

# How many clocks are looked up at a time, and how many take their step in one transaction.
LOOK, BATCH = 10_000, 1000


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

    def count(self, places):
        late = sum(step.is_late for place in places for step in place.due)
        self.escalated += late
        self.nudged += sum(len(place.due) for place in places) - late
        self.mails += sum(len(place.mails) for place in places)


def sweep(*, caller, now=None):
    """Take every step that is due: its escalation or nudge, its mails and the next step, in one transaction per batch.

    A late visit climbs its ladder: one row per (signal, level). A clock that another sweep or a visit being logged
    holds at this moment is left to them. `now` (aware, UTC) replaces the database's clock in rehearsals. A row that
    fails never stops the others: it is logged and counted, and stays due, for the watchdog to see.
    """
    started = time.monotonic()
    result = SweepResult(caller=caller)
    municipalities = set()
    for found in _looks(now):
        municipalities |= {place for place, _pk in found}
        for start in range(0, len(found), BATCH):
            _take(found[start : start + BATCH], now, result)
    result.municipalities = len(municipalities)
    result.milliseconds = round((time.monotonic() - started) * 1000)
    _record(result)
    return result


def _looks(now):
    """Who is due everywhere, the longest first, as sorted pairs (municipality id, clock id): one statement a look.

    Each look goes on where the last one ended, so that what stays due is not found for ever.
    """
    waiting = Clock.objects.due_for_escalation(now).order_by("next_at", "pk")
    rows = _look(waiting)
    while rows:
        yield sorted((place, pk) for _next_at, pk, place in rows)
        rows = _look(waiting.after(rows[-1][:2])) if len(rows) == LOOK else []


def _look(waiting):
    return list(waiting.values_list("next_at", "pk", "municipality_id")[:LOOK])


def _take(batch, now, result):
    """One transaction for the whole batch; when that fails, one for each half, until what is wrong stands alone."""
    try:
        places = _step(batch, now)
    except Exception as error:
        # Whatever is wrong with one row, of data or of settings, it must not keep the others from being escalated.
        if not connection.is_usable():
            raise
        if len(batch) == 1 or isinstance(error, OperationalError):
            # Operational: the trouble is the server's and no row's. The next sweep tries again.
            _give_up(batch, error, result)
        else:
            middle = len(batch) // 2
            _take(batch[:middle], now, result)
            _take(batch[middle:], now, result)
    else:
        result.count(places)


def _give_up(batch, error, result):
    result.failed += len(batch)
    place, pk = batch[0]
    logger.error(
        "sweep of %s clocks failed, the first %s of municipality %s: %s", len(batch), pk, place, type(error).__name__
    )


@transaction.atomic
def _step(batch, now):
    places = due.hold(batch, now)
    for place in places:
        _decide(place)
    if places:
        due.write(places)
    for place in places:
        if place.bouncing:
            with tenant(place.municipality.pk):
                outbox.pass_on_from(place.bouncing, place.municipality, place.urgent())
    return places


def _decide(place):
    """Who is told of each step, and when the next one comes."""
    for step in place.due:
        mail = emails.escalation if step.is_late else emails.nudge
        recipients = place.directory.of(_who(place.ladder, step), step.worker_id, step.queue_id)
        place.mails += [mail(place.municipality, step, recipient) for recipient in recipients]
        place.next_at[step.pk] = _next_at(place.ladder, step, place.moment)


def _who(ladder, step):
    if step.is_late:
        return ladder.who(step.step)
    # What nobody has yet, whoever can take it from the queue hears of too.
    queue = [Audience.WORKER] if step.queue_id and step.kind == Clock.Kind.ASSIGNMENT else []
    return [*queue, *ladder.nudge_who(step.kind, step.step)]


def _next_at(ladder, step, moment):
    """When the next step is due; None when there is none.

    A late visit climbs the ladder with the time between its rungs, also when this step came late itself. A clock that
    was stopped meanwhile has no next step.
    """
    if not step.is_late:
        again = ladder.nudge_again(step.kind, step.step)
        return moment + again if again else None
    if step.stopped_at:
        return None
    here, there = ladder.after(step.step), ladder.after(step.step + 1)
    return max(step.due_at + there, moment + there - here)


def _record(result):
    SweepRun.objects.update_or_create(
        caller=result.caller,
        defaults={
            "finished_at": Now(),
            "escalated": result.escalated,
            "milliseconds": result.milliseconds,
        },
    )
