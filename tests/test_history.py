"""Every change of a signal has its history row, in the same transaction, with who and why; or it is no change."""

import uuid
from copy import copy

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from followup.actions.contacts import correct_contact, log_contact
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Signal
from signals.workflow import CloseReason, Status, TransitionError

History = Signal.history.model


def assign(cast, signal):
    actions.assign(signal=signal, worker=cast.other_worker, by=cast.coordinator)


def close(cast, signal):
    actions.close(signal=signal, reason=CloseReason.MOVED, by=cast.coordinator)


def reopen(cast, signal):
    actions.reopen(signal=signal, by=cast.coordinator)


def visit(cast, signal):
    now = timezone.now()
    log_contact(signal=signal, by=cast.coordinator, kind="home_visit", result="spoken", occurred_at=now)


def correct_to(kind, result):
    def correct(cast, signal):
        now = timezone.now()
        correct_contact(
            entry=signal.contacts.get(), by=cast.coordinator, kind=kind, result=result, occurred_at=now, note="Anders."
        )

    return correct


def untouched(cast, signal):
    pass


def called(cast, signal):
    cast.contact(signal, kind="phone", result="no_answer")


def visited(cast, signal):
    cast.contact(signal, kind="home_visit", result="no_answer")


def closed(cast, signal):
    close(cast, signal)


# (what came before, the verb, the reason on the row)
VERBS = {
    "assign": (untouched, assign, "assigned"),
    "close": (untouched, close, "closed"),
    "reopen": (closed, reopen, "reopened"),
    "log_contact": (untouched, visit, "contact"),
    "correct_the_result": (called, correct_to("phone", "spoken"), "corrected"),
    "withdraw_a_visit": (visited, correct_to("home_visit", "withdrawn"), "corrected"),
    "correct_into_a_visit": (called, correct_to("home_visit", "spoken"), "corrected"),
}


def history_of(signal):
    return History.objects.filter(id=signal.pk).order_by("history_id")


def state_of(signal):
    """The row of the signal as the history keeps it."""
    fields = [field.attname for field in History.tracked_fields]
    return Signal.objects.values(*fields).get(pk=signal.pk)


@pytest.fixture(params=VERBS.values(), ids=VERBS)
def verb(request):
    return request.param


def test_every_verb_leaves_one_row_with_who_and_why(verb, in_dorp):
    before, act, reason = verb
    signal = in_dorp.signal(assigned_to="worker")
    before(in_dorp, signal)
    known = set(history_of(signal).values_list("pk", flat=True))
    act(in_dorp, signal)
    row = history_of(signal).exclude(pk__in=known).get()
    assert (row.history_user, row.history_change_reason, row.history_type) == (in_dorp.coordinator, reason, "~")
    assert {field: getattr(row, field) for field in state_of(signal)} == state_of(signal)


def test_what_is_undone_leaves_neither_change_nor_row(verb, in_dorp):
    before, act, _reason = verb
    signal = in_dorp.signal(assigned_to="worker")
    before(in_dorp, signal)
    state, rows, entries = state_of(signal), list(history_of(signal).values()), signal.contacts.count()
    with transaction.atomic():
        act(in_dorp, signal)
        assert history_of(signal).count() > len(rows)
        transaction.set_rollback(True)
    assert (state_of(signal), list(history_of(signal).values()), signal.contacts.count()) == (state, rows, entries)


def test_the_first_row_says_that_it_was_received(in_dorp):
    signal = in_dorp.signal()
    row = history_of(signal).get()
    assert (row.history_user, row.history_change_reason, row.history_type) == (None, "received", "+")


