"""Logging in with a municipality's own OpenID Connect provider: a real one, in a process of its own, over a socket."""

from io import StringIO

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from municipalities import people_actions, sign_on_actions
from municipalities.models import Invitation, Membership, SignOn, User
from municipalities.sign_on import fingerprint_of
from municipalities.tenancy import tenant
from tests.addresses import ADDRESSES
from tests.oidc import CLIENT, give, real_provider, say_who, there
from tests.test_second_factor import code_of

PASSWORD = "een lang wachtwoord voor de proef"
SUBJECT = "0f3c-werk"


@pytest.fixture(scope="module")
def issuer():
    with real_provider() as issuer:
        yield issuer


@pytest.fixture
def dorp(dorp, issuer):
    give(dorp, issuer)
    return dorp


@pytest.fixture
def worker(dorp, issuer):
    """A worker whose work account is connected, with a second factor in an app."""
    fingerprint = fingerprint_of(issuer, SUBJECT)
    sign_on_actions.connect(municipality=dorp.municipality, user=dorp.worker, fingerprint=fingerprint)
    dorp.worker.secret = generate_totp_secret()
    TOTP.activate(dorp.worker, dorp.worker.secret)
    return dorp.worker


def leave(cast, client, **fields):
    """Press the button; gives the address at the provider and what is asked there."""
    return there(client.post(reverse("sign_on", args=[cast.slug]), fields))


def come_back(cast, subject=SUBJECT, client=None, **fields):
    """The whole round trip; gives the browser and the answer to its coming back."""
    client = client or Client()
    address, _question = leave(cast, client, **fields)
    return client, client.get(say_who(address, subject))


def give_code(client, user):
    return client.post(reverse("mfa_authenticate"), {"code": code_of(user.secret)})


def signed_on(cast, user):
    client, _answer = come_back(cast)
    give_code(client, user)
    return client


def day(cast):
    return f"/{cast.slug}/vandaag/"


def test_the_work_account_and_the_second_factor_let_in_together(dorp, worker):
    client, answer = come_back(dorp)
    assert answer.url == reverse("mfa_authenticate")
    assert client.get(day(dorp)).status_code == 302
    assert give_code(client, worker).status_code == 302
    assert client.get(day(dorp)).status_code == 200


def test_without_a_second_factor_it_only_opens_the_page_to_set_one(dorp, issuer):
    fingerprint = fingerprint_of(issuer, "nieuw")
    sign_on_actions.connect(municipality=dorp.municipality, user=dorp.worker, fingerprint=fingerprint)
    client, answer = come_back(dorp, "nieuw")
    assert answer.url == reverse("after_login")
    assert client.get(day(dorp)).url == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": code_of(page.context["form"].secret)})
    assert client.get(day(dorp)).status_code == 200


def test_it_leads_on_to_the_page_that_was_asked_for(dorp, worker):
    client, _answer = come_back(dorp, next=day(dorp))
    assert give_code(client, worker).url == day(dorp)


@pytest.mark.parametrize("elsewhere", ["https://elders.example/", "//elders.example/"])
def test_but_never_out_of_the_portal(dorp, worker, elsewhere):
    client, _answer = come_back(dorp, next=elsewhere)
    assert give_code(client, worker).url == reverse("after_login")


def test_the_question_asks_for_no_more_than_who_it_is(dorp, settings):
    settings.PUBLIC_BASE_URL = "https://portaal.example"
    _address, question = leave(dorp, Client())
    assert question["scope"] == "openid"
    assert question["code_challenge_method"] == "S256"
    assert len(question["nonce"]) > 20
    assert question["redirect_uri"] == f"https://portaal.example/{dorp.slug}/inloggen/terug/"


def test_nothing_leads_out_of_a_form_so_that_the_policy_stays_strict(dorp):
    answer = Client().post(reverse("sign_on", args=[dorp.slug]))
    assert answer.status_code == 200
    assert "form-action 'self';" in answer.headers["Content-Security-Policy"] + ";"
    assert 'http-equiv="refresh" content="0; url=http://127.0.0.1' in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


def test_every_page_of_the_municipality_leads_to_its_log_in(dorp):
    address = reverse("sign_on", args=[dorp.slug])
    assert f'href="{address}"' in Client().get(f"/{dorp.slug}/").content.decode()
    assert "Inloggen met uw werkaccount van Dorp" in Client().get(address).content.decode()


def test_a_forged_form_starts_nothing(dorp):
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("sign_on", args=[dorp.slug])).status_code == 403


# -- one municipality's log-in is no key to another


@pytest.fixture
def both(dorp, stad, worker):
    """The worker works in the other municipality as well."""
    with tenant(stad.municipality.pk):
        Membership.objects.create(municipality=stad.municipality, user=worker, role="coordinator")
    return worker


