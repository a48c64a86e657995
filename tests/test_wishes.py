"""A person wants no contact: said plainly, respected on the next signal too, and no way around the clock."""

import base64
import io
import json
import os
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from followup.actions import acknowledging
from followup.actions.escalation import sweep
from followup.models import Acknowledgement, Escalation
from municipalities.models import Organisation
from municipalities.tenancy import tenant
from signals import actions, wishes
from signals.models import Clock, Resident, WishDecision
from tests.cast import ADDRESS

TODAY = timezone.localdate


def wish(cast, signal, by="worker", **fields):
    with tenant(cast.municipality.pk):
        said = {"kind": "no_contact", "said_by": "person", "said_on": TODAY()} | fields
        return actions.record_wish(signal=cast.fresh(signal), by=cast.people[by], **said)


def decide(cast, signal, choice, reason=""):
    with tenant(cast.municipality.pk):
        wanted = wishes.standing_for(cast.fresh(signal))[0].wish
        actions.decide_wish(signal=signal, wish=wanted, choice=choice, reason=reason, by=cast.coordinator)


def assign(cast, signal):
    address = reverse("assign", args=[cast.slug, signal.reference])
    cast.client("coordinator").post(address, {"worker": cast.other_worker.pk})
    return cast.fresh(signal).assigned_to


def running(cast, signal):
    with tenant(cast.municipality.pk):
        return set(Clock.objects.filter(signal=signal).running().of_visits().values_list("kind", flat=True))


def page(cast, who, signal):
    return cast.client(who).get(reverse("dossier", args=[cast.slug, signal.reference])).content.decode()


def test_whoever_hears_it_records_it_and_the_screens_say_so(dorp):
    signal = dorp.signal(assigned_to="worker")
    address = reverse("record_wish", args=["dorp", signal.reference])
    data = {"kind": "no_contact", "said_by": "person", "said_on": str(TODAY())}
    assert dorp.client("worker").post(address, data).status_code == 302
    today = dorp.client("worker").get("/dorp/vandaag/").content.decode()
    assert "Ga niet langs" in today
    assert "?soort=home_visit" not in today
    for who in ("worker", "coordinator"):
        assert "Deze persoon vroeg op" in page(dorp, who, signal)
        assert "?soort=home_visit" not in page(dorp, who, signal)


@pytest.mark.parametrize("field", ["kind", "said_by", "said_on"])
def test_what_is_missing_is_asked_again(dorp, field):
    signal = dorp.signal(assigned_to="worker")
    data = {"kind": "objection", "said_by": "family", "said_on": str(TODAY())} | {field: ""}
    answer = dorp.client("worker").post(reverse("record_wish", args=["dorp", signal.reference]), data)
    assert answer.status_code == 200
    assert "utrecht-form-field--invalid" in answer.content.decode()


OTHER_SPELLINGS = [
    ADDRESS,
    ADDRESS | {"person_name": "J. Wit", "street": "", "place": ""},
    ADDRESS | {"postcode": "1234ab", "street": "Linde Laan", "place": "dorp "},
]


@pytest.mark.parametrize("address", OTHER_SPELLINGS)
def test_a_later_signal_about_the_address_is_not_given_to_anybody_before_a_decision(dorp, address):
    first = dorp.signal(assigned_to="worker")
    wish(dorp, first)
    later = dorp.signal(adres=address)
    assert "Deze persoon vroeg op" in page(dorp, "coordinator", later)
    assert assign(dorp, later) is None
    decide(dorp, later, "go", "danger")
    assert assign(dorp, later) == dorp.other_worker


@pytest.mark.parametrize("address", [ADDRESS | {"house_number": "13"}, ADDRESS | {"house_number_addition": "B"}])
def test_another_door_is_another_door(dorp, address):
    wish(dorp, dorp.signal(assigned_to="worker"))
    assert assign(dorp, dorp.signal(adres=address)) == dorp.other_worker


