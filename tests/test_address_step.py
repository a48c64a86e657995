"""The address step: whatever the register says or does not say, the visitor goes on, and what was typed stays."""

import re

import pytest
from django.db import connection

from municipalities.addresses.answers import Answer
from municipalities.addresses.register import Finding, State
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Standing
from tests.cast import ADDRESS
from tests.fake_pdok import doc
from tests.test_intake import SELF_ANSWERS, drafts, page, text

TYPED = {"postcode": "1234ab", "house_number": "12"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def dorp(db, make_cast):
    return make_cast("dorp", area_codes=["GM0599"])


@pytest.fixture
def draft(dorp):
    return dorp.draft(adres={})


@pytest.fixture
def step(draft, client):
    """Sends the address step; gives the page on which the visitor then is."""

    def send(**fields):
        return client.post(page(draft, "adres"), fields, follow=True)

    return send


@pytest.fixture
def resident(dorp, draft, client):
    """Sends the form; gives whom it is about."""

    def sent():
        assert client.post(page(draft, "controleren"))["Location"].endswith("/bedankt/")
        with tenant(dorp.municipality.pk):
            return actions.sent_from(dorp.municipality, draft.pk).dossier.resident

    return sent


def is_at(answer, name):
    """Whether the visitor is on this page, with status 200."""
    return answer.status_code == 200 and answer.request["PATH_INFO"].endswith(f"/{name}/")


def kept(cast):
    return drafts(cast)[0].answers


def note(answer):
    return answer.context["note"]


def value_of(answer, name):
    return answer.context["form"][name].value() or ""


def test_what_was_found_is_shown_and_then_the_visitor_goes_on(step, resident, register):
    answer = step(**TYPED)
    assert is_at(answer, "adres")
    assert "Adres gevonden: Lindelaan 12, 1234 AB Dorp" in text(answer)
    answer = step(**TYPED)
    assert is_at(answer, "controleren")
    assert "Lindelaan (gevonden bij de postcode)" in text(answer)
    found = resident()
    assert (found.address, found.standing) == ("Lindelaan 12, 1234 AB Dorp", Standing.VERIFIED)
    assert len(register.asked) == 1


def test_sending_asks_nobody(step, resident, register):
    step(**TYPED)
    step(**TYPED)
    before = len(register.asked)
    resident()
    assert len(register.asked) == before


def test_what_is_found_never_stands_in_the_fields(dorp, step, register):
    answer = step(**TYPED)
    assert [value_of(answer, name) for name in ("street", "place")] == ["", ""]
    assert [kept(dorp)["adres"][name] for name in ("street", "place")] == ["", ""]
    assert kept(dorp)["look"]["answers"][0]["street"] == "Lindelaan"


@pytest.mark.parametrize("change", [{"postcode": "5678CD"}, {"house_number": "14"}])
@pytest.mark.parametrize("then", ["unknown", "unavailable"])
def test_another_postcode_or_number_clears_what_was_found_and_not_what_was_typed(dorp, step, register, change, then):
    step(**TYPED, street="Lindelaan", place="")
    register.fault = "error" if then == "unavailable" else None
    answer = step(**TYPED | change, street="Lindelaan", place="")
    assert note(answer) == then
    assert value_of(answer, "street") == kept(dorp)["adres"]["street"] == "Lindelaan"
    assert kept(dorp)["look"]["answers"] == []
    assert "Dorp (gevonden" not in text(answer)


def test_without_a_postcode_nothing_of_the_one_before_is_left(dorp, step, resident, register):
    step(**TYPED)
    step(house_number="9", street="Kerkpad", place="Elders")
    assert kept(dorp)["look"] is None
    found = resident()
    assert (found.address, found.standing) == ("Kerkpad 9, Elders", Standing.MANUAL)


def test_what_was_typed_counts_before_what_was_found(step, resident, register):
    assert is_at(step(**TYPED, street="Kerkpad"), "adres")
    step(**TYPED, street="Kerkpad")
    found = resident()
    assert (found.street, found.place, found.standing) == ("Kerkpad", "Dorp", Standing.MANUAL)


def test_whoever_typed_what_the_register_has_is_not_stopped(step, resident, register):
    assert is_at(step(**TYPED, street="linde laan", place="DORP"), "controleren")
    found = resident()
    assert (found.street, found.standing) == ("linde laan", Standing.VERIFIED)


def test_an_address_is_never_verified_by_a_look_at_another(step, resident, register):
    step(**TYPED)
    register.docs = []
    step(**TYPED | {"house_number": "99"})
    step(**TYPED | {"house_number": "99"})
    found = resident()
    assert (found.street, found.standing) == ("", Standing.UNVERIFIED)


# -- when the register is slow, down or wrong


@pytest.mark.parametrize("fault", ["slow", "error", "garbage", "moved"])
@pytest.mark.parametrize("typed", [{}, {"street": "Lindelaan", "place": "Dorp"}], ids=["short", "by hand"])
def test_whatever_is_wrong_with_the_register_the_visitor_just_types(step, resident, register, fault, typed):
    register.fault = fault
    answer = step(**TYPED, **typed)
    if not typed:
        assert (is_at(answer, "adres"), note(answer)) == (True, "unavailable")
        assert not answer.context["form"].errors
        answer = step(**TYPED)
    assert is_at(answer, "controleren")
    assert resident().standing == (Standing.MANUAL if typed else Standing.UNVERIFIED)
    assert len(register.asked) == 1


def test_an_unknown_address_is_said_once_and_taken(step, resident, register):
    register.docs = []
    assert note(step(**TYPED)) == "unknown"
    assert is_at(step(**TYPED), "controleren")
    assert resident().standing == Standing.UNVERIFIED


def test_the_register_is_asked_outside_of_a_transaction(transactional_db, dorp, client, monkeypatch):
    open_then = []

    def look(postcode, number):
        open_then.append(connection.in_atomic_block)
        return Finding(State.UNKNOWN)

    monkeypatch.setattr("signals.views.address.register.lookup", look)
    client.post(page(dorp.draft(adres={}), "adres"), TYPED)
    assert open_then == [False]


# -- several at one number


@pytest.fixture
def several(register):
    register.docs = [doc(), doc(letter="A"), doc(letter="B"), doc("bis")]
    return register


def test_several_additions_are_offered_as_a_list(step, several):
    answer = step(**TYPED)
    assert note(answer) == "choice"
    labels = [label for _value, label in answer.context["form"].fields["which"].choices]
    assert labels[:3] == ["Lindelaan 12, 1234 AB Dorp", "Lindelaan 12 A, 1234 AB Dorp", "Lindelaan 12 B, 1234 AB Dorp"]
    assert labels[-1] == "Ik weet het niet, of het staat er niet bij"
    assert len(re.findall(r'type="radio" name="which"', text(answer))) == 5
    assert text(answer).count("(niet verplicht)") == 6, "neither the number nor the choice is something to leave out"


def test_one_must_be_chosen_and_nothing_is_lost(dorp, step, several):
    step(**TYPED, person_name="Jan")
    answer = step(**TYPED, person_name="Jan")
    assert list(answer.context["form"].errors) == ["which"]
    assert value_of(answer, "person_name") == "Jan"
    answer = step(**TYPED, person_name="Jan", which="99")
    assert list(answer.context["form"].errors) == ["which"]


@pytest.mark.parametrize(
    ("which", "addition", "standing"), [("2", "B", "verified"), ("0", "", "verified"), ("other", "", "unverified")]
)
def test_the_one_that_is_chosen_is_kept(step, resident, several, which, addition, standing):
    step(**TYPED)
    assert is_at(step(**TYPED, which=which), "controleren")
    found = resident()
    assert (found.house_number_addition, found.standing) == (addition, standing)
    assert (found.street, found.place) == ("Lindelaan", "Dorp")


@pytest.mark.parametrize("typed", [{"house_number": "12 b"}, {"house_number_addition": "B"}, {"house_number": "12-b"}])
def test_an_addition_that_is_there_needs_no_list(step, resident, several, typed):
    assert note(step(**TYPED | typed)) == "found"
    step(**TYPED | typed)
    found = resident()
    assert (found.house_number_addition, found.standing) == ("B", Standing.VERIFIED)


def test_an_addition_that_is_not_there_gets_the_list_and_may_stay(step, resident, several):
    assert note(step(**TYPED, house_number_addition="Z")) == "choice"
    step(**TYPED, house_number_addition="Z", which="other")
    found = resident()
    assert (found.house_number_addition, found.standing) == ("Z", Standing.UNVERIFIED)


def test_the_choice_goes_with_the_number_it_was_about(dorp, step, several):
    step(**TYPED)
    step(**TYPED, which="2")
    several.docs.append(doc(huisnummer=14))
    step(**TYPED | {"house_number": "14"})
    assert kept(dorp)["look"]["chosen"] is None


def test_a_list_that_nobody_chose_from_is_asked_again_before_sending(step, draft, client, several):
    step(**TYPED)
    assert client.post(page(draft, "controleren"))["Location"] == page(draft, "adres")


# -- described, PO boxes, other countries


def test_an_unknown_address_can_be_described(dorp, step, resident):
    assert is_at(step(description="Het witte huis naast de bakker, eerste verdieping."), "controleren")
    found = resident()
    assert (found.address, found.standing) == ("Het witte huis naast de bakker, eerste verdieping.", Standing.MANUAL)
    assert found.address_fingerprint == ""


def test_a_description_excuses_no_postcode_that_is_none(step):
    assert list(step(description="Bij de brug", postcode="Postbus 3").context["form"].errors) == ["postcode"]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"postcode": "Postbus 12", "house_number": "12"}, "postcode", "postbus"),
        ({"postcode": "1234AB", "house_number": "Postbus 12"}, "house_number", "postbus"),
        ({"street": "Postbus 12", "place": "Dorp", "house_number": "12"}, "street", "postbus"),
        ({"postcode": "48143", "house_number": "12"}, "postcode", "ander land"),
        ({"postcode": "B-1000", "house_number": "12"}, "postcode", "ander land"),
        ({"postcode": "1000", "house_number": "12"}, "postcode", "België"),
    ],
)
def test_a_po_box_and_another_country_are_named(step, register, typed, field, said):
    answer = step(**typed)
    assert list(answer.context["form"].errors) == [field]
    assert said in answer.context["form"].errors[field][0]
    assert all(value in text(answer) for value in typed.values())
    assert register.asked == []


