"""Who the reporter is: shown to whoever may know, and else only to a worker who says why."""

import pytest
from django.urls import reverse

from municipalities.models import AccessLogEntry, Reason
from municipalities.tenancy import tenant
from tests.cast import WHO
from tests.conftest import connect

SECRET = {"name": "Mieke Melder", "email": "mieke@melder.example", "phone": "06 12345678"}


def signal_of(dorp, *, may_call):
    return dorp.signal(assigned_to="worker", **{"wie-bent-u": WHO | SECRET | {"may_call": may_call}})


def dossier(dorp, who, signal):
    return dorp.client(who).get(reverse("dossier", args=[dorp.slug, signal.reference]))


def ask(dorp, who, signal, reason=None):
    client, address = dorp.client(who), reverse("reporter", args=[dorp.slug, signal.reference])
    return client.get(address) if reason is None else client.post(address, {"reason": reason})


def told(response):
    """Which parts of the reporter's identity stand in this answer."""
    text = response.content.decode()
    return {part for part, value in SECRET.items() if value in text}


def on_record(dorp):
    with tenant(dorp.municipality.pk):
        rows = AccessLogEntry.objects.filter(action="reporter").order_by("pk")
        return list(rows.values_list("user", "reference", "reason"))


# The reviewed table: (role, the reporter may be called) and what the dossier says of who reported.
GOLDEN = [
    ("coordinator", True, set(SECRET)),
    ("coordinator", False, set(SECRET)),
    ("worker", True, set(SECRET)),
    ("worker", False, set()),
]


@pytest.mark.parametrize(("who", "may_call", "expected"), GOLDEN)
def test_the_dossier_says_who_reported_to_whom_it_may(dorp, who, may_call, expected):
    assert told(dossier(dorp, who, signal_of(dorp, may_call=may_call))) == expected


@pytest.mark.parametrize("status", ["assigned", "visited", "closed"])
def test_that_does_not_depend_on_how_far_it_is(dorp, status):
    signal = signal_of(dorp, may_call=False)
    if status != "assigned":
        dorp.contact(signal)
    if status == "closed":
        dorp.client("coordinator").post(reverse("close", args=[dorp.slug, signal.reference]), {"reason": "solved"})
    assert told(dossier(dorp, "worker", signal)) == set()
    assert told(dossier(dorp, "coordinator", signal)) == set(SECRET)


@pytest.mark.parametrize("reason", Reason.values)
def test_with_a_reason_a_worker_is_told_and_it_is_on_record(dorp, reason):
    signal = signal_of(dorp, may_call=False)
    assert told(ask(dorp, "worker", signal)) == set()
    assert on_record(dorp) == []
    assert told(ask(dorp, "worker", signal, reason)) == set(SECRET)
    assert on_record(dorp) == [(dorp.worker.pk, signal.reference, reason)]


@pytest.mark.parametrize("reason", ["", "nieuwsgierig"])
def test_without_one_nothing_is_told(dorp, reason):
    signal = signal_of(dorp, may_call=False)
    answer = ask(dorp, "worker", signal, reason)
    assert answer.status_code == 200
    assert (told(answer), on_record(dorp)) == (set(), [])


def test_the_coordinator_sees_in_the_dossier_who_was_told_and_why(dorp):
    signal = signal_of(dorp, may_call=False)
    ask(dorp, "worker", signal, Reason.DANGER)
    page = dossier(dorp, "coordinator", signal).content.decode()
    assert "Zag wie de melder is: iemand is in gevaar." in page


def test_being_told_lasts_for_one_page(dorp):
    signal = signal_of(dorp, may_call=False)
    ask(dorp, "worker", signal, Reason.DANGER)
    assert told(ask(dorp, "worker", signal)) == told(dossier(dorp, "worker", signal)) == set()


def test_whoever_may_know_is_led_back_to_the_dossier(dorp):
    signal = signal_of(dorp, may_call=False)
    assert ask(dorp, "coordinator", signal).status_code == 302


@pytest.mark.parametrize("who", ["other_worker", "manager", "privacy_officer", "platform_admin"])
def test_nobody_else_is_told_with_whatever_reason(dorp, who):
    answer = ask(dorp, who, signal_of(dorp, may_call=False), Reason.DANGER)
    assert answer.status_code in {403, 404}
    assert told(answer) == set()


def test_what_cannot_be_put_on_record_is_not_told(transactional_db, dorp):
    signal = signal_of(dorp, may_call=False)
    client = dorp.client("worker")
    client.raise_request_exception = False
    with connect("owner") as owner:
        owner.execute("REVOKE INSERT ON municipalities_accesslogentry FROM portal_app")
        try:
            address = reverse("reporter", args=[dorp.slug, signal.reference])
            answer = client.post(address, {"reason": Reason.DANGER})
        finally:
            owner.execute("GRANT INSERT ON municipalities_accesslogentry TO portal_app")
    assert answer.status_code == 503
    assert told(answer) == set()
