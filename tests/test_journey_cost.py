"""What the public form costs, counted: statements and transactions of every request. `make bench-submit` times it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from municipalities.models import Municipality
from municipalities.tenancy import tenant
from signals import blank, intake
from signals.models import About
from tests.bench.submit import OURS
from tests.cast import WHO

# {request: (statements with BEGIN and COMMIT, transactions)}. The address step waits for a register: it counts the
# visitor in one transaction, reads in a second and writes in a third.
COSTS = {
    "GET /": (4, 1),
    "GET signaal/": (4, 1),
    "POST signaal/": (6, 1),
    "GET zorg/": (5, 1),
    "POST zorg/": (7, 1),
    "GET wie-bent-u/": (5, 1),
    "POST wie-bent-u/": (7, 1),
    "GET adres/": (5, 1),
    "POST adres/": (11, 3),
    "GET controleren/": (5, 1),
    "POST controleren/": (15, 1),
    "GET bedankt/": (5, 1),
}


def test_what_every_request_of_the_journey_asks_of_the_database(transactional_db, dorp, client):
    path, costs = "", {}
    for request in OURS:
        path = path if request.to is None else f"/dorp/{request.to}"
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path) if request.fields is None else client.post(path, request.fields)
        assert answer.status_code == (200 if request.fields is None else 302)
        path = answer.get("Location", path)
        sent = [query["sql"] for query in captured]
        costs[request.name] = (len(sent), sent.count("COMMIT") + sum("tally" in sql for sql in sent[1:2]))
    assert costs == COSTS
    assert path.endswith("/bedankt/")


# -- the fields that are drawn once


@pytest.fixture
def page(dorp, client):
    """The page of a step, of a new draft with these answers."""

    def get(step, about=About.OTHER, query="", **answers):
        with tenant(dorp.municipality.pk):
            draft = intake.keep(dorp.municipality, {"about": about, "partner": None, **answers})
        return client.get(f"/dorp/signaal/{draft.pk}/{step}/{query}").content.decode()

    return get


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("step", intake.BY_NAME)
@pytest.mark.parametrize("query", ["", "?taal=en"])
def test_fields_that_are_drawn_once_are_what_they_are_when_drawn_anew(page, monkeypatch, about, step, query):
    page(step, about, query)
    kept = page(step, about, query)
    monkeypatch.setattr(blank, "fields_of", lambda *_what: None)
    assert without_keys(kept) == without_keys(page(step, about, query))


def without_keys(text):
    """The lines of a page without those that name its draft."""
    return [line.strip() for line in text.splitlines() if line.strip() and "/signaal/" not in line]


def test_what_one_visitor_typed_stands_on_no_other_page(page):
    typed = page("wie-bent-u", **{"wie-bent-u": WHO})
    assert "Nora Naast" in typed
    assert "Nora Naast" not in page("wie-bent-u")


def test_nothing_of_a_visitor_is_kept_drawn():
    step, answers, place = intake.WHO, {"about": About.OTHER}, Municipality()
    with translation.override("nl"):
        assert blank.fields_of(step, step.form(answers, place))
        assert blank.fields_of(step, step.form(answers, place, {"name": "Nora"})) is None
        assert blank.fields_of(step, step.form(answers | {"wie-bent-u": {"name": "Nora"}}, place)) is None
        assert blank.fields_of(step, step.form(answers | {"filled_in": {"kind": "shop"}}, place)) is None
        looked_up = answers | {"look": {"of": "1234AB 1", "answers": []}}
        assert blank.fields_of(intake.ADDRESS, intake.ADDRESS.form(looked_up, place)) is None


def test_fields_that_are_drawn_once_are_those_of_where_somebody_may_stay_unknown_or_not():
    drawn = set()
    with translation.override("nl"):
        for allowed in (True, False, True):
            place = Municipality(allows_unknown_reporters=allowed)
            drawn.add((allowed, blank.fields_of(intake.WHO, intake.WHO.form({"about": About.OTHER}, place))))
    assert {allowed: 'value="nobody"' in text for allowed, text in drawn} == {True: True, False: False}
    assert len(drawn) == 2