def test_it_opens_pages_of_that_municipality_only(dorp, stad, both):
    client = signed_on(dorp, both)
    assert client.get(day(dorp)).status_code == 200
    elsewhere = client.get(f"/{stad.slug}/signalen/")
    assert elsewhere.status_code == 404
    assert client.get(reverse("after_login")).url == reverse("today", args=[dorp.slug])
    assert dorp.client("worker").get(f"/{stad.slug}/signalen/").status_code == 200


def test_nor_can_it_change_how_somebody_logs_in_elsewhere(dorp, both):
    client = signed_on(dorp, both)
    refused = ("account_change_password", "account_set_password", "mfa_add_webauthn", "mfa_deactivate_totp")
    for address in map(reverse, refused):
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer.templates[0].name) == (403, "account/not_by_sign_on.html")
    for name in ("connect_work_account", "disconnect_work_account"):
        assert client.post(reverse(name, args=[dorp.slug])).status_code == 403
    assert SocialAccount.objects.filter(user=both).count() == 1


def test_logging_in_with_the_password_afterwards_opens_both_again(dorp, stad, both):
    both.set_password(PASSWORD)
    both.save()
    client, _answer = come_back(dorp)
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": both.email, "password": PASSWORD})
    give_code(client, both)
    assert client.get(f"/{stad.slug}/signalen/").status_code == 200


def test_a_provider_of_two_municipalities_lets_nobody_from_one_into_the_other(dorp, stad, both, issuer):
    give(stad, issuer)
    _client, answer = come_back(stad)
    assert answer.context["why"] == "unknown"


def test_what_was_begun_for_one_municipality_does_not_end_in_another(dorp, stad, worker, issuer):
    give(stad, issuer)
    client = Client()
    address, _question = leave(dorp, client)
    back = say_who(address, SUBJECT).replace(f"/{dorp.slug}/", f"/{stad.slug}/")
    assert client.get(back).context["why"] == "state"


# -- whom nobody knows


def test_a_subject_that_nobody_connected_is_nobody(dorp, worker):
    client, answer = come_back(dorp, "0F3C-werk")
    assert (answer.status_code, answer.context["why"]) == (403, "unknown")
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == len(dorp.people)


def test_an_address_is_not_enough_to_be_somebody(dorp):
    """The provider calls the subject by the worker's own address, and says so in every claim."""
    _client, answer = come_back(dorp, dorp.worker.email)
    assert answer.context["why"] == "unknown"
    assert not SocialAccount.objects.exists()


def test_the_same_subject_of_another_issuer_is_nobody(dorp, worker):
    with real_provider() as other:
        give(dorp, other)
        _client, answer = come_back(dorp)
    assert answer.context["why"] == "unknown"


def test_issuer_and_subject_cannot_run_into_each_other():
    assert fingerprint_of("https://a.example", "b c") != fingerprint_of("https://a.example b", "c")
    assert len(fingerprint_of("https://a.example/" + "x" * 480, "y" * 255)) == 64


def test_a_deactivated_user_gets_the_page_that_says_so(dorp, worker):
    User.objects.filter(pk=worker.pk).update(is_active=False)
    client, answer = come_back(dorp)
    assert answer.url == reverse("account_inactive")
    assert client.get(day(dorp)).status_code == 302


def test_whoever_no_longer_works_there_is_told(dorp, worker):
    with tenant(dorp.municipality.pk):
        Membership.objects.filter(user=worker).update(is_active=False)
    client, answer = come_back(dorp)
    assert (answer.status_code, answer.context["why"]) == (403, "ended")
    assert "_auth_user_id" not in client.session


# -- taking an invitation up


@pytest.fixture
def invitation(dorp):
    with tenant(dorp.municipality.pk):
        who = {"email": "noor@dorp.example", "name": "Noor Nieuw", "role": "manager", "organisation": None}
        return people_actions.invite(municipality=dorp.municipality, by=dorp.manager, **who)


def is_open(invitation):
    with tenant(invitation.municipality_id):
        return Invitation.objects.open().filter(pk=invitation.pk).exists()


def test_an_invitation_is_taken_up_without_a_password(dorp, invitation):
    page = Client().get(reverse("accept_invitation", args=[dorp.slug, invitation.token]))
    assert page.context["has_sign_on"]
    client, answer = come_back(dorp, "noor", uitnodiging=invitation.token)
    assert answer.url == reverse("after_login")
    noor = User.objects.get(email="noor@dorp.example")
    assert not noor.has_usable_password()
    assert client.get(reverse("people", args=[dorp.slug])).url == reverse("mfa_activate_totp")
    assert come_back(dorp, "noor")[1].url == reverse("after_login")


