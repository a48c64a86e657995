"""Of one municipality nothing ever shows another's name, logo, colours or link: every page, mail, poster and error."""

import re
from http.cookies import SimpleCookie

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from municipalities import house_style_actions, house_style_views, outbox, posters
from municipalities.actions import change_settings
from municipalities.hosts import PORTAL_ONLY
from municipalities.models import OutboxMessage, Partner
from municipalities.tenancy import tenant
from signaalpunt import views as roof
from tests.addresses import ADDRESSES
from tests.cast import cast_of
from tests.made_once import *  # noqa: F403
from tests.matrix.rules import body
from tests.matrix.world import build
from tests.sheets import text_of
from tests.test_mail_templates import FILES, PLAIN

pytestmark = pytest.mark.django_db
OWN = {"dorp": ("Beukenvoorde", "signaal.beukenvoorde.example"), "stad": ("Olmenstein", "signaal.olmenstein.example")}
COLOURS = {"dorp": "#102030", "stad": "#301020"}
TEMPLATES = sorted({name.removeprefix("mail/").split(".")[0] for name in FILES} - {"layout", "relayed"})
# On the portal's own host these are of nobody: the first names whoever takes part, as it should.
OF_ALL = {"portal_home"}


def dress(cast):
    """Everything by which a municipality can be told from another."""
    name, host = OWN[cast.slug]
    with tenant(cast.municipality.pk):
        municipality = cast.municipality
        style = {"--utrecht-page-header-background-color": COLOURS[cast.slug], "--utrecht-page-header-color": "#ffffff"}
        house_style_actions.set_house_style(municipality=municipality, house_style=style, by=cast.manager)
        house_style_actions.set_names(
            municipality=municipality,
            display_name=f"Gemeente {name}",
            homepage=f"https://www.{name.lower()}.example",
            phone_hours=f"Uren{name}",
            mail_sender=f"Zorg {name}",
            welcome=f"Welkom{name}",
            reply_to=f"antwoord@{name.lower()}.example",
            translations={"en": {"welcome": f"Welcome{name}", "phone_hours": f"Hours{name}"}},
            by=cast.manager,
        )
        change_settings(
            municipality=municipality,
            name=name,
            host=host,
            phone=f"0800 {cast.municipality.pk:04} 77",
            fallback_email=f"vangnet@{name.lower()}.example",
            danger_numbers=[{"name": f"Nood{name}", "number": "112", "when": f"Als{name}", "in": {"en": f"If{name}"}}],
            youth_lines=[{"name": f"Jeugd{name}", "number": "0800 1", "when": f"Team{name}"}],
            accessibility_register=f"https://www.toegankelijkheidsverklaring.nl/register/{name}",
        )


@pytest.fixture(scope="module")
def places(undone):
    """(ours, theirs) with everything in them; the portal at a host of its own, and each of them at its own as well."""
    with override_settings(ALLOWED_HOSTS=["testserver"], ALLOWED_PORTS=[], PUBLIC_BASE_URL="https://testserver"):
        casts = [cast_of(slug) for slug in OWN]
        for cast in casts:
            dress(cast)
        built = [build(cast) for cast in casts]
        for cast in casts:
            cast.municipality.refresh_from_db()
        yield built


def faces(place):
    """Everything that only this municipality may show; each is enough to know it by."""
    municipality = place.cast.municipality
    name, host = OWN[place.slug]
    return {
        *place.marks,
        *(name, host, f"/{place.slug}/", COLOURS[place.slug], municipality.phone, municipality.theme_hash),
        *(municipality.logo_hash, f"/s/{place.rows['code']}", name.lower()),
    }


def found(theirs, said):
    said = said.lower()
    return sorted(face for face in faces(theirs) if face.lower() in said)


def says(response):
    """All of an answer: its headers, its cookies, and the words in it when it is a PDF."""
    is_pdf = response.headers.get("Content-Type") == "application/pdf"
    content = text_of(response.content) if is_pdf else response.content.decode(errors="replace")
    return f"{content}\n{dict(response.headers)}\n{response.cookies}"


def askers(place):
    return [(None, Client()), *place.clients.items()]


def every_answer(place, host, names):
    """(what was asked, all that was answered) of each address by everybody: looked at, sent empty, sent as meant."""
    for name in names:
        url, reference = place.url(name), place.samples(name).get("reference", "")
        meant = body(name, place.rows, reference)
        for person, client in askers(place):
            for data in [None, {}] + ([meant] if meant else []):
                yield f"{person} {name} {data}", says(ask(client, url, data, host))


def ask(client, url, data, host):
    """The answer, after which nothing has happened: nobody is logged out, nothing is changed."""
    client.raise_request_exception = False
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        answer = (client.get if data is None else client.post)(url, data, headers={"host": host})
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return answer


