"""Public pages in the language that the address asks for: carried along, kept with the signal, and never leaking."""

import re
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from municipalities import languages, outbox
from municipalities.models import OutboxMessage
from municipalities.pages import PAGES
from municipalities.tenancy import tenant
from tests.test_intake import OTHER_ANSWERS, SELF_ANSWERS, STEPS, drafts, page, text

PATHS = ["", "signaal/", "status/", *(f"{each.path}/" for each in PAGES)]
OURS = re.compile(r'(?:href|action)="(/[^"]*)"')
# What is the same in every language.
PAGE_OF_NOBODY = "00000000-0000-0000-0000-000000000001"
UNSPOKEN = re.compile(r"^/(?:static/|dorp/huisstijl-|dorp/logo-|dorp/inloggen/)")


def language_of(html):
    return re.search(r'<html lang="([^"]+)"', html).group(1)


@pytest.mark.parametrize("path", PATHS)
def test_every_public_page_is_there_in_dutch_and_english(dorp, client, path):
    dutch, english = (text(client.get(f"/dorp/{path}{query}")) for query in ("", "?taal=en"))
    assert (language_of(dutch), language_of(english)) == ("nl", "en")
    headings = [re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL).group(1) for html in (dutch, english)]
    assert headings[0] != headings[1] or headings[0] in {"Privacy", "Contact"}
    assert not client.cookies


@pytest.mark.parametrize("path", PATHS)
def test_every_link_of_an_english_page_stays_in_english(dorp, client, path):
    links = [link for link in OURS.findall(text(client.get(f"/dorp/{path}?taal=en"))) if not UNSPOKEN.match(link)]
    assert links
    assert [link for link in links if "taal=en" not in link] == []


@pytest.mark.parametrize("path", PATHS)
def test_each_language_is_named_in_itself_at_the_top_of_every_page(dorp, client, path):
    header = text(client.get(f"/dorp/{path}")).partition("</header>")[0]
    assert 'lang="en" dir="ltr"' in header
    assert re.search(r'(?:href="\?taal=en" hreflang|name="taal" value)="en">English<', header)


def test_the_page_keeps_what_else_was_asked(dorp, client):
    assert 'href="?over=self&amp;taal=en"' in text(client.get("/dorp/signaal/?over=self"))


@pytest.mark.parametrize("said", ["", "de", "EN", "en-gb", "../en", "nl;en", "x" * 500])
def test_a_language_that_is_not_spoken_is_dutch(dorp, client, said):
    assert language_of(text(client.get("/dorp/", {"taal": said}))) == "nl"


@pytest.mark.parametrize(("about", "answers"), [("other", OTHER_ANSWERS), ("self", SELF_ANSWERS)])
def test_the_whole_way_is_in_english_and_so_is_the_mail(dorp, client, about, answers):
    address = client.post("/dorp/signaal/?taal=en", {"about": about})["Location"]
    for name in STEPS:
        assert language_of(text(client.get(address))) == "en"
        typed = answers[name] | ({"email": "nora@naast.example"} if name == "wie-bent-u" else {})
        address = client.post(address, {"about": about} | typed)["Location"]
    thanks = client.get(client.post(address)["Location"])
    assert language_of(text(thanks)) == "en"
    assert dorp.fresh(thanks.context["signal"]).language == "en"
    with tenant(dorp.municipality.pk):
        mail = OutboxMessage.objects.of(dorp.municipality).get(template="receipt")
    email = outbox.rendered(dorp.municipality, mail)
    assert "Thank you" in email.body
    assert '<html lang="en">' in email.alternatives[0][0]
    assert "/dorp/status/?taal=en" in email.body
    assert not client.cookies


def test_a_dutch_signal_has_a_dutch_mail_whoever_sends_it(dorp):
    dorp.signal()
    with tenant(dorp.municipality.pk):
        mail = OutboxMessage.objects.of(dorp.municipality).get(template="receipt")
    with translation.override("en"):
        assert "Dank u wel" in outbox.rendered(dorp.municipality, mail).body


