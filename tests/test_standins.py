"""Who is reached when somebody is away; and the page where people say that they are."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from municipalities import standins
from municipalities.actions import set_absence
from municipalities.models import Membership, Municipality, Organisation, User
from municipalities.tenancy import tenant

MONDAY, FRIDAY = date(2026, 7, 6), date(2026, 7, 10)
WEDNESDAY = datetime(2026, 7, 8, 12, tzinfo=UTC)


def member(cast, name):
    return Membership.objects.select_related("municipality").get(user=cast.people[name])


def away(cast, name, stand_in=None, first=MONDAY, last=FRIDAY):
    set_absence(
        membership=member(cast, name),
        absent_from=first,
        absent_until=last,
        stand_in=stand_in and member(cast, stand_in),
        by=cast.coordinator,
    )


def reached(cast, name, now=WEDNESDAY):
    """The name in the cast of whoever is reached instead of `name`."""
    members = standins.everybody(cast.municipality)
    found = standins.reachable(members[member(cast, name).pk], now)
    return next((who for who, user in cast.people.items() if found and user.pk == found.user_id), None)


def test_who_is_there_is_reached(in_dorp):
    assert reached(in_dorp, "coordinator") == "coordinator"


def test_a_stand_in_is_only_reached_meanwhile(in_dorp):
    away(in_dorp, "coordinator", "worker")
    assert reached(in_dorp, "coordinator") == "worker"
    assert reached(in_dorp, "worker") == "worker"


def test_a_stand_in_of_a_stand_in_is_found(in_dorp):
    away(in_dorp, "coordinator", "worker")
    away(in_dorp, "worker", "other_worker")
    assert reached(in_dorp, "coordinator") == "other_worker"


def test_without_a_stand_in_nobody_is_reached(in_dorp):
    away(in_dorp, "coordinator", "worker")
    away(in_dorp, "worker")
    assert reached(in_dorp, "coordinator") is None


@pytest.mark.parametrize(
    ("now", "who"),
    [
        # Dutch summer time is two hours ahead: the days turn at 22:00 UTC.
        (datetime(2026, 7, 5, 21, 59, 59, tzinfo=UTC), "coordinator"),
        (datetime(2026, 7, 5, 22, 0, tzinfo=UTC), "worker"),
        (datetime(2026, 7, 10, 21, 59, 59, tzinfo=UTC), "worker"),
        (datetime(2026, 7, 10, 22, 0, tzinfo=UTC), "coordinator"),
    ],
)
def test_both_days_are_days_away_in_dutch_time(in_dorp, now, who):
    away(in_dorp, "coordinator", "worker")
    assert reached(in_dorp, "coordinator", now) == who


def switch_off_user(cast):
    User.objects.filter(pk=cast.worker.pk).update(is_active=False)


def switch_off_membership(cast):
    Membership.objects.filter(user=cast.worker).update(is_active=False)


def switch_off_organisation(cast):
    own = Organisation.objects.create(municipality=cast.municipality, name="Gestopt", is_active=False)
    Membership.objects.filter(user=cast.worker).update(organisation=own)


@pytest.mark.parametrize("switch_off", [switch_off_user, switch_off_membership, switch_off_organisation])
def test_whoever_is_switched_off_is_away_for_good(in_dorp, switch_off):
    away(in_dorp, "worker", "other_worker")
    away(in_dorp, "coordinator", "worker")
    switch_off(in_dorp)
    long_after = datetime(2030, 1, 1, tzinfo=UTC)
    assert reached(in_dorp, "worker", long_after) == "other_worker"
    assert reached(in_dorp, "coordinator") == "other_worker"


def test_in_a_municipality_that_stopped_nobody_is_reached(in_dorp):
    Municipality.objects.filter(pk=in_dorp.municipality.pk).update(is_active=False)
    away(in_dorp, "coordinator", "worker")
    assert reached(in_dorp, "coordinator") is None


def test_everybody_is_one_statement_and_walking_none(in_dorp, django_assert_num_queries):
    away(in_dorp, "coordinator", "worker")
    away(in_dorp, "worker", "other_worker")
    with django_assert_num_queries(1):
        members = standins.everybody(in_dorp.municipality)
    with django_assert_num_queries(0):
        found = {standins.reachable(one, WEDNESDAY) for one in members.values()}
    assert len(members) == len(in_dorp.people)
    assert len(found) == len(in_dorp.people) - 2


def test_a_circle_is_refused_and_says_who(in_dorp):
    away(in_dorp, "coordinator", "worker")
    away(in_dorp, "worker", "other_worker")
    with pytest.raises(ValidationError) as refused:
        away(in_dorp, "other_worker", "coordinator", first=FRIDAY, last=FRIDAY)
    message = str(refused.value.error_dict["stand_in"][0].message % refused.value.error_dict["stand_in"][0].params)
    assert all(in_dorp.people[name].name in message for name in ("coordinator", "worker", "other_worker"))
    assert member(in_dorp, "other_worker").absent_from is None


def test_two_may_stand_in_for_each_other_on_other_days(in_dorp):
    away(in_dorp, "coordinator", "worker")
    away(in_dorp, "worker", "coordinator", first=date(2026, 8, 3), last=date(2026, 8, 7))
    assert reached(in_dorp, "coordinator") == "worker"
    assert reached(in_dorp, "worker", datetime(2026, 8, 5, tzinfo=UTC)) == "coordinator"


def test_a_circle_that_came_about_anyway_ends(in_dorp):
    """Somebody who is switched off later can close a circle that was none when it was made."""
    away(in_dorp, "coordinator", "worker")
    away(in_dorp, "worker", "coordinator", first=date(2026, 8, 3), last=date(2026, 8, 7))
    switch_off_user(in_dorp)
    assert reached(in_dorp, "worker") is None
    assert reached(in_dorp, "coordinator") is None


@pytest.mark.parametrize(
    "days",
    [{"absent_from": MONDAY}, {"absent_until": MONDAY}, {"absent_from": FRIDAY, "absent_until": MONDAY}],
    ids=["half", "other half", "reversed"],
)
def test_days_that_make_no_sense_are_refused_by_verb_and_database(in_dorp, days):
    both = {"absent_from": None, "absent_until": None} | days
    with pytest.raises(ValidationError):
        set_absence(membership=member(in_dorp, "worker"), stand_in=None, by=in_dorp.worker, **both)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=in_dorp.worker).update(**both)


def test_nobody_stands_in_for_themselves(in_dorp):
    with pytest.raises(ValidationError):
        away(in_dorp, "worker", "worker")
    own = member(in_dorp, "worker")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=own.pk).update(stand_in=own)


def test_a_stand_in_is_of_the_own_municipality(transactional_db, dorp, stad):
    with tenant(stad.municipality.pk):
        stranger = member(stad, "worker")
    with pytest.raises(IntegrityError), tenant(dorp.municipality.pk):
        Membership.objects.filter(user=dorp.worker).update(stand_in=stranger.pk)


# -- the page


def page(cast, name):
    with tenant(cast.municipality.pk):
        return reverse("absence", args=[cast.slug, member(cast, name).pk])


def said(cast, stand_in, **more):
    with tenant(cast.municipality.pk):
        chosen = member(cast, stand_in).pk if stand_in else ""
    return {"absent_from": "2026-07-06", "absent_until": "2026-07-10", "stand_in": chosen} | more


def stored(cast, name):
    with tenant(cast.municipality.pk):
        row = member(cast, name)
    return row.absent_from, row.absent_until, row.stand_in_id


@pytest.mark.parametrize("by", ["worker", "coordinator"])
def test_a_worker_is_said_to_be_away_by_themselves_or_a_coordinator(dorp, by):
    data = said(dorp, "other_worker")
    response = dorp.client(by).post(page(dorp, "worker"), data)
    assert response.url == reverse("absences", args=[dorp.slug])
    assert stored(dorp, "worker") == (MONDAY, FRIDAY, data["stand_in"])


def test_a_worker_says_nothing_about_somebody_else(dorp):
    response = dorp.client("worker").post(page(dorp, "other_worker"), said(dorp, None))
    assert response.status_code == 404
    assert stored(dorp, "other_worker") == (None, None, None)


def test_a_coordinator_says_nothing_about_another_municipality(dorp, stad):
    with tenant(stad.municipality.pk):
        theirs = member(stad, "worker").pk
    url = reverse("absence", args=[dorp.slug, theirs])
    assert dorp.client("coordinator").post(url, said(dorp, None)).status_code == 404


def test_it_is_taken_back_by_one_button(dorp):
    client = dorp.client("worker")
    client.post(page(dorp, "worker"), said(dorp, "other_worker"))
    client.post(page(dorp, "worker"), said(dorp, "other_worker", clear="1"))
    assert stored(dorp, "worker") == (None, None, None)


@pytest.mark.parametrize(
    ("stand_in", "changes", "field"),
    [
        ("coordinator", {}, "stand_in"),
        ("manager", {}, "stand_in"),
        (None, {"absent_until": ""}, "absent_until"),
        (None, {"absent_until": "2026-07-05"}, "absent_until"),
        (None, {"absent_from": "gisteren"}, "absent_from"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(dorp, stand_in, changes, field):
    with tenant(dorp.municipality.pk):
        away(dorp, "coordinator", "worker")
    response = dorp.client("worker").post(page(dorp, "worker"), said(dorp, stand_in, **changes))
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert stored(dorp, "worker") == (None, None, None)


def test_the_list_shows_a_coordinator_everybody_and_a_worker_themselves(dorp):
    url = reverse("absences", args=[dorp.slug])
    everybody = dorp.client("coordinator").get(url).content.decode()
    own = dorp.client("worker").get(url).content.decode()
    assert all(page(dorp, name) in everybody for name in dorp.people)
    assert page(dorp, "worker") in own
    assert page(dorp, "other_worker") not in own


@pytest.mark.parametrize("screen", ["dashboard", "settings"])
def test_the_menu_leads_there_for_whoever_may(dorp, screen):
    person = {"dashboard": "coordinator", "settings": "manager"}[screen]
    shown = dorp.client(person).get(reverse(screen, args=[dorp.slug])).content.decode()
    assert (reverse("absences", args=[dorp.slug]) in shown) == (person == "coordinator")
