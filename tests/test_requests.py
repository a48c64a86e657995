"""A request to see a dossier, from asking to handing over: two people and one month."""

from datetime import date, timedelta

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from followup.actions import requests as verbs
from followup.models import RequestStep
from followup.models.request import months_later
from municipalities.models import AccessLogEntry
from municipalities.tenancy import tenant
from signals import actions
from tests import inspections
from tests.addresses import ADDRESSES
from tests.cast import WORRY
from tests.conftest import connect
from tests.inspections import approved, asked, drafted, fresh, second_coordinator

DOCUMENTS = ["inspection_document", "inspection_json", "inspection_pdf"]


@pytest.fixture
def signal(dorp):
    return inspections.protected(dorp)


@pytest.fixture
def request_(dorp, signal):
    return asked(dorp, signal)


def url(cast, name, request):
    return reverse(name, args=[cast.slug, request.pk])


def steps(cast, request):
    with tenant(cast.municipality.pk):
        return list(request.steps.values_list("kind", "by"))


def verdict(cast, who, request, *, draft=None, sha256=None, **said):
    with tenant(cast.municipality.pk):
        newest = draft or fresh(request).draft
    data = {"approved": "yes", "reason": "", "draft_id": newest.pk, "sha256": sha256 or newest.sha256} | said
    return cast.client(who).post(url(cast, "rights_request", request), data)


def open_documents(cast, request):
    client = cast.client("coordinator")
    return [client.get(url(cast, name, request)).status_code for name in DOCUMENTS]


def test_the_whole_way(dorp, signal):
    client = dorp.client("coordinator")
    answers = {"channel": "counter", "identity": "document_seen", "asked_on": str(timezone.localdate())}
    page = client.post(reverse("ask_inspection", args=["dorp", signal.reference]), answers)
    assert page.url.endswith("/voorbereiden/")
    assert client.post(page.url, {"withheld": []}).status_code == 302
    with tenant(dorp.municipality.pk):
        request = signal.dossier.requests.get()
    assert open_documents(dorp, request) == [302, 302, 302]
    verdict(dorp, "privacy_officer", request)
    assert open_documents(dorp, request) == [200, 200, 200]
    client.post(url(dorp, "end_request", request), {"reason": "handed_over"})
    assert [kind for kind, _by in steps(dorp, request)] == ["drafted", "approved", "delivered"]
    story = client.get(reverse("dossier", args=["dorp", signal.reference])).content.decode()
    for sentence in (
        "De persoon vroeg om inzage in het dossier.",
        "het document is goedgekeurd.",
        "de persoon kreeg het",
    ):
        assert sentence in story


def test_the_record_holds_no_word_of_the_dossier(dorp, request_):
    drafted(dorp, request_)
    approved(dorp, request_)
    with tenant(dorp.municipality.pk):
        kept = str(list(RequestStep.objects.values())) + str(list(type(request_).objects.values()))
    assert [word for word in ("Mieke", "gordijnen", "Lindelaan", "Wit", "kapster") if word in kept] == []


@pytest.mark.parametrize("who", ["coordinator", "second"])
def test_nobody_approves_what_they_prepared(dorp, request_, who):
    second_coordinator(dorp)
    drafted(dorp, request_, by=who)
    verdict(dorp, who, request_)
    assert [kind for kind, _by in steps(dorp, request_)] == ["drafted"]
    assert open_documents(dorp, request_) == [302, 302, 302]
    verdict(dorp, {"coordinator": "second", "second": "coordinator"}[who], request_)
    assert open_documents(dorp, request_) == [200, 200, 200]


def test_nor_by_the_verb_nor_by_a_statement_of_their_own(dorp, request_):
    drafted(dorp, request_)
    with tenant(dorp.municipality.pk):
        draft = fresh(request_).draft
        same = {"request": request_, "draft": draft, "by": dorp.coordinator, "municipality": dorp.municipality}
        with pytest.raises(verbs.SamePerson):
            verbs.approve(request=request_, draft_id=draft.pk, sha256=draft.sha256, by=dorp.coordinator)
        with pytest.raises(DatabaseError, match="nobody judges"), transaction.atomic():
            RequestStep.objects.create(kind="approved", sha256=draft.sha256, **same)
        with pytest.raises(DatabaseError, match="nobody approved"), transaction.atomic():
            RequestStep.objects.create(kind="delivered", sha256=draft.sha256, **same)
        with pytest.raises(DatabaseError, match="not the document"), transaction.atomic():
            RequestStep.objects.create(kind="approved", sha256="0" * 64, **same | {"by": dorp.privacy_officer})


