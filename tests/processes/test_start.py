"""What starts and what refuses to: a wrong role and a forgotten secret stop the start, a missing Redis does not."""

import json
import os
import socket
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from django.db import connections
from psycopg.sql import SQL, Identifier

from followup.actions.escalation import sweep
from municipalities.tenancy import tenant
from signals.models import Signal
from tests.conftest import connect
from tests.processes.stack import database_url, eventually

WORRY = {"signs": "curtains", "story": "De gordijnen zijn dicht."}
WHO = {"kind": "neighbour", "name": "Nora Naast"}
ADDRESS = {"postcode": "1234AB", "house_number": "12"}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def address_of(role, spare):
    """The test database as somebody who must not serve: its owner, or a superuser."""
    if role == "owner":
        return database_url("owner")
    if "DATABASE_SUPERUSER_URL" not in os.environ:
        pytest.skip("NO SUPERUSER: set DATABASE_SUPERUSER_URL to prove that the portal refuses to serve as one.")
    if role == "bypassrls":
        return database_url("default", USER=spare, PASSWORD="spare")
    base = os.environ["DATABASE_SUPERUSER_URL"].rpartition("/")[0]
    return f"{base}/{connections['default'].settings_dict['NAME']}"


def start_web(stack, **changes):
    return stack.gunicorn("--bind", f"127.0.0.1:{free_port()}", **changes)


@pytest.fixture
def spare():
    """A login role with BYPASSRLS and the grants of the one that serves; gone afterwards."""
    name = Identifier(f"spare_{connections['default'].settings_dict['NAME']}")
    with connect("superuser") as superuser:
        superuser.execute(SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD 'spare' IN ROLE portal_app").format(name))
        yield name.as_string().strip('"')
        superuser.execute(SQL("DROP ROLE {}").format(name))


@pytest.mark.parametrize("role", ["owner", "superuser", "bypassrls"])
@pytest.mark.parametrize("program", ["web", "worker", "sweep"])
def test_nothing_serves_as_a_role_that_sees_everything(stack, spare, program, role):
    start = {"web": start_web, "worker": type(stack).worker, "sweep": lambda stack, **c: stack.sweep("x", **c)}[program]
    running = start(stack, DATABASE_URL=address_of(role, spare))
    assert running.ends() != 0
    assert "portal_app" in running.says()
    assert "row-level security" in running.says()


@pytest.mark.parametrize("program", ["web", "worker"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "VAULT_KEYS", "DATABASE_URL", "REDIS_URL"])
def test_a_forgotten_secret_stops_the_start_and_is_named(stack, program, name):
    start = {"web": start_web, "worker": type(stack).worker}[program]
    running = start(stack, without=[name])
    assert running.ends() != 0
    assert name in running.says()


class Reporter:
    """Somebody with a browser as simple as can be: no cookies, no script."""

    def __init__(self, base):
        self.page, self.base = None, base

    def send(self, path=None, **answers):
        """Post to this path, or to the page where the last answer led; follows to the next page."""
        with urlopen(self.base + path if path else self.page.url, urlencode(answers).encode(), 30) as self.page:
            self.text = self.page.read().decode()
        return self.page.url


def status_and_body(url):
    try:
        with urlopen(url, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_without_redis_a_whole_signal_still_comes_in(stack, dorp):
    port = free_port()
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    stack.gunicorn("--bind", f"127.0.0.1:{port}", PORTAL_TEST="1", REDIS_URL=nobody)
    assert eventually(lambda: is_listening(port), 30), stack.last_words()
    reporter = Reporter(f"http://127.0.0.1:{port}")
    assert reporter.send("/dorp/signaal/", about="other").endswith("/zorg/")
    for answers, leads_to in ((WORRY, "/wie-bent-u/"), (WHO, "/adres/"), (ADDRESS, "/controleren/"), ({}, "/bedankt/")):
        assert reporter.send(**answers).endswith(leads_to)
    with tenant(dorp.municipality.pk):
        signal = Signal.objects.of(dorp.municipality).get()
    assert signal.reference in reporter.text
    assert status_and_body(f"{reporter.base}/healthz")[0] == 200
    assert status_and_body(f"{reporter.base}/readyz") == (503, {"ready": False, "last_sweep_seconds": None})
    sweep(caller="test")
    status, facts = status_and_body(f"{reporter.base}/readyz")
    assert (status, facts["ready"]) == (200, True)
