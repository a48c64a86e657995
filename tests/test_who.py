"""Who may know who reported: three levels, each of which keeps what it says and no more."""

import pytest
from django.test import Client

from municipalities.actions import change_settings
from municipalities.addresses.answers import Answer
from municipalities.addresses.register import Finding, State
from municipalities.models import Municipality, OutboxMessage
from municipalities.tenancy import tenant
from signals import actions, intake, whereabouts
from signals.models import KnownTo, Reporter
from tests.cast import ADDRESS, WHO
from tests.test_intake import SELF_ANSWERS, page, text

NOTHING = {"kind": "neighbour", "name": "", "email": "", "phone": ""}
GIVEN = {"kind": "neighbour", "name": "Nora Naast", "email": "nora@naast.example", "phone": "06 00000001"}
STEP = "wie-bent-u"


@pytest.fixture
def strict(db, make_cast):
    return make_cast("streng", allows_unknown_reporters=False)


def answer(cast, draft=None, about="other", **fields):
    draft = draft or cast.draft(about)
    return Client().post(page(draft, STEP, cast.slug), {"about": about} | fields)


def errors(response):
    return response.context["form"].errors


def reporter_of(cast, **who):
    """The reporter of a signal that was sent with these answers, by the pages."""
    draft, client = cast.draft(**{STEP: {}}), Client()
    assert answer(cast, draft, **who).status_code == 302
    client.post(page(draft, "controleren", cast.slug))
    with tenant(cast.municipality.pk):
        return Reporter.objects.of(cast.municipality).get()


# -- what each level keeps


@pytest.mark.parametrize(
    ("chosen", "given", "may_be_named", "known_to"),
    [
        ("nobody", NOTHING, False, KnownTo.NOBODY),
        ("us", GIVEN, False, KnownTo.US),
        ("person", GIVEN, True, KnownTo.PERSON),
        (None, GIVEN, False, KnownTo.US),
        (None, NOTHING, False, KnownTo.NOBODY),
    ],
)
def test_each_level_keeps_what_it_says(dorp, chosen, given, may_be_named, known_to):
    reporter = reporter_of(dorp, **given, **({"known_to": chosen} if chosen else {}))
    assert (reporter.may_be_named, reporter.known_to) == (may_be_named, known_to)
    assert {name: getattr(reporter, name) for name in given} == given


def test_an_unknown_reporter_gets_a_code_and_no_mail(dorp):
    reporter_of(dorp, **NOTHING, known_to="nobody")
    with tenant(dorp.municipality.pk):
        assert not OutboxMessage.objects.of(dorp.municipality).exists()


def test_without_a_choice_nobody_has_to_choose(dorp):
    form = Client().get(page(dorp.draft(**{STEP: {}}), STEP)).context["form"]
    assert (form["known_to"].value(), form.fields["known_to"].required) == ("us", False)


def test_every_level_says_in_a_sentence_what_comes_of_it(dorp):
    shown = text(Client().get(page(dorp.draft(), STEP)))
    for sentence in (
        "maar de code op uw bewijs werkt wel.",
        "Wij zeggen de persoon niet dat u het was, en kunnen u wel iets vragen.",
        "De welzijnswerker mag zeggen dat de zorg van u komt.",
    ):
        assert sentence in shown
    english = text(Client().get(page(dorp.draft(), STEP) + "?taal=en"))
    assert "but the code on your receipt does work." in english


# -- unknown, and yet something was filled in


@pytest.mark.parametrize("field", ["name", "email", "phone", "may_call"])
def test_who_stays_unknown_takes_away_what_was_filled_in(dorp, field):
    draft = dorp.draft()
    before = draft.answers
    given = (GIVEN | {"may_call": "on"})[field]
    response = answer(dorp, draft, **NOTHING | {"known_to": "nobody", field: given})
    assert list(errors(response)) == ["known_to"]
    assert "maak de velden leeg" in str(errors(response)["known_to"])
    form = response.context["form"]
    assert (form["known_to"].value(), str(form[field].value())) == ("nobody", "True" if given == "on" else given)
    with tenant(dorp.municipality.pk):
        assert intake.find(dorp.municipality, draft.pk).answers == before


