"""The ladder: what is watched before the deadline, who is told at each rung, and that only a human makes it rest."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from followup.actions.acknowledging import NotAnAgreement, NothingLate, acknowledge
from followup.actions.escalation import sweep
from followup.models import Acknowledgement, Escalation, Nudge
from municipalities.models import Ladder, Membership, OutboxMessage
from municipalities.models.ladder import check_rungs, default_rungs
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Clock

HOUR = timedelta(hours=1)


def levels(cast, signal):
    with tenant(cast.municipality.pk):
        return list(Escalation.objects.filter(signal=signal).order_by("level").values_list("level", flat=True))


def nudges(cast, signal):
    with tenant(cast.municipality.pk):
        return list(Nudge.objects.filter(signal=signal).order_by("pk").values_list("kind", "number"))


def mailed(cast, template="escalation"):
    """Recipients by local part, in the order of queueing; forgets what it has told."""
    with tenant(cast.municipality.pk):
        rows = OutboxMessage.objects.filter(template=template, municipality=cast.municipality).order_by("pk")
        names = sorted(row.recipient.partition("@")[0] for row in rows)
        rows.delete()
    return names


def change(cast, who, **fields):
    with tenant(cast.municipality.pk):
        Membership.objects.filter(user=cast.people[who]).update(**fields)


def clock_of(cast, signal, kind="visit"):
    with tenant(cast.municipality.pk):
        return Clock.objects.filter(signal=signal, kind=kind).order_by("pk").last()


def visits_only(cast, signal):
    """Leave out the clocks that nudge, for stories about what comes after the deadline."""
    with tenant(cast.municipality.pk):
        Clock.objects.filter(signal=signal).exclude(kind="visit").update(next_at=None)
        OutboxMessage.objects.filter(municipality=cast.municipality).delete()


def test_it_climbs_from_worker_to_managers_and_then_every_day(dorp):
    change(dorp, "other_worker", is_deputy=True)
    signal = dorp.signal(assigned_to="worker")
    visits_only(dorp, signal)
    told = []
    for hours in (0, 4, 8, 32, 56):
        sweep(caller="test", now=signal.due_at + hours * HOUR + timedelta(seconds=1))
        told.append(mailed(dorp))
    everybody = ["coordinator", "manager", "other_worker"]
    assert told == [["coordinator", "worker"], ["coordinator", "other_worker"], everybody, everybody, everybody]
    assert levels(dorp, signal) == [1, 2, 3, 4, 5]


def test_a_rung_is_taken_once_however_often_one_sweeps(dorp):
    signal = dorp.signal()
    visits_only(dorp, signal)
    for seconds in (0, 1, 60, 3600):
        sweep(caller="test", now=signal.due_at + timedelta(seconds=seconds))
    assert levels(dorp, signal) == [1]
    assert mailed(dorp) == ["coordinator"]


def test_after_an_outage_the_rungs_keep_their_distance(dorp):
    """Three days of silence must not end in three mails in three minutes."""
    signal = dorp.signal()
    visits_only(dorp, signal)
    back = signal.due_at + 72 * HOUR
    for minutes in range(5):
        sweep(caller="test", now=back + timedelta(minutes=minutes))
    assert levels(dorp, signal) == [1]
    assert clock_of(dorp, signal).next_at == back + 4 * HOUR


def test_an_acknowledgement_lets_the_ladder_rest_and_then_it_climbs_on(dorp):
    signal = dorp.signal(assigned_to="worker")
    visits_only(dorp, signal)
    with tenant(dorp.municipality.pk):
        Clock.objects.filter(signal=signal).update(next_at=actions.now(), due_at=actions.now())
    sweep(caller="test")
    with tenant(dorp.municipality.pk):
        until = actions.now() + 6 * HOUR
        acknowledge(signal=signal, until=until, by=dorp.coordinator)
    sweep(caller="test", now=until - timedelta(seconds=1))
    assert levels(dorp, signal) == [1]
    sweep(caller="test", now=until + timedelta(seconds=1))
    assert levels(dorp, signal) == [1, 2]
    with tenant(dorp.municipality.pk):
        assert Acknowledgement.objects.get(signal=signal).level == 1


def test_acknowledging_is_refused_when_nothing_is_late_or_too_far_away(dorp):
    signal = dorp.signal()
    with tenant(dorp.municipality.pk):
        now = actions.now()
        with pytest.raises(NothingLate):
            acknowledge(signal=signal, until=now + HOUR, by=dorp.coordinator)
        for until in (now - HOUR, now + 49 * HOUR):
            with pytest.raises(NotAnAgreement):
                acknowledge(signal=signal, until=until, by=dorp.coordinator)
        assert not Acknowledgement.objects.filter(signal=signal).exists()


def test_a_visit_ends_the_climb(dorp):
    signal = dorp.signal(assigned_to="worker")
    visits_only(dorp, signal)
    sweep(caller="test", now=signal.due_at)
    dorp.contact(signal)
    sweep(caller="test", now=signal.due_at + 100 * HOUR)
    assert levels(dorp, signal) == [1]


def test_a_signal_that_nobody_gets_reaches_further_each_time(dorp):
    change(dorp, "other_worker", is_deputy=True)
    signal = dorp.signal()
    told = []
    for hours in (4, 8, 12, 16):
        sweep(caller="test", now=signal.received_at + hours * HOUR + timedelta(minutes=1))
        told.append(mailed(dorp, "nudge"))
    assert told == [["coordinator"], ["coordinator", "other_worker"], ["coordinator", "manager"], []]
    assert nudges(dorp, signal) == [("assignment", 1), ("assignment", 2), ("assignment", 3)]


def test_assigning_ends_the_wait_and_starts_the_next(dorp):
    signal = dorp.signal(assigned_to="worker")
    sweep(caller="test", now=signal.received_at + 5 * HOUR)
    assert nudges(dorp, signal) == [("acceptance", 1)]
    assert mailed(dorp, "nudge") == ["coordinator", "worker"]


@pytest.mark.parametrize("taken_on_by", ["accepting", "a phone call"])
def test_whoever_takes_it_on_is_not_asked_again(dorp, taken_on_by):
    signal = dorp.signal(assigned_to="worker")
    if taken_on_by == "accepting":
        with tenant(dorp.municipality.pk):
            actions.accept(signal=signal, by=dorp.worker)
            actions.accept(signal=signal, by=dorp.worker)
    else:
        dorp.contact(signal, kind="phone", result="no_answer")
    sweep(caller="test", now=signal.received_at + 20 * HOUR)
    assert nudges(dorp, signal) == []


def test_only_the_assigned_worker_takes_it_on(dorp):
    signal = dorp.signal(assigned_to="worker")
    with tenant(dorp.municipality.pk), pytest.raises(actions.NotTheirs):
        actions.accept(signal=signal, by=dorp.other_worker)


def test_another_worker_is_asked_anew(dorp):
    signal = dorp.signal(assigned_to="worker")
    with tenant(dorp.municipality.pk):
        actions.accept(signal=signal, by=dorp.worker)
        actions.assign(signal=signal, worker=dorp.other_worker, by=dorp.coordinator)
    assert dorp.fresh(signal).accepted_at is None
    sweep(caller="test", now=signal.received_at + 5 * HOUR)
    assert mailed(dorp, "nudge") == ["coordinator", "other_worker"]


def test_the_worker_is_reminded_before_it_is_due(dorp):
    signal = dorp.signal(assigned_to="worker")
    with tenant(dorp.municipality.pk):
        actions.accept(signal=signal, by=dorp.worker)
    sweep(caller="test", now=signal.due_at - 13 * HOUR)
    assert mailed(dorp, "nudge") == []
    sweep(caller="test", now=signal.due_at - 12 * HOUR)
    assert mailed(dorp, "nudge") == ["worker"]
    assert levels(dorp, signal) == []


@pytest.mark.parametrize(
    ("away", "told"),
    [
        ({}, ["coordinator", "worker"]),
        ({"worker": {"is_active": False}}, ["coordinator"]),
        ({"worker": {"is_active": False}, "coordinator": {"is_active": False}}, ["operator"]),
    ],
)
def test_a_rung_never_reaches_nobody(dorp, settings, away, told):
    settings.OPERATOR_EMAIL = "Operator <operator@portal.example>"
    signal = dorp.signal(assigned_to="worker")
    visits_only(dorp, signal)
    for who, fields in away.items():
        change(dorp, who, **fields)
    sweep(caller="test", now=signal.due_at)
    assert mailed(dorp) == told


def test_a_stand_in_is_told_instead(dorp):
    signal = dorp.signal(assigned_to="worker")
    visits_only(dorp, signal)
    with tenant(dorp.municipality.pk):
        stand_in = Membership.objects.get(user=dorp.other_worker)
    day = signal.due_at.date()
    change(dorp, "worker", absent_from=day - timedelta(days=1), absent_until=day + timedelta(days=1), stand_in=stand_in)
    sweep(caller="test", now=signal.due_at)
    assert mailed(dorp) == ["coordinator", "other_worker"]


def test_a_municipality_sets_its_own_rungs(dorp):
    with tenant(dorp.municipality.pk):
        rungs = [{"after": 0, "who": ["managers"]}, {"after": 30, "who": ["worker"]}]
        Ladder.objects.create(municipality=dorp.municipality, rungs=rungs)
    signal = dorp.signal(assigned_to="worker")
    visits_only(dorp, signal)
    sweep(caller="test", now=signal.due_at)
    assert mailed(dorp) == ["manager"]
    sweep(caller="test", now=signal.due_at + timedelta(minutes=31))
    assert mailed(dorp) == ["worker"]


@pytest.mark.parametrize(
    "rungs",
    [
        [],
        [{"after": 5, "who": ["worker"]}],
        [{"after": 0, "who": []}],
        [{"after": 0, "who": ["mayor"]}],
        [{"after": 0, "who": ["worker"]}, {"after": 0, "who": ["managers"]}],
    ],
)
def test_a_ladder_with_a_hole_is_refused(rungs):
    check_rungs(default_rungs())
    with pytest.raises(ValidationError):
        check_rungs(rungs)


def test_a_short_promise_goes_without_nudges(make_cast, db):
    dorp = make_cast("kortdorp", response_window=timedelta(minutes=2))
    signal = dorp.signal()
    with tenant(dorp.municipality.pk):
        assert list(Clock.objects.filter(signal=signal).values_list("kind", flat=True)) == ["visit"]


def test_the_manager_acknowledges_without_seeing_a_dossier(dorp):
    signal = dorp.signal(assigned_to="worker")
    with tenant(dorp.municipality.pk):
        Clock.objects.filter(signal=signal, kind="visit").update(next_at=actions.now(), due_at=actions.now())
        until = actions.now() + 2 * HOUR
    sweep(caller="test")
    manager = dorp.client("manager")
    page = manager.get(f"/{dorp.slug}/te-laat/")
    assert signal.reference in page.content.decode()
    assert "Lindelaan" not in page.content.decode()
    assert manager.get(f"/{dorp.slug}/signalen/{signal.reference}/").status_code == 403
    address = f"/{dorp.slug}/te-laat/{signal.reference}/"
    name = f"{signal.reference}-until"
    refused = manager.post(address, {name: "2020-01-01T10:00"})
    assert (refused.status_code, "2020-01-01T10:00" in refused.content.decode()) == (200, True)
    assert manager.post(address, {name: f"{until.astimezone():%Y-%m-%dT%H:%M}"}).status_code == 302
    with tenant(dorp.municipality.pk):
        assert Acknowledgement.objects.get(signal=signal).by == dorp.manager


def ladder_post(**changes):
    fields = {
        "assign_within": "2",
        "accept_within": "0,5",
        "remind_before": "6",
        "stap-TOTAL_FORMS": "3",
        "stap-INITIAL_FORMS": "3",
        "stap-0-after": "0",
        "stap-0-who": ["worker", "coordinators"],
        "stap-1-after": "1,5",
        "stap-1-who": ["managers"],
        "stap-2-after": "",
    }
    return fields | changes


def test_the_manager_sets_the_ladder(dorp):
    page = f"/{dorp.slug}/instellingen/escalatie/"
    assert dorp.client("manager").get(page).status_code == 200
    assert dorp.client("manager").post(page, ladder_post()).status_code == 302
    with tenant(dorp.municipality.pk):
        ladder = Ladder.objects.get(municipality=dorp.municipality)
    assert (ladder.assign_within, ladder.accept_within) == (2 * HOUR, HOUR / 2)
    assert ladder.rungs == [{"after": 0, "who": ["worker", "coordinators"]}, {"after": 90, "who": ["managers"]}]


@pytest.mark.parametrize(
    "changes",
    [
        {"stap-0-after": "1"},
        {"stap-1-after": ""},
        {"stap-1-after": "veel"},
        {"stap-0-who": [], "stap-1-who": []},
        {"assign_within": "-1"},
    ],
)
def test_a_ladder_that_cannot_be_keeps_what_was_typed(dorp, changes):
    answer = dorp.client("manager").post(f"/{dorp.slug}/instellingen/escalatie/", ladder_post(**changes))
    assert answer.status_code == 200
    assert 'value="0,5"' in answer.content.decode()
    with tenant(dorp.municipality.pk):
        assert not Ladder.objects.exists()
