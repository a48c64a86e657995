"""Recording a contact: once, sealed, never changed, and mended by another entry."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from followup import timeline
from followup.actions.contacts import AlreadyCorrected, correct_contact
from followup.forms import ContactForm
from followup.models import ContactEntry, ContactKind, ContactResult
from municipalities.tenancy import tenant
from municipalities.vault import VaultError
from tests.conftest import connect

NOTE = "Hoort slecht: hard bellen."


def typed(**changes):
    form = {
        "kind": "home_visit",
        "result": "spoken",
        "occurred_at": moment(timezone.now()),
        "note": NOTE,
        "next_step": "visit_again",
        "key": str(uuid4()),
    }
    return form | changes


def moment(when):
    return timezone.localtime(when).strftime("%Y-%m-%dT%H:%M")


def entries(cast):
    with tenant(cast.municipality.pk):
        return list(ContactEntry.objects.of(cast.municipality).order_by("recorded_at"))


def notes(cast):
    with tenant(cast.municipality.pk):
        return [entry.note for entry in ContactEntry.objects.of(cast.municipality).order_by("recorded_at")]


@pytest.fixture
def signal(dorp):
    return dorp.signal(assigned_to="worker")


@pytest.fixture
def path(signal):
    return f"/dorp/signalen/{signal.reference}/contact/"


def correcting(path, entry):
    return f"{path}{entry.pk}/verbeteren/"


def test_the_form_becomes_an_entry(dorp, signal, path):
    answer = dorp.client("worker").post(path, typed())
    assert answer["Location"] == f"/dorp/signalen/{signal.reference}/"
    (entry,) = entries(dorp)
    assert (entry.kind, entry.result, entry.by, entry.next_step) == ("home_visit", "spoken", dorp.worker, "visit_again")
    assert timezone.now() - entry.recorded_at < timedelta(seconds=5)
    assert dorp.fresh(signal).visited_at is not None


def test_the_same_form_sent_twice_makes_one_entry(dorp, path):
    form, worker = typed(), dorp.client("worker")
    answers = [worker.post(path, form) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert len(entries(dorp)) == 1


def test_the_same_correction_sent_twice_makes_one_entry(dorp, signal, path):
    entry = dorp.contact(signal)
    form, worker = typed(result="worrying"), dorp.client("worker")
    assert [worker.post(correcting(path, entry), form).status_code for _ in range(2)] == [302, 302]
    assert len(entries(dorp)) == 2


def test_every_form_has_a_key_of_its_own(dorp, path):
    worker = dorp.client("worker")
    keys = {worker.get(path).context["form"]["key"].value() for _ in range(2)}
    assert len(keys) == 2
    assert all(keys)


def test_the_button_for_a_visit_has_it_ticked(dorp, path):
    assert dorp.client("worker").get(path + "?soort=home_visit").context["form"]["kind"].value() == "home_visit"
    assert dorp.client("worker").get(path + "?soort=onzin").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"occurred_at": moment(timezone.now() + timedelta(hours=1))}, "occurred_at"),
        ({"occurred_at": moment(timezone.now() - timedelta(days=400))}, "occurred_at"),
        ({"occurred_at": "gisteren"}, "occurred_at"),
        ({"occurred_at": ""}, "occurred_at"),
        ({"kind": ""}, "kind"),
        ({"kind": "onzin"}, "kind"),
        ({"result": ""}, "result"),
        ({"result": "withdrawn"}, "result"),
        ({"next_step": "onzin"}, "next_step"),
        ({"note": NOTE + "x" * 4000}, "note"),
    ],
)
def test_an_error_names_its_field_keeps_the_note_and_writes_nothing(dorp, path, change, field):
    answer = dorp.client("worker").post(path, typed(**change))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert NOTE in answer.content.decode()
    assert entries(dorp) == []


def test_a_clock_that_runs_a_little_ahead_is_no_error(dorp, path):
    ahead = timezone.now() + timedelta(minutes=3)
    assert dorp.client("worker").post(path, typed(occurred_at=moment(ahead))).status_code == 302


@pytest.mark.parametrize(("hours", "is_late"), [(0, False), (23, False), (25, True)])
def test_an_entry_of_more_than_a_day_ago_is_shown_as_late(in_dorp, signal, hours, is_late):
    in_dorp.contact(signal, occurred_at=timezone.now() - timedelta(hours=hours))
    (shown,) = [entry for entry in timeline.of(in_dorp.fresh(signal)) if entry.contact]
    assert shown.is_late is is_late


def test_the_claimed_moment_and_that_of_recording_are_both_kept(dorp, signal):
    claimed = timezone.now() - timedelta(hours=5)
    dorp.contact(signal, occurred_at=claimed)
    (entry,) = entries(dorp)
    assert entry.occurred_at == claimed
    assert entry.recorded_at > claimed + timedelta(hours=4)


def test_a_note_is_readable_only_through_the_vault(transactional_db, dorp, signal):
    dorp.contact(signal, note=NOTE)
    assert notes(dorp) == [NOTE]
    with connect("superuser") as everything:
        row, sealed = everything.execute(
            "SELECT to_jsonb(c)::text, sealed_note FROM followup_contactentry AS c"
        ).fetchone()
    assert len(sealed) > len(NOTE)
    assert NOTE.encode() not in sealed
    assert NOTE not in row


def test_no_note_needs_no_key(dorp, signal):
    dorp.contact(signal)
    assert notes(dorp) == [""]
    assert entries(dorp)[0].sealed_note == b""


def test_without_the_key_no_page_is_shown(dorp, signal, settings):
    dorp.contact(signal, note=NOTE)
    settings.VAULT_KEYS = {"1": "/" * 43 + "="}
    with pytest.raises(VaultError):
        notes(dorp)
    worker = dorp.client("worker")
    worker.raise_request_exception = False
    answer = worker.get(f"/dorp/signalen/{signal.reference}/")
    assert answer.status_code == 503
    assert signal.reference not in answer.content.decode()


def test_a_note_that_was_moved_to_another_entry_does_not_open(in_dorp, signal):
    first, second = in_dorp.contact(signal, note=NOTE), in_dorp.contact(signal, note="Iets anders")
    second.sealed_note = first.sealed_note
    with pytest.raises(VaultError):
        assert second.note


def test_the_correction_form_starts_from_what_was_recorded(dorp, signal, path):
    entry = dorp.contact(signal, note=NOTE, next_step="call")
    form = dorp.client("worker").get(correcting(path, entry)).context["form"]
    assert (form["kind"].value(), form["result"].value()) == ("home_visit", "spoken")
    assert (form["note"].value(), form["next_step"].value()) == (NOTE, "call")


def test_a_correction_points_at_the_entry_and_leaves_it_readable(dorp, signal, path):
    entry = dorp.contact(signal, note=NOTE)
    dorp.client("worker").post(correcting(path, entry), typed(result="worrying", note="Huisarts gebeld."))
    first, second = entries(dorp)
    assert (first.result, second.result, second.corrects_id) == ("spoken", "worrying", first.pk)
    assert notes(dorp) == [NOTE, "Huisarts gebeld."]


def test_a_correction_may_be_corrected(in_dorp, signal):
    entry = in_dorp.contact(signal)
    for result in ("no_answer", "withdrawn"):
        entry = correct_contact(
            entry=entry, by=in_dorp.worker, kind="home_visit", result=result, occurred_at=entry.occurred_at
        )
    assert [row.result for row in entries(in_dorp)] == ["spoken", "no_answer", "withdrawn"]
    assert list(ContactEntry.objects.for_signal(signal).standing()) == []
    assert in_dorp.fresh(signal).visited_at is None


def test_the_moment_of_a_corrected_correction_is_that_of_the_first_entry(in_dorp, signal):
    first = entry = in_dorp.contact(signal)
    for result in ("worrying", "spoken"):
        entry = correct_contact(
            entry=entry, by=in_dorp.worker, kind="home_visit", result=result, occurred_at=entry.occurred_at
        )
    first.refresh_from_db()
    assert in_dorp.fresh(signal).visited_at == first.recorded_at


def test_an_entry_is_corrected_once(dorp, signal, path):
    entry = dorp.contact(signal)
    worker = dorp.client("worker")
    worker.post(correcting(path, entry), typed(result="worrying"))
    answer = worker.post(correcting(path, entry), typed(result="refused"), follow=True)
    assert "utrecht-alert--error" in answer.content.decode()
    assert [row.result for row in entries(dorp)] == ["spoken", "worrying"]
    with tenant(dorp.municipality.pk), pytest.raises(AlreadyCorrected):
        correct_contact(entry=entry, by=dorp.worker, kind="phone", result="spoken", occurred_at=entry.occurred_at)


def test_a_corrected_entry_has_no_way_to_correct_it_again(in_dorp, signal):
    entry = in_dorp.contact(signal)
    newest = correct_contact(
        entry=entry, by=in_dorp.worker, kind="phone", result="spoken", occurred_at=entry.occurred_at
    )
    page = in_dorp.client("worker").get(f"/dorp/signalen/{signal.reference}/")
    urls = [shown.correct_url for shown in page.context["entries"] if shown.correct_url]
    assert urls == [f"/dorp/signalen/{signal.reference}/contact/{newest.pk}/verbeteren/"]
    assert all(f'href="{url}"' in page.content.decode() for url in urls)


REACHING = {"spoken", "worrying", "refused"}


@pytest.mark.parametrize("result", ContactResult)
@pytest.mark.parametrize("kind", ContactKind)
def test_only_contact_with_the_person_reaches_them(dorp, signal, kind, result):
    entry = dorp.contact(signal, kind, result)
    expected = result in REACHING and kind not in ("reporter_contact", "partner_contact")
    assert entry.reached is expected
    assert bool(dorp.fresh(signal).reached_at) is expected


def test_talk_with_the_reporter_is_no_attempt_at_the_person(dorp, signal):
    dorp.contact(signal, "reporter_contact", "spoken")
    assert dorp.fresh(signal).first_attempt_at is None
    assert dorp.fresh(signal).status == "assigned"


def test_an_entry_of_another_signal_is_not_found_here(dorp, signal, path):
    other = dorp.contact(dorp.signal(assigned_to="worker"))
    assert dorp.client("worker").get(correcting(path, other)).status_code == 404


def test_withdrawing_is_offered_only_to_who_corrects(dorp, signal, path):
    entry = dorp.contact(signal)
    assert "withdrawn" not in dict(ContactForm(received_at=signal.received_at).fields["result"].choices)
    answer = dorp.client("worker").post(correcting(path, entry), typed(result="withdrawn"))
    assert answer.status_code == 302
    assert dorp.fresh(signal).visited_at is None
