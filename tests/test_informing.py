"""Whoever a signal is about hears that we keep data about them: recorded at the first conversation, and who did not."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from followup.models import Informed
from municipalities.tenancy import tenant
from signals.models import About
from tests.browser.scenes import SELF_ANSWERS

CONTACT = {"kind": "home_visit", "result": "spoken", "note": "", "next_step": ""}


def log(cast, signal, **changes):
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    address = reverse("log_contact", args=[cast.slug, signal.reference])
    return cast.client("worker").post(address, CONTACT | {"occurred_at": moment, "told": "on"} | changes)


def told(cast):
    with tenant(cast.municipality.pk):
        return list(Informed.objects.values_list("way", "informed_on"))


def page(cast, who):
    return cast.client(who).get("/dorp/verzoeken/niet-verteld/").content.decode()


@pytest.mark.parametrize(("kind", "way"), [("home_visit", "visit"), ("phone", "phone"), ("message", "elsewhere")])
def test_the_worker_records_it_with_the_contact(dorp, kind, way):
    signal = dorp.signal(assigned_to="worker")
    assert log(dorp, signal, kind=kind).status_code == 302
    assert told(dorp) == [(way, timezone.localdate())]
    text = dorp.client("worker").get(reverse("dossier", args=["dorp", signal.reference])).content.decode()
    assert "De persoon hoorde op" in text
    form = dorp.client("worker").get(reverse("log_contact", args=["dorp", signal.reference])).content.decode()
    assert 'name="told"' not in form


def test_nobody_is_told_who_was_not_spoken(dorp):
    signal = dorp.signal(assigned_to="worker")
    answer = log(dorp, signal, result="no_answer")
    assert answer.status_code == 200
    assert "Vink dit alleen aan als u de persoon sprak." in answer.content.decode()
    assert told(dorp) == []
    with tenant(dorp.municipality.pk):
        assert not signal.contacts.exists()


def test_whoever_reported_themselves_gave_the_data(dorp):
    signal = dorp.signal(about=About.SELF, assigned_to="worker", **SELF_ANSWERS)
    form = dorp.client("worker").get(reverse("log_contact", args=["dorp", signal.reference])).content.decode()
    assert 'name="told"' not in form
    assert signal.reference not in page(dorp, "coordinator")


def test_the_coordinator_sees_who_was_not_told_and_the_manager_how_many(dorp, stad):
    stad.signal()
    first, second, third = (dorp.signal(assigned_to="worker") for _each in range(3))
    log(dorp, second)
    listed = page(dorp, "coordinator")
    assert listed.index(first.reference) < listed.index(third.reference)
    assert second.reference not in listed
    figures = page(dorp, "manager")
    assert "<dd>2</dd>" in figures
    assert "<dd>0</dd>" in figures
    assert [signal.reference for signal in (first, second, third) if signal.reference in figures] == []


def test_after_a_month_it_is_late(dorp):
    signal = dorp.signal()
    later = timezone.now() + timedelta(days=31)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        listed = page(dorp, "coordinator")
    assert signal.reference in listed
    assert "badge--late" in listed


def test_not_telling_is_decided_by_a_coordinator_only(dorp):
    signal = dorp.signal(assigned_to="worker")
    address = reverse("inform", args=["dorp", signal.reference])
    data = {"way": "danger", "informed_on": str(timezone.localdate())}
    assert dorp.client("worker").post(address, data).status_code == 200
    assert told(dorp) == []
    assert dorp.client("coordinator").post(address, data).status_code == 302
    assert told(dorp) == [("danger", timezone.localdate())]
    assert signal.reference not in page(dorp, "coordinator")


def test_when_everybody_was_told_the_page_says_so(dorp):
    assert "Iedereen heeft het gehoord" in page(dorp, "coordinator")
