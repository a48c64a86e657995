"""What a monitor reads: facts and counts, only with the token, and nothing about anybody."""

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from followup.actions.escalation import sweep
from followup.models import SweepRun
from tests.cast import ADDRESS, WHO

TOKEN = "a-token-for-the-monitor"


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


def scrape(token=TOKEN):
    return Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})


def samples():
    """{(name, labels): value} of everything that stands there, read as a monitor reads it."""
    families = text_string_to_metric_families(scrape().content.decode())
    return {
        (sample.name.removeprefix("signaalpunt_"), *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer é"])
def test_without_the_token_there_are_no_figures(db, header):
    response = Client().get("/metrics", headers={"Authorization": header} if header is not None else {})
    assert response.status_code == 401
    assert response.content == b""


@pytest.mark.parametrize("header", ["Bearer ", "Bearer None", f"Bearer {TOKEN}"])
def test_where_no_token_is_set_there_is_no_such_page(db, settings, header):
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == 404


def test_being_logged_in_opens_nothing(dorp):
    assert dorp.client("coordinator").get("/metrics").status_code == 401


def test_the_figures_are_read_only_and_never_kept(db):
    response = scrape()
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "no-store" in response.headers["Cache-Control"]
    assert Client().post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_the_figures_are_those_of_this_moment(dorp, stad):
    sweep(caller="timer")
    assert samples()["promise_kept",] == 1
    dorp.signal(), dorp.signal(assigned_to="worker"), stad.signal()
    found = samples()
    assert found["running_clocks", "dorp", "visit"] == 2
    assert found["running_clocks", "stad", "visit"] == 1
    assert found["overdue_without_escalation",] == 0
    assert 0 <= found["sweep_seconds", "timer"] < 60
    assert 0 < found["oldest_unassigned_seconds",] < 60
    SweepRun.objects.all().delete()
    assert samples()["promise_kept",] == 0


def test_nobody_stands_in_the_figures(dorp):
    signal = dorp.signal(assigned_to="worker")
    text = scrape().content.decode()
    people = [person.email for person in dorp.people.values()] + [person.name for person in dorp.people.values()]
    personal = [*people, WHO["name"], WHO["email"], ADDRESS["street"], signal.reference, str(signal.pk)]
    assert [word for word in personal if word in text] == []


def test_another_signal_costs_no_further_statement(dorp, django_assert_max_num_queries, django_assert_num_queries):
    dorp.signal()
    with django_assert_max_num_queries(30) as first:
        scrape()
    dorp.signal(), dorp.signal()
    with django_assert_num_queries(len(first)):
        scrape()
