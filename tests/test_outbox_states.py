"""The life of a mail: what may follow what, when it waits, when it is given up, and what a pass costs."""

from datetime import UTC, datetime, time, timedelta
from itertools import permutations, product
from string import ascii_lowercase

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from municipalities import outbox, quiet, workflow
from municipalities.actions import change_settings, create_municipality
from municipalities.models import OutboxDue, OutboxMessage
from municipalities.tenancy import tenant
from municipalities.workflow import FOLLOWS, REPORTED, Mail, lifted
from tests.post import change, queue, rows, states

NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # half past eleven in the evening, Dutch time


def test_reports_give_the_same_end_in_whatever_order_and_number():
    for start, reports in product(Mail, permutations([*REPORTED, *REPORTED])):
        state = start
        for fact in reports:
            state = lifted(state, fact)
        assert state == Mail.BOUNCED


@pytest.mark.parametrize("state", Mail)
def test_a_report_never_brings_a_mail_back_to_the_sender(state):
    after = {lifted(state, fact) for fact in REPORTED}
    assert after & workflow.WAITING == set()


@pytest.mark.parametrize(("state", "following"), [(a, b) for a in Mail for b in Mail if b not in FOLLOWS[a]])
def test_what_cannot_follow_is_refused(state, following):
    with pytest.raises(workflow.StateError):
        OutboxMessage(state=state).move_to(following)


def test_the_database_knows_no_other_state(in_dorp):
    queue(in_dorp, "a@dorp.example")
    with pytest.raises(IntegrityError):
        change(in_dorp, state="onzin")


def test_only_mail_that_still_has_to_leave_is_listed_as_due(dorp):
    queue(dorp, *(f"{letter}@dorp.example" for letter in ascii_lowercase[: len(Mail)]))
    for state, (recipient, row) in zip(Mail, rows(dorp).items(), strict=True):
        change(dorp, recipient, state=state, claimed_until=timezone.now())
        assert OutboxDue.objects.filter(pk=row.pk).exists() == (state in workflow.WAITING)
    with tenant(dorp.municipality.pk):
        OutboxMessage.objects.of(dorp.municipality).delete()
    assert not OutboxDue.objects.exists()


def test_who_has_mail_due_is_known_without_a_tenant_but_not_what_it_says(dorp):
    queue(dorp, "a@dorp.example")
    assert set(OutboxDue.objects.values_list("municipality_id", flat=True)) == {dorp.municipality.pk}
    assert OutboxMessage.objects.count() == 0
    assert OutboxDue.personal_fields == frozenset()


def test_a_failing_mail_is_given_up_after_a_day_and_not_before(dorp, settings):
    settings.EMAIL_BACKEND = "tests.test_outbox.PickyBackend"
    queue(dorp, "weg@dorp.example", template="receipt", by_when="")
    change(dorp, created_at=timezone.now() - timedelta(hours=23, minutes=59))
    outbox.deliver()
    assert states(dorp) == {"weg@dorp.example": Mail.READY}
    change(dorp, created_at=timezone.now() - timedelta(hours=24), not_before=timezone.now())
    outbox.deliver()
    assert states(dorp) == {"weg@dorp.example": Mail.GIVEN_UP}
    assert outbox.waiting_since() is None


def test_whoever_comes_back_late_from_a_failed_attempt_spoils_nothing(dorp):
    queue(dorp, "a@dorp.example")
    slow = outbox._claimed(dorp.municipality)[0]
    change(dorp, claimed_until=timezone.now() - timedelta(seconds=1))
    fast = outbox._claimed(dorp.municipality)[0]
    outbox._note_failure(dorp.municipality, slow, TimeoutError())
    assert states(dorp) == {"a@dorp.example": Mail.CLAIMED}
    assert outbox._deliver_one(dorp.municipality, fast)
    outbox._note_failure(dorp.municipality, slow, TimeoutError())
    assert states(dorp) == {"a@dorp.example": Mail.OFFERED}