# -- about oneself


def test_about_oneself_less_is_asked_and_the_same_is_found(dorp, client, register):
    draft = dorp.draft("self", **SELF_ANSWERS | {"adres": {}})
    path = page(draft, "adres")
    assert "person_name" not in client.get(path).context["form"].fields
    assert "Weet u het adres niet" not in text(client.get(path))
    assert "Adres gevonden: Lindelaan 12, 1234 AB Dorp" in text(client.post(path, TYPED, follow=True))
    assert is_at(client.post(path, TYPED, follow=True), "controleren")


# -- the desk


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        (ADDRESS | {"street": "", "place": ""}, "ongecontroleerd"),
        (ADDRESS, "handmatig"),
        (dict.fromkeys(ADDRESS, "") | {"description": "Bij de brug"}, "handmatig"),
    ],
)
def test_the_dossier_says_how_sure_the_address_is(dorp, answers, word):
    signal = dorp.signal(adres=answers)
    shown = text(dorp.client("coordinator").get(f"/dorp/signalen/{signal.reference}/"))
    assert f"({word})" in shown
    assert ("openstreetmap" in shown) is not bool(answers["description"])


def test_no_map_is_asked_for_a_place_that_is_only_described(dorp):
    described = dict.fromkeys(ADDRESS, "") | {"description": "Het witte huis naast de bakker"}
    dorp.signal(assigned_to="worker", adres=described)
    shown = text(dorp.client("worker").get("/dorp/vandaag/"))
    assert described["description"] in shown
    assert "openstreetmap" not in shown
    dorp.signal(assigned_to="worker")
    assert "openstreetmap" in text(dorp.client("worker").get("/dorp/vandaag/"))


def test_the_dossier_says_that_an_address_is_verified(dorp, draft, step, resident, register):
    step(**TYPED)
    step(**TYPED)
    resident()
    with tenant(dorp.municipality.pk):
        reference = actions.sent_from(dorp.municipality, draft.pk).reference
    assert "(gecontroleerd)" in text(dorp.client("coordinator").get(f"/dorp/signalen/{reference}/"))


def test_a_register_without_streets_stops_nobody(step, resident, monkeypatch):
    finding = Finding(State.FOUND, (Answer(addition=None, area="GM0599"),))
    monkeypatch.setattr("signals.views.address.register.lookup", lambda *asked: finding)
    assert is_at(step(**TYPED | {"house_number": "12a"}), "controleren")
    found = resident()
    assert (found.house_number_addition, found.standing) == ("A", Standing.VERIFIED)
