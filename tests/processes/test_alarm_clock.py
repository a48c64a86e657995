"""The alarm clock in earnest: beat wakes the worker, the worker sweeps and mails, nobody touches anything."""

from datetime import timedelta

from followup.models import Escalation
from municipalities.tenancy import tenant
from tests.processes.stack import eventually

WINDOW = timedelta(seconds=8)


def escalations(cast):
    with tenant(cast.municipality.pk):
        return list(Escalation.objects.of(cast.municipality).select_related("signal"))


def test_a_signal_left_alone_is_escalated_and_mailed_in_time_by_nobody(stack, make_cast):
    haast = make_cast("haast", response_window=WINDOW)
    stack.with_empty_broker().worker()
    stack.beat()
    left_alone = haast.signal(assigned_to="worker")
    visited = haast.signal(assigned_to="worker")
    haast.contact(visited)
    assert eventually(lambda: escalations(haast) and stack.mails(), 60), stack.last_words()
    # Sweeps and mail rounds go on; what was done once must not be done again.
    rounds = stack.running[0].says().count("followup.tasks.sweep")
    assert eventually(lambda: stack.running[0].says().count("followup.tasks.sweep") > rounds + 8, 30)
    (escalation,) = escalations(haast)
    lateness = (escalation.escalated_at - escalation.due_at).total_seconds()
    print(f"escalated {lateness:.2f} s after the deadline")
    assert escalation.signal == left_alone
    assert 0 <= lateness < 30
    mails = [mail for mail in stack.mails() if left_alone.reference in mail and haast.coordinator.email in mail]
    assert len(mails) == 1
    assert not any(visited.reference in mail and haast.coordinator.email in mail for mail in stack.mails())


def test_a_worker_sweeps_as_soon_as_it_starts_also_without_a_broker(stack, make_cast):
    haast = make_cast("haast", response_window=timedelta(milliseconds=1))
    haast.signal()
    stack.worker(REDIS_URL="redis://127.0.0.1:1/0")
    assert eventually(lambda: escalations(haast), 60), stack.last_words()
