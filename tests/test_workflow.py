"""Where a signal may go from where, who may get it, and why it may be closed."""

import pytest
from django.utils import timezone

from followup.actions.contacts import correct_contact
from municipalities.models import Membership, Organisation
from municipalities.tenancy import tenant
from signals import actions, workflow
from signals.models import Signal
from signals.workflow import CloseReason, Status, TransitionError

# Written out once more, on purpose: whoever changes the table has to say so twice.
ALLOWED = """
received   -> assigned in_contact visited closed
assigned   -> received assigned in_contact visited closed
in_contact -> in_contact visited closed
visited    -> visited closed
closed     -> received assigned in_contact visited
"""
# What a correction may do besides.
CORRECTABLE = """
visited    -> received assigned in_contact
in_contact -> received assigned
"""


def pairs(table):
    for line in table.strip().splitlines():
        before, after = line.split("->")
        yield from ((before.strip(), status) for status in after.split())


EVERY_PAIR = [(before.value, after.value) for before in Status for after in Status]


def goes(before, after, **options):
    try:
        workflow.check(before, after, **options)
    except TransitionError:
        return False
    return True


@pytest.mark.parametrize(("before", "after"), EVERY_PAIR)
def test_the_table_of_transitions(before, after):
    assert goes(before, after) == ((before, after) in set(pairs(ALLOWED)))


@pytest.mark.parametrize(("before", "after"), EVERY_PAIR)
def test_a_correction_may_also_undo(before, after):
    expected = set(pairs(ALLOWED)) | set(pairs(CORRECTABLE))
    assert goes(before, after, correcting=True) == ((before, after) in expected)


@pytest.mark.parametrize(("before", "after"), EVERY_PAIR)
def test_move_to_asks_the_table(in_dorp, before, after):
    signal = in_dorp.signal()
    signal.status = before
    fields = {"closed_at": None, "close_reason": ""}
    if after == Status.CLOSED:
        fields = {"closed_at": timezone.now(), "close_reason": CloseReason.HELPED}
    if (before, after) in set(pairs(ALLOWED)):
        signal.move_to(after, by=in_dorp.coordinator, reason="test", **fields)
        assert in_dorp.fresh(signal).status == after
    else:
        with pytest.raises(TransitionError):
            signal.move_to(after, by=in_dorp.coordinator, reason="test", **fields)
        assert in_dorp.fresh(signal).status == Status.RECEIVED


def test_every_change_of_status_says_who_and_why(in_dorp):
    signal = in_dorp.signal(assigned_to="worker")
    in_dorp.contact(signal)
    actions.close(signal=signal, reason=CloseReason.HELPED, by=in_dorp.coordinator)
    rows = Signal.history.filter(id=signal.pk).order_by("history_id")
    told = [(row.status, row.history_change_reason, row.history_user) for row in rows]
    assert told == [
        ("received", "received", None),
        ("assigned", "assigned", in_dorp.coordinator),
        ("visited", "contact", in_dorp.worker),
        ("closed", "closed", in_dorp.coordinator),
    ]


@pytest.mark.parametrize("reason", [reason for reason in CloseReason if reason != CloseReason.REJECTED])
def test_every_reason_closes(in_dorp, reason):
    signal = in_dorp.signal()
    actions.close(signal=signal, reason=reason, by=in_dorp.coordinator)
    closed = in_dorp.fresh(signal)
    assert (closed.status, closed.close_reason) == (Status.CLOSED, reason)
    assert closed.closed_at is not None


def test_closing_twice_is_refused_and_keeps_the_first_reason(in_dorp):
    signal = in_dorp.signal()
    actions.close(signal=signal, reason=CloseReason.MOVED, by=in_dorp.coordinator)
    with pytest.raises(TransitionError):
        actions.close(signal=signal, reason=CloseReason.HELPED, by=in_dorp.coordinator)
    assert in_dorp.fresh(signal).close_reason == CloseReason.MOVED


def test_what_is_open_is_not_opened_again(in_dorp):
    with pytest.raises(TransitionError):
        actions.reopen(signal=in_dorp.signal(), by=in_dorp.coordinator)


def test_a_closed_signal_is_not_assigned(in_dorp):
    signal = in_dorp.signal()
    actions.close(signal=signal, reason=CloseReason.MOVED, by=in_dorp.coordinator)
    with pytest.raises(TransitionError):
        actions.assign(signal=signal, worker=in_dorp.worker, by=in_dorp.coordinator)


HOW_FAR = {
    Status.RECEIVED: {},
    Status.ASSIGNED: {"assigned_to": "worker"},
    Status.IN_CONTACT: {"assigned_to": "worker", "contact": "phone"},
    Status.VISITED: {"assigned_to": "worker", "contact": "home_visit"},
}


