"""Asking a register about an address: what leaves the house, and whatever it answers, no harm is done."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

from municipalities.addresses import breaker, pdok
from municipalities.addresses.register import State, lookup
from municipalities.models import Area, KnownAddress
from signaalpunt.address_settings import address_provider
from tests.conftest import connect
from tests.fake_pdok import FakePdok, doc


def ask(number="12", postcode="1234 AB"):
    return lookup(postcode, number)


def additions(finding):
    return [answer.addition for answer in finding.answers]


@pytest.mark.django_db
def test_the_request_holds_a_postcode_and_a_number_and_nothing_else(register):
    ask()
    [(path, parameters, headers)] = register.asked
    assert path == "/search/v3_1/free"
    assert parameters == [
        ("fq", "bron:BAG"),
        ("fq", "type:adres"),
        ("fq", "postcode:1234AB"),
        ("fq", "huisnummer:12"),
        ("fl", pdok.FIELDS),
        ("rows", "100"),
    ]
    assert headers.pop("Host") == f"127.0.0.1:{register.server_port}"
    assert headers == {
        "User-Agent": "Signaalpunt",
        "Accept": "application/json",
        "Accept-Encoding": headers["Accept-Encoding"],
        "Connection": "keep-alive",
    }


@pytest.mark.django_db
def test_one_address_is_found(register):
    finding = ask()
    [answer] = finding.answers
    assert finding.state == State.FOUND
    assert (answer.street, answer.place, answer.addition) == ("Lindelaan", "Dorp", "")
    assert (answer.area, answer.area_name) == ("GM0599", "Dorp")


@pytest.mark.django_db
def test_several_additions_are_all_found(register):
    register.docs = [doc(), doc(letter="B"), doc(letter="A", addition="2"), doc("bis"), doc(huisnummer=13)]
    assert additions(ask()) == ["", "A-2", "B", "bis"]


@pytest.mark.django_db
def test_an_address_that_is_not_there_is_unknown(register):
    assert ask("13").state == State.UNKNOWN


@pytest.mark.django_db
def test_what_is_not_about_what_was_asked_is_left_out(register):
    register.fault = b'{"response": {"docs": [{"postcode": "9999ZZ", "huisnummer": 12, "gemeentecode": "0001"}]}}'
    assert ask().state == State.UNKNOWN


NONSENSE = [
    *("error", "garbage", "moved", b"", b"[]", b"null", b"{}", b'{"response": null}', b'{"response": {"docs": 7}}'),
    b'{"response": {"docs": [7]}}',
    b'{"response": {"docs": [{"postcode": "1234AB", "huisnummer": 12, "gemeentecode": "0599", "straatnaam": 7}]}}',
    b'{"response": {"docs": []}}' + b" " * 300_000,
    b"\xff\xfe",
]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", NONSENSE, ids=lambda fault: str(fault)[:60])
def test_nonsense_is_no_answer_and_no_error(register, fault):
    register.fault = fault
    assert ask().state == State.UNAVAILABLE


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["slow", "endless"])
def test_nobody_waits_longer_than_two_seconds(register, fault):
    register.fault, before = fault, time.monotonic()
    assert ask().state == State.UNAVAILABLE
    assert pdok.TIMEOUT_SECONDS <= time.monotonic() - before < 3, "the fake takes three seconds, or for ever"


@pytest.mark.django_db
def test_a_register_that_drips_keeps_no_thread(register, monkeypatch):
    register.fault, fetch, is_over = "endless", pdok._fetch, Event()

    def watched(*asked):
        try:
            return fetch(*asked)
        finally:
            is_over.set()

    monkeypatch.setattr(pdok, "_fetch", watched)
    assert ask().state == State.UNAVAILABLE
    assert is_over.wait(5)


@pytest.mark.django_db
def test_a_register_that_is_down_is_no_error(settings):
    with FakePdok() as gone:
        settings.ADDRESS_PROVIDER, settings.PDOK_URL = "pdok", gone.url
    assert ask().state == State.UNAVAILABLE


@pytest.mark.django_db
def test_what_was_asked_before_is_not_asked_again(register):
    assert ask() == ask("12", "1234 AB")
    assert ask("13") == ask("13")
    assert len(register.asked) == 2


@pytest.mark.django_db
def test_a_failure_is_not_remembered_as_an_answer(register):
    register.fault = "error"
    ask()
    register.fault = None
    assert ask().state == State.FOUND


@pytest.mark.django_db
def test_the_cache_names_no_postcode_and_no_number(register):
    ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM portal_addresses")
        keys = [key for (key,) in cursor.fetchall()]
    assert len(keys) == 1
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


# -- the circuit breaker


def fail(register, times):
    register.fault = "error"
    for number in range(times):
        assert ask(str(100 + number)).state == State.UNAVAILABLE
    register.fault = None


def let_pass(*keys):
    """As if the time of these marks were over."""
    caches["addresses"].delete_many(keys)


@pytest.mark.django_db
def test_after_some_failures_it_is_left_alone(register):
    fail(register, breaker.FAILURES)
    assert ask().state == State.UNAVAILABLE
    assert len(register.asked) == breaker.FAILURES


@pytest.mark.django_db
def test_fewer_failures_do_not_open_it(register):
    fail(register, breaker.FAILURES - 1)
    assert ask().state == State.FOUND


@pytest.mark.django_db
def test_it_closes_when_the_register_answers_again(register):
    fail(register, breaker.FAILURES)
    let_pass(breaker.OPEN)
    assert [ask().state, ask("13").state, ask("14").state] == [State.FOUND, State.UNKNOWN, State.UNKNOWN]


@pytest.mark.django_db
def test_one_failed_trial_opens_it_again(register):
    fail(register, breaker.FAILURES)
    let_pass(breaker.OPEN)
    fail(register, 1)
    assert ask().state == State.UNAVAILABLE
    assert len(register.asked) == breaker.FAILURES + 1


@pytest.mark.django_db
def test_what_is_known_is_told_while_it_is_open(register):
    ask()
    fail(register, breaker.FAILURES)
    assert ask().state == State.FOUND


def as_another_process(number):
    """Asked over a connection of its own, as another process of the web server does: nothing else is shared."""
    try:
        return ask(str(number)).state
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_all_processes_see_the_same_circuit_and_one_at_a_time_tries(register):
    register.fault = "error"
    with ThreadPoolExecutor(1) as first:
        list(first.map(as_another_process, range(200, 200 + breaker.FAILURES)))
    assert ask().state == State.UNAVAILABLE
    assert len(register.asked) == breaker.FAILURES
    let_pass(breaker.OPEN)
    register.fault, register.seconds = "slow", 1
    with ThreadPoolExecutor(6) as others:
        states = list(others.map(as_another_process, range(300, 306)))
    assert len(register.asked) == breaker.FAILURES + 1, "one tries, the others do not wait"
    assert states.count(State.UNKNOWN) == 1
    assert states.count(State.UNAVAILABLE) == 5


# -- the local table, and none


@pytest.fixture
def known(transactional_db, settings):
    settings.ADDRESS_PROVIDER = "local"
    with connect("owner") as owner:
        owner.execute("INSERT INTO municipalities_knownaddress VALUES ('1234AB', 12, 'GM0599')")
        owner.execute("INSERT INTO municipalities_area VALUES ('GM0599', 'Dorp', '010 1', '')")


def test_the_local_table_knows_the_municipality_and_no_street(known):
    [answer] = ask().answers
    assert (answer.addition, answer.street, answer.area, answer.area_name) == (None, "", "GM0599", "Dorp")
    assert ask("13").state == State.UNKNOWN


def test_an_empty_local_table_does_not_say_that_nothing_exists(transactional_db, settings):
    settings.ADDRESS_PROVIDER = "local"
    assert ask().state == State.UNAVAILABLE


def test_who_serves_only_reads_the_local_table(known):
    for model in (KnownAddress, Area):
        assert model.objects.count() == 1
        with connect("default") as serving:
            may = "SELECT has_table_privilege(%s, 'INSERT') OR has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')"
            assert serving.execute(may, [model._meta.db_table] * 2).fetchone() == (False,)


def test_without_a_provider_nobody_is_asked(register, settings):
    settings.ADDRESS_PROVIDER = "none"
    assert ask().state == State.NOT_ASKED
    assert register.asked == []


def test_a_provider_that_is_not_there_stops_the_start():
    assert address_provider("local") == "local"
    with pytest.raises(ImproperlyConfigured, match=r"ADDRESS_PROVIDER.*google"):
        address_provider("google")