def test_a_space_is_nothing(dorp):
    assert answer(dorp, **NOTHING | {"known_to": "nobody", "name": "  "}).status_code == 302


def test_what_is_wrong_with_it_does_not_hide_that_it_is_there(dorp):
    found = errors(answer(dorp, **NOTHING | {"known_to": "nobody", "email": "nora@"}))
    assert set(found) == {"known_to", "email"}


@pytest.mark.parametrize("tampered", ["everybody", "on", "nobody "])
def test_a_level_that_is_none_is_refused(dorp, tampered):
    assert list(errors(answer(dorp, **GIVEN, known_to=tampered))) == ["known_to"]


def test_consent_cannot_be_sent_along_under_its_old_name(dorp):
    assert reporter_of(dorp, **GIVEN, may_be_named="on").may_be_named is False


# -- where a municipality wants to know whom it can ask


def test_a_municipality_that_does_not_allow_it_does_not_offer_it(strict):
    draft = strict.draft()
    form = Client().get(page(draft, STEP, "streng")).context["form"]
    assert [value for value, _label in form.fields["known_to"].choices] == ["us", "person"]
    found = errors(answer(strict, draft, **NOTHING | {"known_to": "nobody"}))
    assert str(found["known_to"][0]) == "Dit kunt u hier niet kiezen. Kies een van de antwoorden hieronder."


def test_there_one_of_the_three_is_needed_and_enough(strict):
    found = errors(answer(strict, **NOTHING))
    assert found == {"name": ["Vul uw naam, uw e-mailadres of uw telefoonnummer in. Eén is genoeg."]}
    for name in ("name", "email", "phone"):
        assert answer(strict, **NOTHING | {name: GIVEN[name]}).status_code == 302


def test_there_a_draft_without_them_is_asked_again(strict):
    draft = strict.draft(**{STEP: NOTHING | {"known_to": "nobody"}})
    assert Client().get(page(draft, "controleren", "streng")).url == page(draft, STEP, "streng")
    with tenant(strict.municipality.pk), pytest.raises(intake.DraftIncomplete):
        actions.submit(municipality=strict.municipality, draft_id=draft.pk)


def test_about_oneself_it_makes_no_difference(strict, dorp):
    for cast in (strict, dorp):
        found = errors(answer(cast, cast.draft("self", **SELF_ANSWERS), about="self", name="Tineke"))
        assert list(found) == ["phone"]
        form = Client().get(page(cast.draft("self", **SELF_ANSWERS), STEP, cast.slug)).context["form"]
        assert "known_to" not in form.fields


def test_moving_to_such_a_municipality_asks_the_step_again(dorp, strict):
    with tenant(strict.municipality.pk):
        Municipality.objects.filter(pk=strict.municipality.pk).update(area_codes=["GM0363"])
    typed = ADDRESS | {"street": "", "place": ""}
    there = Finding(State.FOUND, (Answer("", "Kerkpad", "Stad", "GM0363", "Stad"),))
    look = whereabouts.look_of(typed, there, ["GM0599"])
    for who, leads_to in ((NOTHING | {"known_to": "nobody"}, STEP), (WHO, "controleren")):
        draft = dorp.draft(adres=typed, look=look, **{STEP: who})
        moved = Client().post(page(draft, "adres"), {"about": "other", "go": "move"}).url
        assert moved.startswith("/streng/signaal/")
        assert moved.endswith(f"/{leads_to}/")
    asked = Client().get(moved.replace("controleren", STEP))
    assert "Streng wil u iets kunnen vragen." in text(asked)


