"""Says from rows, receipts and the provider's count alone how the promise was broken. Runs nothing, imports nothing.

Shares no code with what it judges; the negative controls feed it the rows of broken variants.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Receipt:
    """What a reporter's browser got and the load generator had on disk before it went on."""

    draft: str
    reference: str
    code: str


@dataclass(frozen=True)
class SignalRow:
    id: int
    draft: str
    reference: str
    due_at: datetime


@dataclass(frozen=True)
class EscalationRow:
    signal: int
    level: int
    due_at: datetime
    escalated_at: datetime


@dataclass
class Facts:
    """What stands in the database, in the client's file and at the provider, at the database's `now`."""

    now: datetime
    signals: list[SignalRow]
    escalations: list[EscalationRow] = field(default_factory=list)
    visits: list[tuple[int, datetime]] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    queued: list[tuple[str, str]] = field(default_factory=list)  # (message id, reference) of escalation mails
    accepted: list[str] = field(default_factory=list)  # message ids of all mails, as often as they were taken
    acknowledged: list[str] = field(default_factory=list)  # references whose visit was confirmed as logged
    without_history: list[int] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # history and contact rows that changed or went
    unchained: list[str] = field(default_factory=list)  # recorded rows that are in no ledger, and gaps in it
    leaked: dict[str, int] = field(default_factory=dict)  # rows seen without a tenant, by table


@dataclass
class Rules:
    """What this scenario may not exceed. `writable_since` excuses the time in which the database took no rows."""

    limit: float
    writable_since: datetime | None = None
    mail_once: bool = False
    mail_wanted: bool = True


def judge(facts, rules):
    """Every way in which the promise is broken: (invariant, sentence). Empty when it is kept."""
    checks = {
        "I1": no_loss(facts),
        "I2": never_missed_never_doubled(facts),
        "I3": on_time(facts, rules),
        "I4": mail(facts, rules),
        "I5": history(facts),
        "I6": [f"{count} rows of {table} without a tenant" for table, count in facts.leaked.items() if count],
    }
    return [(name, sentence) for name, sentences in checks.items() for sentence in sentences]


def no_loss(facts):
    by_draft = Counter(row.draft for row in facts.signals)
    known = {(row.draft, row.reference) for row in facts.signals}
    codes = defaultdict(set)
    for receipt in facts.receipts:
        codes[receipt.draft].add((receipt.reference, receipt.code))
    visited = {signal for signal, _at in facts.visits}
    ids = {row.reference: row.id for row in facts.signals}
    return [
        *[f"{draft}: two different receipts" for draft, seen in codes.items() if len(seen) > 1],
        *[f"{draft} is {by_draft[draft]} signals" for draft in codes if by_draft[draft] != 1],
        *[
            f"{receipt.reference} belongs to no signal"
            for receipt in set(facts.receipts)
            if (receipt.draft, receipt.reference) not in known
        ],
        *[f"{ref}: a confirmed visit is gone" for ref in set(facts.acknowledged) if ids.get(ref) not in visited],
    ]


def owed(facts):
    """Ids of the signals that must have been escalated by now."""
    return {row.id for row in facts.signals if row.due_at < facts.now} - visited_in_time(facts)


def visited_in_time(facts):
    due = {row.id: row.due_at for row in facts.signals}
    return {signal for signal, at in facts.visits if signal in due and at < due[signal]}


def escalated(facts):
    return Counter(row.signal for row in facts.escalations if row.level == 1)


def missed(facts):
    return sorted(owed(facts) - set(escalated(facts)))


def doubled(facts):
    return sorted(signal for signal, count in escalated(facts).items() if count > 1)


def never_missed_never_doubled(facts):
    unjust = set(escalated(facts)) - owed(facts)
    return [
        *[f"signal {signal} was never escalated" for signal in missed(facts)],
        *[f"signal {signal} was escalated more than once" for signal in doubled(facts)],
        *[f"signal {signal} was escalated although it was not owed" for signal in sorted(unjust)],
    ]


def lateness(facts, writable_since=None):
    """Seconds from due (or from when the database took rows again, if that was later) to escalated, sorted."""
    return sorted(
        (row.escalated_at - max(filter(None, (row.due_at, writable_since)))) / timedelta(seconds=1)
        for row in facts.escalations
        if row.level == 1
    )


def percentile(values, part):
    return values[min(len(values) - 1, int(len(values) * part))] if values else None


def on_time(facts, rules):
    late = [seconds for seconds in lateness(facts, rules.writable_since) if seconds > rules.limit]
    # Excused time may make it negative; before its own deadline nothing is ever escalated.
    early = [row.signal for row in facts.escalations if row.escalated_at < row.due_at]
    return [
        *([f"{len(late)} escalations later than {rules.limit:g} s, up to {late[-1]:.1f} s"] if late else []),
        *[f"signal {signal} was escalated before it was due" for signal in early],
    ]


def unmailed(facts):
    """Ids of signals whose escalation led to no mail that the provider took."""
    taken = set(facts.accepted)
    told = {reference for message, reference in facts.queued if message in taken}
    references = {row.id: row.reference for row in facts.signals}
    return sorted(signal for signal in escalated(facts) if references.get(signal) not in told)


def mail(facts, rules):
    more = {message: count for message, count in Counter(facts.accepted).items() if count > 1}
    return [
        *([f"signal {signal}: escalated, no mail" for signal in unmailed(facts)] if rules.mail_wanted else []),
        *([f"{message} sent {count} times" for message, count in more.items()] if rules.mail_once else []),
    ]


def history(facts):
    return [
        *[f"signal {signal} stands in a state without a history row" for signal in facts.without_history],
        *[f"{row} changed or went" for row in facts.changed],
        *[f"{row} stands in no ledger, or leaves a gap" for row in facts.unchained],
    ]
