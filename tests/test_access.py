"""What goes on record when somebody of the staff looks, and what changes when they no longer may. See also matrix/."""

import pytest
from django.test import Client
from django.urls import reverse

from followup.models import ContactEntry
from municipalities.models import AccessLogEntry, Membership, Municipality, Organisation, OutboxMessage, User
from municipalities.permissions import GRANTED, Permission, Role
from municipalities.tenancy import tenant
from signals.models import Signal
from tests.cast import ADDRESS
from tests.conftest import connect
from tests.made_once import *  # noqa: F403
from tests.matrix.rules import STAFF
from tests.samples import url_of

# What each role is called in the cast; the worker is the one to whom the signal is given.
PEOPLE = [role.value for role in Role]
# Everything about a person that a page must not say to whoever has no business with it.
PERSONAL = ("Lindelaan", "Jan de Wit", "Nora Naast", "06 00000001", "gordijnen")


def personal_in(response):
    return [text for text in PERSONAL if text in response.content.decode(errors="replace")]


def test_after_log_in_somebody_sees_only_where_they_belong(dorp, stad):
    assert Client().get(reverse("after_login")).status_code == 302
    response = dorp.client("coordinator").get(reverse("after_login"))
    assert response.url == reverse("dashboard", args=[dorp.slug])
    choice = dorp.client("platform_admin").get(reverse("after_login")).content.decode()
    assert dorp.municipality.name in choice
    assert stad.municipality.name not in choice


def written(cast):
    """What stands in the tables that a page of ours writes to."""
    with tenant(cast.municipality.pk):
        models = (Signal, Signal.history.model, ContactEntry, AccessLogEntry, OutboxMessage)
        return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}


CONTACT = {"kind": "home_visit", "result": "spoken", "occurred_at": "2026-11-24T14:05", "note": "x", "next_step": ""}


def test_a_contact_is_only_found_under_its_own_signal(dorp, samples):
    other = dorp.signal(assigned_to="worker", adres=ADDRESS | {"house_number": "14"})
    url = url_of("correct_contact", samples | {"reference": other.reference})
    before = written(dorp)
    assert dorp.client("worker").get(url).status_code == 404
    assert dorp.client("worker").post(url, CONTACT).status_code == 404
    assert written(dorp) == before


def test_a_worker_who_lost_a_signal_no_longer_sees_it(dorp, signal):
    client, url = dorp.client("worker"), reverse("dossier", args=[dorp.slug, signal.reference])
    assert client.get(url).status_code == 200
    assign = reverse("assign", args=[dorp.slug, signal.reference])
    dorp.client("coordinator").post(assign, {"worker": dorp.other_worker.pk})
    assert client.get(url).status_code == 404
    assert signal.reference not in client.get(reverse("today", args=[dorp.slug])).content.decode()


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        (lambda user: Membership.objects.held_by(user), 404),
        (lambda user: User.objects.filter(pk=user.pk), 302),
        (lambda user: Organisation.objects.filter(pk__in=Membership.objects.held_by(user).values("organisation")), 404),
        (lambda user: Municipality.objects.filter(pk__in=Membership.objects.held_by(user).values("municipality")), 404),
    ],
    ids=["membership", "user", "organisation", "municipality"],
)
def test_whoever_is_switched_off_is_out_at_the_next_request(rows, status, dorp, signal):
    client, url = dorp.client("worker"), reverse("dossier", args=[dorp.slug, signal.reference])
    assert client.get(url).status_code == 200
    with tenant(dorp.municipality.pk):
        assert rows(dorp.worker).update(is_active=False) == 1
    response = client.get(url)
    assert response.status_code == status
    assert personal_in(response) == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.PRIVACY_OFFICER, Role.PLATFORM_ADMIN])
def test_these_roles_are_granted_no_dossier(role):
    seeing = {Permission.SEE_DASHBOARD, Permission.SEE_DOSSIER, Permission.SEE_ANY_DOSSIER, Permission.SEE_TODAY}
    assert GRANTED[role] & seeing == frozenset()


