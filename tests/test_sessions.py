"""How long somebody stays logged in; and that what was typed survives when that was too short."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from followup.models import ContactEntry
from municipalities.tenancy import tenant
from municipalities.typed import readable
from tests.cast import logged_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def at_work(dorp):
    """The worker's browser, with a page just opened."""
    client = dorp.client("worker")
    assert client.get(f"/{dorp.slug}/vandaag/").status_code == 200
    return client


def later(span):
    return time_machine.travel(timezone.now() + span, tick=True)


@pytest.mark.parametrize(("idle", "is_in"), [(19 * MINUTE, True), (20 * MINUTE, False), (600 * MINUTE, False)])
def test_a_desk_left_alone_logs_out(dorp, at_work, idle, is_in):
    with later(idle):
        answer = at_work.get(f"/{dorp.slug}/vandaag/")
    assert (answer.status_code == 200) is is_in


def test_a_desk_that_refreshes_itself_logs_out_too_and_clears_the_screen(dorp):
    desk = dorp.client("coordinator")
    address = f"/{dorp.slug}/signalen/"
    assert desk.get(address).status_code == 200
    by_itself = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}?late=on"}
    for minutes in (5, 10, 15, 19):
        with later(minutes * MINUTE):
            assert desk.get(address, headers=by_itself).status_code == 200
    with later(21 * MINUTE):
        answer = desk.get(address, headers=by_itself)
    assert answer.headers["HX-Redirect"] == "/account/inloggen/?next=%2Fdorp%2Fsignalen%2F%3Flate%3Don"
    assert answer.content == b""
    assert desk.get(address).status_code == 302


def test_pages_keep_it_open_until_the_day_is_over(dorp, at_work):
    for minutes in range(15, 12 * 60, 15):
        with later(minutes * MINUTE):
            assert at_work.get(f"/{dorp.slug}/vandaag/").status_code == 200
    with later(12 * 60 * MINUTE):
        assert at_work.get(f"/{dorp.slug}/vandaag/").status_code == 302


def contact(dorp, signal):
    page = dorp.client("worker").get(f"/{dorp.slug}/signalen/{signal.reference}/contact/")
    return {
        **page.context["form"].initial,
        "kind": "phone",
        "result": "no_answer",
        "day": "today",
        "time": "",
        "note": "Gebeld, de telefoon ging lang over",
        "next_step": "",
    }


def entries(dorp):
    with tenant(dorp.municipality.pk):
        return ContactEntry.objects.of(dorp.municipality).count()


def test_what_was_typed_survives_the_log_in(dorp, at_work):
    signal = dorp.signal(assigned_to="worker")
    address = f"/{dorp.slug}/signalen/{signal.reference}/contact/"
    with later(21 * MINUTE):
        answer = at_work.post(address, contact(dorp, signal))
        assert answer.url == "/account/inloggen/?next=%2Faccount%2Fniet-verstuurd%2F"
        session = at_work.session
        assert "Gebeld" not in str(dict(session.items()))
        at_work.force_login(dorp.worker)
        page = at_work.get("/account/niet-verstuurd/")
    assert page.context["path"] == address
    assert ("note", "Gebeld, de telefoon ging lang over") in page.context["fields"]
    assert "csrfmiddlewaretoken" not in dict(page.context["fields"])


@pytest.fixture
def unsent(dorp, at_work):
    """A browser whose session ended with a contact in it, and that is logged in again; and the page it was sent to."""
    signal = dorp.signal(assigned_to="worker")
    address = f"/{dorp.slug}/signalen/{signal.reference}/contact/"
    fields = contact(dorp, signal)
    with later(21 * MINUTE):
        at_work.post(address, fields)
    again = logged_in(dorp.worker)
    session = again.session
    session["unsent"] = at_work.session["unsent"]
    session.save()
    return again, address


def test_it_is_shown_before_it_is_sent_in_the_words_of_its_form(unsent):
    browser, _address = unsent
    for _loaded_twice in range(2):
        page = browser.get("/account/niet-verstuurd/")
        lines = dict(page.context["lines"])
        assert (lines["Wat deed u?"], lines["Notitie"]) == ("Telefoontje", "Gebeld, de telefoon ging lang over")
        assert "key" not in lines
        text = page.content.decode()
        assert "Gebeld, de telefoon ging lang over" in text.split("<form", 1)[0]


def test_one_press_sends_it_and_then_it_is_gone(dorp, unsent):
    browser, address = unsent
    page = browser.get("/account/niet-verstuurd/")
    answer = browser.post(address, dict(page.context["fields"]) | {"sent_after_all": "1"})
    assert answer.status_code == 302
    assert entries(dorp) == 1
    assert browser.get("/account/niet-verstuurd/").status_code == 302


def test_it_can_be_thrown_away(dorp, unsent):
    browser, _address = unsent
    assert browser.post("/account/niet-verstuurd/").status_code == 302
    assert "unsent" not in browser.session
    assert entries(dorp) == 0


def test_something_else_that_is_sent_meanwhile_leaves_it_there(unsent):
    browser, address = unsent
    browser.post(address, {})
    assert browser.get("/account/niet-verstuurd/").status_code == 200


def test_a_field_that_no_form_knows_stands_there_by_its_name():
    assert readable([("onbekend-veld", "tekst"), ("leeg", " ")]) == [("onbekend-veld", "tekst")]


def test_somebody_else_on_the_same_desk_never_sees_it(dorp, at_work):
    signal = dorp.signal(assigned_to="worker")
    with later(21 * MINUTE):
        at_work.post(f"/{dorp.slug}/signalen/{signal.reference}/contact/", contact(dorp, signal))
        at_work.force_login(dorp.other_worker)
        answer = at_work.get("/account/niet-verstuurd/")
    assert answer.status_code == 302
    assert entries(dorp) == 0


def test_the_public_form_is_not_kept(dorp, at_work):
    with later(21 * MINUTE):
        at_work.post(f"/{dorp.slug}/signaal/", {"about": "other"})
    assert "unsent" not in at_work.session


def test_a_visitor_without_an_account_gets_no_session(dorp):
    client = Client()
    client.get(f"/{dorp.slug}/")
    assert not client.cookies
