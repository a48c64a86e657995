"""A provider that lies, is broken or is gone: a clear page, nobody logged in, and not a word of it in the log."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from municipalities import sign_on_actions
from municipalities.sign_on import fingerprint_of
from tests.oidc import give, liar, new_key, there

SECRETS = ("geheim@idp.example", "a secret that only both", "x-code-x")


@pytest.fixture
def provider():
    with liar() as provider:
        yield provider


@pytest.fixture
def dorp(dorp, provider):
    give(dorp, provider.issuer)
    fingerprint = fingerprint_of(provider.issuer, "someone")
    sign_on_actions.connect(municipality=dorp.municipality, user=dorp.worker, fingerprint=fingerprint)
    return dorp


@pytest.fixture
def trip(dorp, provider):
    """A browser on its way back, and the address it comes back to."""
    client = Client()
    _address, question = there(client.post(reverse("sign_on", args=[dorp.slug])))
    return client, reverse("sign_on_back", args=[dorp.slug]) + provider.expects(question, code="x-code-x")


def is_in(client):
    return "_auth_user_id" in client.session


def refused(client, address, caplog, why="answer"):
    answer = client.get(address)
    assert answer.context["why"] == why
    assert answer.status_code == (503 if why == "unreachable" else 403)
    assert not is_in(client)
    assert [word for word in SECRETS if word in caplog.text + answer.content.decode()] == []
    assert f"refused: {why}" in caplog.text
    return True


def test_an_honest_answer_lets_in(trip):
    client, address = trip
    assert client.get(address).url == reverse("after_login")
    assert is_in(client)


LIES = {
    "audience": {"aud": "another portal"},
    "nobody's audience": {"aud": None},
    "for somebody else too": {"aud": ["portal", "other"], "azp": "other"},
    "issuer": {"iss": "https://idp.example"},
    "nonce": {"nonce": "of another visit"},
    "no nonce": {"nonce": None},
    "too old": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "not yet": {"iat": 4_000_000_000},
    "nobody": {"sub": None},
    "empty": {"sub": ""},
    "a number": {"sub": 7},
    "a list": {"sub": ["someone"]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_claim_that_is_wrong_lets_nobody_in(trip, provider, caplog, lie):
    provider.claims = LIES[lie]
    assert refused(*trip, caplog)


def test_a_token_signed_by_another_key_lets_nobody_in(trip, provider, caplog):
    provider.signs_with = new_key(provider.key[0])
    assert refused(*trip, caplog)


def test_nor_one_signed_by_a_key_that_is_not_listed(trip, provider, caplog):
    provider.signs_with = new_key("second")
    assert refused(*trip, caplog)


def test_nor_one_signed_with_the_shared_secret(trip, provider, caplog):
    provider.signs_with, provider.algorithm = (provider.key[0], "a secret that only both of us know"), "HS256"
    assert refused(*trip, caplog)


def test_nor_one_that_is_not_signed(trip, provider, caplog):
    provider.signs_with, provider.algorithm = (provider.key[0], None), "none"
    assert refused(*trip, caplog)


def test_a_key_that_was_replaced_is_asked_for_anew(trip, provider):
    provider.key = new_key("second")
    client, address = trip
    assert client.get(address).status_code == 302
    assert is_in(client)


# -- state and code


@pytest.mark.parametrize("change", [lambda url: url + "x", lambda url: url.split("state=")[0], lambda url: url[:40]])
def test_a_wrong_state_lets_nobody_in(trip, caplog, change):
    client, address = trip
    assert refused(client, change(address), caplog, "state")


def test_somebody_elses_way_back_lets_nobody_in(trip, caplog):
    _client, address = trip
    assert refused(Client(), address, caplog, "state")


def test_the_same_way_back_works_once(trip, caplog):
    client, address = trip
    client.get(address)
    client.post(reverse("account_logout"))
    assert refused(client, address, caplog, "state")


def test_a_code_that_was_used_lets_nobody_in(dorp, trip, provider, caplog):
    client, address = trip
    assert client.get(address).status_code == 302
    thief = Client()
    _address, question = there(thief.post(reverse("sign_on", args=[dorp.slug])))
    assert refused(thief, address.split("state=")[0] + f"state={question['state']}", caplog)


def test_a_stolen_code_is_worth_nothing_in_another_visit(dorp, trip, provider, caplog):
    """The code was given out for somebody's visit; the thief's own visit has another PKCE verifier."""
    _client, address = trip
    thief = Client()
    _address, question = there(thief.post(reverse("sign_on", args=[dorp.slug])))
    assert refused(thief, address.split("state=")[0] + f"state={question['state']}", caplog)
    assert provider.codes == {}


def test_the_secret_is_sent_to_the_token_endpoint_only(trip, provider):
    client, address = trip
    client.get(address)
    assert [way for way, form in provider.asked if "client_secret" in form] == ["token"]


@pytest.mark.parametrize(
    ("error", "why"), [("access_denied", "cancelled"), ("server_error&x=geheim@idp.example", "answer")]
)
def test_whoever_stops_at_the_provider_is_told_so(trip, caplog, error, why):
    client, address = trip
    state = address.split("state=")[1]
    assert refused(client, f"{address.split('?')[0]}?error={error}&state={state}", caplog, why)


def test_an_answer_of_another_issuer_is_refused(trip, caplog):
    client, address = trip
    assert refused(client, f"{address}&iss=https://idp.example", caplog)


# -- broken or gone

RUBBISH = ["", "geheim@idp.example", "[]", "null", "7", '"x"', "{}", '{"access_token": 1, "id_token": 2}']


@pytest.mark.parametrize("body", RUBBISH)
@pytest.mark.parametrize("way", ["token", "keys"])
def test_rubbish_on_the_way_back_is_no_server_error(trip, provider, caplog, way, body):
    provider.raw[way] = (200, body)
    assert refused(*trip, caplog)


@pytest.mark.parametrize("body", [*RUBBISH, json.dumps({"issuer": "https://geheim@idp.example"})])
def test_rubbish_on_the_way_there_is_none_either(dorp, provider, caplog, body):
    provider.raw["discovery"] = (200, body)
    answer = Client().post(reverse("sign_on", args=[dorp.slug]))
    assert (answer.status_code, answer.context["why"]) == (403, "answer")
    assert "geheim" not in caplog.text + answer.content.decode()


def test_a_provider_that_calls_itself_something_else_is_refused(dorp, provider):
    provider.config = {"issuer": f"{provider.issuer}/"}
    assert Client().post(reverse("sign_on", args=[dorp.slug])).context["why"] == "answer"


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "authorization_endpoint"])
def test_an_endpoint_that_others_can_listen_to_is_refused(dorp, provider, name):
    provider.config = {name: "http://idp.example/"}
    assert Client().post(reverse("sign_on", args=[dorp.slug])).context["why"] == "answer"


def test_the_provider_cannot_send_the_secret_on(trip, provider, caplog):
    provider.raw["token"] = (302, "http://127.0.0.1:1/geheim@idp.example")
    assert refused(*trip, caplog)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_provider_that_is_down_says_try_again(dorp, provider, caplog, status):
    provider.raw["discovery"] = (status, "geheim@idp.example")
    answer = Client().post(reverse("sign_on", args=[dorp.slug]))
    assert (answer.status_code, answer.context["why"]) == (503, "unreachable")
    assert "geheim" not in caplog.text


def test_a_provider_that_is_gone_says_try_again(trip, dorp, provider, caplog):
    provider.shutdown()
    provider.server_close()
    answer = Client().post(reverse("sign_on", args=[dorp.slug]))
    assert (answer.status_code, answer.context["why"]) == (503, "unreachable")
    assert refused(*trip, caplog, "unreachable")


def test_asking_again_and_again_is_slowed_down(dorp, provider):
    client = Client(REMOTE_ADDR="198.51.100.7")
    answers = [client.post(reverse("sign_on", args=[dorp.slug])).status_code for _ in range(31)]
    assert (answers[0], answers[-1]) == (200, 429)
