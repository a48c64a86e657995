"""The second factor: nobody of the staff gets past the pages to set it, and nobody logs in without it."""

import os
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.urls import reverse

from tests.addresses import ADDRESSES, access_of
from tests.conftest import connect
from tests.test_commands import manage

PASSWORD = "een lang wachtwoord voor de proef"
SETTING_UP = {"mfa_activate_totp", "mfa_add_webauthn", "account_logout", "account_reauthenticate", "unsent"}


@pytest.fixture
def worker(dorp):
    dorp.worker.set_password(PASSWORD)
    dorp.worker.save()
    return dorp.worker


@pytest.fixture
def secret(worker):
    """The secret in the worker's authenticator app."""
    secret = generate_totp_secret()
    TOTP.activate(worker, secret)
    return secret


def code_of(secret, ahead=0):
    """What the app shows; `ahead` of its time by so many half minutes, as a code works once."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def gave_the_password(user):
    client = Client()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client, answer


def is_in(client, dorp):
    return client.get(f"/{dorp.slug}/vandaag/").status_code == 200


def test_whoever_has_none_is_led_to_setting_it_and_nowhere_else(dorp, worker):
    client, _answer = gave_the_password(worker)
    for address in (
        f"/{dorp.slug}/vandaag/",
        reverse("after_login"),
        reverse("mfa_index"),
        reverse("usersessions_list"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (302, reverse("mfa_activate_totp"))
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    assert client.get(f"/{dorp.slug}/").status_code == 200


def test_the_pages_without_a_second_factor_are_these(dorp, worker):
    client, _answer = gave_the_password(worker)
    without = {name for name, (route, pattern) in ADDRESSES.items() if "<" not in route}
    open_to_all = {name for name in without if access_of(name) == "public"}
    led = {
        name for name in without if client.get(reverse(name)).headers.get("Location") == reverse("mfa_activate_totp")
    }
    # The pages to log in and to forget a password lead somebody who is logged in on; from there it goes to the same.
    entrance = {name for name in without if name.startswith("account_")}
    assert without - open_to_all - led - entrance <= SETTING_UP
    assert {"after_login", "mfa_index", "mfa_generate_recovery_codes", "usersessions_list"} <= led


def test_setting_it_opens_the_portal_and_gives_codes_for_a_lost_telephone(dorp, worker):
    client, _answer = gave_the_password(worker)
    page = client.get(reverse("mfa_activate_totp"))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(page.context["form"].secret)})
    assert answer.status_code == 302
    assert is_in(client, dorp)
    assert {row.type for row in Authenticator.objects.filter(user=worker)} == {"totp", "recovery_codes"}


def test_a_password_alone_is_not_a_log_in(dorp, worker, secret):
    client, answer = gave_the_password(worker)
    assert answer.url == reverse("mfa_authenticate")
    assert client.get(f"/{dorp.slug}/vandaag/").url.startswith(reverse("account_login"))


@pytest.mark.parametrize("wrong", ["000000", "", "abc"])
def test_a_wrong_code_does_not_let_in(dorp, worker, secret, wrong):
    client, _answer = gave_the_password(worker)
    assert client.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert not is_in(client, dorp)


def test_the_code_of_the_app_lets_in_and_once_only(dorp, worker, secret):
    client, _answer = gave_the_password(worker)
    code = code_of(secret)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert is_in(client, dorp)
    again, _answer = gave_the_password(worker)
    again.post(reverse("mfa_authenticate"), {"code": code})
    assert not is_in(again, dorp)


def test_a_recovery_code_lets_in_once(dorp, worker):
    client, _answer = gave_the_password(worker)
    page = client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": code_of(page.context["form"].secret)})
    codes = Authenticator.objects.get(user=worker, type="recovery_codes").wrap().get_unused_codes()
    for expected in (True, False):
        client, _answer = gave_the_password(worker)
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_in(client, dorp) is expected


def test_the_last_second_factor_cannot_be_taken_away(dorp, worker, secret):
    client, _answer = gave_the_password(worker)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=worker, type="totp").exists()


def test_the_secret_lies_sealed_in_the_database(worker, secret):
    with connect("default") as serving:
        rows = serving.execute("SELECT data::text FROM mfa_authenticator").fetchall()
    assert not any(secret in text for (text,) in rows)
    assert Authenticator.objects.get(user=worker).wrap().validate_code(code_of(secret))


def test_other_sessions_can_be_ended(dorp, worker, secret):
    here, elsewhere = gave_the_password(worker)[0], gave_the_password(worker)[0]
    for ahead, client in enumerate((here, elsewhere)):
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret, ahead)})
        assert is_in(client, dorp)
    assert len(here.get(reverse("usersessions_list")).context["sessions"]) == 2
    assert here.post(reverse("usersessions_list")).status_code == 302
    assert (is_in(here, dorp), is_in(elsewhere, dorp)) == (True, False)


def test_a_stranger_who_guesses_keeps_nobody_out(dorp, worker, secret):
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    answers = [
        stranger.post(reverse("account_login"), {"login": worker.email, "password": f"gok {number}"})
        for number in range(40)
    ]
    assert answers[-1].status_code == 429
    client, _answer = gave_the_password(worker)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_in(client, dorp)


@pytest.mark.parametrize(("second_factor", "demo", "starts"), [("0", "0", False), ("0", "1", True), ("1", "0", True)])
def test_it_can_only_be_off_for_a_demonstration(second_factor, demo, starts):
    done = manage(os.environ | {"SECOND_FACTOR": second_factor, "DEMO": demo}, "diffsettings")
    assert (done.returncode == 0) is starts
    assert starts or "SECOND_FACTOR" in done.stderr
