"""A partner's short address, from the poster on the wall to the signal, and after it was withdrawn."""

import re

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from municipalities import house_style_actions, partner_actions, posters
from municipalities.actions import change_settings
from municipalities.models import Municipality, Partner, PartnerKind
from municipalities.tenancy import tenant
from signals.models import ReporterKind
from tests.cast import ADDRESS, WORRY
from tests.matrix.world import LOGO
from tests.sheets import codes_in, picture, size_of, text_of

NAME = "Apotheek De Linde"
SIZES = {"a4": (210, 297), "a5": (148, 210), "kaart": (148, 105)}


@pytest.fixture
def pharmacy(dorp):
    with tenant(dorp.municipality.pk):
        change_settings(municipality=dorp.municipality, phone="0800 555 01 01")
        return partner_actions.add_partner(
            municipality=dorp.municipality, name=NAME, kind=PartnerKind.PHARMACY, by=dorp.manager
        )


def press(cast, name, partner, **fields):
    return cast.client("manager").post(reverse(name, args=[cast.slug, partner.pk]), fields)


def all_of(cast):
    return list(Partner.objects.of(cast.municipality).order_by("pk"))


# -- the address


def test_a_manager_adds_one_and_its_code_is_drawn(dorp):
    client, url = dorp.client("manager"), reverse("add_partner", args=[dorp.slug])
    form = {"name": NAME, "kind": "pharmacy", "code": "zelf", "is_active": ""}
    assert client.post(url, form).url == reverse("partners", args=[dorp.slug])
    assert client.post(url, form).status_code == 302
    one, other = all_of(dorp)
    assert re.fullmatch(r"[b-df-hj-np-tv-xz2-9]{6}", one.code)
    assert one.code != other.code
    assert (one.name, one.kind, one.is_active) == (NAME, "pharmacy", True)
    page = client.get(reverse("partners", args=[dorp.slug])).content.decode()
    assert NAME in page
    assert one.typed_address in page


def test_what_is_missing_is_said(dorp):
    answer = dorp.client("manager").post(reverse("add_partner", args=[dorp.slug]), {"name": ""})
    assert set(answer.context["form"].errors) == {"name", "kind"}
    assert all_of(dorp) == []


def test_a_code_is_never_drawn_twice(dorp, stad, pharmacy, monkeypatch):
    drawn = [*pharmacy.code, *"bcdfgh"]
    monkeypatch.setattr(partner_actions.secrets, "choice", lambda letters: drawn.pop(0))
    with tenant(stad.municipality.pk):
        other = partner_actions.add_partner(municipality=stad.municipality, name="x", kind="shop", by=stad.manager)
    assert other.code == "bcdfgh"


def test_every_kind_of_partner_is_a_kind_of_reporter():
    assert set(PartnerKind.values) == set(ReporterKind.values) - {"self", "family", "friend", "neighbour"}


def test_kind_and_source_are_filled_in_and_no_cookie_is_set(dorp, pharmacy):
    client = Client()
    start = client.get(f"/s/{pharmacy.code}/").url
    page = client.get(start).content.decode()
    assert f"U kwam hier via {NAME}" in page
    address = client.post(start, {"about": "other"}).url
    address = client.post(address, WORRY).url
    assert address.endswith("/wie-bent-u/")
    assert client.get(address).context["form"]["kind"].value() == "pharmacy"
    kind = re.search(r'<input type="radio" name="kind" value="pharmacy"[^>]*>', client.get(address).content.decode())[0]
    assert "checked" in kind
    # Whoever stands in the shop may still be somebody else.
    address = client.post(address, {"kind": "neighbour"}).url
    address = client.post(address, ADDRESS).url
    signal = client.get(client.post(address).url).context["signal"]
    signal = dorp.fresh(signal)
    assert (signal.partner, signal.reporter.kind) == (pharmacy, "neighbour")
    assert not client.cookies


def test_about_oneself_nothing_of_a_kind_is_asked_or_kept(dorp, pharmacy):
    client = Client()
    address = client.post(client.get(f"/s/{pharmacy.code}/").url, {"about": "self"}).url
    address = client.post(address, {"signs": ["nobody"], "story": ""}).url
    assert "kind" not in client.get(address).context["form"].fields


def test_one_that_is_withdrawn_explains_itself(dorp, stad, pharmacy):
    assert press(dorp, "revoke_partner", pharmacy).status_code == 302
    answer = Client().get(f"/s/{pharmacy.code}/")
    page = answer.content.decode()
    assert answer.status_code == 410
    assert "/dorp/signaal/" in page
    assert "tel:0800" in page
    assert dorp.municipality.name in page
    assert "stad" not in page.lower()
    assert NAME not in page
    assert not answer.cookies
    assert press(dorp, "revoke_partner", pharmacy).status_code == 404


def test_a_new_code_stops_the_old_one(dorp, pharmacy):
    assert press(dorp, "renew_partner", pharmacy).status_code == 302
    old, new = all_of(dorp)
    assert (old.is_active, new.is_active) == (False, True)
    assert (new.name, new.kind) == (NAME, "pharmacy")
    assert Client().get(f"/s/{old.code}/").status_code == 410
    assert Client().get(f"/s/{new.code}/").url.endswith(f"?via={new.code}")


