"""When 48 hours are over: against an oracle that knows nothing but the next minute, and at the edges by hand."""

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest

from municipalities import calendar
from municipalities.calendar import Kind, Policy, Why

HERE = ZoneInfo("Europe/Amsterdam")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DUTCH = frozenset(holidays.country_holidays("NL", years=range(2024, 2036)))
CLOCK_CHANGES = [
    moment
    for year in range(2024, 2035)
    for month in (3, 10)
    for moment in [datetime(year, month, 31 - (datetime(year, month, 31).weekday() + 1) % 7, 1, tzinfo=UTC)]
]
OFFICE = ((time(9), time(17)),)
WEEK = (OFFICE,) * 5 + ((),) * 2
WEEKS = {
    "office": WEEK,
    "lunch": (((time(8, 30), time(12)), (time(12, 30), time(17))),) * 5 + (((time(10), time(14)),), ()),
    "night": (((time(0), time(4)), (time(22), time(0))),) * 7,
    "in the lost hour": (((time(1, 30), time(2, 30)), (time(2, 40), time(2, 50))),) * 7,
    "one evening": ((),) * 2 + (((time(19), time(21, 30)),),) + ((),) * 4,
}
CASES, SEED = 300, 20261122


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


def working(hours, week=WEEK, days_off=DUTCH):
    return Policy(Kind.WORKING_HOURS, timedelta(hours=hours), week, frozenset(days_off))


def oracle(start, amount, policy, pauses):
    """Minute by minute: the end of the one with which the amount is complete."""
    now, left = start, amount // MINUTE
    while left:
        left -= _counts(now, policy, pauses)
        now += MINUTE
    return now


def _counts(now, policy, pauses):
    if any(begin <= now < end for begin, end in pauses):
        return False
    if policy.kind == Kind.CLOCK_HOURS:
        return True
    here = now.astimezone(HERE)
    spans = policy.opening[here.weekday()]
    if here.date() in policy.holidays:
        return False
    return any(start <= here.time() and (here.time() < end or end == time(0)) for start, end in spans)


def random_case(chance):
    """(received, policy, pauses), all on whole minutes; every other one around a change of the clocks."""
    received = datetime(2024, 1, 1, tzinfo=UTC) + chance.randrange(11 * 365 * 1440) * MINUTE
    if chance.random() < 0.5:
        received = chance.choice(CLOCK_CHANGES) + chance.randrange(-2 * 1440, 180) * MINUTE
    week = chance.choice(list(WEEKS.values()))
    longest = 4 * 60 if week is WEEKS["one evening"] else 20 * 60
    window = chance.randrange(1, longest) * MINUTE
    kind = chance.choice([Kind.WORKING_HOURS, Kind.WORKING_HOURS, Kind.CLOCK_HOURS])
    days_off = DUTCH if chance.random() < 0.9 else frozenset()
    return (
        received,
        Policy(kind, window, week, days_off),
        [_pause(chance, received) for _ in range(chance.choice([0, 0, 1, 3]))],
    )


def _pause(chance, received):
    start = received + chance.randrange(-1440, 3 * 1440) * MINUTE
    return start, start + chance.randrange(1, 2 * 1440) * MINUTE


def check_explained(received, policy, pauses):
    lines, due = calendar.explain(received, policy, pauses), calendar.due(received, policy, pauses)
    spans = [(line.start.astimezone(UTC), line.end.astimezone(UTC)) for line in lines]
    assert (spans[0][0], spans[-1][1]) == (received, due)
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert sum((line.counted for line in lines), timedelta(0)) == lines[-1].total == policy.window
    for line, (start, end) in zip(lines, spans, strict=True):
        length = end - start
        assert line.counted == (length if line.why == Why.OPEN else timedelta(0))
        assert length > timedelta(0)
        assert line.day == line.start.date()
    for before, after in pairwise(lines):
        assert (before.day, before.why) != (after.day, after.why)


def test_it_says_what_counting_minutes_says():
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    crossed = 0
    for number in range(CASES):
        received, policy, pauses = random_case(chance)
        expected = oracle(received, policy.window, policy, pauses)
        assert calendar.due(received, policy, pauses) == expected, (number, received, policy, pauses)
        passed = calendar.counted(received, expected, policy, pauses)
        assert passed == policy.window, (number, received, policy, pauses)
        check_explained(received, policy, pauses)
        crossed += any(received <= change < expected for change in CLOCK_CHANGES)
    assert crossed > CASES // 5, "the cases must find the changes of the clocks"


# 24 November 2026 is a Tuesday.
EDGES = [
    ("2026-11-24T17:00", 2, "2026-11-25T11:00", "at closing time"),
    ("2026-11-24T16:59", 2, "2026-11-25T10:59", "a minute before closing"),
    ("2026-11-24T09:00", 8, "2026-11-24T17:00", "ends exactly at closing"),
    ("2026-11-24T12:00", 13, "2026-11-25T17:00", "ends exactly at closing, the day after"),
    ("2026-11-27T16:00", 2, "2026-11-30T10:00", "over a weekend"),
    ("2026-12-24T16:00", 2, "2026-12-28T10:00", "over Christmas and a weekend"),
    ("2026-12-25T11:00", 1, "2026-12-28T10:00", "on a holiday"),
    ("2027-12-31T16:30", 1, "2028-01-03T09:30", "over the turn of the year"),
    ("2024-02-28T16:00", 10, "2024-03-01T10:00", "over a leap day"),
]


@pytest.mark.parametrize(("received", "hours", "due", "_why"), EDGES, ids=[edge[3] for edge in EDGES])
def test_at_the_edges(received, hours, due, _why):
    assert calendar.due(local(received), working(hours)) == local(due)


