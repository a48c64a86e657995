"""No personal data leaves the database by a side door: a walk through everything with a canary in every field.

What may hold a canary all the same: the addressee of a mail, and for its secret link the mail itself; the keys of
drafts, codes and sessions stand in addresses, where they belong.
"""

import os

import pytest

from tests.canary.faults import FAULTS
from tests.canary.flock import Flock, add_what_is_stored
from tests.canary.journey import Journey, Places
from tests.canary.search import found
from tests.canary.stage import Stage
from tests.canary.visitor import Visitor
from tests.conftest import connect
from tests.fake_reports import KEY, PROJECT

PLANTED = "planted"
ON_RECORD_IN = {"addresses": ("secret: ", "secret in mail: "), "mail": ("secret in mail: ",)}
# Gone by the next pass over the mail; what was typed there is the address of a colleague, a canary by itself.
GONE_BY_THEN = ["municipalities.PasswordRequest.sealed"]
MAY_BE_EMPTY = {"access log", "log of the database", "redis dump", "temporary files"}


@pytest.fixture
def flock():
    return Flock()


@pytest.fixture
def places(transactional_db, settings, flock):
    # As the programs have it, since they check the passwords.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    return Places.made(flock)


@pytest.fixture
def stage(tmp_path, flock, places):
    def start(**changes):
        if "DATABASE_LOG" not in os.environ:
            pytest.skip("NO LOG: the log of your own database server cannot be read; unset DATABASE_URL for this.")
        return Stage(tmp_path, OPERATOR_EMAIL=flock("operator", "{}@beheer.example"), **changes)

    return start


def out_of_place(traces, needles):
    """{place: names of canaries} for every place with a canary that does not belong there."""
    sung = {place: found(data, needles) for place, data in traces.items()}
    allowed = {place: ON_RECORD_IN.get(place, ()) for place in sung}
    sung = {place: {name for name in names if not name.startswith(allowed[place])} for place, names in sung.items()}
    return {place: names for place, names in sung.items() if names}


def plant(stage, word):
    """Leave this word in every place, by the way that something gets there."""
    stage.broker.set("kanarie", word)
    with connect("superuser") as superuser:
        superuser.execute(f"DO $$ BEGIN RAISE WARNING '{word}'; END $$")
    browser, mail = stage.visitor.browser, {"to": "x@y.example", "subject": word, "text": word, "h:message-id": "<x>"}
    browser.post(f"{stage.provider.settings()['MAILGUN_API_URL']}/messages", mail)
    reports = f"http://127.0.0.1:{stage.reports.server_port}/api/{PROJECT}/envelope/"
    browser.post(reports, data=word, headers={"X-Sentry-Auth": f"sentry_key={KEY}"})
    (stage.folder / "temporary" / "kanarie").write_text(word)
    stage.visitor.get(f"/dorp/?{word}")
    for path in [*(stage.state.folder / "logs").glob("*.log"), stage.folder / "access.log"]:
        with path.open("a") as log:
            log.write(f"{word}\n")


@pytest.mark.timeout(300)
def test_no_canary_leaves_by_a_side_door(stage, flock, places, capsys):
    with stage() as stage:
        stage.start("web", "worker", "beat")
        journey = Journey(stage, flock, places)
        reference = journey.report("dorp", "other", kind="neighbour", known_to="person")
        late = journey.report("haast", "self")
        journey.give_up("dorp")
        journey.try_first("dorp")
        journey.confirm()
        journey.write_later(reference)
        journey.follow_up(reference)
        journey.write_later(reference)
        journey.invite()
        journey.acknowledge_late(late)
        journey.ask_about_data(reference)
        journey.protect(reference)
        journey.look_at_who_looked()
        journey.forget_password()
        journey.hear_from_provider()
        journey.go_wrong(places.calm, reference, FAULTS)
        stage.until(lambda: "tests.canary.tasks:" in stage.log("worker"))
        stage.until(lambda: len(stage.reports.events) > len(FAULTS))
        assert {"django.request", "celery.app.trace"} <= {event["logger"] for event in stage.reports.events}
        assert add_what_is_stored(flock, [places.calm, places.hasty]) == GONE_BY_THEN
        stage.child("beat").process.kill()
        stage.child("beat").process.wait()
        stage.family.tend()
        traces = stage.traces() | {"supervisor": capsys.readouterr().out.encode()}
        assert {place for place, data in traces.items() if not data} <= MAY_BE_EMPTY
        assert out_of_place(traces, flock.needles) == {}
        assert traces["access log"] == b""
        see_that_it_could_be_found(stage, traces, flock)


def see_that_it_could_be_found(stage, traces, flock):
    """The same search, with something to find in every place but the supervisor's own words, which come by a pipe."""
    stage.visitor = Visitor(stage)
    plant(stage, flock(PLANTED))
    stage.until(lambda: b"kanarie" in b"".join(stage.monitored))
    planted = out_of_place(stage.traces(), flock.needles)
    assert planted == {place: {PLANTED} for place in traces if place != "supervisor"}


# -- with a scrubber off the same search finds something, so that its silence means something


@pytest.fixture
def careless_database(db):
    """PostgreSQL as it logs by itself, for the serving role in the test's own database."""
    with connect("superuser") as superuser:
        role = f"ALTER ROLE portal_app IN DATABASE {superuser.info.dbname}"
        settings = {"log_min_messages": "warning", "log_min_error_statement": "error", "log_error_verbosity": "default"}
        for name, value in settings.items():
            superuser.execute(f"{role} SET {name} = '{value}'")
        yield
        superuser.execute(f"{role} RESET ALL")


def walk_into_every_fault(stage, flock, places):
    """Only the pages that fail, about a signal that was assigned."""
    stage.start("web")
    journey = Journey(stage, flock, places)
    reference = journey.report("dorp", "other", kind="neighbour")
    journey.assign(reference)
    journey.walk_into(places.calm, reference, FAULTS)
    stage.until(lambda: len(stage.reports.events) >= len(FAULTS))
    return set(out_of_place(stage.traces(), flock.needles))


@pytest.mark.parametrize(("scrubber", "place"), [("formatter", "log of web"), ("reports", "reports")])
def test_without_one_of_ours_it_is_not(stage, flock, places, scrubber, place):
    with stage(CANARY_OFF=scrubber) as stage:
        assert walk_into_every_fault(stage, flock, places) == {place}


def test_without_the_settings_of_the_database_it_is_not(stage, flock, places, careless_database):
    with stage() as stage:
        assert walk_into_every_fault(stage, flock, places) == {"log of the database"}
