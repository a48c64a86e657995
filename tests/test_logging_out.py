"""After logging out: the browser forgets, and a session that should be over is over at its next request."""

import pytest
from django.test import Client
from django.urls import reverse

from municipalities.models import User
from tests.addresses import ADDRESSES, access_of, parameters_of
from tests.made_once import *  # noqa: F403
from tests.test_second_factor import (  # noqa: F401
    PASSWORD,
    SETTING_UP,
    code_of,
    gave_the_password,
    is_in,
    secret,
    worker,
)
from tests.test_sessions import MINUTE, later

CLEAR = '"cache", "storage"'


@pytest.fixture
def both(dorp, worker, secret):  # noqa: F811
    """Two browsers of one person, both logged in with both factors."""
    browsers = [gave_the_password(worker)[0] for _ in range(2)]
    for ahead, browser in enumerate(browsers):
        browser.post(reverse("mfa_authenticate"), {"code": code_of(secret, ahead)})
        assert is_in(browser, dorp)
    return browsers


def test_the_browser_forgets_what_it_showed(dorp, both):
    here, _elsewhere = both
    assert "Clear-Site-Data" not in here.get(f"/{dorp.slug}/vandaag/").headers
    assert here.post(reverse("account_logout")).headers["Clear-Site-Data"] == CLEAR
    assert "Clear-Site-Data" not in here.get("/").headers


@pytest.mark.parametrize("by_itself", [True, False])
def test_so_it_does_when_a_session_ends_by_itself(dorp, both, by_itself):
    here, _elsewhere = both
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"} if by_itself else {}
    with later(21 * MINUTE):
        assert here.get(f"/{dorp.slug}/vandaag/", headers=headers).headers["Clear-Site-Data"] == CLEAR


def test_a_visitor_of_the_public_pages_keeps_their_cache(dorp):
    assert "Clear-Site-Data" not in Client().get(f"/{dorp.slug}/").headers


def test_a_changed_password_ends_every_other_session(dorp, both):
    here, elsewhere = both
    new = "een heel ander lang wachtwoord"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), fields).status_code == 302
    assert (is_in(here, dorp), is_in(elsewhere, dorp)) == (True, False)


def test_a_deactivated_account_ends_all_of_them(dorp, worker, both):  # noqa: F811
    User.objects.filter(pk=worker.pk).update(is_active=False)
    for browser in both:
        answer = browser.get(f"/{dorp.slug}/vandaag/")
        assert answer.url.startswith(reverse("account_login"))


def test_a_sign_in_of_before_the_log_out_is_not_taken_up_again(dorp, both):
    here, _elsewhere = both
    stolen, cookie = Client(), here.cookies["session"].value
    stolen.cookies["session"] = cookie
    assert is_in(stolen, dorp)
    here.post(reverse("account_logout"))
    stolen.cookies["session"] = cookie
    assert not is_in(stolen, dorp)


OTHER_SAMPLES = {"pk": 1, "uidb36": "1", "key": "x"}


def address_of(name, samples):
    names = parameters_of(name) or ({"uidb36", "key"} if "(?P<" in ADDRESSES[name][0] else set())
    return reverse(name, kwargs={parameter: (samples | OTHER_SAMPLES)[parameter] for parameter in names})


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in ADDRESSES if access_of(name) != "public" and name not in SETTING_UP])
def test_without_a_second_factor_every_other_address_leads_to_setting_it(name, method, dorp, worker, samples):  # noqa: F811
    client, _answer = gave_the_password(worker)
    answer = getattr(client, method)(address_of(name, samples))
    assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("mfa_activate_totp"))