def names_on(host):
    if host == "testserver":
        return [name for name in ADDRESSES if name not in OF_ALL | PORTAL_ONLY]
    return [name for name in ADDRESSES if name not in PORTAL_ONLY]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("at_home", [True, False], ids=["at its own host", "at the portal"])
def test_no_page_shows_another(places, at_home):
    ours, theirs = places
    host = OWN["dorp"][1] if at_home else "testserver"
    seen, wrong = set(), []
    for asked, said in every_answer(ours, host, names_on(host)):
        seen |= {asked.split()[1]} if OWN["dorp"][0] in said else set()
        wrong += [f"{asked}: {face}" for face in found(theirs, said)]
    assert wrong == []
    assert len(seen) > 60, "most pages show whose they are"


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_mail_shows_another(places, template):
    ours, theirs = places
    municipality = ours.cast.municipality
    context = {name: value for name, value in PLAIN.items() if name not in {"base_url", "relayed"}}
    account = {"account": ours.cast.worker.pk} if template == "password_reset" else {}
    row = OutboxMessage(
        municipality=municipality, template=template, recipient="a@example.org", context=context | account, key="x"
    )
    with tenant(municipality.pk):
        email = outbox.rendered(municipality, row)
    headers = [email.from_email, *email.reply_to, str(email.extra_headers)]
    assert found(theirs, "\n".join([email.subject, email.body, email.alternatives[0][0], *headers])) == []
    assert email.reply_to == [f"antwoord@{OWN['dorp'][0].lower()}.example"]
    assert OWN["dorp"][0] in email.alternatives[0][0]
    assert f"Zorg {OWN['dorp'][0]}" in email.from_email
    assert COLOURS["dorp"] in email.alternatives[0][0]


@pytest.mark.parametrize("size", posters.SHEETS)
def test_no_poster_shows_another(places, size):
    ours, theirs = places
    partner = Partner.objects.select_related("municipality").get(pk=ours.rows["partner_id"])
    said = text_of(posters.typeset(partner, size))
    assert found(theirs, said) == []
    assert OWN["dorp"][0] in said


ERRORS = {
    "400": lambda request: roof.bad_request(request, ValueError()),
    "403": lambda request: roof.forbidden(request, None),
    "404": lambda request: roof.not_found(request, None),
    "413": lambda request: roof.bad_request(request, RequestDataTooBig()),
    "429": roof.too_many,
    "500": roof.server_error,
    "503": roof.away,
    "csrf": roof.csrf_failure,
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_no_error_shows_another(places, error):
    ours, theirs = places
    request = RequestFactory().post("/dorp/signaal/")
    request.place = request.municipality = ours.cast.municipality
    request.user = ours.cast.worker
    request.session = {}
    assert found(theirs, says(error(request))) == []


@pytest.mark.parametrize("path", ["/olmenstein/", "/weg/", "/dorp/weg/", "/stad/", "/stad/signaal/", "/s/kapper-stad/"])
def test_at_its_own_host_another_is_no_more_than_a_wrong_address(places, path):
    answer = Client().get(path, headers={"host": OWN["dorp"][1]})
    assert answer.status_code == 404
    assert found(places[1], says(answer).replace(path, "")) == []


# -- and that all of this would be seen


def test_one_careless_view_is_caught(places, monkeypatch):
    ours, theirs = places

    def careless(pairs):
        return f":root{{{''.join(f'{name}:{value};' for name, value in theirs.cast.municipality.house_style.items())}}}"

    monkeypatch.setattr(house_style_views.tokens, "stylesheet", careless)
    client, address = Client(), reverse("house_style", args=["dorp", ours.cast.municipality.theme_hash])
    assert found(theirs, says(client.get(address))) == [COLOURS["stad"]]


@pytest.mark.parametrize("name", ["municipality_home", "signal_start", "privacy"])
def test_what_belongs_to_another_is_known_by_many_things(places, name):
    theirs = places[1]
    shown = found(theirs, says(Client().get(theirs.url(name))))
    assert {OWN["stad"][0], "/stad/", theirs.cast.municipality.theme_hash, theirs.cast.municipality.logo_hash} <= set(
        shown
    )
    assert theirs.cast.municipality.phone in shown


def test_another_ones_mail_and_poster_are_known_too(places):
    theirs = places[1]
    partner = Partner.objects.select_related("municipality").get(pk=theirs.rows["partner_id"])
    assert set(OWN["stad"]) <= set(found(theirs, text_of(posters.typeset(partner, "a4"))))
    assert re.search("Olmenstein", outbox.sender(theirs.cast.municipality))
