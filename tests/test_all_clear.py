"""The mail of every morning: once a day at half past seven on the wall, with the numbers, also when they are zero."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from followup import all_clear
from followup.actions.escalation import sweep
from municipalities import outbox
from municipalities.models import Membership, OutboxMessage
from municipalities.tenancy import tenant
from signals.models import Clock

MORNING = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def mails(cast):
    with tenant(cast.municipality.pk):
        rows = OutboxMessage.objects.of(cast.municipality).filter(template="all_clear")
        return {row.recipient: row.context for row in rows.order_by("pk")}


def keys(cast):
    with tenant(cast.municipality.pk):
        rows = OutboxMessage.objects.of(cast.municipality).filter(template="all_clear")
        return sorted({row.key.split(":")[1] for row in rows})


def test_coordinators_and_managers_get_it_with_a_page_that_they_may_open(dorp):
    assert all_clear.queue_due(MORNING) == 2
    found = mails(dorp)
    assert set(found) == {dorp.coordinator.email, dorp.manager.email}
    for person in ("coordinator", "manager"):
        path = found[dorp.people[person].email]["path"]
        assert dorp.client(person).get(path, follow=True).status_code == 200


def test_zeros_are_sent_as_well(dorp):
    all_clear.queue_due(MORNING)
    told = mails(dorp)[dorp.coordinator.email]
    assert {name: told[name] for name in ("open", "due_today", "late", "oldest")} == {
        "open": 0,
        "due_today": 0,
        "late": 0,
        "oldest": "",
    }
    by_day = timezone.now().replace(hour=10) + timedelta(days=2)
    assert outbox.deliver(now=by_day)["sent"] == 2


@pytest.mark.parametrize(("moment", "queued"), [(MORNING - timedelta(seconds=1), 0), (MORNING, 2)])
def test_it_is_for_half_past_seven(dorp, moment, queued):
    assert all_clear.queue_due(moment) == queued


def test_what_was_down_at_half_past_seven_makes_up_for_it(dorp):
    assert all_clear.queue_due(MORNING + timedelta(hours=9)) == 2


def test_when_everybody_has_it_the_next_quarter_asks_one_question(dorp, stad):
    all_clear.queue_due(MORNING)
    with CaptureQueriesContext(connection) as captured:
        assert all_clear.queue_due(MORNING + QUARTER) == 0
    assert len(captured) == 1


def test_passes_at_the_same_moment_queue_it_once(transactional_db, dorp):
    together = Barrier(4)

    def queue_due(_number):
        try:
            together.wait(10)
            return all_clear.queue_due(MORNING)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(queue_due, range(4))) == [0, 0, 0, 2]
    assert len(mails(dorp)) == 2


def test_without_a_coordinator_the_last_resort_gets_it(dorp, settings):
    settings.OPERATOR_EMAIL = "beheer@portaal.example"
    with tenant(dorp.municipality.pk):
        Membership.objects.of(dorp.municipality).coordinators().update(is_active=False)
    all_clear.queue_due(MORNING)
    assert set(mails(dorp)) == {dorp.manager.email, "beheer@portaal.example"}


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        (datetime(2026, 10, 23, 22, tzinfo=UTC), 73),  # three days, the middle one of 25 hours
        (datetime(2026, 3, 27, 23, tzinfo=UTC), 71),  # the middle one of 23
    ],
)
def test_asked_every_quarter_it_comes_once_a_day_also_when_the_clocks_change(dorp, start, hours):
    came = []
    for step in range(hours * 4):
        if all_clear.queue_due(start + step * QUARTER):
            came.append(timezone.localtime(start + step * QUARTER))
    assert [moment.strftime("%H:%M") for moment in came] == ["07:30"] * 3
    assert keys(dorp) == [moment.strftime("%Y-%m-%d") for moment in came]


def test_the_numbers_are_those_of_this_moment(dorp):
    now = timezone.now()
    signals = [dorp.signal() for _ in range(4)]
    dorp.contact(dorp.signal(assigned_to="worker"))
    moments = [now - timedelta(hours=2), now - timedelta(hours=1), now, now + timedelta(days=1, minutes=1)]
    with tenant(dorp.municipality.pk):
        for signal, due_at in zip(signals, moments, strict=True):
            Clock.objects.of(dorp.municipality).of_visits().filter(signal=signal).update(due_at=due_at)
        clock = Clock.objects.of(dorp.municipality).of_visits().get(signal=signals[1])
        clock.escalated_at = now
        clock.save()
        numbers = all_clear.figures(dorp.municipality, now)
    assert (numbers["late"], numbers["due_today"]) == (2, 1)
    assert numbers["open"] >= 4
    assert clock.due_at.astimezone(all_clear.DUTCH).strftime("%H") in numbers["oldest"], "the escalated one"


def test_what_is_late_the_longest_is_told_after_a_sweep(dorp):
    signal = dorp.signal()
    sweep(caller="test", now=signal.due_at)
    with tenant(dorp.municipality.pk):
        assert all_clear.figures(dorp.municipality, signal.due_at + timedelta(hours=1))["oldest"] != ""


def test_no_municipality_counts_anothers(dorp, stad):
    stad.signal()
    all_clear.queue_due(MORNING)
    assert (mails(dorp)[dorp.coordinator.email]["open"], mails(stad)[stad.coordinator.email]["open"]) == (0, 1)


def test_the_command_queues_it_once(dorp):
    with time_machine.travel(MORNING, tick=False):
        printed = [call(), call()]
    assert printed == [{"queued": 2}, {"queued": 0}]
    assert reverse("dashboard", args=[dorp.slug]) == mails(dorp)[dorp.coordinator.email]["path"]


def call():
    output = StringIO()
    call_command("all_clear", stdout=output)
    return json.loads(output.getvalue())
