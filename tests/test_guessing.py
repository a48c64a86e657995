"""Somebody who guesses: keeps nobody out, and learns of no address whether it has an account."""

from collections import Counter

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from municipalities.models import User
from tests.test_second_factor import PASSWORD, code_of, gave_the_password, is_in, secret, worker  # noqa: F401

ATTEMPTS = 100
UNKNOWN = "niemand@dorp.example"
HASHER = "django.contrib.auth.hashers.Argon2PasswordHasher"


def guess(client, email, password="een gok"):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def attacker(number, networks):
    return Client(REMOTE_ADDR=f"203.0.113.{number % networks}")


@pytest.mark.parametrize("networks", [1, 20, 100])
def test_a_hundred_wrong_guesses_keep_nobody_out(dorp, worker, secret, networks):  # noqa: F811
    for number in range(ATTEMPTS):
        assert guess(attacker(number, networks), worker.email).status_code in {200, 429}
    client, _answer = gave_the_password(worker)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_in(client, dorp)


def test_whoever_guesses_from_one_network_is_slowed_down(dorp, worker):  # noqa: F811
    """Not one more than ten of the hundred are even looked at, though the address within the network changes."""
    for number in range(ATTEMPTS):
        guess(Client(REMOTE_ADDR=f"2001:db8:1:2::{number + 1:x}"), worker.email)
    assert "_auth_user_id" not in right(Client(REMOTE_ADDR="2001:db8:1:2::ffff"), worker).session
    client = right(Client(REMOTE_ADDR="2001:db8:1:3::1"), worker)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def right(client, user):
    guess(client, user.email, PASSWORD)
    return client


def test_nobody_writes_themselves_another_network(dorp, worker, settings):  # noqa: F811
    settings.TRUSTED_PROXY_COUNT = 1
    answers = [
        Client(headers={"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.9"}).post(
            reverse("account_login"), {"login": worker.email, "password": "een gok"}
        )
        for number in range(31)
    ]
    assert answers[-1].status_code == 429


# -- what an answer gives away


@pytest.fixture
def accounts(dorp, settings):
    """Addresses by what is known of them; the hashes are those of production."""
    settings.PASSWORD_HASHERS = [HASHER]
    for user in (dorp.worker, dorp.other_worker):
        user.set_password(PASSWORD)
        user.save()
    User.objects.filter(pk=dorp.other_worker.pk).update(is_active=False)
    return {
        "known": dorp.worker.email,
        "closed": dorp.other_worker.email,
        "without a password": dorp.manager.email,
        "unknown": UNKNOWN,
    }


KINDS = ["known", "closed", "without a password", "unknown"]


@pytest.fixture
def hashes(monkeypatch):
    """How often Argon2 really runs, whether it makes a hash or checks one."""
    counted = Counter()
    for name in ("encode", "verify"):
        original = getattr(Argon2PasswordHasher, name)

        def counting(hasher, *arguments, original=original, name=name):
            counted[name] += 1
            return original(hasher, *arguments)

        monkeypatch.setattr(Argon2PasswordHasher, name, counting)
    return counted


def said(answer, email):
    """Everything that an answer says, but for what the visitor typed and the token of the form."""
    token = str(answer.context["csrf_token"]) if answer.context else "-"
    return (
        answer.status_code,
        answer.headers.get("Location"),
        answer.content.decode().replace(email, "").replace(token, ""),
    )


def test_a_wrong_password_is_refused_alike(accounts):
    answers = {kind: said(guess(Client(), email), email) for kind, email in accounts.items()}
    assert [kind for kind in KINDS if answers[kind] != answers["unknown"]] == []
    assert answers["unknown"][0] == 200


@pytest.mark.parametrize("kind", KINDS)
def test_argon2_runs_once_for_every_kind(accounts, hashes, kind):
    guess(Client(), accounts[kind])
    assert sum(hashes.values()) == 1


def statements(act, email):
    with CaptureQueriesContext(connection) as captured:
        act(email)
    return len(captured)


def ask_for_a_new_password(email):
    return Client().post(reverse("account_reset_password"), {"email": email})


@pytest.mark.parametrize("act", [lambda email: guess(Client(), email), ask_for_a_new_password])
def test_the_database_is_asked_as_often_for_every_kind(accounts, act):
    act(UNKNOWN)  # whatever a process asks once only
    counted = {kind: statements(act, email) for kind, email in accounts.items()}
    assert len(set(counted.values())) == 1, counted


def test_a_new_password_is_promised_alike(accounts):
    answers = {kind: said(ask_for_a_new_password(email), email) for kind, email in accounts.items()}
    assert len(set(answers.values())) == 1
    assert mail.outbox == [], "it leaves by the outbox: tests/test_password_reset.py"


def test_a_second_factor_that_is_asked_for_tells_nobody_anything_without_the_password(dorp, worker, secret):  # noqa: F811
    client = Client()
    assert said(guess(client, worker.email), worker.email)[0] == 200
    assert client.get(reverse("mfa_authenticate")).status_code == 302
