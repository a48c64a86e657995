"""Several municipalities behind one door: it lists them, and each of them stays the tenant that it is."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from municipalities import partner_actions
from municipalities.actions import change_settings, create_municipality
from municipalities.models import Municipality, Region
from municipalities.region_actions import create_region
from municipalities.tenancy import tenant

HOST = "signaal.streek.example"


@pytest.fixture(autouse=True)
def _served_at_one_host(settings):
    settings.ALLOWED_HOSTS, settings.ALLOWED_PORTS = ["testserver"], []


@pytest.fixture
def elsewhere(db, make_cast):
    """A municipality that is in no region."""
    return make_cast("veld")


@pytest.fixture
def region(dorp, stad, elsewhere):
    places = [dorp.municipality, stad.municipality]
    return create_region(slug="streek", name="De Streek", host=HOST, municipalities=places)[0]


def at(host, path="/", client=None):
    return (client or Client()).get(path, headers={"host": host})


@pytest.mark.parametrize(("host", "path"), [("testserver", "/regio/streek/"), (HOST, "/")])
def test_it_asks_where_and_leads_to_the_form_there(region, host, path):
    page = at(host, path)
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'href="(/[^"]+)"', main) == ["/dorp/signaal/", "/stad/signaal/"]
    assert "De Streek" in main
    assert "veld" not in page.content.decode().lower()
    assert at(host, "/stad/signaal/").status_code == 200
    assert not page.cookies


def test_one_that_stopped_has_no_door(region, stad):
    with tenant(stad.municipality.pk):
        change_settings(municipality=stad.municipality, is_active=False)
    assert "/stad/" not in at(HOST).content.decode()


@pytest.mark.parametrize("path", ["/veld/", "/veld/signaal/", "/regio/streek/", "/regio/anders/", "/nergens/"])
def test_on_its_host_only_its_municipalities_are_there(region, path):
    assert at(HOST, path).status_code == (200 if path == "/regio/streek/" else 404)
    assert "veld" not in at(HOST, path).content.decode().lower().replace(path, "")


def test_a_region_that_is_not_there(region):
    assert at("testserver", "/regio/anders/").status_code == 404


def test_short_addresses_and_log_in_stay_within_it(region, dorp, elsewhere):
    made = {}
    for cast in (dorp, elsewhere):
        with tenant(cast.municipality.pk):
            made[cast.slug] = partner_actions.add_partner(
                municipality=cast.municipality, name="Kapper", kind="shop", by=cast.manager
            )
    assert at(HOST, f"/s/{made['dorp'].code}/").status_code == 302
    assert at(HOST, f"/s/{made['veld'].code}/").status_code == 404
    assert at(HOST, reverse("after_login"), dorp.client("coordinator")).url == "/dorp/signalen/"
    page = at(HOST, reverse("after_login"), elsewhere.client("coordinator"))
    assert page.status_code == 200
    assert "/veld/" not in page.content.decode()


def test_the_mail_provider_reports_to_the_portal_only(region):
    assert Client().post("/mail/gebeurtenissen/", headers={"host": HOST}).status_code == 404


def test_a_command_makes_and_changes_it(dorp, stad):
    command = ("create_region", "--slug", "streek", "--name", "De Streek")
    call_command(*command, "--municipality", "dorp", "--municipality", "stad", "--host", HOST)
    call_command(*command, "--municipality", "stad")
    assert [place.slug for place in Region.objects.get().doors()] == ["stad"]
    assert Region.objects.get().host == HOST
    assert Municipality.objects.get(slug="dorp").region is None
    with pytest.raises(CommandError, match="nergens"):
        call_command(*command, "--municipality", "nergens")


def test_no_host_leads_to_two(region, dorp):
    with pytest.raises(ValidationError):
        create_municipality(slug="nieuw", name="Nieuw", host=HOST)
    create_municipality(slug="dorp", name="Dorp", host="signaal.dorp.example")
    with pytest.raises(ValidationError):
        create_region(slug="x", name="X", host="signaal.dorp.example", municipalities=[])
