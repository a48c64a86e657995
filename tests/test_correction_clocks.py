"""After a correction the clocks stand as if it had been recorded well the first time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from followup.actions.contacts import correct_contact
from followup.actions.escalation import sweep
from signals.models import Clock

VISIT_UNANSWERED = ("home_visit", "no_answer")
VISIT_SPOKEN = ("home_visit", "spoken")
VISIT_WITHDRAWN = ("home_visit", "withdrawn")
CALL_UNANSWERED = ("phone", "no_answer")
CALL_SPOKEN = ("phone", "spoken")


def correct(cast, entry, kind, result):
    return correct_contact(
        entry=entry, by=cast.worker, kind=kind, result=result, occurred_at=timezone.now(), note="Anders."
    )


def running(signal):
    return list(Clock.objects.filter(signal=signal).running().of_visits().values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("recorded", "meant", "expected"),
    [
        (CALL_UNANSWERED, VISIT_SPOKEN, []),
        (CALL_UNANSWERED, VISIT_UNANSWERED, ["revisit"]),
        (CALL_UNANSWERED, CALL_SPOKEN, ["visit"]),
        (VISIT_SPOKEN, VISIT_UNANSWERED, ["revisit"]),
        (VISIT_SPOKEN, CALL_SPOKEN, ["visit"]),
        (VISIT_SPOKEN, VISIT_WITHDRAWN, ["visit"]),
        (VISIT_UNANSWERED, VISIT_SPOKEN, []),
        (VISIT_UNANSWERED, VISIT_WITHDRAWN, ["visit"]),
    ],
)
def test_a_correction_sets_the_clocks_as_the_truth_would_have(recorded, meant, expected, in_dorp):
    signal = in_dorp.signal(assigned_to="worker")
    correct(in_dorp, in_dorp.contact(signal, *recorded), *meant)
    assert running(signal) == expected


def test_a_call_that_did_reach_the_person_ends_the_revisit(in_dorp):
    signal = in_dorp.signal(assigned_to="worker")
    in_dorp.contact(signal, *VISIT_UNANSWERED)
    call = in_dorp.contact(signal, *CALL_UNANSWERED)
    assert running(signal) == ["revisit"]
    correct(in_dorp, call, *CALL_SPOKEN)
    assert running(signal) == []


@pytest.mark.parametrize("hours", [1, 5, 30])
def test_a_late_visit_that_turns_out_not_to_be_one_climbs_on(in_dorp, hours):
    """Escalated, visited, and the visit withdrawn: the ladder goes on where it was, and overdue rungs come at once."""
    signal = in_dorp.signal(assigned_to="worker")
    late = signal.due_at + timedelta(minutes=1)
    assert sweep(caller="test", now=late).escalated == 1
    entry = in_dorp.contact(signal, *VISIT_SPOKEN)
    assert sweep(caller="test", now=late + timedelta(hours=hours)).escalated == 0
    correct(in_dorp, entry, *VISIT_WITHDRAWN)
    assert sweep(caller="test", now=late + timedelta(hours=hours)).escalated == (hours >= 4)
    assert sweep(caller="test", now=late + timedelta(hours=hours + 5)).escalated == 1
