"""Limits and used codes in front of two real web processes: what one of them counted, the other knows."""

import socket
import sys

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from tests.conftest import connect
from tests.processes.stack import eventually
from tests.test_second_factor import PASSWORD, code_of

# As production hashes; the tests' own quick hasher is unknown to a real process.
HASHER = "django.contrib.auth.hashers.Argon2PasswordHasher"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def webs(stack):
    """Two gunicorns of one worker each, so that a test says which process answers."""
    ports = [free_port(), free_port()]
    for port in ports:
        stack.start(f"web-{port}", *WEB, f"--bind=127.0.0.1:{port}", PORTAL_TEST="1", ALLOWED_PORTS=str(port))
    webs = [f"http://127.0.0.1:{port}" for port in ports]
    for web in webs:
        assert eventually(lambda web=web: answers(web), 60), stack.last_words()
    return webs


WEB = (sys.executable, "-m", "gunicorn", "signaalpunt.wsgi", "--workers=1", "--no-control-socket")


def answers(web):
    try:
        return requests.get(f"{web}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def post(visitor, web, path, **fields):
    visitor.get(web + path, timeout=20)
    fields["csrfmiddlewaretoken"] = visitor.cookies["csrf"]
    return visitor.post(web + path, fields, headers={"Referer": web}, timeout=20, allow_redirects=False)


def log_in(web, user, password=PASSWORD):
    visitor = requests.Session()
    return visitor, post(visitor, web, "/account/inloggen/", login=user.email, password=password)


@pytest.fixture
def worker(dorp, settings):
    settings.PASSWORD_HASHERS = [HASHER]
    dorp.worker.set_password(PASSWORD)
    dorp.worker.save()
    return dorp.worker


def test_a_limit_counts_what_all_processes_saw(webs, dorp, worker):
    answers = [log_in(webs[turn % 2], worker, "gok")[1].status_code for turn in range(12)]
    text = log_in(webs[1], worker, PASSWORD)[1].text
    assert set(answers) == {200}, "a wrong password is an error on the form"
    assert "Te veel" in text or "too many" in text.lower(), "the eleventh try is refused, whichever process it reaches"


def test_a_code_that_one_process_took_is_used_for_the_other(webs, dorp, worker):
    secret = generate_totp_secret()
    TOTP.activate(worker, secret)
    visitors = [log_in(web, worker)[0] for web in webs]
    code = code_of(secret)
    outcomes = [
        post(visitor, web, "/account/tweede-stap/invullen/", code=code).status_code
        for visitor, web in zip(visitors, webs, strict=True)
    ]
    assert outcomes == [302, 200]


def test_no_address_stands_in_the_table(webs, dorp, worker):
    log_in(webs[0], worker, "gok")
    with connect("superuser") as all_seeing:
        rows = all_seeing.execute("SELECT cache_key FROM portal_counters").fetchall()
        kept = all_seeing.execute("SELECT relpersistence FROM pg_class WHERE relname = 'portal_counters'").fetchone()
    assert rows
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for (key,) in rows)
    assert kept == (b"u",) or kept == ("u",)