def test_urgent_mail_goes_first(dorp):
    queue(dorp, "later@dorp.example", template="mail_check")
    queue(dorp, "first@dorp.example")
    assert [mail.recipient for mail in outbox._claimed(dorp.municipality)] == [
        "first@dorp.example",
        "later@dorp.example",
    ]


def test_when_the_pass_has_no_time_left_the_rest_is_free_for_the_next(dorp, monkeypatch):
    queue(dorp, "a@dorp.example", "b@dorp.example")
    counts = {"sent": 0, "failed": 0}
    outbox._deliver_batch(dorp.municipality, counts, until=0, now=None)
    assert counts == {"sent": 0, "failed": 0}
    assert [(row.state, row.attempts) for row in rows(dorp).values()] == [(Mail.READY, 0)] * 2
    assert outbox.deliver()["sent"] == 2


# -- quiet hours


def test_what_can_wait_waits_for_the_morning(dorp):
    queue(dorp, "a@dorp.example", template="all_clear")
    change(dorp, created_at=NIGHT, not_before=NIGHT)
    assert outbox.deliver(now=NIGHT) == {"sent": 0, "failed": 0}
    row = rows(dorp)["a@dorp.example"]
    assert row.not_before == row.wanted_at == datetime(2026, 11, 25, 6, tzinfo=UTC)
    assert outbox.waiting_since() == row.wanted_at, "held back on purpose is not late"
    assert outbox.deliver(now=row.not_before)["sent"] == 1


@pytest.mark.parametrize("template", ["escalation", "receipt", "mail_check"])
def test_what_cannot_wait_leaves_at_night(dorp, template):
    queue(dorp, "a@dorp.example", template=template)
    change(dorp, not_before=NIGHT)
    assert outbox.deliver(now=NIGHT)["sent"] == 1


def test_whoever_says_that_it_is_urgent_is_believed(dorp):
    queue(dorp, "a@dorp.example", template="all_clear", urgent=True)
    change(dorp, not_before=NIGHT)
    assert outbox.deliver(now=NIGHT)["sent"] == 1


def test_a_municipality_sets_its_own_quiet_hours(in_dorp):
    change_settings(municipality=in_dorp.municipality, quiet_from=time(3), quiet_until=time(3))
    queue(in_dorp, "a@dorp.example", template="all_clear")
    change(in_dorp, not_before=NIGHT)
    assert outbox.deliver(now=NIGHT)["sent"] == 1


TEN, SEVEN = time(22), time(7)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 11, 24, 20, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 24, 21, tzinfo=UTC), datetime(2026, 11, 25, 6, tzinfo=UTC)),
        (datetime(2026, 11, 25, 5, 59, tzinfo=UTC), datetime(2026, 11, 25, 6, tzinfo=UTC)),
        (datetime(2026, 11, 25, 6, tzinfo=UTC), None),
        # The nights in which the clocks change: one of ten hours, one of eight.
        (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
    ],
)
def test_quiet_hours_are_what_the_clock_on_the_wall_says(now, end):
    assert quiet.ends_at(TEN, SEVEN, now) == end


def test_quiet_hours_within_one_day():
    noon = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
    assert quiet.ends_at(time(12), time(13), noon) == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert quiet.ends_at(time(13), time(14), noon) is None


# -- what it costs


@pytest.fixture
def everywhere(db):
    """As many municipalities as the country has."""
    return [create_municipality(slug=f"plaats-{number}", name=f"Plaats {number}")[0] for number in range(342)]


def test_a_pass_with_nothing_to_send_asks_one_question_however_many_municipalities(everywhere):
    with CaptureQueriesContext(connection) as captured:
        assert outbox.deliver() == {"sent": 0, "failed": 0}
    assert len(captured) == 1


def test_a_mail_that_is_not_due_yet_costs_nothing(dorp):
    queue(dorp, "a@dorp.example")
    change(dorp, not_before=timezone.now() + timedelta(hours=1))
    with CaptureQueriesContext(connection) as captured:
        outbox.deliver()
    assert len(captured) == 1
