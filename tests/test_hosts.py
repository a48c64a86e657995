"""Which host is asked: exactly one of ours gets an answer, and on a municipality's own nothing of another exists."""

import re

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from municipalities import hosts, outbox
from municipalities.actions import change_settings, create_municipality
from municipalities.models import Municipality, Partner
from municipalities.password_actions import answer_password_requests
from municipalities.tenancy import tenant
from signaalpunt.host_settings import exact_hosts, ports_of
from tests.post import queue, rows
from tests.test_headers import faults_of

OURS, THEIRS = "signaal.dorp.example", "signaal.stad.example"


@pytest.fixture(autouse=True)
def _served_at_one_host(settings):
    settings.ALLOWED_HOSTS, settings.ALLOWED_PORTS = ["testserver"], []
    settings.PUBLIC_BASE_URL = "https://testserver"


@pytest.fixture
def dorp(db, make_cast):
    return make_cast("dorp", host=OURS)


@pytest.fixture
def stad(db, make_cast):
    return make_cast("stad", host=THEIRS)


def at(host, path="/", client=None, **headers):
    return (client or Client()).get(path, headers={"host": host, **headers})


NOT_OURS = [
    *("evil.example", "", " ", "*", ".", "signaal.dorp.example.", "Signaal.Dorp.Example", "SIGNAAL.DORP.EXAMPLE"),
    *("signaal.dorp.example:80", "signaal.dorp.example:443", "signaal.dorp.example:", "signaal.dorp.example:x"),
    *("x@signaal.dorp.example", "signaal.dorp.example@evil.example", "signaal.dorp.example,evil.example"),
    *("evil.example, signaal.dorp.example", "signaal.dorp.example/", "signaal.dorp.example#", "a.signaal.dorp.example"),
    *("dorp.example", "testserver.", "TESTSERVER", "testserver:8000", "127.0.0.1", "[::1]", "localhost.", "10.0.0.8"),
    *("signaal.dorp.example:8000", "signaal.dorp.example\u0660", "signaal.dorp.example:\u0661\u0662"),
]


@pytest.mark.parametrize("said", NOT_OURS)
def test_another_host_gets_nothing_of_anybody(said, dorp):
    for path in ("/", "/dorp/", "/account/inloggen/", "/static/portal.css", "/dorp/signalen/"):
        response = at(said, path)
        assert response.status_code == 400
        assert "dorp" not in response.content.decode().lower()
        assert "Location" not in response.headers
        assert not response.cookies
        assert faults_of(response) == set()


@pytest.mark.parametrize("said", ["evil.example", THEIRS])
@pytest.mark.parametrize("header", ["x-forwarded-host", "x-host", "forwarded", "x-forwarded-server", "x-original-host"])
def test_what_else_says_a_host_is_not_believed(header, said, dorp, stad):
    value = f"host={said}" if header == "forwarded" else said
    assert at(OURS, **{header: value}).content == at(OURS).content
    assert at("testserver", **{header: value}).content == at("testserver").content


def test_a_port_counts_only_when_it_is_configured(dorp, settings):
    assert at(f"{OURS}:8443").status_code == 400
    settings.ALLOWED_PORTS = ["8443"]
    assert at(f"{OURS}:8443").status_code == at(OURS).status_code == 200
    assert at(f"{OURS}:8444").status_code == 400
    assert at(f"{OURS}:08443").status_code == 400


def test_a_request_line_that_names_another_host_gets_nothing(dorp):
    for line, status in ((f"http://{OURS}/dorp/", 200), ("/dorp/", 200), ("http://evil.example/dorp/", 400)):
        assert Client().get("/dorp/", headers={"host": OURS}, RAW_URI=line).status_code == status


def test_the_home_of_a_municipality_is_the_root_of_its_own_host(dorp, stad):
    assert at(OURS).content == at(OURS, "/dorp/").content
    assert "Stad" not in at(OURS).content.decode()
    assert {"Dorp", "Stad"} <= set(re.findall(r">(\w+)</a>", at("testserver").content.decode()))


