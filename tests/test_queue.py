"""The queue of an organisation: the coordinator gives it to all of them, one takes it, and until then nobody has it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from followup.actions.escalation import sweep
from municipalities.models import Membership, Organisation, OutboxMessage
from municipalities.permissions import Reach
from municipalities.tenancy import reach_for, tenant
from signals import actions
from signals.models import Clock, Reporter, Resident, Signal
from signals.workflow import Status, TransitionError
from tests.committed import as_role, one
from tests.test_access import PERSONAL
from tests.test_reach import reaching

SIGN = "De gordijnen blijven dicht"


def organisation(dorp, name="Welzijn"):
    with tenant(dorp.municipality.pk):
        return Organisation.objects.get(name=name)


def queued(dorp, name="Welzijn", **signal):
    signal = dorp.signal(**signal)
    with tenant(dorp.municipality.pk):
        actions.put_in_queue(signal=signal, organisation=organisation(dorp, name), by=dorp.coordinator)
    return dorp.fresh(signal)


def take(client, dorp, signal):
    return client.post(reverse("take", args=[dorp.slug, signal.reference]))


def today(dorp, who):
    return dorp.client(who).get(reverse("today", args=[dorp.slug]))


def give(dorp, signal, **to):
    return dorp.client("coordinator").post(reverse("assign", args=[dorp.slug, signal.reference]), to, follow=True)


def clocks(dorp, signal):
    """{kind: whether it runs} of all that ever ran."""
    with tenant(dorp.municipality.pk):
        rows = Clock.objects.filter(signal=signal).order_by("pk")
        return {kind: stopped is None for kind, stopped in rows.values_list("kind", "stopped_at")}


@pytest.fixture
def stranger(dorp, add_worker):
    """A worker of another organisation."""
    return add_worker(dorp, "stranger", "Buurtkracht")


# -- giving


def test_the_coordinator_gives_it_to_an_organisation(dorp):
    signal = dorp.signal()
    page = give(dorp, signal, organisation=organisation(dorp).pk).content.decode()
    assert "Het signaal staat in de wachtrij van Welzijn." in page
    assert "Het signaal is in de wachtrij van Welzijn gezet." in page
    signal = dorp.fresh(signal)
    assert (signal.queue.name, signal.status) == ("Welzijn", Status.RECEIVED)
    assert signal.assigned_to is signal.assigned_at is None


@pytest.mark.parametrize("to", [{}, {"worker": "", "organisation": ""}, {"organisation": "999999"}, "both", "theirs"])
def test_to_one_of_the_two_and_to_nobody_elses(to, dorp, stad):
    signal = dorp.signal()
    if to == "both":
        to = {"worker": dorp.worker.pk, "organisation": organisation(dorp).pk}
    if to == "theirs":
        to = {"organisation": organisation(stad).pk}
    give(dorp, signal, **to)
    signal = dorp.fresh(signal)
    assert signal.queue is signal.assigned_to is None


def test_an_organisation_without_a_worker_gets_none(dorp):
    with tenant(dorp.municipality.pk):
        empty = Organisation.objects.create(municipality=dorp.municipality, name="Leeg")
        with pytest.raises(actions.NotOurOrganisation):
            actions.put_in_queue(signal=dorp.signal(), organisation=empty, by=dorp.coordinator)


def test_what_is_closed_goes_nowhere(in_dorp):
    signal = in_dorp.signal()
    actions.close(signal=signal, reason="moved", by=in_dorp.coordinator)
    with pytest.raises(TransitionError):
        actions.put_in_queue(signal=signal, organisation=organisation(in_dorp), by=in_dorp.coordinator)


def test_until_it_is_taken_nobody_has_it_and_the_clocks_run_on(dorp):
    signal = queued(dorp)
    assert clocks(dorp, signal) == {"visit": True, "assignment": True, "reminder": True}


def test_whoever_had_it_has_it_no_longer_and_it_is_watched_anew(dorp):
    signal = queued(dorp, assigned_to="worker")
    assert (signal.status, signal.assigned_to, signal.assigned_at) == (Status.RECEIVED, None, None)
    assert clocks(dorp, signal) == {"visit": True, "assignment": True, "reminder": True, "acceptance": False}
    assert dorp.client("worker").get(reverse("dossier", args=[dorp.slug, signal.reference])).status_code == 404


@pytest.mark.parametrize("verb", ["assign", "close"])
def test_it_leaves_the_queue_when_somebody_gets_it_or_it_is_closed(verb, dorp):
    signal = queued(dorp)
    with tenant(dorp.municipality.pk):
        if verb == "assign":
            actions.assign(signal=signal, worker=dorp.worker, by=dorp.coordinator)
        else:
            actions.close(signal=signal, reason="moved", by=dorp.coordinator)
    assert dorp.fresh(signal).queue is None


def test_every_step_has_its_history(transactional_db, make_cast):
    """At commit: the deferred check compares the row with its history."""
    dorp = make_cast("dorp")
    signal = queued(dorp)
    take(dorp.client("worker"), dorp, signal)
    with tenant(dorp.municipality.pk):
        rows = Signal.history.filter(id=signal.pk).order_by("history_id")
        steps = list(rows.values_list("history_change_reason", "queue__name", "assigned_to", "history_user"))
    assert steps == [
        ("received", None, None, None),
        ("queued", "Welzijn", None, dorp.coordinator.pk),
        ("taken", None, dorp.worker.pk, dorp.worker.pk),
    ]


# -- choosing and taking


@pytest.mark.parametrize("who", ["worker", "other_worker"])
def test_every_worker_of_the_organisation_sees_what_is_needed_to_choose(who, dorp, stranger):
    signal = queued(dorp)
    page = today(dorp, who)
    text = page.content.decode()
    assert [card.reference for card in page.context["waiting"]] == [signal.reference]
    for shown in ("1234 Dorp", SIGN, "Bezoek vóór"):
        assert shown in text
    assert [personal for personal in PERSONAL if personal != "gordijnen" and personal in text] == []
    assert "De gordijnen zijn dicht." not in text
    assert today(dorp, "stranger").context["waiting"] == []


def test_whoever_takes_it_has_it_and_has_taken_it_on(dorp):
    signal = queued(dorp)
    answer = take(dorp.client("worker"), dorp, signal)
    assert answer.url == reverse("dossier", args=[dorp.slug, signal.reference])
    signal = dorp.fresh(signal)
    assert (signal.assigned_to, signal.queue, signal.status) == (dorp.worker, None, Status.ASSIGNED)
    assert signal.assigned_at == signal.accepted_at is not None
    assert clocks(dorp, signal) == {"visit": True, "assignment": False, "reminder": True}
    page = dorp.client("worker").get(answer.url).content.decode()
    assert "De opvolger heeft het signaal uit de wachtrij gepakt." in page
    assert "Nora Naast" in page
    assert today(dorp, "other_worker").context["waiting"] == []


def test_of_two_at_the_same_moment_one_gets_it_and_the_other_is_told(transactional_db, make_cast):
    dorp = make_cast("dorp")
    signal, together = queued(dorp), Barrier(2)
    clients = [dorp.client("worker"), dorp.client("other_worker")]

    def taken(client):
        try:
            connection.ensure_connection()
            together.wait(20)
            return take(client, dorp, signal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(taken, clients), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [302, 404]
    assert "Een collega was u net voor" in answers[1].content.decode()
    with tenant(dorp.municipality.pk):
        assert Signal.history.filter(id=signal.pk, history_change_reason="taken").count() == 1


def test_a_page_that_stood_open_takes_nothing_that_went_elsewhere(dorp):
    signal = queued(dorp)
    give(dorp, signal, worker=dorp.other_worker.pk)
    answer = take(dorp.client("worker"), dorp, signal)
    assert (answer.status_code, dorp.fresh(signal).assigned_to) == (404, dorp.other_worker)


@pytest.mark.parametrize("who", ["stranger", "coordinator", "manager", "privacy_officer"])
def test_nobody_else_takes_it(who, dorp, stranger):
    signal = queued(dorp)
    assert take(dorp.client(who), dorp, signal).status_code in {403, 404}
    assert dorp.fresh(signal).queue is not None


@pytest.mark.parametrize("change", [{"is_active": False}, {"ends_on": "2020-01-01"}, {"role": "manager"}, "moved"])
def test_who_no_longer_works_there_is_out_at_the_next_request(change, dorp, stranger):
    signal, client = queued(dorp), dorp.client("worker")
    assert client.get(reverse("today", args=[dorp.slug])).context["waiting"] != []
    if change == "moved":
        change = {"organisation": organisation(dorp, "Buurtkracht")}
    with tenant(dorp.municipality.pk):
        Membership.objects.filter(user=dorp.worker).update(**change)
    assert take(client, dorp, signal).status_code in {403, 404}
    with tenant(dorp.municipality.pk, user_id=dorp.worker.pk):
        reach_for(Reach.OWN)
        assert Signal.objects.count() == 0


def test_plain_sql_shows_the_queue_without_the_reporter(transactional_db, make_cast, add_worker):
    dorp = make_cast("dorp")
    add_worker(dorp, "stranger", "Buurtkracht")
    queued(dorp)
    with as_role("default", dorp) as serving:
        for who, count in (("worker", 1), ("other_worker", 1), ("stranger", 0)):
            reaching(serving, dorp.people[who], Reach.OWN)
            for model, expected in ((Signal, count), (Resident, count), (Clock, 3 * count), (Reporter, 0)):
                assert one(serving, f"SELECT count(*) FROM {model._meta.db_table}") == expected, (who, model)


# -- nudges and the desk


def mailed(dorp, template):
    with tenant(dorp.municipality.pk):
        rows = OutboxMessage.objects.filter(template=template).order_by("recipient")
        return {row.recipient.partition("@")[0]: row.context["path"] for row in rows}


def test_the_nudges_of_nobody_having_it_reach_the_organisation_too(dorp, stranger):
    signal = queued(dorp)
    sweep(caller="test", now=signal.received_at + timedelta(hours=4, seconds=1))
    page = f"/dorp/signalen/{signal.reference}/"
    assert mailed(dorp, "nudge") == {"coordinator": page, "worker": "/dorp/vandaag/", "other_worker": "/dorp/vandaag/"}
    with tenant(dorp.municipality.pk):
        assert all(mail.context["queued"] for mail in OutboxMessage.objects.filter(template="nudge"))


@pytest.mark.parametrize("template", ["nudge", "escalation"])
def test_so_do_the_reminder_and_the_escalation(template, dorp, stranger):
    signal = queued(dorp)
    with tenant(dorp.municipality.pk):
        kind = {"nudge": "reminder", "escalation": "visit"}[template]
        Clock.objects.filter(signal=signal).exclude(kind=kind).update(next_at=None)
    sweep(caller="test", now=signal.due_at + timedelta(seconds=1))
    assert set(mailed(dorp, template)) == {"coordinator", "worker", "other_worker"}


def test_who_is_away_is_not_asked_to_take_it(dorp):
    with tenant(dorp.municipality.pk):
        away = {"absent_from": "2000-01-01", "absent_until": "2100-01-01"}
        stand_in = Membership.objects.get(user=dorp.manager)
        Membership.objects.filter(user=dorp.worker).update(stand_in=stand_in, **away)
    signal = queued(dorp)
    sweep(caller="test", now=signal.received_at + timedelta(hours=4, seconds=1))
    assert set(mailed(dorp, "nudge")) == {"coordinator", "other_worker"}


def test_without_a_queue_nobody_else_is_nudged(dorp):
    signal = dorp.signal()
    sweep(caller="test", now=signal.received_at + timedelta(hours=4, seconds=1))
    assert set(mailed(dorp, "nudge")) == {"coordinator"}


def test_the_desk_shows_the_queue_and_filters_by_organisation(dorp, stranger):
    waiting, theirs = queued(dorp), queued(dorp, "Buurtkracht")
    mine, _nobodys = dorp.signal(assigned_to="worker"), dorp.signal()
    desk, client = reverse("dashboard", args=[dorp.slug]), dorp.client("coordinator")
    assert "Wachtrij van Buurtkracht" in client.get(desk).content.decode()

    def shown(name):
        return {
            row.reference for row in client.get(desk, {"organisation": organisation(dorp, name).pk}).context["signals"]
        }

    assert shown("Welzijn") == {waiting.reference, mine.reference}
    assert shown("Buurtkracht") == {theirs.reference}


# -- protected ones


def test_what_is_protected_is_given_by_name_only(in_dorp):
    signal = in_dorp.signal()
    actions.protect(signal=signal, reason="colleague", by=in_dorp.coordinator)
    with pytest.raises(actions.NotForMany):
        actions.put_in_queue(signal=signal, organisation=organisation(in_dorp), by=in_dorp.coordinator)


def test_protecting_takes_it_out_of_the_queue(dorp):
    signal = queued(dorp)
    with tenant(dorp.municipality.pk):
        actions.protect(signal=signal, reason="colleague", by=dorp.coordinator)
    assert dorp.fresh(signal).queue is None
    assert today(dorp, "worker").context["waiting"] == []
    assert take(dorp.client("worker"), dorp, signal).status_code == 404