@pytest.mark.parametrize("act", [close, reopen])
@pytest.mark.parametrize("before", [untouched, called, visited, visit, closed])
def test_what_changes_nothing_leaves_no_row(act, before, in_dorp):
    """Closing what is closed, and opening what is open, is refused: the story of a dossier has no false lines."""
    signal = in_dorp.signal(assigned_to="worker")
    before(in_dorp, signal)
    rows = list(history_of(signal).values())
    if (Signal.objects.get(pk=signal.pk).status == Status.CLOSED) == (act is close):
        with pytest.raises(TransitionError):
            act(in_dorp, signal)
        assert list(history_of(signal).values()) == rows
    else:
        act(in_dorp, signal)
        assert history_of(signal).count() == len(rows) + 1


def update(signal):
    Signal.objects.filter(pk=signal.pk).update(status=Status.CLOSED, closed_at=timezone.now(), close_reason="moved")


def bulk_update(signal):
    signal.reached_at = timezone.now()
    Signal.objects.bulk_update([signal], ["reached_at"])


def save_without_history(signal):
    signal.reached_at = timezone.now()
    signal.save_without_historical_record()


def save_with_history_switched_off(signal):
    with override_settings(SIMPLE_HISTORY_ENABLED=False):
        signal.reached_at = timezone.now()
        signal.save()


def make_many(signal):
    """By bulk_create, which makes no history row either."""
    another = copy(signal)
    another.pk, another.reference, another.draft = uuid.uuid4(), "SP-2026-TWEEDE", uuid.uuid4()
    Signal.objects.bulk_create([another])


def save_then_update(signal):
    signal.visited_at = timezone.now()
    signal.save(update_fields=["visited_at"])
    Signal.objects.filter(pk=signal.pk).update(visited_at=None)


def plain_sql(assignment):
    def execute(signal):
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE signals_signal SET {assignment} WHERE id = %s", [signal.pk])

    execute.__name__ = assignment
    return execute


BEHIND_ITS_BACK = [
    update,
    bulk_update,
    make_many,
    save_without_history,
    save_with_history_switched_off,
    save_then_update,
    plain_sql("first_attempt_at = now()"),
    plain_sql("assigned_at = now()"),
    plain_sql("about = 'self'"),
    plain_sql("signs = '{}'"),
    plain_sql("signs = signs || signs"),
    plain_sql("assigned_to_id = NULL, assigned_at = NULL"),
]


@pytest.fixture
def committed(transactional_db, dorp):
    return dorp.signal(assigned_to="worker")


@pytest.mark.parametrize("change", BEHIND_ITS_BACK, ids=lambda change: change.__name__)
def test_a_change_behind_the_back_of_history_is_refused_at_commit(change, committed, dorp):
    with tenant(dorp.municipality.pk):
        before = state_of(committed)
    with pytest.raises(IntegrityError), tenant(dorp.municipality.pk):
        change(committed)
    with tenant(dorp.municipality.pk):
        assert state_of(committed) == before


def test_no_signal_is_deleted_past_its_history(committed, dorp):
    with pytest.raises(ProgrammingError, match="permission denied"), tenant(dorp.municipality.pk):
        Signal.objects.filter(pk=committed.pk)._raw_delete(using="default")


def test_it_is_refused_also_when_the_tenant_was_left_before_the_commit(committed, dorp):
    with pytest.raises(IntegrityError), transaction.atomic():
        with tenant(dorp.municipality.pk):
            update(committed)


def test_with_its_history_a_change_is_committed(committed, dorp):
    with tenant(dorp.municipality.pk):
        committed.note_change(by=dorp.coordinator, reason="contact", reached_at=timezone.now(), signs=[])
    with tenant(dorp.municipality.pk):
        signal = Signal.objects.get(pk=committed.pk)
        assert signal.reached_at is not None
        assert history_of(signal).last().history_change_reason == "contact"


def test_the_history_of_another_signal_does_not_excuse_a_change(committed, dorp):
    other, moment = dorp.signal(assigned_to="worker"), timezone.now()
    with tenant(dorp.municipality.pk):
        other.note_change(by=dorp.coordinator, reason="contact", reached_at=moment)
    with pytest.raises(IntegrityError), tenant(dorp.municipality.pk):
        Signal.objects.filter(pk=committed.pk).update(reached_at=moment)
