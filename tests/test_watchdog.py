"""The facts of the promise, and the dead-man's switch that is only told when all of them are fine."""

import json
import socket
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from followup import ping as dead_man
from followup import tasks, watchdog
from followup.models import SweepRun
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals.models import Clock
from tests.serving import serve

SECRET = "a-secret-in-the-path"


def swept(caller="beat", ago=timedelta(0)):
    SweepRun.objects.update_or_create(
        caller=caller, defaults={"finished_at": timezone.now() - ago, "escalated": 0, "milliseconds": 1}
    )


def mail(cast, **fields):
    with tenant(cast.municipality.pk):
        OutboxMessage.objects.of(cast.municipality).update(**fields)


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def test_every_caller_has_an_age_of_its_own(db):
    swept("beat", timedelta(seconds=30))
    swept("timer", timedelta(hours=2))
    facts = watchdog.look()
    assert facts.sweep_seconds == pytest.approx({"beat": 30, "timer": 7200}, abs=5)
    assert facts.last_sweep_seconds == pytest.approx(30, abs=5)
    assert facts.failures() == []


def test_without_anything_there_is_nothing_old(dorp):
    facts = watchdog.look()
    assert (facts.oldest_unsent_mail_seconds, facts.oldest_ready_mail_seconds) == (None, None)
    assert facts.oldest_unassigned_seconds is None
    assert set(facts.running_by_kind().values()) == {0}
    assert facts.running == {}


def test_the_oldest_mail_of_all_municipalities_counts(dorp, stad):
    dorp.signal(), stad.signal()
    mail(stad, not_before=ago(200), created_at=ago(300))
    facts = watchdog.look()
    assert facts.oldest_ready_mail_seconds == pytest.approx(200, abs=5)
    assert facts.oldest_unsent_mail_seconds == pytest.approx(300, abs=5)


def test_mail_that_nobody_tries_breaks_the_promise_before_it_is_old(dorp):
    swept()
    dorp.signal()
    mail(dorp, not_before=ago(290))
    assert watchdog.look().failures() == []
    mail(dorp, not_before=ago(310))
    assert watchdog.look().failures() == ["oldest_ready_mail"]


def test_mail_that_waits_for_its_next_attempt_is_unsent_but_not_ready(dorp):
    dorp.signal()
    mail(dorp, not_before=timezone.now() + timedelta(minutes=5), created_at=ago(100))
    facts = watchdog.look()
    assert facts.oldest_ready_mail_seconds is None
    assert facts.oldest_unsent_mail_seconds == pytest.approx(100, abs=5)


def test_a_signal_is_unassigned_until_a_worker_has_it(dorp):
    dorp.signal(assigned_to="worker")
    assert watchdog.look().oldest_unassigned_seconds is None
    first = dorp.signal().received_at
    dorp.signal()
    facts = watchdog.look(now=first + timedelta(hours=1))
    assert facts.oldest_unassigned_seconds == 3600


def test_running_clocks_are_counted_by_municipality_and_kind(dorp, stad):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, result="no_answer")
    dorp.contact(dorp.signal(assigned_to="worker"), result="spoken")
    stad.signal()
    facts = watchdog.look()
    assert (facts.running["dorp", "revisit"], facts.running["stad", "visit"]) == (1, 1)
    assert ("dorp", "visit") not in facts.running
    assert (facts.running_by_kind()["visit"], facts.running_by_kind()["revisit"]) == (1, 1)


def test_looking_costs_the_same_however_many_municipalities_have_open_signals(dorp, stad, django_assert_num_queries):
    dorp.signal(assigned_to="worker")
    with CaptureQueriesContext(connection) as first:
        watchdog.look()
    stad.signal(assigned_to="other_worker")
    with django_assert_num_queries(len(first)):
        watchdog.look()


# -- the dead-man's switch, against a real server


class Listener(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.heard.append(self.path)
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def listener(settings):
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.heard, server.answer = [], 200
    thread = serve(server)
    settings.DEADMAN_URL = f"http://127.0.0.1:{server.server_port}/{SECRET}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def watch(*arguments):
    """(exit code, what the command printed)."""
    output = StringIO()
    try:
        call_command("watchdog", *arguments, stdout=output)
    except SystemExit as stopped:
        return stopped.code, json.loads(output.getvalue())
    return 0, json.loads(output.getvalue())


def test_the_switch_is_told_when_all_is_fine(db, listener):
    swept()
    code, printed = watch("--ping")
    assert (code, printed["pinged"]) == (0, True)
    assert listener.heard == [f"/{SECRET}"]


def test_looking_alone_tells_nobody(db, listener):
    swept()
    assert "pinged" not in watch()[1]
    assert listener.heard == []


def late(cast):
    signal = cast.signal()
    with tenant(cast.municipality.pk):
        Clock.objects.of(cast.municipality).filter(signal=signal).update(next_at=ago(310))


def lying(cast):
    cast.signal()
    mail(cast, not_before=ago(310))


@pytest.mark.parametrize("break_it", [late, lying, lambda cast: swept(ago=timedelta(seconds=310))])
def test_the_switch_is_not_told_when_a_fact_is_broken(dorp, listener, break_it):
    swept()
    break_it(dorp)
    code, printed = watch("--ping")
    tasks.ping()
    assert (code, printed["pinged"]) == (1, False)
    assert listener.heard == []


def test_beat_tells_it_as_well(db, listener, settings):
    swept()
    entry = settings.CELERY_BEAT_SCHEDULE["ping"]
    assert entry["task"] == tasks.ping.name
    tasks.ping()
    assert listener.heard == [f"/{SECRET}"]


def test_a_bad_answer_is_logged_without_the_address(db, listener, caplog):
    swept()
    listener.answer = 500
    code, printed = watch("--ping")
    assert (code, printed["pinged"]) == (0, False)
    assert "500" in caplog.text
    assert SECRET not in caplog.text


def test_nobody_at_home_is_logged_without_the_address(db, listener, caplog, settings):
    swept()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.DEADMAN_URL = f"http://127.0.0.1:{port}/{SECRET}"
    assert watch("--ping")[1]["pinged"] is False
    assert "ConnectionError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.timeout(10)
def test_a_server_that_never_answers_is_given_up(db, caplog, settings, monkeypatch):
    assert dead_man.TIMEOUT_SECONDS == 5
    monkeypatch.setattr(dead_man, "TIMEOUT_SECONDS", 0.2)
    swept()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.DEADMAN_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}"
        assert dead_man.ping_when_fine(watchdog.look()) is False
    assert "Timeout" in caplog.text
    assert SECRET not in caplog.text


def test_without_an_address_the_command_refuses_and_beat_stays_silent(db, settings, caplog):
    swept()
    settings.DEADMAN_URL = ""
    with pytest.raises(CommandError):
        watch("--ping")
    tasks.ping()
    assert caplog.text == ""