@pytest.mark.parametrize("who", ["worker", "manager", "platform_admin"])
def test_who_may_not_review_cannot_post_a_verdict(dorp, request_, who):
    drafted(dorp, request_)
    assert verdict(dorp, who, request_).status_code == 403
    assert [kind for kind, _by in steps(dorp, request_)] == ["drafted"]


def test_a_privacy_officer_neither_prepares_nor_takes_along(dorp, request_):
    drafted(dorp, request_)
    approved(dorp, request_)
    client = dorp.client("privacy_officer")
    for name in ("prepare_inspection", *DOCUMENTS):
        assert client.get(url(dorp, name, request_)).status_code == 403


def test_a_newer_draft_takes_the_approval_away(dorp, request_):
    drafted(dorp, request_)
    approved(dorp, request_)
    drafted(dorp, request_, withheld=[])
    assert open_documents(dorp, request_) == [302, 302, 302]


def test_an_older_draft_cannot_be_approved_any_more(dorp, request_):
    old = drafted(dorp, request_)
    drafted(dorp, request_, withheld=[])
    verdict(dorp, "privacy_officer", request_, draft=old)
    assert [kind for kind, _by in steps(dorp, request_)] == ["drafted", "drafted"]


def test_approving_another_document_than_was_seen_is_refused(dorp, request_):
    drafted(dorp, request_)
    verdict(dorp, "privacy_officer", request_, sha256="f" * 64)
    assert [kind for kind, _by in steps(dorp, request_)] == ["drafted"]


def consent_withdrawn(cast, signal):
    signal.reporter.may_be_named = False
    signal.reporter.save()


def another_contact(cast, signal):
    cast.contact(signal, kind="phone", result="spoken", note="Er kwam iets bij.")


def another_story(cast, signal):
    with tenant(cast.municipality.pk):
        signal.note_change(by=cast.coordinator, reason="edited", story="Iets heel anders.")


@pytest.mark.parametrize("change", [consent_withdrawn, another_contact, another_story])
def test_what_changed_after_the_approval_does_not_leave(dorp, change):
    signal = inspections.with_consent(dorp)
    request = asked(dorp, signal)
    drafted(dorp, request)
    approved(dorp, request)
    assert open_documents(dorp, request) == [200, 200, 200]
    with tenant(dorp.municipality.pk):
        change(dorp, signal)
    assert open_documents(dorp, request) == [302, 302, 302]
    dorp.client("coordinator").post(url(dorp, "end_request", request), {"reason": "by_post"})
    assert [kind for kind, _by in steps(dorp, request)] == ["drafted", "approved"]


def test_nor_what_changed_between_draft_and_approval(dorp, request_, signal):
    drafted(dorp, request_)
    another_story(dorp, signal)
    verdict(dorp, "privacy_officer", request_)
    assert [kind for kind, _by in steps(dorp, request_)] == ["drafted"]


def test_looking_does_not_change_the_document(dorp, request_):
    drafted(dorp, request_)
    dorp.client("privacy_officer").get(url(dorp, "rights_request", request_))
    approved(dorp, request_)
    assert open_documents(dorp, request_) == [200, 200, 200]
    assert open_documents(dorp, request_) == [200, 200, 200]


def test_each_form_that_leaves_is_on_record(dorp, request_, signal):
    drafted(dorp, request_)
    approved(dorp, request_)
    with tenant(dorp.municipality.pk):
        before = set(AccessLogEntry.objects.values_list("pk", flat=True))
    open_documents(dorp, request_)
    with tenant(dorp.municipality.pk):
        rows = AccessLogEntry.objects.exclude(pk__in=before).order_by("pk")
        assert list(rows.values_list("action", "user", "reference")) == [
            (name, dorp.coordinator.pk, signal.reference) for name in DOCUMENTS
        ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_asks_for_the_password_once_more(name):
    assert ADDRESSES[name][1].callback.step_up


def test_sent_back_it_starts_again_with_what_was_decided(dorp, request_, signal):
    kept = f"story:{signal.reference}:1"
    with tenant(dorp.municipality.pk):
        proposed = verbs.current(fresh(request_)).proposed()
    drafted(dorp, request_, withheld=proposed - {kept})
    verdict(dorp, "privacy_officer", request_, approved="no", reason="too_little")
    page = dorp.client("coordinator").get(url(dorp, "prepare_inspection", request_)).content.decode()
    boxes = {key: f'value="{key}"' in page and " checked" in page.split(f'value="{key}"')[1][:60] for key in proposed}
    assert [key for key, ticked in boxes.items() if not ticked] == [kept]
    review = dorp.client("privacy_officer").get(url(dorp, "rights_request", request_)).content.decode()
    assert "Er is nog" not in review
    assert '<mark class="released">Ik zie haar als haar kapster elke vrijdag.' in review


def test_a_verdict_without_a_reason_keeps_what_was_typed(dorp, request_):
    drafted(dorp, request_)
    page = verdict(dorp, "privacy_officer", request_, approved="no")
    assert page.status_code == 200
    assert "Kies waarom het teruggaat." in page.content.decode()
    assert [kind for kind, _by in steps(dorp, request_)] == ["drafted"]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 10, 25), 1, date(2026, 11, 25)),
    ],
)
def test_a_month_is_a_month_of_the_calendar(day, months, expected):
    assert months_later(day, months) == expected