@pytest.mark.parametrize("status", HOW_FAR)
def test_opening_again_leads_back_to_where_the_work_had_come(in_dorp, status):
    signal = in_dorp.signal(assigned_to=HOW_FAR[status].get("assigned_to"))
    if "contact" in HOW_FAR[status]:
        in_dorp.contact(signal, HOW_FAR[status]["contact"])
    actions.close(signal=signal, reason=CloseReason.MOVED, by=in_dorp.coordinator)
    actions.reopen(signal=signal, by=in_dorp.coordinator)
    opened = in_dorp.fresh(signal)
    assert (opened.status, opened.closed_at, opened.close_reason) == (status, None, "")


def test_a_contact_with_a_closed_signal_leaves_it_closed_and_counts_when_opened(in_dorp):
    signal = in_dorp.signal(assigned_to="worker")
    actions.close(signal=signal, reason=CloseReason.NO_CONTACT, by=in_dorp.coordinator)
    in_dorp.contact(signal)
    assert in_dorp.fresh(signal).status == Status.CLOSED
    actions.reopen(signal=signal, by=in_dorp.coordinator)
    assert in_dorp.fresh(signal).status == Status.VISITED


@pytest.mark.parametrize(
    ("kind", "corrected_kind", "result", "status"),
    [
        ("home_visit", "home_visit", "withdrawn", Status.ASSIGNED),
        ("home_visit", "phone", "spoken", Status.IN_CONTACT),
        ("phone", "phone", "withdrawn", Status.ASSIGNED),
        ("phone", "home_visit", "spoken", Status.VISITED),
    ],
)
def test_a_correction_takes_the_status_along(in_dorp, kind, corrected_kind, result, status):
    signal = in_dorp.signal(assigned_to="worker")
    entry = in_dorp.contact(signal, kind)
    correct_contact(entry=entry, by=in_dorp.worker, kind=corrected_kind, result=result, occurred_at=entry.occurred_at)
    assert in_dorp.fresh(signal).status == status


@pytest.mark.parametrize("kind", ["reporter_contact", "partner_contact"])
def test_talk_about_the_person_leaves_a_received_signal_where_it_is(in_dorp, kind):
    signal = in_dorp.signal()
    in_dorp.contact(signal, kind, by="coordinator")
    assert in_dorp.fresh(signal).status == Status.RECEIVED


def test_the_five_moments_are_kept_apart(in_dorp):
    signal = in_dorp.signal(assigned_to="worker")
    for kind, result in (("card", "left_message"), ("phone", "spoken"), ("home_visit", "spoken")):
        in_dorp.contact(signal, kind, result)
    done = in_dorp.fresh(signal)
    moments = [done.received_at, done.assigned_at, done.first_attempt_at, done.reached_at, done.visited_at]
    assert moments == sorted(set(moments))


def test_a_second_worker_takes_over_without_moving_the_status_back(in_dorp):
    signal = in_dorp.signal(assigned_to="worker")
    in_dorp.contact(signal, "phone")
    actions.assign(signal=signal, worker=in_dorp.other_worker, by=in_dorp.coordinator)
    assert in_dorp.fresh(signal).assigned_to == in_dorp.other_worker
    assert in_dorp.fresh(signal).status == Status.IN_CONTACT


def deactivated_user(cast):
    cast.worker.is_active = False
    cast.worker.save()
    return cast.worker


def deactivated_membership(cast):
    Membership.objects.of(cast.municipality).held_by(cast.worker).update(is_active=False)
    return cast.worker


def deactivated_organisation(cast):
    Organisation.objects.of(cast.municipality).update(is_active=False)
    return cast.worker


@pytest.mark.parametrize(
    "somebody",
    [
        lambda cast: cast.coordinator,
        lambda cast: cast.manager,
        deactivated_user,
        deactivated_membership,
        deactivated_organisation,
    ],
)
def test_only_an_active_worker_gets_a_signal(in_dorp, somebody):
    signal, nobody_for_this = in_dorp.signal(), somebody(in_dorp)
    with pytest.raises(actions.NotOurWorker):
        actions.assign(signal=signal, worker=nobody_for_this, by=in_dorp.coordinator)
    assert in_dorp.fresh(signal).assigned_to is None


def test_a_worker_of_another_municipality_gets_no_signal(dorp, stad):
    signal = dorp.signal()
    with tenant(dorp.municipality.pk), pytest.raises(actions.NotOurWorker):
        actions.assign(signal=signal, worker=stad.worker, by=dorp.coordinator)
    assert dorp.fresh(signal).assigned_to is None
