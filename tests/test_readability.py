"""Every public page and every mail to a reporter in plain Dutch: short sentences, no words of an office, always u."""

import re
import uuid
from datetime import timedelta

import pytest
from django import forms
from django.test import Client
from django.utils import timezone

from municipalities import outbox
from municipalities.models import OutboxMessage
from municipalities.pages import PAGES
from municipalities.reminder_actions import remind
from municipalities.tenancy import tenant
from signals import receipt
from signals.actions import ask_everywhere, close, send_link
from signals.models import About, Afterword
from tests.addresses import ADDRESSES, access_of
from tests.cast import WHO
from tests.prose import blocks_of, main_of, sentences_of, words_of
from tests.test_intake import SELF_ANSWERS, STEPS, page, text

MOST_WORDS, LONGEST = 15, 25
OFFICE = (
    *("indien", "middels", "reeds", "teneinde", "betreffende", "conform", "derhalve", "aangaande", "tevens", "alsmede"),
    *("dien te", "dient te", "dienen te", "inzake", "omtrent", "gaarne", "voornoemd", "desgewenst", "ten behoeve van"),
    *("met betrekking tot", "in het kader van", "woonachtig", "doch", "thans", "zulks", "ingevolge", "krachtens"),
)
OFFICE_WORDS = re.compile(rf"\b(?:{'|'.join(OFFICE)})\b", re.IGNORECASE)
FAMILIAR = re.compile(r"\b(?:je|jij|jou|jouw|jullie)\b", re.IGNORECASE)
# Public addresses that are no page to read, or that every page here leads to.
NOT_READ = {
    *("healthz", "readyz", "security_txt", "house_style", "logo", "partner_address", "sign_on", "sign_on_back"),
    *("accept_invitation", "mail_events", "region", "receipt_pdf", "reminder_file"),
}


PUBLIC_FORMS = {
    *("signals.forms", "signals.address_forms", "signals.afterword_forms", "signals.reporter_forms"),
    "municipalities.reminder_forms",
}


def pages_of_the_form(cast, client):
    for about in About.values:
        answers = SELF_ANSWERS if about == "self" else {}
        minor = answers.get("zorg", {"signs": [], "story": "Kind."}) | {"is_minor": True}
        draft = cast.draft(about, **answers | {"zorg": minor})
        for name in STEPS:
            yield f"{about} {name}", client.get(page(draft, name))
            wrong = {"about": about, "postcode": "12", "known_to": "nobody", "name": "x"}
            yield f"{about} {name}, wrong", client.post(page(draft, name), wrong)
        urgent = cast.draft(about, **answers | {"zorg": {"signs": [], "story": "Ik wil niet meer leven."}})
        yield f"{about} urgent", client.get(page(urgent, "wie-bent-u"))
        yield f"{about} check", client.get(page(draft, "controleren"))
        yield f"{about} thanks", client.get(client.post(page(draft, "controleren"))["Location"])


def pages_after(cast, client):
    signal = cast.signal()
    yield "status", client.get("/dorp/status/")
    yield "status, wrong", client.post("/dorp/status/", {"code": "1"})
    yield "status, found", client.post("/dorp/status/", {"code": receipt.code_for(signal.draft)})
    yield "own data, asked", client.post("/dorp/mijn-gegevens/", {"code": receipt.code_for(signal.draft)})
    (mail,) = mails(cast, "own_data")
    yield "own data, link", client.get(mail.context["path"])
    yield "own data", client.post(mail.context["path"])
    yield "own data, gone", client.get("/dorp/mijn-gegevens/onzin/")
    confirm = f"/dorp/e-mail-bevestigen/{signal.reporter.confirmation}/"
    yield "confirm", client.get(confirm)
    yield "confirmed", client.post(confirm)
    yield "confirm, gone", client.get("/dorp/e-mail-bevestigen/onzin/")


def pages_afterwards(cast, client):
    """Every form of who has something to say later, empty, wrong and sent, about somebody else and about oneself."""
    for about in About.values:
        answers = SELF_ANSWERS if about == "self" else {}
        signal, done = cast.signal(about=about, **answers), finished(cast, about, answers)
        for one, kind in ((signal, "toevoegen"), (signal, "intrekken"), (done, "zorgen")):
            code, path = {"code": receipt.code_for(one.draft)}, f"/dorp/status/{kind}/"
            yield f"{about} {kind}", client.post(path, code)
            yield f"{about} {kind}, wrong", client.post(path, code | {"send": "", "text": "x" * 3000})
            yield f"{about} {kind}, sent", client.post(path, code | {"send": "", "text": "x"})
            yield f"{about} status after {kind}", client.post("/dorp/status/", code)
        asked = finished(cast, about, answers | {"wie-bent-u": WHO | {"meeting": "home"}})
        with tenant(cast.municipality.pk):
            ask_everywhere(asked.closed_at + timedelta(days=2))
            question = f"/dorp/gemerkt/{Afterword.objects.get(signal=asked, kind='asked').token}/"
        yield f"{about} noticed", client.get(question)
        yield f"{about} noticed, wrong", client.post(question)
        yield f"{about} noticed, sent", client.post(question, {"answer": "yes"})
        yield f"{about} noticed, gone", client.get(question)


