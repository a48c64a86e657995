"""While the database is being restored no page is shown and nothing is written, whoever asks."""

import pytest
from django.db import DatabaseError, connection

from followup.actions.escalation import sweep
from municipalities.backups.closing import close_portal, is_closed, open_portal


@pytest.fixture
def closed(transactional_db):
    """Closed as a restore does it, for sessions that begin from now on."""
    connection.close()
    assert not close_portal()
    yield
    open_portal()
    connection.close()


PAGES = ("/", "/dorp/", "/dorp/signaal/", "/dorp/vandaag/", "/account/inloggen/", "/metrics", "/nergens/", "/static/x")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_we_are_away(client, closed, path):
    for answer in (client.get(path), client.post(path)):
        text = answer.content.decode()
        assert answer.status_code == 503
        assert "Wij zijn er even niet" in text
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src" in answer.headers["Content-Security-Policy"]


def test_it_is_alive_but_not_ready(client, closed):
    assert client.get("/healthz").status_code == 200
    assert client.get("/.well-known/security.txt").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "closed")


def test_opened_again_everything_is_back(client, closed, make_cast):
    open_portal()
    connection.close()
    sweep(caller="test")
    assert client.get("/").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_not_even_what_forgets_to_look_writes(dorp, closed):
    signal = None
    with pytest.raises(DatabaseError, match="read-only"):
        signal = dorp.signal()
    assert signal is None


def test_looking_costs_no_statement(dorp, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not is_closed()


def test_closing_twice_says_so(closed):
    assert close_portal()