# The night of 29 March 2026 has no 02:30, that of 25 October has two.
NIGHTS = [
    ("2026-03-29T02:30", 0, timedelta(hours=2), "2026-03-29T05:30"),
    ("2026-10-25T02:30", 0, timedelta(hours=2), "2026-10-25T03:30"),
    ("2026-10-25T02:30", 1, timedelta(hours=2), "2026-10-25T04:30"),
    ("2026-03-28T12:00", 0, timedelta(hours=48), "2026-03-30T13:00"),
    ("2026-10-24T12:00", 0, timedelta(hours=48), "2026-10-26T11:00"),
]


@pytest.mark.parametrize(("received", "fold", "window", "due"), NIGHTS)
def test_elapsed_hours_are_real_hours(received, fold, window, due):
    received = local(received).replace(fold=fold)
    policy = Policy(Kind.CLOCK_HOURS, window)
    assert calendar.due(received, policy) == local(due).astimezone(UTC) == received.astimezone(UTC) + window


@pytest.mark.parametrize(("day", "counted"), [("2026-03-29", 60), ("2026-10-25", 180), ("2026-06-07", 120)])
def test_opening_hours_are_what_the_clock_on_the_wall_says(day, counted):
    """From 01:00 to 03:00 by the wall: an hour is lost in spring, and comes twice in autumn."""
    policy = working(10, (((time(1), time(3)),),) * 7)
    midnight = local(f"{day}T00:00")
    assert calendar.counted(midnight, midnight + timedelta(days=1), policy) == counted * MINUTE


def test_received_in_a_pause_the_count_begins_at_its_end():
    pauses = [(local("2026-11-24T08:00"), local("2026-11-24T15:00"))]
    assert calendar.due(local("2026-11-24T10:00"), working(3), pauses) == local("2026-11-25T10:00")
    elapsed = Policy(Kind.CLOCK_HOURS, 3 * HOUR)
    assert calendar.due(local("2026-11-24T10:00"), elapsed, pauses) == local("2026-11-24T18:00")


def test_pauses_that_overlap_stop_the_count_once():
    pauses = [
        (local("2026-11-24T12:00"), local("2026-11-24T14:00")),
        (local("2026-11-24T11:00"), local("2026-11-24T13:00")),
        (local("2026-11-24T11:30"), local("2026-11-24T12:30")),
    ]
    assert calendar.due(local("2026-11-24T10:00"), Policy(Kind.CLOCK_HOURS, 2 * HOUR), pauses) == local(
        "2026-11-24T15:00"
    )


def test_the_smallest_window_still_takes_its_time():
    instant = timedelta(microseconds=1)
    policy = Policy(Kind.WORKING_HOURS, instant, WEEK, DUTCH)
    assert calendar.due(local("2026-11-24T10:00"), policy) == local("2026-11-24T10:00") + instant
    assert calendar.due(local("2026-11-24T17:00"), policy) == local("2026-11-25T09:00") + instant


def test_no_time_has_passed_at_once():
    moment = local("2026-11-28T03:00")
    assert calendar.moment_after(moment, timedelta(0), working(8)) == moment
    with pytest.raises(ValueError, match="backwards"):
        calendar.moment_after(moment, -HOUR, working(8))


def test_moments_are_in_utc():
    assert calendar.due(local("2026-06-01T10:00"), working(8)).utcoffset() == timedelta(0)


NONSENSE = {
    "never opens": {"opening": ((),) * 7},
    "six days": {"opening": WEEK[:6]},
    "backwards": {"opening": (((time(17), time(9)),),) * 7},
    "overlapping": {"opening": (((time(9), time(13)), (time(12), time(17))),) * 7},
    "empty span": {"opening": (((time(9), time(9)),),) * 7},
    "no window": {"window": timedelta(0)},
    "less than no window": {"window": -HOUR},
}


@pytest.mark.parametrize("changes", NONSENSE.values(), ids=NONSENSE)
def test_a_policy_that_cannot_be_counted_by_is_refused(changes):
    with pytest.raises(ValueError, match=r"."):
        Policy(**({"kind": Kind.WORKING_HOURS, "window": HOUR, "opening": WEEK} | changes))


def test_every_hour_counts_without_opening_hours_too():
    assert Policy(Kind.CLOCK_HOURS, HOUR).window == HOUR


def test_the_sum_says_why():
    pauses = [(local("2026-12-24T10:00"), local("2026-12-24T11:00"))]
    lines = calendar.explain(local("2026-12-24T08:00"), working(8), pauses)
    told = [(str(line.day), line.why.value, line.counted // HOUR, line.total // HOUR) for line in lines]
    assert told == [
        ("2026-12-24", "outside_hours", 0, 0),
        ("2026-12-24", "open", 1, 1),
        ("2026-12-24", "pause", 0, 1),
        ("2026-12-24", "open", 6, 7),
        ("2026-12-24", "outside_hours", 0, 7),
        ("2026-12-25", "holiday", 0, 7),
        ("2026-12-26", "holiday", 0, 7),
        ("2026-12-27", "closed_day", 0, 7),
        ("2026-12-28", "outside_hours", 0, 7),
        ("2026-12-28", "open", 1, 8),
    ]


def test_a_year_of_working_hours_is_quick():
    """Day by day, not minute by minute: a millennium of minutes would take hours."""
    late = calendar.due(datetime(2024, 1, 1, tzinfo=UTC), working(10_000))
    assert late.date() > date(2028, 1, 1)