def finished(cast, about, answers):
    signal = cast.signal(about=about, assigned_to="worker", **answers)
    cast.contact(signal)
    with tenant(cast.municipality.pk):
        close(signal=signal, reason="helped", by=cast.coordinator)
    return cast.fresh(signal)


def all_pages(cast):
    client = Client()
    for each in PAGES:
        yield each.name, client.get(f"/dorp/{each.path}/")
    for path in ("/", "/over-signaalpunt/", "/dorp/", "/dorp/signaal/", "/dorp/startkaart/", "/dorp/is-er-niet/"):
        yield path, client.get(path)
    yield "start, unanswered", client.post("/dorp/signaal/")
    reminder = "/dorp/zelf-proberen/herinnering/"
    yield "reminder, wrong", client.post(reminder, {"email": "nora@"})
    yield "reminder", client.post(reminder, {"email": "nora@naast.example"})
    yield "expired", client.get(f"/dorp/signaal/{uuid.uuid4()}/zorg/")
    yield from pages_of_the_form(cast, client)
    yield from pages_after(cast, client)
    yield from pages_afterwards(cast, client)


def mails(cast, template):
    with tenant(cast.municipality.pk):
        return list(OutboxMessage.objects.of(cast.municipality).filter(template=template))


def all_mails(cast):
    cast.signal()
    for meeting in ("home", "phone"):
        who = WHO | {"meeting": meeting}
        signal = cast.signal(about="self", **SELF_ANSWERS | {"wie-bent-u": who})
    with tenant(cast.municipality.pk):
        send_link(signal=signal)
        remind(municipality=cast.municipality, email="n@naast.example", language="nl", now=timezone.now())
    for template in ("receipt", "own_data", "noticed", "reminder"):
        for number, mail in enumerate(mails(cast, template)):
            yield f"mail {template} {number}", outbox.rendered(cast.municipality, mail).alternatives[0][0]


@pytest.fixture
def read(db, make_cast):
    """{name: its blocks of text} of every page and mail."""
    cast = make_cast("dorp", phone="010 123 45 67")
    shown = {name: blocks_of(text(answer)) for name, answer in all_pages(cast)}
    return shown | {name: blocks_of(mail) for name, mail in all_mails(cast)}


def test_every_public_address_is_read_here():
    read_here = {each.name for each in PAGES} | {
        *(
            "portal_home",
            "about_portal",
            "municipality_home",
            "start_card",
            "signal_start",
            "signal_step",
            "signal_address",
        ),
        *("signal_check", "signal_thanks", "signal_status", "ask_own_data", "own_data_link"),
        *("signal_add", "signal_withdraw", "signal_worried", "signal_noticed", "remind_me", "confirm_email"),
    }
    public = {name for name in ADDRESSES if access_of(name) == "public"}
    assert public - NOT_READ == read_here


def test_sentences_are_short(read):
    means = {name: mean for name, blocks in read.items() if (mean := mean_length(blocks)) > MOST_WORDS}
    long = {each for blocks in read.values() for each in sentences_of(blocks) if len(words_of(each)) > LONGEST}
    assert (means, long) == ({}, set())


def mean_length(blocks):
    lengths = [len(words_of(sentence)) for sentence in sentences_of(blocks)]
    return sum(lengths) / len(lengths) if lengths else 0


def test_no_word_of_an_office_and_always_u(read):
    every = {block for blocks in read.values() for block in blocks}
    assert {block for block in every if OFFICE_WORDS.search(block) or FAMILIAR.search(block)} == set()


def test_all_of_it_was_read(read):
    assert len(read) > 30
    assert min(len(sentences_of(blocks)) for blocks in read.values()) >= 1


@pytest.mark.parametrize(
    ("said", "is_plain"),
    [
        ("Wij bellen aan. U beslist.", True),
        ("Indien u dat wenst, belt iemand u.", False),
        ("Wij bellen je.", False),
        ("Vul het juiste adres in.", True),
    ],
)
def test_the_reader_knows_plain_words(said, is_plain):
    assert (OFFICE_WORDS.search(said) or FAMILIAR.search(said)) is not is_plain


def test_the_reader_counts_sentences_and_no_labels():
    html = "<main><h1>Uw naam</h1><p>Wij <b>bellen</b> aan. U beslist!</p><label>E-mail</label></main>"
    assert sentences_of(blocks_of(main_of(html))) == ["Wij bellen aan.", "U beslist!"]
    assert mean_length(blocks_of(html)) == 2.5


def forms_under(kind):
    for form in kind.__subclasses__():
        yield form
        yield from forms_under(form)


def test_no_public_field_only_says_that_it_is_required():
    """Requirement R5: an error says how to mend it."""
    bare = forms.Field.default_error_messages["required"]
    ours = [form for form in forms_under(forms.Form) if form.__module__ in PUBLIC_FORMS]
    fields = [(form.__name__, name, field) for form in ours for name, field in form.base_fields.items()]
    assert len(fields) > 15
    assert [row[:2] for row in fields if row[2].required and row[2].error_messages["required"] == bare] == []
