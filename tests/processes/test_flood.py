"""A1 against a real web server: a flood from one address, and two people of the same network who get through it.

`make bench-flood` does the same for a minute, with figures.
"""

import http.client
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, cycle

import pytest

from municipalities.actions import change_settings
from municipalities.limits import Bucket, limits_of
from municipalities.tenancy import tenant
from signals.models import Signal
from tests.flood import Flood, Human
from tests.processes.stack import eventually
from tests.processes.test_start import free_port, is_listening

RATE, DRAFTS = 30, 60


@pytest.fixture
def port(stack, dorp):
    with tenant(dorp.municipality.pk):
        change_settings(municipality=dorp.municipality, phone="010 123 45 67")
    port = free_port()
    stack.gunicorn("--bind", f"127.0.0.1:{port}", "--workers", "2", wsgi="tests.processes.hasty", PORTAL_TEST="1")
    assert eventually(lambda: is_listening(port), 30), stack.last_words()
    return port


def posts(cast):
    """Sends of whole drafts and beginnings of new ones, without an end."""
    drafts = [cast.draft().pk for _number in range(DRAFTS)]
    start = f"/{cast.slug}/signaal/", {"about": "other"}
    return chain.from_iterable(((f"{start[0]}{draft}/controleren/", {}), start) for draft in cycle(drafts))


def test_in_a_flood_every_answer_is_a_receipt_or_a_refusal_and_people_get_through(port, dorp):
    people = [Human(port, dorp.slug, can_work=True), Human(port, dorp.slug, can_work=False)]
    with Flood(port, posts(dorp), rate=RATE) as flood, ThreadPoolExecutor(2) as pool:
        assert eventually(flood.is_refused, 30)
        ends = list(pool.map(Human.tell, people))
        flood.stop()
    assert flood.unclear() == []
    assert [end.is_receipt for end in ends] == [True, True]
    assert all(person.refusals for person in people)
    [most] = [limit.most for limit in limits_of("signal_check") if limit.bucket is Bucket.NETWORK]
    # Twice that, when a new window begins meanwhile.
    assert most <= len(flood.receipts()) <= 2 * most < DRAFTS
    with tenant(dorp.municipality.pk):
        sent = Signal.objects.of(dorp.municipality)
        assert sent.count() == len(flood.receipts()) + len(people)
        assert sent.filter(doubts__contains=["waited"]).count() == 1


@pytest.mark.parametrize("kilobytes", [65, 300, 1500])
def test_a_body_that_is_too_large_gets_its_page_through_a_real_server(port, kilobytes):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/dorp/signaal/", "about=other&x=" + "x" * kilobytes * 1024, headers)
    answer = connection.getresponse()
    assert answer.status == 413
    assert "010 123 45 67" in answer.read().decode()