PATHS = ("", "signaal/", "status/", "privacy/", "signalen/", "vandaag/", "instellingen/mensen/")


@pytest.mark.parametrize("who", [None, "coordinator", "manager"])
@pytest.mark.parametrize("path", PATHS)
def test_on_the_host_of_another_municipality_ours_is_not_there(path, who, dorp, stad):
    """A session of ours on the host of another shows nothing of either."""
    client = dorp.client(who)
    ours, nowhere = at(THEIRS, f"/dorp/{path}", client), at(THEIRS, f"/nergens/{path}", client)
    assert (ours.status_code, ours.content) == (nowhere.status_code, nowhere.content)
    assert ours.status_code == 404
    if who and path in {"signalen/", "vandaag/", "instellingen/mensen/"}:
        assert at(THEIRS, f"/stad/{path}", client).status_code == 404


def test_somebody_without_work_here_is_offered_none(dorp, stad):
    page = at(THEIRS, reverse("after_login"), dorp.client("coordinator"))
    assert page.status_code == 200
    assert "dorp" not in page.content.decode().lower().replace("coordinator@dorp.example", "")
    assert at(OURS, reverse("after_login"), dorp.client("coordinator")).url == "/dorp/signalen/"


@pytest.mark.parametrize("path", ["/", "/dorp/", "/dorp/privacy/", "/dorp/signaal/", "/account/inloggen/", "/weg/"])
def test_no_link_leads_away_from_the_own_host(path, dorp, stad):
    links = re.findall(r'(?:href|action|src)="([^"]*)"', at(OURS, path).content.decode())
    assert links
    allowed = re.compile(r"(/$|/dorp/|/account/|/static/|#|tel:|\?taal=)")
    assert [link for link in links if not allowed.match(link)] == []
    assert "Signaalpunt</a>" not in at(OURS, path).content.decode()


def test_a_partners_address_works_at_home_and_at_the_portal(dorp, stad):
    with tenant(dorp.municipality.pk):
        Partner.objects.create(municipality=dorp.municipality, name="Kapper", code="kapper")
    assert at(OURS, "/s/kapper/").url == at("testserver", "/s/kapper/").url == "/dorp/signaal/?via=kapper"
    assert at(THEIRS, "/s/kapper/").status_code == 404


def test_the_mail_provider_reports_to_the_portal_only(dorp):
    assert Client().post("/mail/gebeurtenissen/", headers={"host": OURS}).status_code == 404


@pytest.mark.parametrize(
    "target", ["https://testserver/x/", f"https://{THEIRS}/", "//evil.example/", "https:evil.example"]
)
def test_after_the_log_in_nobody_is_sent_elsewhere(target, dorp, stad):
    page = at(OURS, f"{reverse('account_login')}?next={target}", dorp.client("coordinator"))
    assert page.url == reverse("after_login")


@pytest.mark.parametrize("host", ["testserver", OURS])
def test_the_mail_for_a_forgotten_password_follows_the_configuration(host, dorp, settings):
    settings.PUBLIC_BASE_URL = "https://portaal.example"
    poison = {
        "host": host,
        "x-forwarded-host": "evil.example",
        "x-forwarded-port": "81",
        "forwarded": "host=evil.example",
    }
    answer = Client().post(reverse("account_reset_password"), {"email": dorp.worker.email}, headers=poison)
    assert answer.status_code == 302
    answer_password_requests()
    outbox.deliver()
    text = mail.outbox[0].body
    assert f"{dorp.municipality.base_url}/account/wachtwoord/nieuw/" in text
    assert "evil" not in text


def test_a_poisoned_host_sends_no_mail(dorp):
    headers = {"host": "evil.example"}
    answer = Client().post(reverse("account_reset_password"), {"email": dorp.worker.email}, headers=headers)
    assert (answer.status_code, mail.outbox) == (400, [])