def test_it_is_used_once_and_not_by_leaving(dorp, invitation):
    first, second = Client(), Client()
    addresses = [leave(dorp, client, uitnodiging=invitation.token)[0] for client in (first, second)]
    assert is_open(invitation)
    assert first.get(say_who(addresses[0], "noor")).status_code == 302
    late = second.get(say_who(addresses[1], "iemand anders"))
    assert (late.status_code, late.templates[0].name) == (404, "account/invitation_gone.html")
    assert SocialAccount.objects.count() == 1
    again = Client().post(reverse("sign_on", args=[dorp.slug]), {"uitnodiging": invitation.token})
    assert again.status_code == 404


def test_somebody_elses_work_account_does_not_take_it_up(dorp, worker, invitation):
    _client, answer = come_back(dorp, SUBJECT, uitnodiging=invitation.token)
    assert (answer.status_code, answer.context["why"]) == (403, "taken")
    assert is_open(invitation)
    assert not User.objects.filter(email="noor@dorp.example").exists()


# -- connecting it to an account that is there


def test_whoever_is_logged_in_connects_it(dorp, issuer):
    client = dorp.client("worker")
    address, _question = there(client.post(reverse("connect_work_account", args=[dorp.slug])))
    assert client.get(say_who(address, "van-mij")).url == reverse("work_accounts")
    assert client.get(reverse("work_accounts")).context["places"] == [(dorp.municipality, True)]
    link = SocialAccount.objects.get()
    assert (link.user, link.uid, link.extra_data) == (dorp.worker, fingerprint_of(issuer, "van-mij"), {})
    client.post(reverse("disconnect_work_account", args=[dorp.slug]))
    assert not SocialAccount.objects.exists()


def test_connecting_another_replaces_the_first(dorp, worker, issuer):
    client = dorp.client("worker")
    address, _question = there(client.post(reverse("connect_work_account", args=[dorp.slug])))
    client.get(say_who(address, "nieuwe-baan"))
    assert SocialAccount.objects.get().uid == fingerprint_of(issuer, "nieuwe-baan")


def test_a_work_account_belongs_to_one_person(dorp, worker):
    client = dorp.client("coordinator")
    address, _question = there(client.post(reverse("connect_work_account", args=[dorp.slug])))
    assert client.get(say_who(address, SUBJECT)).context["why"] == "taken"
    assert SocialAccount.objects.get().user == worker


@pytest.mark.parametrize("name", ["connect_work_account", "disconnect_work_account"])
def test_it_asks_for_the_password_once_more(dorp, worker, settings, name):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = dorp.client("worker").post(reverse(name, args=[dorp.slug]))
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert SocialAccount.objects.exists()


def test_nobody_connects_where_they_do_not_work(dorp, stad):
    assert stad.client("worker").post(reverse("connect_work_account", args=[dorp.slug])).status_code == 404


# -- setting it, and what is kept


def run(*arguments, secret=None, monkeypatch=None):
    if secret is not None:
        monkeypatch.setattr("sys.stdin", StringIO(f"{secret}\n"))
        arguments = (*arguments, "--secret-stdin")
    call_command("set_sign_on", "--municipality", "stad", *arguments, stdout=StringIO())


def test_the_operator_sets_it_and_turns_it_off(stad, issuer, monkeypatch):
    run("--issuer", issuer, "--client-id", "portal", secret="geheim van stad", monkeypatch=monkeypatch)
    assert leave(stad, Client())
    run("--off")
    assert Client().post(reverse("sign_on", args=[stad.slug])).status_code == 404
    assert "Inloggen met uw werkaccount" not in Client().get(reverse("sign_on", args=[stad.slug])).content.decode()
    with tenant(stad.municipality.pk):
        assert SignOn.objects.get().unsealed() == "geheim van stad"


@pytest.mark.parametrize("issuer", ["http://idp.example", "idp.example", "https://idp.example/?a", "https://x/#a", ""])
def test_an_issuer_that_cannot_be_is_refused(stad, monkeypatch, issuer):
    with pytest.raises(CommandError):
        run("--issuer", issuer, "--client-id", "portal", secret="x", monkeypatch=monkeypatch)


def test_a_sign_on_needs_a_secret(stad, issuer):
    with pytest.raises(CommandError):
        run("--issuer", issuer, "--client-id", "portal")


def test_no_page_sets_it():
    assert not [name for name in ADDRESSES if "sign_on" in name and name not in {"sign_on", "sign_on_back"}]


def row_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t")
        return cursor.fetchone()[0]


def test_the_secret_lies_sealed_and_nothing_of_the_provider_is_kept(dorp, worker):
    signed_on(dorp, worker)
    with tenant(dorp.municipality.pk):
        secret, link = (row_of(table) for table in ("municipalities_signon", "socialaccount_socialaccount"))
    assert CLIENT["client_id"] in secret
    assert CLIENT["secret"].encode().hex() not in secret
    assert SUBJECT not in link
    assert not SocialApp.objects.exists()
    assert not SocialToken.objects.exists()
