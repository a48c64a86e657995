"""The time that counts: every hour, or only the hours in which the office is open.

Pure functions over a `Policy`; nothing here knows a model or the present moment. Elapsed time is real time, opening
hours are what the clock on the wall says; both stay right when the clocks change. The law on extending terms
(Algemene termijnenwet) does not hold for terms in hours: weekends and holidays count, unless a policy says otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
ZERO = timedelta(0)


class Kind(StrEnum):
    CLOCK_HOURS = "clock_hours"
    WORKING_HOURS = "working_hours"


class Why(StrEnum):
    """Why a stretch of time counts, which only the first does, or does not."""

    OPEN = "open"
    OUTSIDE_HOURS = "outside_hours"
    CLOSED_DAY = "closed_day"
    HOLIDAY = "holiday"
    PAUSE = "pause"


@dataclass(frozen=True)
class Policy:
    """How a municipality counts. `opening` is for Monday to Sunday a tuple of (start, end) in local time.

    An end of 00:00 is the end of the day. Raises ValueError for a window or opening hours that make no sense, and for
    working hours that never open.
    """

    kind: Kind
    window: timedelta
    opening: tuple[tuple[tuple[time, time], ...], ...] = ((),) * 7
    holidays: frozenset[date] = frozenset()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))

    def __post_init__(self):
        if self.window <= ZERO:
            raise ValueError("the window must be longer than nothing")
        if Kind(self.kind) == Kind.CLOCK_HOURS:
            return
        if len(self.opening) != 7 or not any(self.opening):
            raise ValueError("an office that never opens has no working hours")
        for spans in self.opening:
            _check_spans(spans)


@dataclass(frozen=True)
class Line:
    """A stretch of one day: `start` and `end` in the policy's zone; what counted of it, and counted so far."""

    day: date
    start: datetime
    end: datetime
    counted: timedelta
    total: timedelta
    why: Why


def moment_after(start, amount, policy, pauses=()):
    """The first moment (aware, UTC) at which `amount` of counted time has passed since `start` (aware).

    `pauses` are (start, end), aware, in which nothing counts; they may overlap. Raises ValueError for less than no
    time.
    """
    if amount < ZERO:
        raise ValueError("time does not run backwards")
    start = start.astimezone(UTC)
    if amount == ZERO:
        return start
    for begin, end, why in _stretches(start, policy, pauses):
        if why == Why.OPEN:
            if end - begin >= amount:
                return begin + amount
            amount -= end - begin
    raise ValueError("the calendar ends before the time has passed")


def due(received, policy, pauses=()):
    """The moment (aware, UTC) at which the policy's whole window has passed since `received` (aware)."""
    return moment_after(received, policy.window, policy, pauses)


def counted(start, end, policy, pauses=()):
    """How much of the time from `start` to `end` (aware) counts; nothing when `end` is not after `start`."""
    total, end = ZERO, end.astimezone(UTC)
    for begin, finish, why in _stretches(start.astimezone(UTC), policy, pauses):
        if begin >= end:
            break
        if why == Why.OPEN:
            total += min(finish, end) - begin
    return total


def explain(received, policy, pauses=()):
    """The sum behind `due`, as Lines from receipt to deadline; what they counted adds up to the window."""
    last, total, lines = due(received, policy, pauses), ZERO, []
    for begin, end, why in _stretches(received.astimezone(UTC), policy, pauses):
        if begin >= last:
            break
        end = min(end, last)
        passed = end - begin if why == Why.OPEN else ZERO
        total += passed
        start, stop = begin.astimezone(policy.zone), end.astimezone(policy.zone)
        lines.append(Line(start.date(), start, stop, passed, total, why))
    return lines


def _check_spans(spans):
    edges = [edge for start, end in spans for edge in (_since_midnight(start), _since_midnight(end) or DAY)]
    if edges != sorted(set(edges)):
        raise ValueError("opening hours must follow one another, without overlap")


def _since_midnight(wall):
    return timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)


def _stretches(start, policy, pauses) -> Iterator[tuple[datetime, datetime, Why]]:
    """(begin, end, why) in UTC from `start` on, day after day, adjoining, each for one reason."""
    pauses = [(begin.astimezone(UTC), end.astimezone(UTC)) for begin, end in pauses]
    day = start.astimezone(policy.zone).date()
    while True:
        yield from _stretches_of(day, start, policy, pauses)
        day += DAY


def _stretches_of(day, start, policy, pauses):
    first, last = max(start, _midnight(day, policy.zone)), _midnight(day + DAY, policy.zone)
    closed = _why_closed(day, policy)
    spans = [] if closed else _spans_of(day, policy)
    edges = {edge for span in (*spans, *pauses) for edge in span if first < edge < last}
    cuts = sorted({first, last, *edges})
    begin = first
    for index in range(len(cuts) - 1):
        why = _why(cuts[index], closed, spans, pauses)
        # Adjoining pieces for one reason are one stretch.
        if index + 2 == len(cuts) or why != _why(cuts[index + 1], closed, spans, pauses):
            yield begin, cuts[index + 1], why
            begin = cuts[index + 1]


def _why_closed(day, policy):
    if policy.kind == Kind.CLOCK_HOURS:
        return None
    if day in policy.holidays:
        return Why.HOLIDAY
    return None if policy.opening[day.weekday()] else Why.CLOSED_DAY


def _why(moment, closed, spans, pauses):
    if any(begin <= moment < end for begin, end in pauses):
        return Why.PAUSE
    if closed:
        return closed
    return Why.OPEN if any(begin <= moment < end for begin, end in spans) else Why.OUTSIDE_HOURS


def _spans_of(day, policy):
    """When it is open on this day, in UTC. On a day on which the clocks change, each part by its own clock."""
    first, last = _midnight(day, policy.zone), _midnight(day + DAY, policy.zone)
    if policy.kind == Kind.CLOCK_HOURS:
        return [(first, last)]
    change = _clock_change(first, last, policy.zone)
    naive = datetime.combine(day, time(0), UTC)
    spans = []
    for begin, end in ((first, change), (change, last)):
        offset = begin.astimezone(policy.zone).utcoffset()
        for opens, closes in policy.opening[day.weekday()]:
            wall = naive + _since_midnight(opens) - offset, naive + (_since_midnight(closes) or DAY) - offset
            if max(wall[0], begin) < min(wall[1], end):
                spans.append((max(wall[0], begin), min(wall[1], end)))
    return spans


def _clock_change(first, last, zone):
    """The moment between these two (UTC) at which the offset changes; `last` when it does not."""
    before = first.astimezone(zone).utcoffset()
    if (last - timedelta(seconds=1)).astimezone(zone).utcoffset() == before:
        return last
    while last - first > timedelta(seconds=1):
        middle = first + timedelta(seconds=(last - first) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before:
            first = middle
        else:
            last = middle
    return last


def _midnight(day, zone):
    return datetime.combine(day, time(0), zone).astimezone(UTC)