def test_the_same_address_elsewhere_is_not_matched(dorp, stad):
    wish(dorp, dorp.signal(assigned_to="worker"))
    assert assign(stad, stad.signal()) == stad.other_worker
    with tenant(dorp.municipality.pk):
        Resident.objects.update(address_fingerprint="f" * 64)
    theirs = stad.signal()
    with tenant(stad.municipality.pk):
        Resident.objects.update(address_fingerprint="f" * 64)
    assert assign(stad, theirs) == stad.other_worker


def test_it_goes_along_with_an_address_that_is_put_right(dorp):
    first = dorp.signal(assigned_to="worker")
    wish(dorp, first)
    right = ADDRESS | {"house_number": "14"}
    dorp.client("coordinator").post(reverse("correct_person", args=["dorp", first.reference]), right)
    assert assign(dorp, dorp.signal()) == dorp.other_worker
    assert assign(dorp, dorp.signal(adres=right)) is None


def test_after_a_new_vault_key_it_still_holds(dorp, settings):
    wish(dorp, dorp.signal(assigned_to="worker"))
    settings.VAULT_KEYS = settings.VAULT_KEYS | {"2": base64.urlsafe_b64encode(os.urandom(32)).decode()}
    told = json.loads(rotated())
    assert told["addresses"] == 1
    assert json.loads(rotated())["addresses"] == 0
    assert assign(dorp, dorp.signal()) is None


def rotated():
    out = io.StringIO()
    call_command("rotate_vault_keys", stdout=out)
    return out.getvalue()


def test_without_a_known_address_only_the_person_themselves_is_recognised(dorp):
    first = dorp.signal(assigned_to="worker")
    wish(dorp, first)
    later = dorp.signal()
    with tenant(dorp.municipality.pk):
        Resident.objects.update(address_fingerprint="")
    assert assign(dorp, later) == dorp.other_worker
    assert assign(dorp, first) == dorp.worker


def test_going_all_the_same_takes_a_reason(dorp):
    signal = dorp.signal(assigned_to="worker")
    wanted = wish(dorp, signal)
    address = reverse("decide_wish", args=["dorp", signal.reference, wanted.pk])
    client = dorp.client("coordinator")
    assert "Kies waarom er toch iemand gaat." in client.post(address, {"choice": "go"}).content.decode()
    assert assign(dorp, signal) == dorp.worker
    assert client.post(address, {"choice": "go", "reason": "others"}).status_code == 302
    assert assign(dorp, signal) == dorp.other_worker


def test_a_respected_wish_keeps_everybody_away_until_it_is_decided_anew(dorp):
    signal = dorp.signal()
    wish(dorp, signal, by="coordinator")
    decide(dorp, signal, "respect")
    with tenant(dorp.municipality.pk):
        actions.reopen(signal=signal, by=dorp.coordinator)
    assert assign(dorp, signal) is None
    decide(dorp, signal, "go", "asks_help")
    assert assign(dorp, signal) == dorp.other_worker


def test_what_was_taken_back_keeps_nobody_away_and_stays_readable(dorp):
    signal = dorp.signal(assigned_to="worker")
    wanted = wish(dorp, signal)
    address = reverse("withdraw_wish", args=["dorp", signal.reference, wanted.pk])
    dorp.client("worker").post(address, {"said_by": "person", "said_on": str(TODAY())})
    assert assign(dorp, signal) == dorp.other_worker
    text = page(dorp, "coordinator", signal)
    assert "Wil geen contact. Gezegd door" in text
    assert "Contact met de persoon mag weer." in text


def test_respecting_ends_the_clock_of_another_visit(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, result="no_answer")
    assert running(dorp, signal) == {"revisit"}
    wish(dorp, signal)
    assert running(dorp, signal) == {"revisit"}
    decide(dorp, signal, "respect")
    assert running(dorp, signal) == set()
    assert dorp.fresh(signal).close_reason == "refused"


def test_the_first_clock_runs_on_and_escalates_whatever_is_decided(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, kind="phone", result="refused")
    wish(dorp, signal)
    decide(dorp, signal, "respect")
    assert running(dorp, signal) == {"visit"}
    sweep(caller="test", now=signal.due_at + timedelta(seconds=1))
    with tenant(dorp.municipality.pk):
        assert Escalation.objects.filter(signal=signal, level=1).count() == 1


