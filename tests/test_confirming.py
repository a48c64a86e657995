"""Confirming the e-mail address: by a button, never by opening a link; it raises trust and holds nothing up."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from followup.actions import erasing
from followup.actions.escalation import sweep
from followup.models import Escalation, Ground
from municipalities import outbox
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals import actions, own_data
from signals.models import Clock, Reporter
from tests.cast import WHO, WORRY
from tests.test_intake import SELF_ANSWERS, text

HELD_BACK = ("Nora", "naast", "06 0000", WORRY["story"], "Jan de Wit", "Lindelaan")


@pytest.fixture
def signal(dorp):
    return dorp.signal(assigned_to="worker")


def receipts(cast):
    with tenant(cast.municipality.pk):
        return list(OutboxMessage.objects.of(cast.municipality).filter(template="receipt"))


def link_of(cast):
    (mail,) = receipts(cast)
    return mail.context["confirm_path"]


def reporter(cast, signal):
    return cast.fresh(signal).reporter


def put_right(cast, signal, **fields):
    with tenant(cast.municipality.pk):
        actions.change_reporter(signal=signal, by=cast.coordinator, **fields)


def dossier(cast, who, signal):
    return text(cast.client(who).get(reverse("dossier", args=[cast.slug, signal.reference])))


# -- the link


def test_opening_the_link_changes_nothing_and_the_button_confirms(dorp, signal):
    link = link_of(dorp)
    for _often in range(3):
        assert Client().get(link).status_code == 200
    assert reporter(dorp, signal).email_confirmed_at is None
    assert Client().post(link).status_code == 200
    assert reporter(dorp, signal).email_confirmed_at > signal.received_at


def test_pressing_twice_is_harmless(dorp, signal):
    link = link_of(dorp)
    first = Client().post(link)
    at = reporter(dorp, signal).email_confirmed_at
    again = Client().post(link)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert reporter(dorp, signal).email_confirmed_at == at


@pytest.mark.parametrize("mangle", ["onzin", "1", "1:onzin", "1:", ":", "²:x", "9" * 30, f"{'9' * 18}:x", "%00"])
def test_a_mangled_link_confirms_nothing_and_says_what_to_do(dorp, signal, mangle):
    for ask in (Client().get, Client().post):
        answer = ask(f"/dorp/e-mail-bevestigen/{mangle}/")
        assert answer.status_code == 404
        assert "U hoeft niets te doen." in text(answer)
        assert "/dorp/status/" in text(answer)
    assert reporter(dorp, signal).email_confirmed_at is None


def test_a_link_of_another_reporter_or_municipality_confirms_nothing(dorp, stad, signal):
    link = link_of(dorp)
    other = dorp.signal(**{"wie-bent-u": WHO | {"email": "ander@naast.example"}})
    number = str(signal.reporter_id)
    swapped = link.replace(f"/{number}:", f"/{other.reporter_id}:")
    assert swapped != link
    for address in (swapped, link.replace("/dorp/", "/stad/"), link.rstrip("/")[:-1] + "/"):
        assert Client().post(address).status_code == 404
    assert {reporter(dorp, one).email_confirmed_at for one in (signal, other)} == {None}


def test_nothing_about_anybody_stands_in_link_page_or_mail(dorp, signal):
    (mail,) = receipts(dorp)
    email = outbox.rendered(dorp.municipality, mail)
    link = link_of(dorp)
    said = [link, email.body, email.alternatives[0][0], email.subject]
    said += [text(Client().get(link)), text(Client().post(link)), text(Client().post(f"{link}x/"))]
    assert [word for word in HELD_BACK for each in said if word in each] == []
    assert re.fullmatch(r"/dorp/e-mail-bevestigen/\d+:[\w-]{43}/", link)


def test_the_page_is_the_same_whoever_it_is(dorp, signal):
    with tenant(dorp.municipality.pk):
        OutboxMessage.objects.all().delete()
    first = signal.reporter.confirmation
    dorp.signal(about="self", **SELF_ANSWERS | {"wie-bent-u": WHO | {"email": "tineke@thuis.example", "meeting": ""}})
    links = [f"/dorp/e-mail-bevestigen/{first}/", link_of(dorp)]
    for act in ("get", "post", "get"):
        pages = {text(getattr(Client(), act)(link)).replace(link, "") for link in links}
        assert len(pages) == 1


@pytest.mark.parametrize(
    ("language", "words", "title", "thanks"),
    [
        ("nl", "Bevestig het dan hier.", "Is dit uw e-mailadres?", "Uw e-mailadres is bevestigd"),
        ("en", "Then confirm it here.", "Is this your e-mail address?", "Your e-mail address is confirmed"),
    ],
)
def test_mail_and_pages_are_in_the_language_of_the_signal(dorp, language, words, title, thanks):
    with tenant(dorp.municipality.pk):
        actions.submit(municipality=dorp.municipality, draft_id=dorp.draft().pk, language=language)
    (mail,) = receipts(dorp)
    email, link = outbox.rendered(dorp.municipality, mail), mail.context["confirm_path"]
    for said in (email.body, email.alternatives[0][0]):
        assert words in said
        assert link in said
    assert f'<h1 class="utrecht-heading-1">{title}</h1>' in text(Client().get(link))
    assert f'<h1 class="utrecht-heading-1">{thanks}</h1>' in text(Client().post(link))


def test_a_receipt_that_was_queued_before_there_were_links_still_leaves(dorp, signal):
    (mail,) = receipts(dorp)
    del mail.context["confirm_path"]
    email = outbox.rendered(dorp.municipality, mail)
    assert "e-mail-bevestigen" not in email.body + email.alternatives[0][0]
    assert signal.reference in email.body


# -- nothing waits for it


def test_the_signal_is_on_the_desk_and_the_clock_runs_before_anything_is_confirmed(dorp):
    signal = dorp.signal()
    assert reporter(dorp, signal).email_confirmed_at is None
    desk = text(dorp.client("coordinator").get("/dorp/signalen/"))
    assert signal.reference in desk
    with tenant(dorp.municipality.pk):
        clock = Clock.objects.of(dorp.municipality).get(signal=signal, kind="visit")
        assert (clock.stopped_at, clock.due_at) == (None, signal.received_at + dorp.municipality.response_window)
        actions.assign(signal=signal, worker=dorp.worker, by=dorp.coordinator)
    assert signal.reference in text(dorp.client("worker").get("/dorp/vandaag/"))
    sweep(caller="test", now=signal.due_at)
    with tenant(dorp.municipality.pk):
        assert Escalation.objects.of(dorp.municipality).filter(signal=signal).count() == 1


def test_confirming_changes_nothing_but_that(dorp, signal):
    def rows():
        with tenant(dorp.municipality.pk):
            row = Reporter.objects.filter(pk=signal.reporter_id).values().get()
            row.pop("email_confirmed_at")
            clocks = list(Clock.objects.order_by("pk").values_list())
            return row, clocks, list(OutboxMessage.objects.order_by("pk").values_list("key")), dorp.fresh(signal).status

    before = rows()
    Client().post(link_of(dorp))
    assert rows() == before


# -- what the staff and the reporter see of it


def test_the_dossier_says_it_next_to_the_address_to_whoever_may_see_that(dorp):
    signal = dorp.signal(assigned_to="worker", **{"wie-bent-u": WHO | {"may_call": False}})
    assert "nog niet bevestigd" in dossier(dorp, "coordinator", signal)
    assert "bevestigd" not in dossier(dorp, "worker", signal)
    Client().post(link_of(dorp))
    after = dossier(dorp, "coordinator", signal)
    assert "nog niet bevestigd" not in after
    assert re.search(rf"{WHO['email']}\s*<span class=\"subtle\">\(E-mailadres bevestigd\)", after)
    assert "bevestigd" not in dossier(dorp, "worker", signal)
    page = dorp.client("worker").post(reverse("reporter", args=["dorp", signal.reference]), {"reason": "danger"})
    assert "(E-mailadres bevestigd)" in text(page)


def test_without_an_address_there_is_nothing_to_confirm(dorp):
    signal = dorp.signal(**{"wie-bent-u": WHO | {"email": ""}})
    assert receipts(dorp) == []
    assert "bevestigd" not in dossier(dorp, "coordinator", signal)
    for confirmation in (
        signal.reporter.confirmation,
        Reporter(pk=signal.reporter_id, email="x@x.example").confirmation,
    ):
        assert Client().post(f"/dorp/e-mail-bevestigen/{confirmation}/").status_code == 404
    assert reporter(dorp, signal).email_confirmed_at is None


def test_it_is_among_what_the_reporter_may_see(dorp, signal):
    def said():
        with tenant(dorp.municipality.pk):
            return dict(own_data.given_by_reporter(dorp.fresh(signal)))

    assert said()["E-mailadres bevestigd"] == "Nog niet"
    Client().post(link_of(dorp))
    assert said()["E-mailadres bevestigd"] == "Ja"
    assert said()["Wie mag weten dat u het was"] == "Alleen wie helpt, weet wie ik ben"


# -- another address, and erasing


def test_another_address_is_not_confirmed_and_the_old_link_does_not_confirm_it(dorp, signal):
    link = link_of(dorp)
    Client().post(link)
    put_right(dorp, signal, name="Nora Verder")
    assert reporter(dorp, signal).email_confirmed_at is not None
    put_right(dorp, signal, email="nora@verder.example")
    assert reporter(dorp, signal).email_confirmed_at is None
    for ask in (Client().get, Client().post):
        assert ask(link).status_code == 404
    assert reporter(dorp, signal).email_confirmed_at is None


def test_an_address_that_changed_at_that_very_moment_is_not_confirmed(dorp, signal):
    stale = reporter(dorp, signal)
    put_right(dorp, signal, email="nora@verder.example")
    with tenant(dorp.municipality.pk):
        actions.confirm_address(reporter=stale)
    assert reporter(dorp, signal).email_confirmed_at is None


def test_after_erasing_nothing_of_it_remains(dorp, signal):
    link = link_of(dorp)
    Client().post(link)
    dorp.contact(signal)
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        found = {"dossiers": [signal.dossier_id], "ground": Ground.REQUEST}
        disposal = erasing.propose(municipality=dorp.municipality, by=dorp.coordinator, **found)
        erasing.approve(disposal=disposal, by=dorp.privacy_officer)
        row = Reporter.objects.get(pk=signal.reporter_id)
        assert (row.email, row.email_confirmed_at) == ("", None)
    assert receipts(dorp) == []
    assert {ask(link).status_code for ask in (Client().get, Client().post)} == {404}
    bare = Reporter(pk=signal.reporter_id).confirmation
    assert Client().post(f"/dorp/e-mail-bevestigen/{bare}/").status_code == 404
