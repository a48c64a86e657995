"""The person says what is wrong: beside the original, on the page and in what they get to see, never instead."""

import pytest
from django.urls import reverse

from followup.models import Rectification
from municipalities.tenancy import tenant
from signals.models import Resident, Standing
from tests import inspections
from tests.cast import ADDRESS
from tests.inspections import approved, asked, drafted

SAID = {"wrong": "Ik heb geen hond.", "right": "Ik heb een kat. Nora weet dat."}


def url(name, signal, query=""):
    return reverse(name, args=["dorp", signal.reference]) + query


def said(cast):
    with tenant(cast.municipality.pk):
        return [(row.about, row.is_applied, *row.said) for row in Rectification.objects.order_by("at")]


def test_what_the_person_says_stands_beside_what_was_reported(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.client("worker").post(url("rectify", signal), SAID | {"about": "reported"})
    for who in ("worker", "coordinator"):
        page = dorp.client(who).get(url("dossier", signal)).content.decode()
        assert "De gordijnen zijn dicht." in page
        reported = page[page.index('id="reported-title"') : page.index('id="timeline-title"')]
        assert SAID["wrong"] in reported
        assert SAID["right"] in reported


def test_and_beside_the_contact_that_it_is_about(dorp):
    signal = dorp.signal(assigned_to="worker")
    entry = dorp.contact(signal, note="Er was een hond.")
    query = f"?contact={entry.pk}"
    page = dorp.client("worker").get(url("dossier", signal)).content.decode()
    assert url("rectify", signal, query) in page
    dorp.client("worker").post(url("rectify", signal, query), SAID | {"about": "contact"})
    page = dorp.client("worker").get(url("dossier", signal)).content.decode()
    item = next(part for part in page.split("<li") if "Er was een hond." in part)
    assert SAID["wrong"] in item


def test_it_is_in_what_the_person_gets_to_see_without_who_reported(dorp):
    signal = dorp.signal(assigned_to="worker")
    entry = dorp.contact(signal, note="Er was een hond.")
    dorp.client("worker").post(url("rectify", signal), SAID | {"about": "reported"})
    dorp.client("worker").post(url("rectify", signal, f"?contact={entry.pk}"), SAID | {"about": "contact"})
    request = asked(dorp, signal)
    drafted(dorp, request)
    approved(dorp, request)
    for text in inspections.exports_of(dorp, request).all().values():
        assert text.count("Ik heb geen hond.") == 2
        assert text.count("Ik heb een kat.") == 2
        assert "Nora" not in text


@pytest.mark.parametrize("field", ["about", "wrong", "right"])
def test_what_is_missing_is_asked_again_and_nothing_is_lost(dorp, field):
    signal = dorp.signal(assigned_to="worker")
    data = SAID | {"about": "else"} | {field: ""}
    answer = dorp.client("worker").post(url("rectify", signal), data)
    assert answer.status_code == 200
    assert all(data[name] in answer.content.decode() for name in SAID if data[name])
    assert said(dorp) == []


@pytest.mark.parametrize("query", ["?contact=onzin", "?contact="])
def test_a_mangled_contact_is_none(dorp, query):
    assert dorp.client("worker").get(url("rectify", dorp.signal(assigned_to="worker"), query)).status_code == 200


def test_a_contact_of_another_signal_is_not_found(dorp):
    signal, other = dorp.signal(assigned_to="worker"), dorp.signal(assigned_to="worker")
    entry = dorp.contact(other)
    assert dorp.client("worker").get(url("rectify", signal, f"?contact={entry.pk}")).status_code == 404


def test_name_and_address_are_put_right_and_what_was_there_stays_readable(dorp):
    signal = dorp.signal()
    right = ADDRESS | {"person_name": "Johanna de Wit", "house_number": "14"}
    dorp.client("coordinator").post(url("correct_person", signal), right)
    resident = dorp.fresh(signal).dossier.resident
    assert (resident.name, resident.house_number) == ("Johanna de Wit", "14")
    ((about, is_applied, was, became),) = said(dorp)
    assert (about, is_applied) == ("person", True)
    assert was == "Jan de Wit 1234 AB 12 Lindelaan Dorp"
    assert became == "Johanna de Wit 1234 AB 14 Lindelaan Dorp"
    assert "Jan de Wit" in dorp.client("coordinator").get(url("dossier", signal)).content.decode()
    dorp.client("coordinator").post(url("correct_person", signal), right)
    assert len(said(dorp)) == 1


@pytest.mark.parametrize(
    ("right", "standing"), [({"person_name": "Johanna"}, Standing.VERIFIED), ({"house_number": "14"}, Standing.MANUAL)]
)
def test_an_address_that_somebody_of_the_staff_typed_is_no_longer_that_of_the_register(dorp, right, standing):
    signal = dorp.signal()
    with tenant(dorp.municipality.pk):
        Resident.objects.update(standing=Standing.VERIFIED)
    dorp.client("coordinator").post(url("correct_person", signal), ADDRESS | right)
    assert dorp.fresh(signal).dossier.resident.standing == standing


def test_an_address_that_cannot_be_is_refused(dorp):
    signal = dorp.signal()
    answer = dorp.client("coordinator").post(url("correct_person", signal), ADDRESS | {"postcode": "12"})
    assert answer.status_code == 200
    assert dorp.fresh(signal).dossier.resident.postcode == "1234 AB"


def test_a_worker_does_not_put_right_what_only_the_coordinator_may(dorp):
    signal = dorp.signal(assigned_to="worker")
    assert dorp.client("worker").post(url("correct_person", signal), ADDRESS).status_code == 403


def test_the_words_are_sealed(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.client("worker").post(url("rectify", signal), SAID | {"about": "reported"})
    with tenant(dorp.municipality.pk):
        assert b"hond" not in bytes(Rectification.objects.values_list("sealed", flat=True).get())


def test_the_person_gets_a_list_of_who_looked_by_role_and_day_without_names(dorp):
    signal = dorp.signal(assigned_to="worker")
    for who in ("worker", "worker", "coordinator"):
        dorp.client(who).get(url("dossier", signal))
    page = dorp.client("coordinator").get(url("own_access", signal)).content.decode()
    table = page[page.index("<table") : page.index("</table>")]
    rows = [part for part in table.split("<tr>")[2:]]
    assert [("opvolger" in row, "coördinator" in row, ">2<" in row) for row in rows if "Dossier" in row] == [
        (False, True, False),
        (True, False, True),
    ]
    assert [user.name for user in dorp.people.values() if user.name in table] == []
