"""A protected dossier: open to whom it is assigned, to others for an hour with a reason, and nobody looks unseen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from municipalities.models import AccessLogEntry, GlassReason, Membership, OutboxMessage
from municipalities.models.outbox import Urgency
from municipalities.models.trail import OPEN_FOR
from municipalities.permissions import Permission, Reach
from municipalities.tenancy import reach_for, tenant
from signals import actions
from signals.models import Dossier, Protection, ProtectReason, Resident, Signal
from signals.models.signal import SignalQuerySet
from tests.addresses import ADDRESSES, access_of, parameters_of
from tests.committed import as_role, one
from tests.test_access import CONTACT, PERSONAL, written
from tests.test_reach import reaching
from tests.test_state_space import movable_clock  # noqa: F401


def protect(dorp, signal, by="coordinator"):
    with tenant(dorp.municipality.pk):
        return actions.protect(signal=signal, reason="colleague", by=dorp.people[by])


def address(dorp, name, signal, **more):
    return reverse(name, args=[dorp.slug, signal.reference, *more.values()])


def break_glass(dorp, signal, client=None, reason="deciding"):
    return (client or dorp.client("coordinator")).post(address(dorp, "glass", signal), {"reason": reason})


def personal_in(answer):
    return [text for text in PERSONAL if text in answer.content.decode()]


def mails(dorp):
    with tenant(dorp.municipality.pk):
        return list(OutboxMessage.objects.filter(template="glass").order_by("pk"))


def broken(dorp):
    with tenant(dorp.municipality.pk):
        rows = AccessLogEntry.objects.that_broke_glass().order_by("pk")
        return list(rows.values_list("user", "reference", "reason"))


@pytest.fixture
def signal(dorp):
    """A protected one, assigned to the worker, with a note in it."""
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, kind="phone", result="no_answer", note="Kent de gordijnen van vroeger.")
    protect(dorp, signal)
    return dorp.fresh(signal)


# -- before it is broken


def test_it_is_opened_by_breaking_the_glass_only(dorp, signal):
    client = dorp.client("coordinator")
    answer = client.get(address(dorp, "dossier", signal))
    assert (answer.status_code, answer.url) == (302, address(dorp, "glass", signal))
    page = client.get(answer.url)
    assert (page.status_code, personal_in(page)) == (200, [])
    assert signal.reference in page.content.decode()
    assert broken(dorp) == mails(dorp) == []


BEHIND = [
    name
    for name in ADDRESSES
    if parameters_of(name) - {"entry_id"} == {"gemeente", "reference"}
    and name not in {"acknowledge", "glass", "end_protection", "accept", "take"}
    # Keeping and erasing show references only, and open nothing.
    and access_of(name) != Permission.ERASE
]
SENT = CONTACT | {"reason": "moved", "until": "2026-12-01T10:00"}


def test_these_pages_lie_behind_it():
    assert set(BEHIND) >= {
        "dossier",
        "log_contact",
        "correct_contact",
        "assign",
        "close",
        "reopen",
        "pause",
        "end_pause",
    }


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", BEHIND)
def test_every_verb_behind_it_leads_to_the_glass_and_writes_nothing(name, method, dorp, signal):
    with tenant(dorp.municipality.pk):
        more = {"entry_id": signal.contacts.get().pk} if "entry_id" in parameters_of(name) else {}
    before = written(dorp)
    data = SENT | {"worker": dorp.other_worker.pk}
    answer = getattr(dorp.client("coordinator"), method)(address(dorp, name, signal, **more), data)
    if answer.status_code != 405:
        assert (answer.status_code, answer.url) == (302, address(dorp, "glass", signal)), access_of(name)
    assert written(dorp) == before


def test_the_desk_shows_where_it_stands_and_not_whom_it_is_about(dorp, signal):
    other = dorp.signal(**{"adres": {"street": "Kerkpad", "house_number": "7", "place": "Dorp", "postcode": "",
                                     "house_number_addition": "", "person_name": ""}})  # fmt: skip
    for filters in ({}, {"status": "in_contact"}, {"worker": dorp.worker.pk}, {"period": "7"}):
        page = dorp.client("coordinator").get(reverse("dashboard", args=[dorp.slug]), filters)
        text = page.content.decode()
        assert signal.reference in text
        assert dorp.worker.name in text
        assert personal_in(page) == []
    desk = dorp.client("coordinator").get(reverse("dashboard", args=[dorp.slug])).content.decode()
    assert "Kerkpad" in desk
    assert other.reference in desk
    assert desk.count('<th scope="row"') == 2


def test_the_worker_who_has_it_opens_it_as_before(dorp, signal):
    for name in ("dossier", "log_contact"):
        assert "Lindelaan" in dorp.client("worker").get(address(dorp, name, signal)).content.decode()
    assert "Lindelaan" in dorp.client("worker").get(reverse("today", args=[dorp.slug])).content.decode()
    assert mails(dorp) == []


@pytest.mark.parametrize("who", ["other_worker", "manager", "privacy_officer", "platform_admin"])
def test_nobody_else_gets_as_far_as_the_glass(who, dorp, signal):
    answer = break_glass(dorp, signal, dorp.client(who))
    assert answer.status_code == 403
    assert dorp.client(who).get(address(dorp, "dossier", signal)).status_code in {403, 404}
    assert broken(dorp) == []


# -- breaking it


@pytest.mark.parametrize("reason", GlassReason.values)
def test_a_reason_opens_it_and_tells_the_privacy_officer_at_once(reason, dorp, signal):
    client = dorp.client("coordinator")
    assert break_glass(dorp, signal, client, reason).url == address(dorp, "dossier", signal)
    assert personal_in(client.get(address(dorp, "dossier", signal))) == list(PERSONAL)
    assert broken(dorp) == [(dorp.coordinator.pk, signal.reference, reason)]
    (mail,) = mails(dorp)
    assert (mail.recipient, mail.urgency) == (dorp.privacy_officer.email, Urgency.URGENT)
    assert mail.context == {"reference": signal.reference, "path": f"/dorp/leeslog/?reference={signal.reference}"}


@pytest.mark.parametrize("reason", ["", "nieuwsgierig", "not_found"])
def test_without_a_reason_from_the_list_it_stays_closed(reason, dorp, signal):
    client = dorp.client("coordinator")
    answer = break_glass(dorp, signal, client, reason)
    assert (answer.status_code, personal_in(answer)) == (200, [])
    assert client.get(address(dorp, "dossier", signal)).status_code == 302
    assert broken(dorp) == mails(dorp) == []


def test_it_opens_for_whoever_broke_it_and_not_for_a_colleague(dorp, signal, stad):
    with tenant(dorp.municipality.pk):
        Membership.objects.filter(user=dorp.manager).update(role="coordinator")
    break_glass(dorp, signal)
    assert dorp.client("manager").get(address(dorp, "dossier", signal)).status_code == 302


def broken_before(dorp, signal, client, age):
    """Break the glass as if it were so long ago."""
    _set_clock((timezone.now() - age).isoformat())
    break_glass(dorp, signal, client)
    _set_clock("")


def _set_clock(moment):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.now', %s, false)", [moment])


ALMOST, OVER = OPEN_FOR - timedelta(minutes=1), OPEN_FOR + timedelta(seconds=1)


@pytest.mark.parametrize(("age", "status"), [(ALMOST, 200), (OVER, 302)])
def test_after_an_hour_it_is_closed_again(age, status, movable_clock, dorp, signal):  # noqa: F811
    client = dorp.client("coordinator")
    broken_before(dorp, signal, client, age)
    assert client.get(address(dorp, "dossier", signal)).status_code == status


@pytest.mark.parametrize(("age", "count"), [(ALMOST, 1), (OVER, 0)])
def test_the_database_counts_the_same_hour(age, count, movable_clock, dorp, signal):  # noqa: F811
    broken_before(dorp, signal, dorp.client("coordinator"), age)
    with tenant(dorp.municipality.pk, user_id=dorp.coordinator.pk):
        reach_for(Reach.ALL)
        assert Resident.objects.count() == count


def test_two_officers_are_told_and_without_one_the_last_resort(dorp, signal):
    with tenant(dorp.municipality.pk):
        Membership.objects.filter(user=dorp.manager).update(role="privacy_officer")
    break_glass(dorp, signal)
    assert {mail.recipient for mail in mails(dorp)} == {dorp.privacy_officer.email, dorp.manager.email}


@pytest.mark.parametrize("fallback", ["waakdienst@dorp.example", ""])
def test_with_no_privacy_officer_the_last_resort_is_told(fallback, dorp, signal, settings):
    settings.OPERATOR_EMAIL = "beheer@portaal.example"
    with tenant(dorp.municipality.pk):
        Membership.objects.filter(user=dorp.privacy_officer).update(is_active=False)
        dorp.municipality.fallback_email = fallback
        dorp.municipality.save()
    break_glass(dorp, signal)
    assert [mail.recipient for mail in mails(dorp)] == [fallback or "beheer@portaal.example"]


def test_it_stands_in_the_dossier_and_in_the_log(dorp, signal):
    client = dorp.client("coordinator")
    break_glass(dorp, signal, client, "danger")
    page = client.get(address(dorp, "dossier", signal)).content.decode()
    assert "Het dossier is afgeschermd: een familielid of bekende van een collega." in page
    assert "Het afgeschermde dossier is voor een uur geopend: iemand is in gevaar." in page
    log = dorp.client("privacy_officer").get(mails(dorp)[0].context["path"]).content.decode()
    assert "Iemand is in gevaar" in log
    assert dorp.coordinator.name in log


def test_what_was_typed_is_kept_until_it_is_open(dorp, signal):
    client = dorp.client("coordinator")
    client.post(address(dorp, "log_contact", signal), CONTACT | {"note": "Een lang verhaal."})
    answer = break_glass(dorp, signal, client)
    page = client.get(answer.url)
    assert "Een lang verhaal." in page.content.decode()
    assert f'action="{address(dorp, "log_contact", signal)}"' in page.content.decode()


# -- protecting and ending it


@pytest.mark.parametrize("reason", ProtectReason.values)
def test_a_coordinator_protects_it_with_a_reason(reason, dorp):
    signal = dorp.signal()
    answer = dorp.client("coordinator").post(address(dorp, "protect", signal), {"reason": reason})
    assert answer.url == reverse("dashboard", args=[dorp.slug])
    with tenant(dorp.municipality.pk):
        record = Protection.objects.get()
        assert (record.dossier.is_protected, record.reason, record.by) == (True, reason, dorp.coordinator)


@pytest.mark.parametrize("reason", ["", "zomaar"])
def test_not_without_one(reason, dorp):
    signal = dorp.signal()
    dorp.client("coordinator").post(address(dorp, "protect", signal), {"reason": reason})
    assert dorp.client("coordinator").get(address(dorp, "dossier", signal)).status_code == 200


def test_the_privacy_officer_protects_by_reference_and_ends_it(dorp):
    signal, officer = dorp.signal(), dorp.client("privacy_officer")
    page = reverse("protected", args=[dorp.slug])
    asked = {"reference": f" {signal.reference.lower()} ", "reason": "secret"}
    assert officer.post(page, asked).status_code == 302
    listed = officer.get(page)
    assert signal.reference in listed.content.decode()
    assert personal_in(listed) == []
    assert dorp.client("coordinator").get(address(dorp, "dossier", signal)).status_code == 302
    officer.post(address(dorp, "end_protection", signal))
    assert signal.reference not in officer.get(page, follow=True).content.decode().split("<ul")[-1]
    assert dorp.client("coordinator").get(address(dorp, "dossier", signal)).status_code == 200
    with tenant(dorp.municipality.pk):
        assert list(Protection.objects.order_by("pk").values_list("is_on", "by")) == [
            (True, dorp.privacy_officer.pk),
            (False, dorp.privacy_officer.pk),
        ]


def test_an_unknown_reference_says_so(dorp):
    page = reverse("protected", args=[dorp.slug])
    for reference in ("SP-2026-7KQ4MD", "onzin"):
        answer = dorp.client("privacy_officer").post(page, {"reference": reference, "reason": "known"})
        assert "reference" in answer.context["form"].errors


@pytest.mark.parametrize("who", ["coordinator", "worker", "manager", "platform_admin"])
def test_only_the_privacy_officer_ends_it(who, dorp, signal):
    assert dorp.client(who).post(address(dorp, "end_protection", signal)).status_code == 403
    with tenant(dorp.municipality.pk):
        assert Dossier.objects.get(pk=signal.dossier_id).is_protected


def test_twice_is_once(dorp, signal):
    with pytest.raises(actions.NothingToProtect):
        protect(dorp, signal)
    dorp.client("privacy_officer").post(address(dorp, "end_protection", signal))
    dorp.client("privacy_officer").post(address(dorp, "end_protection", signal))
    with tenant(dorp.municipality.pk):
        assert Protection.objects.count() == 2


# -- the database by itself


@pytest.fixture
def opened(monkeypatch):
    everything = lambda rows, *_who: rows.all()  # noqa: E731
    for way in ("visible_to", "assigned_to"):
        monkeypatch.setattr(SignalQuerySet, way, everything)
    monkeypatch.setattr(SignalQuerySet, "behind_glass_for", lambda rows, _user: rows.none())


def test_the_database_alone_holds_it_closed(dorp, signal, opened):
    for name in ("dossier", "log_contact", "pause"):
        answer = dorp.client("coordinator").get(address(dorp, name, signal))
        assert (answer.status_code, personal_in(answer)) == (404, [])


TABLES = ("signals_resident", "signals_reporter", "followup_contactentry")


@pytest.mark.parametrize(
    ("who", "reach", "is_there"),
    [
        ("coordinator", "all", False),
        ("worker", "own", True),
        ("other_worker", "own", False),
        (None, "", True),
    ],
)
def test_in_plain_sql_too(who, reach, is_there, transactional_db, make_cast):
    cast = make_cast("dorp")
    signal = cast.signal(assigned_to="worker")
    cast.contact(signal, kind="phone", result="no_answer")
    protect(cast, signal)
    with as_role("default", cast) as serving:
        reaching(serving, cast.people.get(who), reach)
        counts = {one(serving, f"SELECT count(*) FROM {table}") for table in TABLES}
    assert counts == {int(is_there)}


def test_nor_does_a_colleagues_broken_glass_open_it_there(dorp, signal):
    break_glass(dorp, signal)
    for who, count in (("coordinator", 1), ("manager", 0)):
        with tenant(dorp.municipality.pk, user_id=dorp.people[who].pk):
            reach_for(Reach.ALL)
            assert Resident.objects.count() == count


# -- the page by itself


@pytest.mark.parametrize("who", ["coordinator", "worker"])
def test_without_the_database_the_page_leaves_it_out(who, dorp, signal):
    """Without a user the database holds nothing back: what is left is what the page asks for."""

    def seen():
        with tenant(dorp.municipality.pk):
            member = Membership.objects.get(user=dorp.people[who])
            visible = Signal.objects.visible_to(member).filter(pk=signal.pk).exists()
            return visible, Signal.objects.behind_glass_for(dorp.people[who].pk).exists()

    assert seen() == ((False, True) if who == "coordinator" else (True, False))
    if who == "coordinator":
        break_glass(dorp, signal)
        assert seen() == (True, False)
