"""Taking second factors away and giving them again: the last one stays, a code works once, rubbish is no error."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.test_second_factor import PASSWORD, code_of, gave_the_password, is_in, secret, worker  # noqa: F401


def key_of(user, name="blauwe sleutel"):
    data = {"name": name, "credential": {}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def remove(client, key):
    return client.post(reverse("mfa_remove_webauthn", args=[key.pk]))


@pytest.fixture
def at_work(dorp, worker):  # noqa: F811
    return dorp.client("worker")


def test_the_last_key_stays(dorp, worker, at_work):  # noqa: F811
    key = key_of(worker)
    answer = remove(at_work, key)
    assert (answer.status_code, "Dit is uw laatste tweede stap" in answer.content.decode()) == (200, True)
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_one_of_two_keys_can_go(dorp, worker, at_work):  # noqa: F811
    first, second = key_of(worker), key_of(worker, "de andere")
    assert remove(at_work, first).status_code == 302
    assert remove(at_work, second).status_code == 200
    assert list(Authenticator.objects.filter(user=worker)) == [second]


def test_nobody_removes_somebody_elses_key(dorp, worker, at_work):  # noqa: F811
    key_of(worker)
    theirs = key_of(dorp.coordinator)
    key_of(dorp.coordinator, "nog een")
    assert remove(at_work, theirs).status_code == 404
    assert remove(Client(), theirs).status_code == 302
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


def test_a_code_works_once_for_as_long_as_it_would_be_taken(dorp, worker, secret):  # noqa: F811
    """Clocks may differ by half a minute, so that a code is good for a minute and a half: all that time it is spent."""
    base = timezone.now().replace(second=0, microsecond=0)
    with time_machine.travel(base, tick=False):
        code = code_of(secret, ahead=1)
        client, _answer = gave_the_password(worker)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(client, dorp)
    for seconds in (29, 31, 45, 59, 61, 74, 89):
        with time_machine.travel(base + timedelta(seconds=seconds), tick=False):
            again, _answer = gave_the_password(worker)
            again.post(reverse("mfa_authenticate"), {"code": code})
            assert not is_in(again, dorp), f"taken twice, after {seconds} s"


@pytest.mark.parametrize("name", ["mfa_login_webauthn", "mfa_authenticate"])
@pytest.mark.parametrize("rubbish", ["", "[]", "7", '"x"', "{}", '{"response": 1}', '{"response": {"userHandle": 1}}'])
def test_rubbish_from_a_key_is_no_server_error(dorp, worker, secret, name, rubbish):  # noqa: F811
    client, _answer = gave_the_password(worker) if name == "mfa_authenticate" else (Client(), None)
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    assert client.post(reverse(name), {"credential": rubbish}).status_code in {200, 302}
    assert not is_in(client, dorp)


def step_up(client, dorp):
    return client.get(reverse("people", args=[dorp.slug]))


@pytest.fixture
def manager(dorp):
    """Logged in so long ago that the page of people asks once more."""
    dorp.manager.set_password(PASSWORD)
    dorp.manager.save()
    client = dorp.client("manager")
    session = client.session
    session["began_at"] = timezone.now().timestamp() - 3600
    session.save()
    assert step_up(client, dorp).status_code == 302
    return client


def test_the_password_once_more_opens_what_asks_for_it(dorp, manager):
    address = step_up(manager, dorp).url
    assert manager.post(address, {"password": "nee"}).status_code == 200
    assert manager.post(address, {"password": PASSWORD}).status_code == 302
    assert step_up(manager, dorp).status_code == 200


def test_so_does_the_code_once_more(dorp, manager):
    secret = generate_totp_secret()  # noqa: F811
    TOTP.activate(dorp.manager, secret)
    step_up(manager, dorp)
    address = f"{reverse('mfa_reauthenticate')}?next={reverse('people', args=[dorp.slug])}"
    assert manager.post(address, {"code": "000000"}).status_code == 200
    assert manager.post(address, {"code": code_of(secret)}).status_code == 302
    assert step_up(manager, dorp).status_code == 200


TEXTS = [
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_reauthenticate",
    "account_login",
]


@pytest.mark.parametrize("name", TEXTS)
def test_these_pages_wear_our_own_words(dorp, worker, secret, name):  # noqa: F811
    client, _answer = gave_the_password(worker)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    client.post(reverse("mfa_generate_recovery_codes"))
    page = (Client() if name == "account_login" else client).get(reverse(name))
    assert page.status_code == 200
    assert all("site-packages" not in (template.origin.name or "") for template in page.templates if main_of(template))


def main_of(template):
    """Whether this template has words of its own; allauth's skeletons only pass ours on."""
    return re.search(r"{% (?:trans|blocktrans|translate|blocktranslate)\b", template.source or "")
