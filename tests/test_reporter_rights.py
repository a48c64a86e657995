"""What a reporter may ask about themselves: a code alone shows nothing, a link opens once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from followup import withholding
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals import receipt
from signals.models import ReporterChange, ReporterLink
from tests import inspections
from tests.cast import ADDRESS, WHO, WORRY

GIVEN = {"name": "Nora Naast", "email": "nora@naast.example", "phone": "06 00000001"}
AFTERWARDS = ("Lindelaan", "Jan de Wit", "Goed gesprek", "Worker")


@pytest.fixture
def signal(dorp):
    return dorp.signal(assigned_to="worker", **{"wie-bent-u": WHO | {"known_to": "person"}})


def ask(signal, code=None):
    code = code or receipt.code_for(signal.draft)
    return Client().post("/dorp/mijn-gegevens/", {"code": code})


def mails(cast):
    with tenant(cast.municipality.pk):
        return list(OutboxMessage.objects.filter(template="own_data"))


def link_of(cast):
    (mail,) = mails(cast)
    return mail.context["path"]


def opened(cast, signal):
    """(address, page) of a link that the reporter opened."""
    ask(signal)
    address = link_of(cast)
    return address, Client().post(address)


def test_a_code_alone_shows_nothing_and_says_the_same_for_every_code(dorp, signal):
    without = dorp.signal(**{"wie-bent-u": WHO | {"email": "", "phone": "", "may_call": False}})
    answers = {ask(signal).content, ask(without).content, ask(signal, "1" * 16).content, ask(signal, "onzin").content}
    (answer,) = answers
    assert [word for word in (*GIVEN.values(), WORRY["story"]) if word in answer.decode()] == []
    assert [mail.recipient for mail in mails(dorp)] == [GIVEN["email"]]


def test_the_mail_holds_a_link_and_nothing_about_anybody(dorp, signal):
    ask(signal)
    (mail,) = mails(dorp)
    assert set(mail.context) == {"reference", "path", "language"}


def test_asking_again_sends_no_second_mail_while_the_first_works(dorp, signal):
    for _often in range(3):
        ask(signal)
    assert len(mails(dorp)) == 1


def test_a_scanner_that_opens_links_uses_nothing_up(dorp, signal):
    ask(signal)
    address = link_of(dorp)
    for _often in range(3):
        page = Client().get(address)
        assert page.status_code == 200
        assert GIVEN["name"] not in page.content.decode()
    assert GIVEN["name"] in Client().post(address).content.decode()


def test_the_link_shows_once_what_the_reporter_gave_and_nothing_of_what_came_of_it(dorp, signal):
    dorp.contact(signal, note="Goed gesprek.")
    address, page = opened(dorp, signal)
    text = page.content.decode()
    assert [word for word in (*GIVEN.values(), WORRY["story"]) if word not in text] == []
    assert [word for word in AFTERWARDS if word in text] == []
    assert Client().get(address).status_code == 404
    again = Client().post(address, {"name": "", "email": "", "phone": ""}).content.decode()
    assert [word for word in GIVEN.values() if word in again] == []


def test_a_link_lasts_two_hours(dorp, signal):
    ask(signal)
    with tenant(dorp.municipality.pk):
        ReporterLink.objects.update(created_at=timezone.now() - timedelta(hours=2, minutes=1))
    assert Client().post(link_of(dorp)).status_code == 404


@pytest.mark.parametrize("token", ["onzin", "1:onzin", "1"])
def test_a_token_that_is_not_ours_opens_nothing(dorp, token):
    assert Client().post(f"/dorp/mijn-gegevens/{token}/").status_code == 404


def test_a_link_works_in_its_own_municipality_only(dorp, stad, signal):
    ask(signal)
    assert Client().post(link_of(dorp).replace("/dorp/", "/stad/")).status_code == 404


def test_the_reporter_puts_their_data_right_and_withdraws_consent_once(dorp, signal):
    address, _page = opened(dorp, signal)
    data = GIVEN | {"name": "Nora Verder", "email": "nora@verder.example"}
    assert Client().post(address, data).status_code == 200
    reporter = dorp.fresh(signal).reporter
    assert (reporter.name, reporter.email) == ("Nora Verder", "nora@verder.example")
    assert (reporter.may_call, reporter.may_be_named) == (False, False)
    assert Client().post(address, data | {"name": "Iemand Anders"}).status_code == 404
    assert dorp.fresh(signal).reporter.name == "Nora Verder"
    with tenant(dorp.municipality.pk):
        (change,) = ReporterChange.objects.select_related("signal")
        assert change.before["name"] == "Nora Naast"
        assert b"Nora" not in bytes(change.sealed_before)


def test_a_link_that_was_not_opened_changes_nothing(dorp, signal):
    ask(signal)
    page = Client().post(link_of(dorp), GIVEN | {"name": "Iemand Anders"}).content.decode()
    assert "Nora Naast" in page
    assert "Iemand Anders" not in page
    assert dorp.fresh(signal).reporter.name == "Nora Naast"


def test_consent_is_not_given_this_way(dorp):
    signal = dorp.signal(**{"wie-bent-u": WHO | {"may_call": False}})
    address, _page = opened(dorp, signal)
    Client().post(address, GIVEN | {"may_call": "on", "may_be_named": "on"})
    reporter = dorp.fresh(signal).reporter
    assert (reporter.may_call, reporter.may_be_named) == (False, False)


def test_bad_contact_data_are_asked_again(dorp, signal):
    address, _page = opened(dorp, signal)
    page = Client().post(address, GIVEN | {"email": "geen adres", "name": "Nora Verder"})
    assert page.status_code == 200
    assert "Nora Verder" in page.content.decode()
    assert dorp.fresh(signal).reporter.name == "Nora Naast"
    assert Client().post(address, GIVEN | {"name": "Nora Verder"}).status_code == 200
    assert dorp.fresh(signal).reporter.name == "Nora Verder"


def test_a_withdrawn_consent_holds_in_what_the_person_gets_to_see(dorp, signal):
    request = inspections.asked(dorp, signal)
    inspections.drafted(dorp, request)
    inspections.approved(dorp, request)
    assert "Nora Naast" in inspections.exports_of(dorp, request).json
    address, _page = opened(dorp, signal)
    Client().post(address, GIVEN | {"name": "Nora Verder", "may_call": "on"})
    refused = dorp.client("coordinator").get(reverse("inspection_json", args=["dorp", request.pk]))
    assert refused.status_code == 302
    inspections.drafted(dorp, request)
    inspections.approved(dorp, request)
    text = inspections.exports_of(dorp, request).json
    assert "Nora" not in text


def test_an_earlier_name_stays_guarded_too(dorp):
    signal = inspections.protected(dorp)
    address = reverse("reporter_data", args=["dorp", signal.reference])
    dorp.client("coordinator").post(address, {"name": "Sjoerdje", "email": "", "phone": ""})
    signal = dorp.fresh(signal)
    with tenant(dorp.municipality.pk):
        guard = withholding.Guard.of([signal], signal.dossier.resident)
    assert [guard.spans(text) == [] for text in ("Mieke", "06 12345678", "Sjoerdje", "Hendrik")] == [False] * 3 + [True]


def test_without_an_address_the_coordinator_shows_and_changes_it(dorp):
    signal = dorp.signal(**{"wie-bent-u": WHO | {"email": ""}})
    client = dorp.client("coordinator")
    address = reverse("reporter_data", args=["dorp", signal.reference])
    page = client.get(address).content.decode()
    shown = page[page.index("<main") : page.index("</main>")]
    assert "Nora Naast" in shown
    assert [word for word in (ADDRESS["street"], ADDRESS["person_name"]) if word in shown] == []
    client.post(address, {"name": "Nora Verder", "email": "", "phone": "", "may_call": "on"})
    reporter = dorp.fresh(signal).reporter
    assert (reporter.name, reporter.phone, reporter.may_call) == ("Nora Verder", "", False)
    story = client.get(reverse("dossier", args=["dorp", signal.reference])).content.decode()
    assert "De melder trok een toestemming in." in story


def test_a_worker_does_not_see_it(dorp, signal):
    for name in ("reporter_data", "reporter_data_file"):
        assert dorp.client("worker").get(reverse(name, args=["dorp", signal.reference])).status_code == 403
