"""One signal's page: what was reported, where it stands, what was done, and the verbs of triage."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from followup.models import RetentionTerm
from municipalities.models import AccessLogEntry
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Signal
from signals.workflow import CloseReason
from tests.cast import ADDRESS, WHO, WORRY

# The same whatever the number of contacts, the transaction's own savepoints included.
STATEMENTS = 31


def path(signal, verb=""):
    return f"/dorp/signalen/{signal.reference}/{verb}"


def read(cast, who, signal):
    answer = cast.client(who).get(path(signal))
    assert answer.status_code == 200
    return answer.content.decode()


def post(cast, signal, verb, **data):
    """(level of the message, the signal afterwards) of a coordinator's POST, which leads back to the dossier."""
    answer = cast.client("coordinator").post(path(signal, verb), data, follow=True)
    assert answer.redirect_chain == [(path(signal), 302)]
    (message,) = answer.context["messages"]
    return message.level_tag, cast.fresh(signal)


def changes(cast, signal):
    with tenant(cast.municipality.pk):
        return Signal.history.filter(id=signal.pk).count()


@pytest.mark.parametrize("who", ["coordinator", "worker"])
def test_the_page_shows_what_was_reported(dorp, who):
    text = read(dorp, who, dorp.signal(assigned_to="worker"))
    for told in (WORRY["story"], ADDRESS["street"], ADDRESS["postcode"], ADDRESS["person_name"]):
        assert told in text


@pytest.mark.parametrize(
    ("who", "may_call", "sees"),
    [("worker", True, True), ("worker", False, False), ("coordinator", True, True), ("coordinator", False, True)],
)
def test_a_worker_sees_the_reporter_only_when_they_may_be_called(dorp, who, may_call, sees):
    signal = dorp.signal(assigned_to="worker", **{"wie-bent-u": WHO | {"may_call": may_call}})
    text = read(dorp, who, signal)
    assert [WHO[field] in text for field in ("name", "phone", "email")] == [sees] * 3


def test_another_worker_does_not_find_the_dossier(dorp):
    signal = dorp.signal(assigned_to="worker")
    assert dorp.client("other_worker").get(path(signal)).status_code == 404


@pytest.mark.parametrize("reference", ["SP-2026-ONZIN0", "onzin", "x" * 300])
def test_an_unknown_reference_is_not_found(dorp, reference):
    assert dorp.client("coordinator").get(f"/dorp/signalen/{reference}/").status_code == 404


def test_a_zero_byte_in_the_address_is_no_fault_of_ours(dorp):
    client = dorp.client("coordinator")
    client.raise_request_exception = False
    assert client.get("/dorp/signalen/%00/").status_code < 500


def test_opening_is_recorded(dorp):
    signal = dorp.signal()
    read(dorp, "coordinator", signal)
    with tenant(dorp.municipality.pk):
        entry = AccessLogEntry.objects.of(dorp.municipality).get()
    assert (entry.user, entry.role, entry.action) == (dorp.coordinator, "coordinator", "dossier")
    assert entry.reference == signal.reference


def statements(client, signal):
    client.get(path(signal))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path(signal)).status_code == 200
    return [query["sql"][:90] for query in captured]


def test_the_page_takes_as_many_statements_with_5_as_with_50_contacts(dorp):
    signal, client = dorp.signal(assigned_to="worker"), dorp.client("coordinator")
    for _ in range(5):
        dorp.contact(signal, "phone", "no_answer", note="Niet thuis.")
    few = statements(client, signal)
    for number in range(45):
        dorp.contact(signal, "phone", "no_answer", by=("worker", "coordinator")[number % 2], note="Niet thuis.")
    assert len(statements(client, signal)) == len(few) == STATEMENTS, "\n".join(few)


def test_the_newest_stands_on_top_and_everything_stands_there(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, "phone", "no_answer")
    dorp.contact(signal)
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason=CloseReason.HELPED, by=dorp.coordinator)
    entries = dorp.client("coordinator").get(path(signal)).context["entries"]
    assert [entry.contact.kind for entry in entries if entry.contact] == ["home_visit", "phone"]
    assert [bool(entry.contact) for entry in entries] == [False, True, True, False, False]
    moments = [entry.moment for entry in entries]
    assert moments == sorted(moments, reverse=True)


def test_what_people_typed_is_never_markup(dorp):
    signal = dorp.signal(assigned_to="worker", zorg=WORRY | {"story": "<script>alert(1)</script>"})
    dorp.contact(signal, note="<img src=x onerror=alert(1)>")
    text = read(dorp, "worker", signal)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;img" in text


@pytest.mark.parametrize(
    ("who", "verbs"), [("coordinator", ["toewijzen", "sluiten", "contact"]), ("worker", ["contact"])]
)
def test_only_the_verbs_that_somebody_may_use_are_offered(dorp, who, verbs):
    signal = dorp.signal(assigned_to="worker")
    text = read(dorp, who, signal)
    offered = ("toewijzen", "sluiten", "heropenen", "contact")
    assert [verb for verb in offered if f'"{path(signal, verb)}/' in text] == verbs