def test_mail_leads_to_the_host_of_the_municipality(dorp, make_cast, settings):
    settings.PUBLIC_BASE_URL = "https://portaal.example:8443"
    elsewhere = make_cast("veld")
    assert dorp.municipality.base_url == f"https://{OURS}:8443"
    assert elsewhere.municipality.base_url == "https://portaal.example:8443"
    queue(dorp, "a@dorp.example")
    (row,) = rows(dorp).values()
    assert f"https://{OURS}:8443/dorp/signalen/" in outbox.rendered(dorp.municipality, row).body


def test_security_txt_says_where_it_stands(dorp):
    assert f"//{OURS}/.well-known" in at(OURS, "/.well-known/security.txt").content.decode()


# -- for whoever runs the servers


@pytest.mark.parametrize("said", ["10.0.0.8:8000", "127.0.0.1", "web", "evil.example", "", OURS])
def test_health_answers_whatever_host_is_said(said, dorp, settings):
    settings.METRICS_TOKEN, settings.SECURE_SSL_REDIRECT = "x" * 20, True
    answers = {path: at(said, path) for path in ("/healthz", "/readyz", "/metrics")}
    assert [answer.status_code for answer in answers.values()] == [200, 503, 401]
    assert not any("dorp" in answer.content.decode() for answer in answers.values())
    assert at(said, "/metrics", authorization=f"Bearer {'x' * 20}").status_code == 200


def test_the_table_is_asked_once_in_a_while(dorp, django_assert_num_queries, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("municipalities.hosts.time.monotonic", lambda: now[0])
    with django_assert_num_queries(2):
        assert [bool(hosts.TABLE.find(host)) for host in (OURS, "evil.example", OURS, THEIRS)] == [1, 0, 1, 0]
    create_municipality(slug="stad", name="Stad", host=THEIRS)
    now[0] += hosts.KEPT_SECONDS - 1
    assert hosts.TABLE.find(THEIRS) is None
    now[0] += 1
    with django_assert_num_queries(2):
        assert hosts.TABLE.find(THEIRS).slug == "stad"
    assert hosts.KEPT_SECONDS == 30


def test_the_portals_own_host_needs_no_table(dorp, monkeypatch):
    monkeypatch.setattr(hosts.TABLE, "find", lambda host: 1 / 0)
    assert at("testserver").status_code == 200


# -- setting it up


def test_a_command_gives_a_municipality_its_host(db):
    command = ("create_municipality", "--slug", "nieuw", "--name", "Nieuw")
    call_command(*command, "--host", "signaal.nieuw.example")
    assert at("signaal.nieuw.example").status_code == 200
    call_command(*command)
    assert Municipality.objects.get(slug="nieuw").host == "signaal.nieuw.example"
    call_command(*command, "--host", "")
    assert Municipality.objects.get(slug="nieuw").host == ""


@pytest.mark.parametrize(
    "host",
    ["Signaal.dorp.nl", "dorp", "dorp.nl.", "dorp.nl:80", "https://dorp.nl", "10.0.0.1", "*.dorp.nl", "a..nl", OURS],
)
def test_a_host_that_cannot_be_is_refused(host, dorp):
    with pytest.raises(CommandError):
        call_command("create_municipality", "--slug", "nieuw", "--name", "Nieuw", "--host", host)
    assert not Municipality.objects.filter(slug="nieuw").exists()


def test_nor_is_the_portals_own(db, settings):
    settings.ALLOWED_HOSTS = ["portaal.example"]
    with pytest.raises(ValidationError):
        create_municipality(slug="nieuw", name="Nieuw", host="portaal.example")


def test_the_host_of_who_stopped_is_no_host(dorp):
    with tenant(dorp.municipality.pk):
        change_settings(municipality=dorp.municipality, is_active=False)
    assert at(OURS).status_code == 400


@pytest.mark.parametrize(
    "host", ["*", ".example.nl", "EXAMPLE.nl", "example.nl:80", "example.nl.", "", "a b", "x@y.nl"]
)
def test_the_portals_hosts_are_exact_as_well(host):
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS"):
        exact_hosts(["localhost", host])
    assert exact_hosts(["localhost", "127.0.0.1", "[::1]", "portaal.example"])
    assert (ports_of("http://localhost:8000"), ports_of("https://portaal.example")) == (["8000"], [])
