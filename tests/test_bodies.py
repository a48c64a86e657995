"""A1: giant texts. What is too large is refused with a page that says so, everywhere; what fits is never lost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from municipalities.tenancy import tenant
from signals import intake
from tests.addresses import ADDRESSES, access_of
from tests.cast import ADDRESS, WHO, WORRY
from tests.made_once import *  # noqa: F403
from tests.samples import url_of
from tests.test_headers import faults_of

FORM = "application/x-www-form-urlencoded"
LIMIT = 64 * 1024
PHONE = "010 123 45 67"
# Addresses whose parameters are ours; a library's own are below.
OURS = [name for name in ADDRESSES if access_of(name) is not None and not name.startswith("account")]
STEPS = {"zorg": WORRY, "wie-bent-u": WHO, "adres": ADDRESS}


def body_of(length):
    return b"story=" + b"x" * (length - len(b"story="))


def post(client, path, length):
    return client.post(path, body_of(length), content_type=FORM)


@pytest.mark.parametrize("name", OURS)
def test_a_body_of_more_than_64_kib_is_refused_at_every_address(name, dorp, samples):
    answer = post(Client(), url_of(name, samples), LIMIT + 1)
    assert answer.status_code == 413
    assert "<h1>" in answer.content.decode()
    assert faults_of(answer) == set()


@pytest.mark.parametrize("who", ["coordinator", "worker", "manager"])
@pytest.mark.parametrize("path", ["/account/inloggen/", "/account/wachtwoord/vergeten/", "/is-er-niet/"])
def test_whoever_sends_it_and_wherever_to(path, who, dorp):
    for client in (Client(), dorp.client(who)):
        assert post(client, path, 10 * LIMIT).status_code == 413


def test_the_page_says_whom_to_call(db, make_cast):
    dorp = make_cast("dorp", phone=PHONE)
    text = post(Client(), f"/{dorp.slug}/signaal/", LIMIT + 1).content.decode()
    assert PHONE in text
    assert PHONE not in post(Client(), "/", LIMIT + 1).content.decode()


def test_a_large_file_is_refused_as_well(dorp, client):
    file = SimpleUploadedFile("foto.jpg", b"x" * 2 * LIMIT)
    assert client.post("/dorp/signaal/", {"about": "other", "foto": file}).status_code == 413


def test_a_body_that_just_fits_is_read(dorp, client):
    answer = post(client, f"/dorp/signaal/{dorp.draft().pk}/zorg/", LIMIT)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["story"]


@pytest.mark.parametrize("length", ["", "-1", "onzin", "9" * 30])
def test_a_length_that_is_none_is_no_fault_of_ours(dorp, client, length):
    assert client.post("/dorp/signaal/", {"about": "other"}, CONTENT_LENGTH=length).status_code in {200, 302, 400, 413}


@pytest.mark.parametrize("length", [2_001, 10_000, 60_000])
def test_a_text_that_is_too_long_gets_an_error_and_is_all_still_there(dorp, client, length):
    draft, story = dorp.draft(), "lang verhaal " * (length // 13 + 1)
    answer = client.post(f"/dorp/signaal/{draft.pk}/zorg/", {"story": story})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["story"]
    assert story.strip() in answer.content.decode()
    with tenant(dorp.municipality.pk):
        assert intake.find(dorp.municipality, draft.pk).answers == draft.answers


@pytest.mark.parametrize("step", STEPS)
def test_every_field_may_be_giant_at_once(dorp, client, step):
    texts = {name: str(value) + "é" * 1_500 for name, value in STEPS[step].items() if isinstance(value, str)}
    answer = client.post(f"/dorp/signaal/{dorp.draft().pk}/{step}/", texts)
    assert answer.status_code in {200, 302}
    if answer.status_code == 200:
        assert set(answer.context["form"].errors) <= set(texts) | {"signs", "kind"}
        assert sum(text in answer.content.decode() for text in texts.values()) >= len(texts) - 1


@pytest.mark.parametrize("code", ["1" * 60_000, "é" * 20_000])
def test_a_giant_code_is_no_code(dorp, client, code):
    assert client.post("/dorp/status/", {"code": code}).context["signal"] is None


def test_too_many_fields_get_a_page_and_no_crash(dorp, client):
    answer = client.post("/dorp/signaal/", "&".join(f"a{number}=" for number in range(2_000)), content_type=FORM)
    assert answer.status_code == 400
    assert "<h1>" in answer.content.decode()
    assert faults_of(answer) == set()


@pytest.mark.parametrize("raw", [b"story=%FF%FE%ED%A0%80", b"story=\xff\xfe", b"story=%00", b"=&=&&&", b"%", b"\x00"])
def test_bytes_that_are_no_text_are_no_fault_of_ours(dorp, client, raw):
    answer = client.post(f"/dorp/signaal/{dorp.draft().pk}/zorg/", raw, content_type=FORM)
    assert answer.status_code < 500