def test_the_oldest_request_stands_on_top_and_a_late_one_is_marked(dorp, signal):
    new = asked(dorp, signal)
    other = dorp.signal(zorg=WORRY)
    client = dorp.client("coordinator")
    old = str(timezone.localdate() - timedelta(days=40))
    address = reverse("ask_inspection", args=["dorp", other.reference])
    client.post(address, {"channel": "letter", "identity": "known", "asked_on": old})
    page = client.get(reverse("requests", args=["dorp"])).content.decode()
    assert page.index(other.reference) < page.index(new.signal.reference)
    assert page.count("badge--late") == 1


def test_the_term_is_extended_once_and_in_time(dorp, request_):
    client, address = dorp.client("coordinator"), url(dorp, "extend_request", request_)
    for _twice in range(2):
        client.post(address, {"extend-reason": "complex"})
    assert [kind for kind, _by in steps(dorp, request_)] == ["extended"]
    with tenant(dorp.municipality.pk):
        assert fresh(request_).due_on == months_later(request_.asked_on, 3)


def test_an_ended_request_takes_no_further_step(dorp, request_):
    client = dorp.client("coordinator")
    client.post(url(dorp, "end_request", request_), {"reason": "taken_back"})
    client.post(url(dorp, "prepare_inspection", request_), {})
    client.post(url(dorp, "extend_request", request_), {"extend-reason": "complex"})
    client.post(url(dorp, "end_request", request_), {"reason": "no_identity"})
    assert [kind for kind, _by in steps(dorp, request_)] == ["dropped"]


@pytest.mark.parametrize("asked_on", ["2099-01-01", "1999-01-01", "gisteren", ""])
def test_a_day_that_cannot_be_is_asked_again(dorp, signal, asked_on):
    address = reverse("ask_inspection", args=["dorp", signal.reference])
    data = {"channel": "letter", "identity": "known", "asked_on": asked_on}
    page = dorp.client("coordinator").post(address, data)
    assert page.status_code == 200
    assert "utrecht-form-field--invalid" in page.content.decode()


def test_a_request_of_another_municipality_is_not_there(dorp, stad, request_):
    for name in ("rights_request", "prepare_inspection", *DOCUMENTS):
        assert stad.client("coordinator").get(reverse(name, args=["stad", request_.pk])).status_code == 404


@pytest.mark.parametrize("table", ["followup_rightsrequest", "followup_requeststep"])
def test_what_was_done_stays(dorp, request_, table):
    with connect("default") as serving, pytest.raises(psycopg.errors.InsufficientPrivilege):
        serving.execute(f"DELETE FROM {table}")
    with connect("default") as serving, pytest.raises(psycopg.errors.InsufficientPrivilege):
        serving.execute(f"UPDATE {table} SET by_id = 1")


def test_a_protected_dossier_is_prepared_and_reviewed_behind_the_glass_only(dorp, request_, signal):
    drafted(dorp, request_)
    approved(dorp, request_)
    with tenant(dorp.municipality.pk):
        actions.protect(signal=signal, reason="known", by=dorp.coordinator)
    for name in ("rights_request", "prepare_inspection", *DOCUMENTS):
        answer = dorp.client("coordinator").get(url(dorp, name, request_))
        assert answer.url.startswith(reverse("glass", args=["dorp", signal.reference]))
    assert dorp.client("privacy_officer").get(url(dorp, "rights_request", request_)).status_code == 404
    client = dorp.client("coordinator")
    client.post(reverse("glass", args=["dorp", signal.reference]), {"reason": "danger"})
    assert client.get(url(dorp, "inspection_json", request_)).status_code == 200