def test_the_manager_sets_it_with_a_tick(dorp):
    client, address = dorp.client("manager"), "/dorp/instellingen/"
    known = {"quiet_from": "22:00", "quiet_until": "07:00", "danger_numbers": "112 | 112 | Nood"}
    assert client.get(address).context["form"]["allows_unknown_reporters"].value() is True
    for tick, allowed in (({}, False), ({"allows_unknown_reporters": "on"}, True)):
        client.post(address, known | tick)
        dorp.municipality.refresh_from_db()
        assert dorp.municipality.allows_unknown_reporters is allowed


def test_a_change_of_the_setting_holds_for_what_is_being_filled_in(dorp):
    draft = dorp.draft(**{STEP: NOTHING | {"known_to": "nobody"}})
    assert Client().get(page(draft, "controleren")).status_code == 200
    with tenant(dorp.municipality.pk):
        change_settings(municipality=dorp.municipality, allows_unknown_reporters=False)
    assert Client().post(page(draft, "controleren")).url == page(draft, STEP)


# -- drafts from before, and through a partner


@pytest.mark.parametrize(("tick", "known_to"), [(True, KnownTo.PERSON), (False, KnownTo.US)])
def test_a_draft_from_before_there_were_levels_can_be_sent(dorp, tick, known_to):
    draft = dorp.draft(**{STEP: WHO | {"may_be_named": tick}})
    assert Client().get(page(draft, STEP)).context["form"]["known_to"].value() == known_to
    Client().post(page(draft, "controleren"))
    with tenant(dorp.municipality.pk):
        assert Reporter.objects.get().known_to == known_to


def test_a_draft_through_a_partner_begins_with_the_middle_one(dorp):
    draft = dorp.draft(filled_in={"kind": "shop"})
    with tenant(dorp.municipality.pk):
        answers = draft.answers
        del answers[STEP]
        form = intake.WHO.form(answers, dorp.municipality)
    assert (form["kind"].value(), form["known_to"].value()) == ("shop", "us")


# -- what others get to see of it


@pytest.mark.parametrize(
    ("who", "on_the_check_page", "in_the_dossier"),
    [
        (NOTHING | {"known_to": "nobody"}, "Niemand weet wie ik ben", "Niemand: de melder liet geen naam"),
        (NOTHING | {"known_to": "us"}, "Niemand weet wie ik ben", "Niemand: de melder liet geen naam"),
        (GIVEN | {"known_to": "us"}, "Alleen wie helpt, weet wie ik ben", "Alleen wij. Vertel het niet"),
        (GIVEN | {"known_to": "person"}, "De persoon mag weten dat ik het was", "De persoon ook: de melder"),
    ],
)
def test_the_check_page_and_the_dossier_say_it_in_words(dorp, who, on_the_check_page, in_the_dossier):
    draft = dorp.draft(**{STEP: who})
    shown = text(Client().get(page(draft, "controleren")))
    assert on_the_check_page in shown.partition("<dt>Wie mag weten dat u het was?</dt>")[2].partition("</div>")[0]
    with tenant(dorp.municipality.pk):
        signal = actions.submit(municipality=dorp.municipality, draft_id=draft.pk)
    dossier = text(dorp.client("coordinator").get(f"/dorp/signalen/{signal.reference}/"))
    assert in_the_dossier in dossier.partition("<dt>Wie mag weten wie dit meldde</dt>")[2].partition("</div>")[0]


def test_the_fears_are_answered_where_they_come_up(dorp):
    other, own = dorp.draft(), dorp.draft("self", **SELF_ANSWERS)
    said = {
        (other, STEP): ["Iedereen mag een zorg delen.", "Hebt u eerder gebeld en gebeurde er niets?"],
        (other, "adres"): ["Wij bellen daar aan. U hoeft niets te doen.", "Wij zeggen niet wie het vertelde,"],
        (own, STEP): ["Uw familie en uw buren zien het niet."],
        (own, "adres"): ["U beslist of wij binnenkomen."],
    }
    missing = [line for (draft, name), lines in said.items() for line in lines if line not in shown(draft, name)]
    assert missing == []


def shown(draft, name):
    return text(Client().get(page(draft, name)))