def late_and_respected(cast, *, refused_to="worker"):
    signal = cast.signal(assigned_to="worker")
    if refused_to:
        cast.contact(signal, kind="phone", result="refused", by=refused_to)
    wish(cast, signal)
    decide(cast, signal, "respect")
    sweep(caller="test", now=signal.due_at + timedelta(seconds=1))
    return cast.fresh(signal)


def rest(cast, signal):
    cast.client("coordinator").post(reverse("rest_for_wish", args=[cast.slug, signal.reference]))
    with tenant(cast.municipality.pk):
        return Acknowledgement.objects.filter(signal=signal).first()


def test_after_that_the_reminders_rest_for_thirty_days_and_then_climb_on(dorp):
    signal = late_and_respected(dorp)
    assert "Dertig dagen niemand herinneren" in page(dorp, "coordinator", signal)
    made = rest(dorp, signal)
    assert made.until - made.at == pytest.approx(acknowledging.REST, abs=timedelta(seconds=1))
    assert running(dorp, signal) == {"visit"}
    for moment, level in ((-1, 1), (1, 2)):
        sweep(caller="test", now=made.until + timedelta(seconds=moment))
        with tenant(dorp.municipality.pk):
            assert Escalation.objects.filter(signal=signal).count() == level
    assert signal.reference in dorp.client("manager").get("/dorp/te-laat/").content.decode()


@pytest.mark.parametrize("refused_to", [None, "coordinator"])
def test_nobody_lets_it_rest_alone(dorp, refused_to):
    assert rest(dorp, late_and_respected(dorp, refused_to=refused_to)) is None


def test_nor_for_a_wish_that_was_overruled(dorp):
    signal = late_and_respected(dorp)
    decide(dorp, signal, "go", "danger")
    assert rest(dorp, signal) is None


def test_a_worker_does_not_decide(dorp):
    signal = dorp.signal(assigned_to="worker")
    wanted = wish(dorp, signal)
    for name, arguments in (("decide_wish", [wanted.pk]), ("rest_for_wish", [])):
        address = reverse(name, args=["dorp", signal.reference, *arguments])
        assert dorp.client("worker").post(address, {"choice": "respect"}).status_code == 403
    with tenant(dorp.municipality.pk):
        assert not WishDecision.objects.exists()


def test_no_organisation_is_asked_either_and_no_worker_takes_it_from_a_queue(dorp):
    wish(dorp, dorp.signal(assigned_to="worker"))
    with tenant(dorp.municipality.pk):
        welzijn = Organisation.objects.get(name="Welzijn")
    later = dorp.signal()
    address = reverse("assign", args=["dorp", later.reference])
    dorp.client("coordinator").post(address, {"organisation": welzijn.pk})
    assert dorp.fresh(later).queue is None
    elsewhere = dorp.signal(adres=ADDRESS | {"house_number": "99"})
    with tenant(dorp.municipality.pk):
        actions.put_in_queue(signal=elsewhere, organisation=welzijn, by=dorp.coordinator)
    wish(dorp, elsewhere, by="coordinator")
    assert dorp.client("worker").post(reverse("take", args=["dorp", elsewhere.reference])).status_code == 404
    assert dorp.fresh(elsewhere).assigned_to is None


def test_a_worker_sees_a_wish_that_was_said_to_somebody_else_about_the_same_door(dorp):
    theirs, mine = dorp.signal(assigned_to="other_worker"), dorp.signal(assigned_to="worker")
    wanted = wish(dorp, theirs, by="other_worker")
    text = page(dorp, "worker", mine)
    assert "Deze persoon vroeg op" in text
    assert theirs.reference not in text
    assert theirs.reference in page(dorp, "coordinator", mine)
    address = reverse("withdraw_wish", args=["dorp", mine.reference, wanted.pk])
    assert dorp.client("worker").post(address, {"said_by": "person", "said_on": str(TODAY())}).status_code == 302
    assert "Deze persoon vroeg op" not in page(dorp, "worker", mine)
