"""How long somebody stays logged in; and that what was typed survives when that was too short."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from followup.models import ContactEntry
from municipalities.tenancy import tenant

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
    assert at_work.get("/account/niet-verstuurd/").status_code == 302


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
