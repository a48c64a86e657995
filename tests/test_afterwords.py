"""What a reporter does after sending: adds, withdraws, is still worried; and who of us gets to see it."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from municipalities import vault
from municipalities.actions import change_settings
from municipalities.limits import limits_of
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals import actions, own_data, receipt
from signals.actions.afterwords import MOST_ADDED
from signals.actions.erasing import erase_dossier
from signals.models import About, AfterKind, Afterword, Clock, Doubt, Noticed
from tests import inspections
from tests.cast import WHO
from tests.crowded import HERE, fill_up, solved

WORDS = "Zij doet de deur niet meer open."
PAGES = {AfterKind.ADDED: "toevoegen", AfterKind.WITHDRAWN: "intrekken", AfterKind.WORRIED: "zorgen"}


@pytest.fixture
def signal(dorp):
    return dorp.signal(assigned_to="worker")


def closed(cast, signal):
    with tenant(cast.municipality.pk):
        actions.close(signal=signal, reason="helped", by=cast.coordinator)
    return cast.fresh(signal)


def send(signal, kind, *, slug="dorp", code=None, **fields):
    """The form of this kind, filled in and sent with the code of the signal."""
    fields = {"send": "1", "text": WORDS} | fields
    code = code or receipt.code_for(signal.draft)
    return Client(REMOTE_ADDR=HERE).post(f"/{slug}/status/{PAGES[kind]}/", {"code": code} | fields)


def kept(cast, **which):
    with tenant(cast.municipality.pk):
        return [(row.kind, row.text) for row in Afterword.objects.filter(**which).select_related("signal")]


def dossier(cast, who, signal):
    return cast.client(who).get(reverse("dossier", args=[cast.slug, signal.reference])).content.decode()


def desk(cast):
    """(reference, kind) of what the desk says reporters sent later."""
    rows = cast.client("coordinator").get(reverse("dashboard", args=[cast.slug])).context["afterwords"]
    return [(row.signal.reference, row.kind) for row in rows]


def see(cast, signal, who="coordinator"):
    with tenant(cast.municipality.pk):
        word = Afterword.objects.filter(signal=signal, by=None).latest("pk")
    return cast.client(who).post(reverse("see_afterword", args=[cast.slug, signal.reference, word.pk]))


def as_it_was(cast, signal):
    """Where the signal and its clocks stand."""
    row = cast.fresh(signal)
    with tenant(cast.municipality.pk):
        clocks = list(Clock.objects.filter(signal=signal).order_by("pk").values_list())
    return row.status, row.closed_at, row.close_reason, row.assigned_to, clocks


# -- by the code, and not before it is sent


@pytest.mark.parametrize("kind", PAGES)
def test_opening_a_form_keeps_nothing(dorp, signal, kind):
    signal = closed(dorp, signal) if kind == AfterKind.WORRIED else signal
    page = Client().post(f"/dorp/status/{PAGES[kind]}/", {"code": receipt.code_for(signal.draft)})
    assert 'name="text"' in page.content.decode()
    assert Client().get(f"/dorp/status/{PAGES[kind]}/").status_code == 302
    assert kept(dorp) == []


@pytest.mark.parametrize("kind", PAGES)
def test_a_code_of_nobody_or_of_another_municipality_keeps_nothing(dorp, stad, signal, kind):
    theirs = stad.signal()
    for code in ("1" * 16, receipt.code_for(theirs.draft)):
        assert "Wij kennen deze code niet" in send(signal, kind, code=code).content.decode()
    assert 'role="alert"' in send(signal, kind, code="onzin").content.decode()
    assert kept(dorp) + kept(stad) == []


def test_these_pages_are_no_way_around_the_limit_on_wrong_codes(dorp, signal):
    most = limits_of("signal_status")[0].most
    statuses = [send(signal, AfterKind.ADDED, code=f"{number:016d}").status_code for number in range(most + 1)]
    assert statuses == [200] * most + [429]
    assert send(signal, AfterKind.ADDED).status_code == 429


@pytest.mark.parametrize("kind", PAGES)
def test_neither_code_nor_words_stand_in_an_address_and_no_cookie_is_set(dorp, signal, kind):
    signal = closed(dorp, signal) if kind == AfterKind.WORRIED else signal
    answer = send(signal, kind)
    assert (answer.status_code, answer.cookies.output(), "Location" in answer.headers) == (200, "", False)
    assert 'method="get"' not in answer.content.decode()


# -- what is kept


def test_an_addition_is_sealed_and_stands_in_the_dossier(dorp, signal):
    assert send(signal, AfterKind.ADDED).status_code == 200
    assert kept(dorp) == [("added", WORDS)]
    with tenant(dorp.municipality.pk):
        assert WORDS.encode() not in bytes(Afterword.objects.get().sealed_text)
    assert [WORDS in dossier(dorp, who, signal) for who in ("coordinator", "worker")] == [True, True]
    assert dorp.client("other_worker").get(reverse("dossier", args=["dorp", signal.reference])).status_code == 404


def test_without_words_nothing_is_added_and_with_too_many_nothing_is_lost(dorp, signal):
    assert 'role="alert"' in send(signal, AfterKind.ADDED, text="").content.decode()
    long = "x" * 2001
    assert long in send(signal, AfterKind.ADDED, text=long).content.decode()
    assert kept(dorp) == []


@pytest.mark.parametrize("kind", [AfterKind.ADDED, AfterKind.WITHDRAWN])
def test_in_another_language_the_words_are_still_there_and_not_sent(dorp, signal, kind):
    page = send(signal, kind, taal="en")
    assert '<html lang="en"' in page.content.decode()
    assert page.context["form"]["text"].value() == WORDS
    assert not page.context["form"].errors
    assert kept(dorp) == []
    with tenant(dorp.municipality.pk):
        change_settings(municipality=dorp.municipality, silent_languages=["en"])
    assert '<html lang="nl"' in send(signal, kind, send="", taal="en").content.decode()


def test_the_same_form_sent_twice_is_kept_once(dorp, signal):
    key = str(uuid.uuid4())
    assert [send(signal, AfterKind.ADDED, key=key).status_code for _twice in range(2)] == [200, 200]
    assert kept(dorp) == [("added", WORDS)]


def test_a_dossier_is_not_buried(dorp, signal):
    with tenant(dorp.municipality.pk):
        for _number in range(MOST_ADDED):
            actions.add_afterword(signal=signal, kind=AfterKind.ADDED, text="x")
    assert WORDS in send(signal, AfterKind.ADDED).content.decode()
    assert len(kept(dorp)) == MOST_ADDED


def test_a_trap_and_a_wait_leave_their_mark(dorp, signal):
    send(signal, AfterKind.ADDED, website="x")
    with tenant(dorp.municipality.pk):
        assert Afterword.objects.get().doubts == [Doubt.TRAP]
    assert "Twijfelachtig:" in dossier(dorp, "worker", signal)


def test_in_a_crowd_it_is_slowed_down_and_nothing_typed_is_lost(dorp, signal):
    fill_up("signal_add", dorp, address=HERE)
    refused = send(signal, AfterKind.ADDED)
    assert (refused.status_code, kept(dorp)) == (429, [])
    Client(REMOTE_ADDR=HERE).post("/dorp/status/toevoegen/", dict(refused.context["fields"]) | solved(refused))
    assert kept(dorp) == [("added", WORDS)]


# -- withdrawing and being worried


@pytest.mark.parametrize("kind", [AfterKind.ADDED, AfterKind.WITHDRAWN])
def test_no_clock_and_no_status_moves(dorp, signal, kind):
    before = as_it_was(dorp, signal)
    send(signal, kind)
    assert as_it_was(dorp, signal) == before


def test_withdrawing_asks_first_and_says_that_somebody_may_still_come(dorp, signal):
    page = Client().post("/dorp/status/intrekken/", {"code": receipt.code_for(signal.draft)}).content.decode()
    assert "Uw signaal stopt niet vanzelf." in page
    assert "Uw signaal stopt niet vanzelf." in send(signal, AfterKind.WITHDRAWN, text="").content.decode()
    assert kept(dorp) == [("withdrawn", "")]
    assert "kan dus nog" in page


def test_withdrawing_is_once_and_not_of_what_is_closed(dorp, signal):
    for _twice in range(2):
        send(signal, AfterKind.WITHDRAWN)
    assert kept(dorp) == [("withdrawn", WORDS)]
    other = closed(dorp, dorp.signal())
    assert WORDS in send(other, AfterKind.WITHDRAWN).content.decode()
    assert kept(dorp, signal=other) == []


def test_being_worried_is_for_what_is_closed_and_once_for_each_closing(dorp, signal):
    assert WORDS in send(signal, AfterKind.WORRIED).content.decode()
    closed(dorp, signal)
    for _twice in range(2):
        send(signal, AfterKind.WORRIED)
    assert kept(dorp) == [("worried", WORDS)]
    with tenant(dorp.municipality.pk):
        actions.reopen(signal=signal, by=dorp.coordinator)
    closed(dorp, signal)
    send(signal, AfterKind.WORRIED)
    assert len(kept(dorp)) == 2


def test_a_worry_is_mailed_to_the_coordinators_by_reference_only(dorp, signal):
    before = as_it_was(dorp, closed(dorp, signal))
    send(signal, AfterKind.WORRIED)
    with tenant(dorp.municipality.pk):
        (mail,) = OutboxMessage.objects.filter(template="worried")
    assert mail.recipient == dorp.coordinator.email
    path = f"/dorp/signalen/{signal.reference}/"
    assert mail.context == {"reference": signal.reference, "path": path}
    assert as_it_was(dorp, signal) == before, "the coordinator opens it again, nobody else"


# -- who of us sees it, and says so


@pytest.mark.parametrize("kind", PAGES)
def test_it_waits_on_the_desk_until_a_coordinator_has_seen_it(dorp, signal, kind):
    signal = closed(dorp, signal) if kind == AfterKind.WORRIED else signal
    send(signal, kind)
    assert desk(dorp) == [(signal.reference, kind)]
    assert see(dorp, signal, "worker").status_code == 403
    for _twice in range(2):
        assert see(dorp, signal).status_code == 302
    assert desk(dorp) == []
    with tenant(dorp.municipality.pk):
        assert Afterword.objects.get(kind=AfterKind.SEEN).by == dorp.coordinator
    assert "gezien" in dossier(dorp, "worker", signal)


def test_closing_and_opening_again_answer_it_as_well(dorp, signal):
    send(signal, AfterKind.WITHDRAWN)
    closed(dorp, signal)
    assert desk(dorp) == []
    send(signal, AfterKind.WORRIED)
    assert desk(dorp) == [(signal.reference, "worried")]
    with tenant(dorp.municipality.pk):
        actions.reopen(signal=signal, by=dorp.coordinator)
    # The withdrawal stands again, since nobody said to have seen it.
    assert desk(dorp) == [(signal.reference, "withdrawn")]


def test_of_another_municipality_nothing_waits_here(dorp, stad):
    theirs = stad.signal()
    send(theirs, AfterKind.ADDED, slug="stad")
    assert (desk(dorp), desk(stad)) == ([], [(theirs.reference, "added")])
    with tenant(stad.municipality.pk):
        word = Afterword.objects.get()
    mine = dorp.signal()
    url = reverse("see_afterword", args=["dorp", mine.reference, word.pk])
    assert dorp.client("coordinator").post(url).status_code == 404


def test_what_was_erased_can_be_read_by_nobody_and_takes_nothing_more(dorp, signal):
    send(signal, AfterKind.ADDED)
    code = receipt.code_for(signal.draft)
    dorp.contact(signal)
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        erase_dossier(dossier=signal.dossier, by=dorp.coordinator)
        with pytest.raises(vault.KeyGone):
            _text = Afterword.objects.select_related("signal").get(kind="added").text
    assert "Wij kennen deze code niet" in send(signal, AfterKind.WORRIED, code=code).content.decode()
    with tenant(dorp.municipality.pk):
        with pytest.raises(actions.OutOfSight):
            actions.add_afterword(signal=signal, kind=AfterKind.WORRIED, text=WORDS)
        assert not Afterword.objects.filter(kind=AfterKind.WORRIED).exists()
    assert desk(dorp) == []


def test_it_is_among_what_the_reporter_and_the_person_may_ask_to_see(dorp):
    signal = dorp.signal(assigned_to="worker", **{"wie-bent-u": WHO | {"known_to": "person"}})
    for _twice in range(2):
        send(signal, AfterKind.ADDED)
    with tenant(dorp.municipality.pk):
        given = dict(own_data.given_by_reporter(dorp.fresh(signal)))
    assert given["Later gestuurd"].count(WORDS) == 2
    request = inspections.asked(dorp, signal)
    inspections.drafted(dorp, request, withheld=[])
    inspections.approved(dorp, request)
    assert inspections.exports_of(dorp, request).json.count(WORDS) == 2


# -- the one question


def asked(cast):
    """[(number of the row, again)] of the mails that ask, the first first."""
    with tenant(cast.municipality.pk):
        rows = OutboxMessage.objects.filter(template="noticed").order_by("pk")
        return [(mail.context["path"], mail.context["again"]) for mail in rows]


def ask_after(signal, **span):
    return actions.ask_everywhere(signal.closed_at + timedelta(**span))


def test_it_is_asked_a_day_after_closing_and_once_more_a_week_later(dorp, signal):
    signal = closed(dorp, signal)
    passes = [ask_after(signal, **span) for span in ({"hours": 23}, {"hours": 25}, {"hours": 26}, {"days": 6})]
    passes += [ask_after(signal, days=days) for days in (8, 9, 13, 30, 400)]
    assert passes == [0, 1, 0, 0, 1, 0, 0, 0, 0]
    assert [again for _path, again in asked(dorp)] == [False, True]


@pytest.mark.parametrize("answer", Noticed)
def test_after_an_answer_nothing_more_is_asked(dorp, signal, answer):
    signal = closed(dorp, signal)
    ask_after(signal, days=2)
    ((path, _again),) = asked(dorp)
    for _scanner in range(3):
        assert Client().get(path).status_code == 200
    with tenant(dorp.municipality.pk):
        assert not Afterword.objects.filter(kind=AfterKind.NOTICED).exists()
    assert Client().post(path, {"answer": answer}).status_code == 200
    assert [Client().get(path).status_code, Client().post(path, {"answer": "no"}).status_code] == [404, 404]
    with tenant(dorp.municipality.pk):
        assert Afterword.objects.get(kind=AfterKind.NOTICED).noticed == answer
    assert ask_after(signal, days=9) == 0
    assert "De melder kreeg de vraag" in dossier(dorp, "coordinator", signal)


@pytest.mark.parametrize("answer", [{}, {"answer": ""}, {"answer": "misschien"}])
def test_no_answer_is_asked_again(dorp, signal, answer):
    signal = closed(dorp, signal)
    ask_after(signal, days=2)
    ((path, _again),) = asked(dorp)
    assert 'role="alert"' in Client().post(path, answer).content.decode()


def test_nobody_is_asked_without_an_address_or_about_what_is_open(dorp):
    closed(dorp, dorp.signal(**{"wie-bent-u": WHO | {"email": ""}}))
    dorp.signal()
    signal = closed(dorp, dorp.signal())
    assert ask_after(signal, days=2) == 1
    with tenant(dorp.municipality.pk):
        actions.reopen(signal=signal, by=dorp.coordinator)
    ((path, _again),) = asked(dorp)
    assert Client().get(path).status_code == 404
    assert ask_after(signal, days=9) == 0
    again = closed(dorp, signal)
    assert [ask_after(again, days=days) for days in (2, 9)] == [1, 1], "another closing, another question"


def test_after_erasing_nothing_is_asked_and_no_link_opens(dorp, signal):
    dorp.contact(signal)
    signal = closed(dorp, signal)
    ask_after(signal, days=2)
    ((path, _again),) = asked(dorp)
    with tenant(dorp.municipality.pk):
        erase_dossier(dossier=signal.dossier, by=dorp.coordinator)
    assert asked(dorp) == []
    assert ask_after(signal, days=9) == 0
    assert [Client().get(path).status_code, Client().post(path, {"answer": "yes"}).status_code] == [404, 404]


def test_a_link_works_in_its_own_municipality_only(dorp, stad, signal):
    ask_after(closed(dorp, signal), days=2)
    ((path, _again),) = asked(dorp)
    assert Client().get(path.replace("/dorp/", "/stad/")).status_code == 404
    assert Client().get("/dorp/gemerkt/1:onzin/").status_code == 404


def test_whoever_reported_themselves_is_asked_about_their_own_door(dorp):
    story = {"signs": ["nobody"], "story": "Ik spreek bijna niemand."}
    signal = closed(dorp, dorp.signal(about=About.SELF, zorg=story))
    ask_after(signal, days=2)
    ((path, _again),) = asked(dorp)
    assert "bij u thuis" in Client().get(path).content.decode()
