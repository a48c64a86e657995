"""About oneself: the same three steps in words of their own, a way to be reached, and a choice of how to meet."""

import re

import pytest

from municipalities import outbox
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals import receipt, youth
from signals.models import Meeting, ReporterLink
from tests.cast import WORRY
from tests.prose import blocks_of
from tests.test_intake import SELF_ANSWERS, STEPS, page, text

WHO = SELF_ANSWERS["wie-bent-u"] | {"email": "tineke@thuis.example"}
# Words that speak about somebody else.
THIRD_PERSON = re.compile(
    r"\b(?:de persoon|deze persoon|zij|hij|hem|haar|zijn of haar|diegene|melder|degene|iemand langs|de inwoner)\b",
    re.IGNORECASE,
)


def third_person_in(html):
    return [block for block in blocks_of(html) if THIRD_PERSON.search(block)]


def walk(client, **who):
    """{name: page} of the whole path about oneself, each step also empty-handed, and the address of the receipt."""
    pages, address = {}, client.post("/dorp/signaal/", {"about": "self"})["Location"]
    for name in STEPS:
        pages[name] = text(client.get(address))
        pages[f"{name}, wrong"] = text(client.post(address, {"about": "self", "street": "Postbus 12"}))
        typed = SELF_ANSWERS[name] | (WHO | who if name == "wie-bent-u" else {})
        address = client.post(address, {"about": "self"} | typed)["Location"]
    pages["check"] = text(client.get(address))
    address = client.post(address)["Location"]
    pages["thanks"] = text(client.get(address))
    return pages, address


def sent(cast):
    with tenant(cast.municipality.pk):
        mail = OutboxMessage.objects.of(cast.municipality).get(template="receipt")
    email = outbox.rendered(cast.municipality, mail)
    return "\n\n".join([email.subject, email.body, email.alternatives[0][0]])


def status_of(client, cast, signal):
    cast.fresh(signal)
    return text(client.post("/dorp/status/", {"code": receipt.code_for(signal.draft)}))


@pytest.mark.parametrize("meeting", ["", *Meeting.values])
def test_nobody_is_spoken_about_on_the_whole_path_nor_in_the_mail(dorp, client, meeting):
    pages, address = walk(client, meeting=meeting)
    signal = dorp.fresh(client.get(address).context["signal"])
    pages["mail"], pages["status"] = sent(dorp), status_of(client, dorp, signal)
    pages["own data"] = text(client.post(own_data_address(signal)))
    dorp.contact(signal, by="coordinator")
    pages["status, visited"] = status_of(client, dorp, signal)
    assert {name: found for name, html in pages.items() if (found := third_person_in(html))} == {}


def own_data_address(signal):
    with tenant(signal.municipality_id):
        link = ReporterLink.objects.create(municipality=signal.municipality, signal=signal)
    return f"/dorp/mijn-gegevens/{link.token}/"


def test_the_other_path_does_speak_about_somebody(dorp, client):
    address = client.post("/dorp/signaal/", {"about": "other"})["Location"]
    client.post(address, {"about": "other"} | WORRY)
    assert third_person_in(text(client.get(address.replace("zorg", "wie-bent-u"))))


@pytest.mark.parametrize("field", ["phone", "email"])
def test_about_oneself_one_way_to_be_reached_is_enough(dorp, client, field):
    path = page(dorp.draft("self", **SELF_ANSWERS), "wie-bent-u")
    answer = client.post(path, {"about": "self", field: WHO[field]})
    assert answer.status_code == 302


def test_about_oneself_there_has_to_be_one_and_what_was_typed_stays(dorp, client):
    path = page(dorp.draft("self", **SELF_ANSWERS), "wie-bent-u")
    answer = client.post(path, {"about": "self", "name": "Tineke Thuis"})
    assert answer.context["form"].errors == {
        "phone": ["Vul uw telefoonnummer of uw e-mailadres in. Dan kunnen wij u bereiken."]
    }
    assert "Tineke Thuis" in text(answer)


def test_about_somebody_else_it_stays_free_to_say_nothing(dorp, client):
    path = page(dorp.draft(), "wie-bent-u")
    assert client.post(path, {"about": "other", "kind": "neighbour"}).status_code == 302
    assert "meeting" not in client.get(path).context["form"].fields


def test_how_to_meet_is_kept_and_shown_with_its_day(dorp, client):
    pages, address = walk(client, meeting="no_visit")
    assert "Liever geen bezoek thuis" in pages["check"]
    signal = dorp.fresh(client.get(address).context["signal"])
    assert signal.meeting == Meeting.NO_VISIT
    dossier = text(dorp.client("coordinator").get(f"/dorp/signalen/{signal.reference}/"))
    chosen = dossier.partition("<dt>Hoe afspreken</dt>")[2].partition("</div>")[0]
    assert "Liever geen bezoek thuis" in chosen
    assert f'datetime="{signal.received_at.isoformat()[:10]}' in chosen.replace("+00:00", "")


def test_the_worker_sees_at_the_door_how_somebody_wants_to_meet(dorp):
    dorp.signal(about="self", assigned_to="worker", **SELF_ANSWERS | {"wie-bent-u": WHO | {"meeting": "walk"}})
    assert "Wil afspreken: Samen een stukje lopen" in text(dorp.client("worker").get("/dorp/vandaag/"))


@pytest.mark.parametrize("meeting", Meeting.values)
def test_no_choice_of_how_to_meet_stops_the_clock(dorp, meeting):
    signal = dorp.signal(about="self", **SELF_ANSWERS | {"wie-bent-u": WHO | {"meeting": meeting}})
    assert signal.clock_due_at == signal.due_at == signal.received_at + dorp.municipality.response_window


def test_what_is_promised_follows_the_choice(dorp, client):
    _pages, address = walk(client, meeting="home")
    assert "Wij komen bij u langs, uiterlijk" in text(client.get(address))
    _pages, address = walk(client, meeting="phone")
    assert "U hoort van ons, uiterlijk" in text(client.get(address))


@pytest.mark.parametrize("about", ["other", "self"])
def test_whoever_says_that_it_is_about_a_minor_is_shown_the_youth_route_and_goes_on(dorp, client, about):
    draft = dorp.draft(about, **(SELF_ANSWERS if about == "self" else {}))
    assert youth.LINES[0].number not in text(client.get(page(draft, "wie-bent-u")))
    typed = {"about": about, "story": "x", "is_minor": "on"}
    assert client.post(page(draft, "zorg"), typed)["Location"] == page(draft, "controleren")
    shown = text(client.get(page(draft, "wie-bent-u")))
    assert [line.number for line in youth.LINES if f">{line.number}<" not in shown] == []
    signal = client.get(client.post(page(draft, "controleren"))["Location"]).context["signal"]
    assert dorp.fresh(signal).is_minor
    assert "Jonger dan 18" in text(dorp.client("coordinator").get(f"/dorp/signalen/{signal.reference}/"))


def test_without_the_tick_nothing_is_said_of_age(dorp):
    signal = dorp.signal()
    assert not signal.is_minor
    assert "Jonger dan 18" not in text(dorp.client("coordinator").get(f"/dorp/signalen/{signal.reference}/"))