def test_that_of_a_municipality_that_stopped_is_not_there(dorp, pharmacy):
    with tenant(dorp.municipality.pk):
        Municipality.objects.filter(pk=dorp.municipality.pk).update(is_active=False)
    assert Client().get(f"/s/{pharmacy.code}/").status_code == 404


# -- what is printed


@pytest.fixture
def dressed(dorp, pharmacy):
    """With a logo, and with colours of its own."""
    with tenant(dorp.municipality.pk):
        style = {"--utrecht-page-header-background-color": "#123456", "--utrecht-page-header-color": "#ffffff"}
        house_style_actions.set_house_style(municipality=dorp.municipality, house_style=style, by=dorp.manager)
        house_style_actions.set_logo(municipality=dorp.municipality, drawing=LOGO.format(word=""), by=dorp.manager)
        house_style_actions.set_names(municipality=dorp.municipality, display_name="Gemeente Dorp", by=dorp.manager)
    return Partner.objects.select_related("municipality").get(pk=pharmacy.pk)


def sheet(cast, name, partner, size):
    return cast.client("manager").get(reverse(name, args=[cast.slug, partner.pk, size]))


@pytest.mark.parametrize("size", SIZES)
def test_the_pdf_is_tagged_and_says_everything(dorp, dressed, size):
    answer = sheet(dorp, "poster_pdf", dressed, size)
    pdf = answer.content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert size_of(pdf) == SIZES[size]
    for said in (dressed.typed_address, "0800 555 01 01", "Gemeente Dorp", NAME, "48 uur", "112"):
        assert said in text_of(pdf)
    document = pypdfium2.PdfDocument(pdf)
    assert document.is_tagged()
    assert b"pdfuaid" in pdf
    assert "Gemeente Dorp" in document.get_metadata_dict()["Title"]


@pytest.mark.parametrize("size", SIZES)
def test_the_code_can_be_read_at_150_dots_an_inch(dorp, dressed, size):
    pdf = sheet(dorp, "poster_pdf", dressed, size).content
    assert codes_in(picture(pdf, 150)) == [dressed.address]
    assert dressed.address == f"{dorp.municipality.base_url}/s/{dressed.code}/"


def test_a_code_that_is_not_there_is_not_read(dorp, dressed, monkeypatch):
    monkeypatch.setattr(posters, "qr", lambda address: LOGO.format(word=""))
    assert codes_in(picture(sheet(dorp, "poster_pdf", dressed, "a4").content, 150)) == []


def test_the_pdf_wears_the_house_style(dorp, dressed):
    page = picture_in_colour(sheet(dorp, "poster_pdf", dressed, "a4").content)
    assert page[0] == (0x12, 0x34, 0x56)


def picture_in_colour(pdf):
    """The colours along the left edge, from top to bottom."""
    bitmap = pypdfium2.PdfDocument(pdf)[0].render(scale=1, rev_byteorder=True)
    rows = bytes(bitmap.buffer)
    at = [row * bitmap.stride + 3 * bitmap.n_channels for row in range(2, bitmap.height)]
    return [tuple(rows[start : start + 3]) for start in at]


@pytest.mark.parametrize("size", SIZES)
def test_the_page_to_print_says_the_same(dorp, dressed, size):
    page = sheet(dorp, "poster", dressed, size).content.decode()
    for said in (dressed.typed_address, "0800 555 01 01", "Gemeente Dorp", NAME, "112", f"poster--{size}"):
        assert said in page
    assert page.count("<svg") == 1
    assert "style=" not in page


@pytest.mark.parametrize("name", ["poster", "poster_pdf"])
def test_no_other_size_and_nothing_of_one_that_is_withdrawn(dorp, dressed, name):
    assert sheet(dorp, name, dressed, "a3").status_code == 404
    press(dorp, "revoke_partner", dressed)
    assert sheet(dorp, name, dressed, "a4").status_code == 404


def test_what_a_name_says_is_never_markup(dorp, dressed):
    odd = '#import "x" *vet* $x$ \\ <b> @a'
    with tenant(dorp.municipality.pk):
        Partner.objects.filter(pk=dressed.pk).update(name=odd)
    assert odd in text_of(sheet(dorp, "poster_pdf", dressed, "a4").content)


@pytest.mark.parametrize("size", SIZES)
def test_the_longest_names_still_fit_on_one_page(dorp, dressed, size):
    with tenant(dorp.municipality.pk):
        house_style_actions.set_names(
            municipality=dorp.municipality,
            display_name="Gemeente " + "Nuenen Gerwen en Nederwetten "[:50],
            phone_hours="maandag tot en met vrijdag van 9 tot 17 uur, op donderdag tot 20 uur",
            by=dorp.manager,
        )
        change_settings(municipality=dorp.municipality, host="signaalpunt.gemeente-nuenen-gerwen-nederwetten.nl")
        Partner.objects.filter(pk=dressed.pk).update(name="Woningcorporatie " + "Thuis " * 13)
    partner = Partner.objects.select_related("municipality").get(pk=dressed.pk)
    assert codes_in(picture(posters.typeset(partner, size), 150)) == [partner.address]