TYPED = {
    "zorg": {"signs": ["curtains", "post"], "story": "Half getypt", "is_minor": "on"},
    "wie-bent-u": {"kind": "family", "name": "Nora", "email": "nora@", "phone": "06", "may_call": "on"},
    "adres": {"postcode": "12", "house_number": "x", "street": "Lindel", "description": "Bij de brug"},
}


@pytest.mark.parametrize("name", STEPS)
def test_the_switch_keeps_the_step_and_what_was_typed_however_wrong(dorp, client, name):
    draft = dorp.draft()
    answer = client.post(page(draft, name), {"about": "other", "taal": "en"} | TYPED[name])
    assert answer["Location"] == page(draft, name) + "?taal=en"
    shown = client.get(answer["Location"])
    assert language_of(text(shown)) == "en"
    form = shown.context["form"]
    assert not form.is_bound
    assert {field: form[field].value() for field in TYPED[name]} == TYPED[name] | (
        {"is_minor": True} if name == "zorg" else {"may_call": True} if name == "wie-bent-u" else {}
    )
    back = client.post(answer["Location"], {"about": "other", "taal": "nl"} | TYPED[name])
    assert language_of(text(client.get(back["Location"]))) == "nl"


def test_what_only_stood_there_counts_for_nothing(dorp, client):
    draft = dorp.draft()
    client.post(page(draft, "zorg"), {"about": "other", "taal": "en", "story": "Nog niet klaar"})
    assert "Nog niet klaar" not in text(client.get(page(draft, "controleren")))
    client.post(page(draft, "zorg"), {"about": "other", "story": "Nu wel"})
    assert drafts(dorp)[0].answers["typed"] == {}
    assert "Nu wel" in text(client.get(page(draft, "zorg")))


def test_the_switch_on_an_expired_page_keeps_it_too(dorp, client):
    answer = client.post(f"/dorp/signaal/{PAGE_OF_NOBODY}/zorg/", {"about": "other", "taal": "en", "story": "Over"})
    assert "Over" in text(client.get(answer["Location"]))


def test_staff_work_in_dutch_whatever_is_asked(dorp):
    signal = dorp.signal()
    for path in ("signalen/", f"signalen/{signal.reference}/"):
        assert language_of(text(dorp.client("coordinator").get(f"/dorp/{path}?taal=en"))) == "nl"
    assert language_of(text(Client().get("/account/inloggen/?taal=en"))) == "nl"


def test_a_page_that_is_not_there_says_so_in_the_language_that_was_asked(dorp, client):
    assert language_of(text(client.get("/dorp/is-er-niet/?taal=en"))) == "en"


@pytest.mark.parametrize("path", ["", "is-er-niet/", f"signaal/{PAGE_OF_NOBODY}/zorg/", "signalen/"])
def test_nothing_of_a_language_stays_behind(dorp, client, path):
    with translation.override("nl"):
        client.get(f"/dorp/{path}?taal=en")
        assert translation.get_language() == "nl"
    with translation.override("en"):
        assert language_of(text(client.get("/dorp/"))) == "nl"
        assert translation.get_language() == "en"


def test_two_visitors_at_the_same_moment_do_not_hear_each_other(rf):
    """Each thread answers one request in its language, and asks for the present one while the other is at it."""
    meet, heard = Barrier(2, timeout=10), {}

    def answer(code):
        def view(request):
            meet.wait()
            heard[code] = translation.get_language()
            meet.wait()
            return HttpResponse()

        languages.LanguageMiddleware(view)(rf.get("/", {"taal": code}))

    threads = [Thread(target=answer, args=[code]) for code, _name in settings.LANGUAGES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"nl": "nl", "en": "en"}


@pytest.mark.parametrize(
    ("address", "carried"),
    [
        ("/dorp/", "/dorp/?taal=en"),
        ("/dorp/?a=1", "/dorp/?a=1&taal=en"),
        ("/dorp/#main", "/dorp/?taal=en#main"),
        ("/dorp/?taal=nl", "/dorp/?taal=nl"),
        ("https://elders.example/", "https://elders.example/"),
        ("", ""),
    ],
)
def test_an_address_goes_on_in_the_same_language_and_only_one_of_ours(address, carried):
    assert languages.carried(address, "en") == carried
    assert languages.carried(address, "nl") == address
