"""Erasing: by two people, for good, and with nothing left but figures and proof."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from followup import retention
from followup.actions import erasing
from followup.actions.rectifying import record_rectification
from followup.actions.warning import warn_everywhere
from followup.models import (
    ContactEntry,
    Disposal,
    Ground,
    Hold,
    Rectification,
    RequestStep,
    ResultClass,
    RetentionTerm,
    Tombstone,
)
from municipalities import vault
from municipalities.backups import erasures
from municipalities.models import AccessLogEntry, OutboxMessage, VaultKey
from municipalities.tenancy import tenant
from signals import actions, wishes
from signals.models import Reporter, ReporterChange, ReporterLink, Resident, Signal
from signals.workflow import TransitionError
from tests import inspections

LATER = timedelta(days=400)
SECRETS = ("Lindelaan", "Jan de Wit", "Nora Naast", "nora@naast.example", "06 00000001", "gordijnen")


@pytest.fixture
def closed(in_dorp):
    """A signal that was visited and closed, with a note."""
    signal = in_dorp.signal(assigned_to="worker")
    in_dorp.contact(signal, note="Heeft een sleutel bij de buren.")
    actions.close(signal=signal, reason="helped", by=in_dorp.coordinator)
    return in_dorp.fresh(signal)


def proposed(cast, *signals, ground=Ground.REQUEST, by="coordinator"):
    return erasing.propose(
        municipality=cast.municipality,
        dossiers=[signal.dossier_id for signal in signals],
        ground=ground,
        by=cast.people[by],
    )


def erased(cast, *signals):
    return erasing.approve(disposal=proposed(cast, *signals), by=cast.privacy_officer)


# -- what is gone, and what stays


def test_what_is_erased_is_blank_and_its_key_destroyed(in_dorp, closed):
    erased(in_dorp, closed)
    rows = [*Signal.objects.all(), *Reporter.objects.all(), *Resident.objects.all()]
    assert [value for row in rows for name in row.personal_fields if (value := getattr(row, name))] == []
    assert not VaultKey.objects.exists()
    with pytest.raises(vault.VaultError):
        _note = ContactEntry.objects.get().note


def test_the_receipt_is_no_longer_waiting_or_kept_in_the_outbox(in_dorp, closed):
    assert OutboxMessage.objects.filter(recipient="nora@naast.example").exists()
    erased(in_dorp, closed)
    assert not OutboxMessage.objects.filter(recipient="nora@naast.example").exists()


def test_neither_is_a_mail_to_an_address_that_they_changed_since(in_dorp, closed):
    actions.send_link(signal=closed)
    actions.change_reporter(signal=closed, by=None, email="anders@naast.example")
    assert OutboxMessage.objects.filter(recipient="nora@naast.example").count() == 2
    erased(in_dorp, closed)
    assert not OutboxMessage.objects.filter(recipient__endswith="@naast.example").exists()


def test_what_people_asked_about_their_data_can_be_read_by_nobody(in_dorp, closed):
    record_rectification(signal=closed, about="reported", wrong="Geen hond.", right="Een kat.", by=in_dorp.worker)
    actions.change_reporter(signal=closed, by=None, name="Nora Verder")
    erased(in_dorp, closed)
    for row, name in ((Rectification.objects.get(), "said"), (ReporterChange.objects.get(), "before")):
        with pytest.raises(vault.KeyGone):
            getattr(row, name)
    with pytest.raises(Http404):
        record_rectification(signal=closed, about="else", wrong="Nog", right="iets", by=in_dorp.worker)
    with pytest.raises(Http404):
        actions.change_reporter(signal=closed, by=None, name="Weer terug")
    assert (Reporter.objects.get().name, VaultKey.objects.count()) == ("", 0)


def test_neither_what_somebody_was_about_to_see_nor_the_reporters_link_opens(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, note="Sleutel bij de buren.")
    with tenant(dorp.municipality.pk):
        link = ReporterLink.objects.create(municipality=dorp.municipality, signal=signal)
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
    request = inspections.asked(dorp, signal)
    inspections.drafted(dorp, request)
    inspections.approved(dorp, request)
    addresses = [reverse(f"inspection_{kind}", args=[dorp.slug, request.pk]) for kind in ("document", "json", "pdf")]
    addresses += [reverse("rights_request", args=[dorp.slug, request.pk])]
    coordinator, own_data = dorp.client("coordinator"), reverse("own_data_link", args=[dorp.slug, link.token])
    assert [coordinator.get(address).status_code for address in addresses] == [200] * 4
    assert dorp.client().get(own_data).status_code == 200
    with tenant(dorp.municipality.pk):
        erased(dorp, signal)
        # That it was asked, approved and by whom stays, without a word of what it said.
        assert RequestStep.objects.count() == 2
    assert [coordinator.get(address).status_code for address in addresses] == [404] * 4
    assert signal.reference not in coordinator.get(reverse("requests", args=[dorp.slug])).content.decode()
    assert signal.reference not in coordinator.get(reverse("not_informed", args=[dorp.slug])).content.decode()
    assert [dorp.client().get(own_data).status_code, dorp.client().post(own_data).status_code] == [404, 404]


def test_with_the_address_goes_the_wish_that_was_said_there(in_dorp, closed):
    said = {"kind": "no_contact", "said_by": "person", "said_on": timezone.localdate()}
    actions.record_wish(signal=closed, by=in_dorp.worker, **said)
    later = in_dorp.signal()
    assert wishes.standing_for(later)
    erased(in_dorp, closed)
    assert wishes.standing_for(later) == []


def test_figures_and_history_keep_their_counts(in_dorp, closed):
    before = Signal.objects.count(), ContactEntry.objects.count(), Signal.history.count()
    erased(in_dorp, closed)
    assert (Signal.objects.count(), ContactEntry.objects.count()) == before[:2]
    assert Signal.history.count() == before[2] + 1
    row = in_dorp.fresh(closed)
    assert (row.received_at, row.visited_at, row.closed_at, row.signs) == (
        closed.received_at,
        closed.visited_at,
        closed.closed_at,
        closed.signs,
    )


def test_a_tombstone_says_what_when_and_by_whom(in_dorp, closed):
    disposal = erased(in_dorp, closed)
    stone = Tombstone.objects.get()
    assert (stone.reference, stone.result_class, stone.closed_at) == (
        closed.reference,
        ResultClass.HELPED,
        closed.closed_at,
    )
    assert (disposal.proposed_by, disposal.approved_by) == (in_dorp.coordinator, in_dorp.privacy_officer)


def test_the_receipt_code_and_address_lead_nowhere(dorp):
    signal = dorp.signal()
    thanks = reverse("signal_thanks", args=[dorp.slug, signal.draft])
    assert dorp.client().get(thanks).status_code == 200
    dorp.contact(signal, by="coordinator")
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        erased(dorp, signal)
    assert dorp.client().get(thanks).status_code == 410


def test_nobody_opens_it_again(in_dorp, closed):
    erased(in_dorp, closed)
    with pytest.raises(TransitionError):
        actions.reopen(signal=closed, by=in_dorp.coordinator)


def test_no_page_shows_anything_of_it(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, note="Sleutel bij de buren.")
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        erased(dorp, signal)
    page = reverse("dossier", args=[dorp.slug, signal.reference])
    response = dorp.client("coordinator").get(page)
    assert response.status_code == 410
    assert [text for text in (*SECRETS, "Sleutel") if text in response.content.decode()] == []
    assert dorp.client("worker").get(page).status_code == 404
    desk = dorp.client("coordinator").get(reverse("dashboard", args=[dorp.slug]) + "?status=closed")
    assert signal.reference not in desk.content.decode()


# -- a backup brings nobody back


def test_it_is_written_down_outside_the_database_first(in_dorp, closed):
    erased(in_dorp, closed)
    assert [erasure.whom for erasure in erasures.read()] == [(in_dorp.municipality.pk, closed.pk)]


def test_what_cannot_be_written_down_is_not_erased(in_dorp, closed, settings):
    settings.ERASURE_LOG = "/dev/null/no/such/folder"
    with pytest.raises(erasures.ErasureLogError):
        erased(in_dorp, closed)
    assert Resident.objects.get().name == "Jan de Wit"


@pytest.mark.parametrize("state", ["open", "closed", "gone"])
def test_after_a_restore_it_is_erased_again(state, dorp):
    signal = dorp.signal(assigned_to="worker")
    if state != "open":
        dorp.contact(signal, note="Sleutel bij de buren.")
        with tenant(dorp.municipality.pk):
            actions.close(signal=signal, reason="helped", by=dorp.coordinator)
    if state == "gone":
        with tenant(dorp.municipality.pk):
            erased(dorp, signal)
    erasures.append(municipality_id=dorp.municipality.pk, subject=signal.pk)
    erasures.reapply_erasures(since=timezone.now() - timedelta(days=1), erasures=erasures.read())
    with tenant(dorp.municipality.pk):
        row = dorp.fresh(signal)
        assert (row.story, row.is_open, row.clock_due_at) == ("", False, None)
        assert Resident.objects.get().name == ""
        assert not VaultKey.objects.exists()


# -- two people


def test_it_takes_two_people(in_dorp, closed):
    disposal = proposed(in_dorp, closed)
    with pytest.raises(erasing.TakesTwoPeople):
        erasing.approve(disposal=disposal, by=in_dorp.coordinator)
    assert Resident.objects.get().name == "Jan de Wit"


def test_the_database_says_so_too(in_dorp, closed):
    disposal = proposed(in_dorp, closed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.update(approved_by=disposal.proposed_by, executed_at=timezone.now())


def test_a_proposal_is_carried_out_or_withdrawn_once(in_dorp, closed):
    disposal = proposed(in_dorp, closed)
    erasing.withdraw(disposal=disposal, by=in_dorp.coordinator)
    for verb in (erasing.approve, erasing.withdraw):
        with pytest.raises(erasing.NotWaiting):
            verb(disposal=disposal, by=in_dorp.privacy_officer)
    assert Resident.objects.get().name == "Jan de Wit"


# -- what cannot be erased


def test_what_is_open_or_owed_a_visit_is_not_erased(in_dorp):
    unvisited = in_dorp.signal()
    actions.close(signal=unvisited, reason="refused", by=in_dorp.coordinator)
    for signal in (in_dorp.signal(), unvisited):
        with pytest.raises(erasing.NothingToErase):
            proposed(in_dorp, signal)


def test_on_the_ground_of_the_term_only_after_the_term(in_dorp, closed):
    with pytest.raises(erasing.NothingToErase):
        proposed(in_dorp, closed, ground=Ground.TERM)
    RetentionTerm.objects.create(municipality=in_dorp.municipality, result_class=ResultClass.HELPED, days=1)
    later = timezone.now() + timedelta(days=1, seconds=1)
    assert [dossier.pk for dossier in retention.past_term(in_dorp.municipality, later)] == [closed.dossier_id]


def test_a_hold_stops_it_and_lifting_lets_it_go_on(in_dorp, closed):
    disposal = proposed(in_dorp, closed)
    erasing.hold(dossier=closed.dossier, reason="complaint", by=in_dorp.privacy_officer)
    done = erasing.approve(disposal=disposal, by=in_dorp.privacy_officer)
    assert [item.skipped for item in done.items.all()] == ["held"]
    assert Resident.objects.get().name == "Jan de Wit"
    with pytest.raises(erasing.NothingToErase):
        proposed(in_dorp, closed)
    erasing.lift_hold(dossier=closed.dossier, by=in_dorp.privacy_officer)
    assert Hold.objects.count() == 2
    erased(in_dorp, closed)
    assert Resident.objects.get().name == ""


def test_what_was_opened_again_meanwhile_is_left_alone(in_dorp, closed):
    disposal = proposed(in_dorp, closed)
    actions.reopen(signal=closed, by=in_dorp.coordinator)
    done = erasing.approve(disposal=disposal, by=in_dorp.privacy_officer)
    assert [item.skipped for item in done.items.all()] == ["reopened"]
    assert VaultKey.objects.exists()


# -- terms


@pytest.mark.parametrize(
    ("reason", "kind", "days"),
    [("wrong_address", "not_taken_up", 28), ("refused", "no_help", 180), ("helped", "helped", 365)],
)
def test_own_defaults_are_short(reason, kind, days, in_dorp):
    signal = in_dorp.signal()
    in_dorp.contact(signal, by="coordinator")
    actions.close(signal=signal, reason=reason, by=in_dorp.coordinator)
    signal = in_dorp.fresh(signal)
    kept = retention.of(signal)
    assert kept.until == signal.closed_at + timedelta(days=days)
    assert kept.result_class == kind


def test_the_dossier_says_until_when_it_is_kept(dorp):
    signal = dorp.signal()
    dorp.contact(signal, by="coordinator")
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        until = retention.of(dorp.fresh(signal)).until
    page = dorp.client("coordinator").get(reverse("dossier", args=[dorp.slug, signal.reference])).content.decode()
    assert str(timezone.localtime(until).year) in page
    assert "bewaard" in page


def test_the_manager_sets_terms_and_a_mistake_loses_nothing(dorp):
    client, url = dorp.client("manager"), reverse("retention_terms", args=[dorp.slug])
    typed = {f"{kind}-days": "90" for kind in ResultClass} | {f"{kind}-ground": "Wmo 2.1" for kind in ResultClass}
    refused = client.post(url, typed | {"helped-days": "nooit"})
    assert refused.status_code == 200
    assert "Wmo 2.1" in refused.content.decode()
    assert client.post(url, typed).status_code == 302
    with tenant(dorp.municipality.pk):
        assert {term.days for term in RetentionTerm.objects.all()} == {90}


# -- told in time


def warned(cast):
    with tenant(cast.municipality.pk):
        return sorted(
            (mail.recipient, mail.context["days"]) for mail in OutboxMessage.objects.filter(template="retention")
        )


def test_somebody_is_told_30_7_and_1_days_before_once_each(dorp):
    signal = dorp.signal()
    dorp.contact(signal, by="coordinator")
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        end = retention.of(dorp.fresh(signal)).until
    for days in (31, 29, 28, 8, 6.5, 5, 2, 0.9, 0.5, -1):
        warn_everywhere(end - timedelta(days=days))
    told = [(dorp.coordinator.email, days) for days in (1, 7, 30)]
    assert warned(dorp) == told + [(dorp.privacy_officer.email, days) for days in (1, 7, 30)]


def test_what_is_on_hold_is_not_told(dorp):
    signal = dorp.signal()
    dorp.contact(signal, by="coordinator")
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        erasing.hold(dossier=signal.dossier, reason="complaint", by=dorp.coordinator)
        end = dorp.fresh(signal).closed_at + timedelta(days=365)
    assert warn_everywhere(end - timedelta(days=3)) == 0


# -- the pages


def test_from_the_list_to_the_certificate(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal)
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
    coordinator, officer = dorp.client("coordinator"), dorp.client("privacy_officer")
    answer = coordinator.post(reverse("propose_erasure", args=[dorp.slug, signal.reference]))
    page = answer.url
    assert "Akkoord" not in coordinator.get(page).content.decode()
    assert "Akkoord" in officer.get(page).content.decode()
    approve = page + "akkoord/"
    coordinator.post(approve)
    with tenant(dorp.municipality.pk):
        assert Resident.objects.get().name == "Jan de Wit"
    assert officer.post(approve).status_code == 302
    certificate = officer.get(page).content.decode()
    assert signal.reference in certificate
    assert dorp.coordinator.name in certificate
    assert [text for text in SECRETS if text in certificate] == []
    with tenant(dorp.municipality.pk):
        assert Resident.objects.get().name == ""
        assert not AccessLogEntry.objects.filter(action="disposal").exists()
