"""What leaves in an error report: type and places, the page's name, and not one field more."""

import json
import logging
import uuid

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from signaalpunt import error_reports
from signaalpunt.error_reports import ErrorReports
from tests.fake_reports import receiving

# Everything that a report may say, at any depth.
FIELDS = set(
    "event_id timestamp platform level logger message transaction exception values type module stacktrace frames "
    "filename lineno function".split()
)


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def reports(receiver):
    """The handler of the settings, on the root as there, with this receiver's address."""
    handler = ErrorReports(dsn=receiver.dsn)
    handler.setLevel(settings.LOGGING["handlers"]["reports"]["level"])
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    handler.client.close()


def fields_of(content):
    if isinstance(content, dict):
        return set(content) | {name for part in content.values() for name in fields_of(part)}
    return {name for part in content for name in fields_of(part)} if isinstance(content, list) else set()


def test_a_page_that_fails_is_reported_by_type_place_and_name(reports, receiver, dorp, monkeypatch):
    story = f"Jan {uuid.uuid4().hex}"
    draft = dorp.draft(zorg={"signs": [], "story": story})
    monkeypatch.setattr(
        "signals.views.intake.intake.overview", lambda answers, _municipality: {}[answers["zorg"]["story"]]
    )
    client = Client(raise_request_exception=False, headers={"user-agent": f"{story} browser"})
    client.cookies["session"] = "kanarie-koek"
    page = reverse("signal_check", args=[dorp.slug, draft.pk])
    assert client.get(f"{page}?{story}").status_code == 500
    reports.client.flush(timeout=5)
    (event,) = receiver.events
    assert fields_of(event) <= FIELDS
    (failure,) = event["exception"]["values"]
    assert (failure["module"], failure["type"]) == ("builtins", "KeyError")
    assert failure["stacktrace"]["frames"][-1]["module"] == "tests.test_error_reports"
    assert [frame["function"] for frame in failure["stacktrace"]["frames"]].count("check") == 1
    assert (event["logger"], event["level"], event["transaction"]) == ("django.request", "error", "signal_check")
    sent = b"".join(receiver.raw).decode()
    assert [text for text in (story, str(draft.pk), draft.pk.hex, "kanarie-koek", dorp.slug) if text in sent] == []


def test_an_error_of_our_own_is_reported_with_its_numbers(reports, receiver):
    logging.getLogger("portal.outbox").error("mail %s given up after %s attempts", 12, 3)
    logging.getLogger("portal.outbox").warning("mail %s not sent at attempt %s: %s", 12, 1, "Timeout")
    reports.client.flush(timeout=5)
    assert [event["message"] for event in receiver.events] == ["mail 12 given up after 3 attempts"]


def test_nothing_else_is_ever_sent(reports, receiver):
    """No sessions, traces or figures about the reports themselves."""
    logging.getLogger("portal.outbox").error("mail %s given up after %s attempts", 12, 3)
    reports.client.flush(timeout=5)
    reports.client.close(timeout=5)
    assert [kind for kind, _content in receiver.items] == ["event"]
    assert len(receiver.raw) == 1


@pytest.mark.parametrize("broken", ["places", "error_of", "_exception"])
def test_a_filter_that_fails_sends_nothing(reports, receiver, monkeypatch, capsys, broken):
    def fail(*arguments):
        raise RuntimeError("the filter is broken")

    monkeypatch.setattr(error_reports, broken, fail)
    try:
        raise ValueError("Jan de Wit")
    except ValueError:
        logging.getLogger("portal.proof").exception("it failed")
    reports.client.flush(timeout=5)
    assert receiver.raw == []
    assert "broken" not in capsys.readouterr().err


def test_a_made_up_host_is_no_report(reports, receiver, db):
    assert Client().get("/", HTTP_HOST="elsewhere.example").status_code == 400
    reports.client.flush(timeout=5)
    assert receiver.raw == []


def test_it_is_off_until_there_is_an_address(monkeypatch):
    assert ErrorReports().client is None
    assert settings.LOGGING["handlers"]["reports"]["dsn"] == ""


@pytest.mark.parametrize("dsn", ["nergens", "http://kanarie@/7", "ftp://kanarie@127.0.0.1/7", "http://127.0.0.1/7"])
def test_an_address_that_is_none_stops_the_start_and_is_not_repeated(dsn):
    with pytest.raises(ImproperlyConfigured) as refused:
        ErrorReports(dsn=dsn)
    assert "ERROR_REPORT_DSN" in str(refused.value)
    assert "kanarie" not in json.dumps(str(refused.value))
