"""Moments and spans, in Dutch time: numbers that somebody may hold us to."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from municipalities.templatetags import page
from municipalities.wording import moment, short_moment, span, time_left

NOW = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_november():
    """The year is only said when it is not this one."""
    with time_machine.travel(NOW, tick=False):
        yield


def numbers(text):
    return [int(number) for number in re.findall(r"\d+", text)]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("delta", "number"),
    [
        (timedelta(0), 0),
        (timedelta(seconds=59), 0),
        (timedelta(seconds=60), 1),
        (timedelta(minutes=59, seconds=59), 59),
        (timedelta(hours=1), 1),
        (timedelta(minutes=119), 1),
        (timedelta(hours=2), 2),
        (timedelta(hours=48), 48),
        (timedelta(hours=71, minutes=59), 71),
        (timedelta(hours=72), 3),
        (timedelta(days=3, hours=23), 3),
        (timedelta(days=4), 4),
        (-timedelta(hours=5), 5),
    ],
)
def test_a_span_is_the_largest_whole_unit(delta, number):
    assert numbers(span(delta)) == [number]


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        (timedelta(minutes=1), timedelta(hours=1)),
        (timedelta(minutes=1), timedelta(minutes=2)),
        (timedelta(hours=3), timedelta(days=3)),
    ],
)
def test_the_unit_and_its_plural_are_said(smaller, larger):
    words = [re.sub(r"\d+", "", span(delta)) for delta in (smaller, larger)]
    assert words[0] != words[1]


@pytest.mark.parametrize("seconds", [1, 59, 60, 3599, 3600])
def test_left_and_late_are_told_apart(seconds):
    left = time_left(NOW + timedelta(seconds=seconds), NOW)
    late = time_left(NOW - timedelta(seconds=seconds), NOW)
    assert numbers(left) == numbers(late)
    assert left != late


def test_the_deadline_itself_is_not_late_yet():
    assert time_left(NOW, NOW) == time_left(NOW + timedelta(seconds=1), NOW)
    assert time_left(NOW, NOW) != time_left(NOW - timedelta(seconds=1), NOW)


def test_time_left_needs_no_moment():
    assert numbers(time_left(datetime.now(UTC) + timedelta(hours=5, minutes=1))) == [5]


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        # Winter and summer
        ("2026-11-24T08:05", [24, 9, 5]),
        ("2026-07-24T08:05", [24, 10, 5]),
        ("2026-11-24T13:05", [24, 14, 5]),
        # The clocks go forward: there is no half past two.
        ("2026-03-29T00:59", [29, 1, 59]),
        ("2026-03-29T01:00", [29, 3, 0]),
        # The clocks go back: half past two comes twice.
        ("2026-10-25T00:30", [25, 2, 30]),
        ("2026-10-25T01:30", [25, 2, 30]),
        ("2026-10-25T02:00", [25, 3, 0]),
        # Around midnight and the turn of the year
        ("2026-11-23T23:05", [24, 0, 5]),
        ("2026-12-31T23:30", [1, 2027, 0, 30]),
    ],
)
def test_a_moment_is_told_in_dutch_time(utc, expected):
    assert numbers(moment(at(utc))) == expected


@pytest.mark.parametrize(
    ("received", "hour"),
    [("2026-11-20T08:05", 9), ("2026-03-27T08:05", 10), ("2026-10-23T08:05", 9)],
)
def test_48_hours_later_is_another_clock_time_when_the_clocks_changed(received, hour):
    due = at(received) + timedelta(hours=48)
    assert numbers(moment(due))[1] == hour
    assert numbers(span(due - at(received))) == [48]


def test_a_short_moment_has_day_and_clock_time():
    assert numbers(short_moment(at("2026-11-24T08:05"))) == [24, 9, 5]


def test_a_moment_on_a_page_names_the_year_only_when_it_is_another():
    here, there = (re.sub(r"<[^>]+>", "", page.moment(at(f"{year}-03-29T01:00"))) for year in (2026, 2020))
    assert numbers(here) == [29, 3, 0]
    assert numbers(there) == [29, 2020, 3, 0]


@pytest.mark.parametrize("utc", ["2026-10-25T00:30", "2026-10-25T01:30"])
def test_a_moment_on_a_page_tells_machines_which_half_past_two_it_is(utc):
    told = re.search(r'datetime="([^"]+)"', page.moment(at(utc))).group(1)
    assert datetime.fromisoformat(told) == at(utc)