SHOWN = [
    ("dashboard", "coordinator", False),
    ("dossier", "coordinator", True),
    ("dossier", "worker", True),
    ("today", "worker", False),
    ("log_contact", "worker", True),
    ("correct_contact", "worker", True),
    ("pause", "coordinator", True),
    ("hold", "coordinator", True),
    ("protected", "privacy_officer", False),
    ("record_wish", "worker", True),
    ("withdraw_wish", "worker", True),
    ("decide_wish", "coordinator", True),
    ("rectify", "worker", True),
    ("correct_person", "coordinator", True),
    ("own_access", "coordinator", True),
    ("inform", "worker", True),
    ("not_informed", "coordinator", False),
    ("reporter_data", "coordinator", True),
    ("reporter_data_file", "coordinator", True),
    ("requests", "privacy_officer", False),
    ("ask_inspection", "coordinator", True),
    ("rights_request", "privacy_officer", True),
    ("prepare_inspection", "coordinator", True),
    ("inspection_document", "coordinator", True),
    ("inspection_json", "coordinator", True),
    ("inspection_pdf", "coordinator", True),
    ("access_log", "privacy_officer", False),
    ("access_log_export", "privacy_officer", False),
    ("outliers", "privacy_officer", False),
]
# Pages for staff about no reporter and no resident.
SHOWS_NOBODY = {
    "retention": "references of what is kept, and names of colleagues",
    "disposal": "references of what is erased, and names of colleagues",
    "retention_terms": "numbers of days",
    "settings": "the municipality's own telephone numbers and house style",
    "calendar": "opening hours and holidays",
    "set_house_style": "the municipality's own colours, logo and names",
    "proposed_style": "colours that somebody tries",
    "embedding": "addresses of the municipality's own pages",
    "partners": "names of shops and their addresses",
    "add_partner": "a form for a new partner",
    "poster": "the name of a shop and the municipality's own telephone number",
    "poster_pdf": "the same",
    "ladder": "who hears when it is late, by role",
    "late": "references of late visits and names of colleagues",
    "own_postcode": "a form for the own postcode, which is not shown back",
    "absences": "names of colleagues",
    "absence": "names of colleagues",
    "people": "names of colleagues, their roles, and who is invited",
    "invite": "a form for a new colleague",
    "member": "name, address and role of a colleague",
    "policy": "which role may do what",
    "figures": "numbers of five and more",
    "figures_file": "the same",
}

# Says nothing before a reason is given; tests/test_reporter.py and test_glass.py hold what comes then.
ASKS_FIRST = {"reporter", "glass"}
ONLY_SHOWING = {"access_log", "access_log_export", "outliers"}


@pytest.mark.parametrize(("name", "person", "is_about_one"), SHOWN)
def test_who_is_shown_personal_data_is_on_record_once(name, person, is_about_one, dorp, samples):
    assert dorp.client(person).get(url_of(name, samples)).status_code == 200
    with tenant(dorp.municipality.pk):
        entry = AccessLogEntry.objects.get()
    assert (entry.user, entry.role, entry.action) == (dorp.people[person], person, name)
    assert entry.reference == (samples["reference"] if is_about_one else "")


def test_every_page_that_shows_something_is_on_record(dorp, samples):
    """A new page for staff is on record, only receives, or is said to show nobody."""
    clients = [dorp.client(person) for person in PEOPLE]
    receiving = {name for name in STAFF if 405 in {client.get(url_of(name, samples)).status_code for client in clients}}
    assert {name for name, _person, _one in SHOWN} | receiving | set(SHOWS_NOBODY) | ASKS_FIRST == set(STAFF)


@pytest.mark.parametrize("name", SHOWS_NOBODY)
def test_a_page_that_is_not_on_record_shows_nobody(name, dorp, samples):
    for person in PEOPLE:
        response = dorp.client(person).get(url_of(name, samples))
        assert personal_in(response) == []
        assert samples["reference"] not in response.content.decode(errors="replace")


@pytest.fixture
def unrecordable(db):
    """For this test the serving role cannot write the access log."""
    with connect("owner") as owner:
        owner.execute("REVOKE INSERT ON municipalities_accesslogentry FROM portal_app")
        yield
        owner.execute("GRANT INSERT ON municipalities_accesslogentry TO portal_app")


@pytest.mark.parametrize(("name", "person", "_one"), SHOWN)
def test_what_cannot_be_put_on_record_is_not_shown(name, person, _one, unrecordable, dorp, samples):
    client = dorp.client(person)
    client.raise_request_exception = False
    before = written(dorp)
    for response in (client.get(url_of(name, samples)), client.post(url_of(name, samples), CONTACT)):
        # A page that only shows refuses to receive before anything is read.
        assert response.status_code == 503 or (response.status_code, response.request["REQUEST_METHOD"]) == (
            405,
            "POST",
        )
        assert personal_in(response) == []
        assert samples["reference"] not in response.content.decode()
    assert written(dorp) == before
