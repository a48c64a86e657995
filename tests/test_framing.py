"""The start card may stand in a frame, on the websites that its municipality names; nothing else may, anywhere."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from municipalities.models import Municipality
from municipalities.models.municipality import check_origin
from tests.addresses import ADDRESSES
from tests.matrix.world import build
from tests.test_headers import faults_of, policy_of
from tests.test_settings import GIVEN

SITES = ["https://www.dorp.example", "https://intranet.dorp.example:8443"]


@pytest.fixture
def framed(make_cast, db):
    return make_cast("dorp", frame_origins=SITES)


def test_the_card_names_exactly_these_websites(framed):
    card = Client().get("/dorp/startkaart/")
    assert policy_of(card)["frame-ancestors"] == SITES
    assert "X-Frame-Options" not in card.headers
    assert faults_of(card) == {"it may be framed"}
    assert not card.cookies
    text = card.content.decode()
    assert "<form" not in text
    links = [part.split(">")[0] for part in text.split("<a ")[1:] if "skip-link" not in part.split(">")[0]]
    assert len(links) == 3
    assert [link for link in links if 'target="_top"' not in link] == []


def test_one_that_names_none_has_a_card_that_nobody_frames(dorp):
    assert faults_of(Client().get("/dorp/startkaart/")) == set()


def test_no_other_page_is_framed_by_them(framed):
    place = build(framed)
    for name in set(ADDRESSES) - {"start_card"}:
        for client in (Client(), *place.clients.values()):
            response = client.get(place.url(name))
            assert faults_of(response) == set(), name


def test_the_card_of_another_municipality_is_not_framed_by_them_either(framed, stad):
    assert faults_of(Client().get("/stad/startkaart/")) == set()


def test_what_was_pressed_on_the_card_comes_first(dorp):
    def labels(query):
        page = Client().get(reverse("signal_start", args=[dorp.slug]) + query).content.decode()
        return [part.split('"')[0] for part in page.split('name="about" value="')[1:]]

    assert labels("") == labels("?over=other") == labels("?over=onzin") == ["other", "self"]
    assert labels("?over=self") == ["self", "other"]


def save(cast, typed):
    return cast.client("manager").post(reverse("settings", args=[cast.slug]), GIVEN | {"frame_origins": typed})


def test_the_manager_names_the_websites(dorp):
    assert save(dorp, "https://www.dorp.example/\n\n https://www.dorp.example \n" + SITES[1]).status_code == 302
    assert Municipality.objects.get(pk=dorp.municipality.pk).frame_origins == SITES
    page = dorp.client("manager").get(reverse("settings", args=[dorp.slug])).content.decode()
    assert "\n".join(SITES) in page
    assert "/dorp/startkaart/&quot;" in page or '/dorp/startkaart/"' in page
    assert save(dorp, "").status_code == 302
    assert Municipality.objects.get(pk=dorp.municipality.pk).frame_origins == []


NO_WEBSITE = [
    *("http://www.dorp.example", "www.dorp.example", "https://*.dorp.example", "https://", "https:", "*", "'self'"),
    *("https://dorp.example/pagina", "https://dorp.example;script-src *", "https://Dorp.example", "https://10.0.0.1"),
    *("https://dorp.example https://evil.example", "https://x@dorp.example", "https://dorp.example:", "data:"),
    *("https://dorp.example:*", "https://dorp.example:123456", "https://dorp", "https://dorp.example."),
]


@pytest.mark.parametrize("typed", NO_WEBSITE)
def test_what_is_no_website_is_refused_and_kept_on_the_page(dorp, typed):
    answer = save(dorp, f"{SITES[0]}\n{typed}")
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"frame_origins"}
    assert SITES[0] in answer.content.decode()
    assert Municipality.objects.get(pk=dorp.municipality.pk).frame_origins == []
    with pytest.raises(ValidationError):
        check_origin(typed)