def test_a_coordinator_gives_the_signal_to_a_worker(dorp):
    signal = dorp.signal()
    level, given = post(dorp, signal, "toewijzen/", worker=dorp.worker.pk)
    assert (level, given.assigned_to, given.status) == ("success", dorp.worker, "assigned")


def test_giving_it_twice_to_the_same_worker_is_harmless(dorp):
    signal = dorp.signal(assigned_to="worker")
    level, given = post(dorp, signal, "toewijzen/", worker=dorp.worker.pk)
    assert (level, given.assigned_to, given.status) == ("success", dorp.worker, "assigned")


@pytest.mark.parametrize("worker", ["", "onzin", "0", "99999999999999999999", "\0", "coordinator", "stad"])
def test_only_an_own_worker_can_be_chosen(dorp, stad, worker):
    strangers = {"coordinator": dorp.coordinator.pk, "stad": stad.worker.pk}
    signal = dorp.signal()
    level, untouched = post(dorp, signal, "toewijzen/", worker=strangers.get(worker, worker))
    assert (level, untouched.assigned_to, untouched.status) == ("error", None, "received")
    assert changes(dorp, signal) == 1


def test_a_closed_signal_must_be_opened_before_it_is_given(dorp):
    signal = dorp.signal()
    post(dorp, signal, "sluiten/", reason="moved")
    before = changes(dorp, signal)
    level, closed = post(dorp, signal, "toewijzen/", worker=dorp.worker.pk)
    assert (level, closed.assigned_to) == ("error", None)
    assert changes(dorp, signal) == before


@pytest.mark.parametrize(
    "reason", [reason for reason in CloseReason if reason not in {CloseReason.REJECTED, CloseReason.LOST}]
)
def test_a_coordinator_closes_with_a_reason(dorp, reason):
    level, closed = post(dorp, dorp.signal(), "sluiten/", reason=reason)
    assert (level, closed.status, closed.close_reason) == ("success", "closed", reason)


@pytest.mark.parametrize("reason", ["", "onzin", "\0"])
def test_without_a_lawful_reason_nothing_is_closed(dorp, reason):
    signal = dorp.signal()
    level, still_open = post(dorp, signal, "sluiten/", reason=reason)
    assert (level, still_open.status) == ("error", "received")
    assert changes(dorp, signal) == 1


def test_closing_twice_keeps_the_first_reason(dorp):
    signal = dorp.signal()
    post(dorp, signal, "sluiten/", reason="moved")
    level, closed = post(dorp, signal, "sluiten/", reason="helped")
    assert (level, closed.close_reason) == ("info", "moved")
    assert changes(dorp, signal) == 2


def test_opening_again_and_once_more(dorp):
    signal = dorp.signal()
    post(dorp, signal, "sluiten/", reason="moved")
    level, opened = post(dorp, signal, "heropenen/")
    assert (level, opened.status, opened.close_reason) == ("success", "received", "")
    assert post(dorp, signal, "heropenen/")[0] == "info"
    assert changes(dorp, signal) == 3


@pytest.mark.parametrize("verb", ["toewijzen/", "sluiten/", "heropenen/"])
def test_a_verb_is_not_done_by_following_a_link(dorp, verb):
    signal = dorp.signal()
    assert dorp.client("coordinator").get(path(signal, verb)).status_code == 405
    assert changes(dorp, signal) == 1


def test_without_any_worker_the_page_says_so_instead_of_an_empty_list(dorp):
    with tenant(dorp.municipality.pk):
        for name in ("worker", "other_worker"):
            dorp.people[name].is_active = False
            dorp.people[name].save()
    signal = dorp.signal()
    text = read(dorp, "coordinator", signal)
    assert f'action="{path(signal, "toewijzen/")}"' not in text
    assert "utrecht-alert--warning" in text


def test_a_closed_signal_whose_visit_is_owed_says_so(dorp):
    signal = dorp.signal()
    post(dorp, signal, "sluiten/", reason="moved")
    assert "utrecht-alert--warning" in read(dorp, "coordinator", signal)
    dorp.contact(signal)
    assert "utrecht-alert--warning" not in read(dorp, "coordinator", signal)


def test_it_says_until_when_it_is_kept_and_on_what_ground(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal)
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
    until = timezone.localtime(dorp.fresh(signal).closed_at) + timedelta(days=365)
    page = read(dorp, "coordinator", signal)
    assert f"{date_format(until, 'j F Y')}; daarna" in page
    assert "AVG artikel 5.1.e" in page
    with tenant(dorp.municipality.pk):
        RetentionTerm.objects.create(municipality=dorp.municipality, result_class="helped", days=365, ground="Wmo 2.1")
    assert "Wmo 2.1" in read(dorp, "coordinator", signal)
