"""The privacy officer sees who looked at what, without anybody's help, and what stands out."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from followup import access_report
from followup.access_report import Outliers
from municipalities.actions import create_user
from municipalities.models import AccessLogEntry, Membership
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from tests.cast import WHO, logged_in


@pytest.fixture
def officer(dorp):
    return dorp.client("privacy_officer")


def open_dossier(dorp, who, signal):
    client = dorp.client(who) if isinstance(who, str) else logged_in(who)
    return client.get(reverse("dossier", args=[dorp.slug, signal.reference]))


def lives_in(dorp, who, postcode):
    return dorp.client(who).post(reverse("own_postcode", args=[dorp.slug]), {"postcode": postcode})


def shown(officer, dorp, **asked):
    """(who, reference) of the rows about dossiers that the page shows."""
    rows = officer.get(reverse("access_log", args=[dorp.slug]), asked).context["rows"]
    return [(row.user.name, row.reference) for row in rows if row.action == "dossier"]


def outliers(dorp, now=None):
    with tenant(dorp.municipality.pk):
        found = Outliers(dorp.municipality, now)
        return found.many_viewers(), found.never_worked(), found.same_surname()


def test_who_looked_at_a_dossier_is_found_by_its_reference(dorp, officer):
    one, other = dorp.signal(assigned_to="worker"), dorp.signal()
    open_dossier(dorp, "worker", one)
    open_dossier(dorp, "coordinator", one)
    open_dossier(dorp, "coordinator", other)
    assert shown(officer, dorp, reference=one.reference.lower()) == [
        ("Coordinator", one.reference),
        ("Worker", one.reference),
    ]
    assert len(shown(officer, dorp, who=dorp.coordinator.pk)) == 2
    assert shown(officer, dorp, who=dorp.worker.pk, reference=other.reference) == []


def test_days_are_dutch_days_both_included(dorp, officer):
    open_dossier(dorp, "coordinator", dorp.signal())
    today = timezone.localdate()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    assert len(shown(officer, dorp, since=today, until=today)) == 1
    assert shown(officer, dorp, until=yesterday) == shown(officer, dorp, since=tomorrow) == []


def test_looking_at_the_log_is_on_record(dorp, officer):
    officer.get(reverse("access_log", args=[dorp.slug]), {"reference": "SP-2026-7KQ4MD"})
    with tenant(dorp.municipality.pk):
        entry = AccessLogEntry.objects.get()
    assert (entry.user, entry.action, entry.reference) == (dorp.privacy_officer, "access_log", "SP-2026-7KQ4MD")


def test_a_name_that_is_typed_there_is_not_put_on_record(dorp, officer):
    officer.get(reverse("access_log", args=[dorp.slug]), {"reference": "Jan de Wit"})
    with tenant(dorp.municipality.pk):
        assert AccessLogEntry.objects.get().reference == ""


def test_looking_at_the_log_is_no_looking_at_a_dossier(dorp, officer):
    signal = dorp.signal()
    officer.get(reverse("access_log", args=[dorp.slug]), {"reference": signal.reference})
    assert outliers(dorp) == ([], [], [])


def test_what_is_asked_wrongly_says_so(dorp, officer):
    page = officer.get(reverse("access_log", args=[dorp.slug]), {"since": "gisteren", "na": "onzin"})
    assert page.status_code == 200
    assert "since" in page.context["filters"].errors


def test_more_than_a_page_goes_on_where_it_stopped(dorp, officer, monkeypatch):
    monkeypatch.setattr(access_report, "PAGE", 2)
    signal = dorp.signal()
    for _time in range(3):
        open_dossier(dorp, "coordinator", signal)
    first = officer.get(
        reverse("access_log", args=[dorp.slug]), {"reference": signal.reference, "who": dorp.coordinator.pk}
    )
    second = officer.get(reverse("access_log", args=[dorp.slug]) + first.context["next_page"])
    seen = [row.pk for page in (first, second) for row in page.context["rows"]]
    assert len(seen) == len(set(seen)) == 3
    assert second.context["next_page"] == ""


def test_the_file_has_the_fields_of_the_norm(dorp, officer):
    signal = dorp.signal()
    open_dossier(dorp, "coordinator", signal)
    answer = officer.get(reverse("access_log_export", args=[dorp.slug]), {"reference": signal.reference})
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    (row,) = [row for row in rows if row["action"] == "dossier"]
    assert (row["user_name"], row["user_role"], row["object"]) == ("Coordinator", "coordinator", signal.reference)
    assert row["event_time_utc"].endswith("+00:00")


def test_the_file_asks_for_the_password_once_more(dorp, settings):
    dorp.privacy_officer.set_password("een lang wachtwoord voor de proef")
    dorp.privacy_officer.save()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = dorp.client("privacy_officer").get(reverse("access_log_export", args=[dorp.slug]))
    assert answer.status_code == 302
    with tenant(dorp.municipality.pk):
        assert not AccessLogEntry.objects.exists()


def test_a_dossier_that_many_people_opened_stands_out(dorp):
    signal, other = dorp.signal(), dorp.signal()
    for number in range(access_report.MANY_VIEWERS):
        who, _made = create_user(email=f"c{number}@dorp.example", municipality=dorp.municipality, role=Role.COORDINATOR)
        open_dossier(dorp, who, signal)
        if number:
            open_dossier(dorp, who, other)
    assert outliers(dorp)[0] == [{"reference": signal.reference, "viewers": access_report.MANY_VIEWERS}]


def test_whoever_looked_and_never_did_anything_stands_out(dorp):
    worked, looked = dorp.signal(assigned_to="worker"), dorp.signal()
    dorp.contact(worked, kind="phone", result="no_answer")
    open_dossier(dorp, "worker", worked)
    open_dossier(dorp, "coordinator", worked)
    open_dossier(dorp, "coordinator", looked)
    assert outliers(dorp)[1] == [("Coordinator", [looked.reference])]


def test_the_same_last_name_stands_out(dorp):
    signal = dorp.signal()
    dorp.coordinator.name = "Piet de Wit"
    dorp.coordinator.save()
    open_dossier(dorp, "coordinator", signal)
    assert outliers(dorp)[2] == [("Piet de Wit", signal.reference)]


def test_what_is_longer_ago_does_not(dorp):
    open_dossier(dorp, "coordinator", dorp.signal())
    assert outliers(dorp)[1] != []
    assert outliers(dorp, timezone.now() + timedelta(days=31)) == ([], [], [])


def test_another_municipality_is_not_in_it(dorp, stad, officer):
    open_dossier(stad, "coordinator", stad.signal())
    assert shown(officer, dorp) == []
    assert outliers(dorp) == ([], [], [])


def test_the_same_postcode_as_the_own_stands_out(dorp):
    signal = dorp.signal(assigned_to="worker")
    for who, postcode in (("coordinator", "1234ab "), ("worker", "9999 ZZ")):
        assert lives_in(dorp, who, postcode).status_code == 302
        open_dossier(dorp, who, signal)
    with tenant(dorp.municipality.pk):
        assert Outliers(dorp.municipality).same_postcode() == [("Coordinator", signal.reference)]
    page = dorp.client("privacy_officer").get(reverse("outliers", args=[dorp.slug])).content.decode()
    assert "Dezelfde postcode als de inwoner" in page
    assert page.count(signal.reference) > 0
    assert "1234" not in page


def test_whoever_said_no_postcode_is_counted_and_not_judged(dorp):
    signal = dorp.signal(assigned_to="worker")
    for who in ("coordinator", "worker"):
        open_dossier(dorp, who, signal)
    lives_in(dorp, "coordinator", "1234 AB")
    lives_in(dorp, "coordinator", "")
    with tenant(dorp.municipality.pk):
        assert Outliers(dorp.municipality).same_postcode() == []
        assert Outliers(dorp.municipality).without_postcode() == 2
    page = dorp.client("privacy_officer").get(reverse("outliers", args=[dorp.slug])).content.decode()
    assert "Van 2 collega’s die een dossier openden weten we de postcode niet." in page  # noqa: RUF001


def test_two_residents_without_a_postcode_are_not_the_same(dorp):
    nowhere = dict.fromkeys(("postcode", "house_number_addition", "person_name"), "")
    signal = dorp.signal(adres={**nowhere, "street": "Lindelaan", "house_number": "12", "place": "Dorp"})
    open_dossier(dorp, "coordinator", signal)
    with tenant(dorp.municipality.pk):
        assert Outliers(dorp.municipality).same_postcode() == []


def test_the_own_postcode_is_kept_as_a_fingerprint_only(dorp):
    lives_in(dorp, "worker", "1234 AB")
    with tenant(dorp.municipality.pk):
        member = Membership.objects.filter(user=dorp.worker).values().get()
    assert len(member["home_fingerprint"]) == 64
    assert "1234" not in str({name: value for name, value in member.items() if name != "home_fingerprint"})
    page = dorp.client("worker").get(reverse("own_postcode", args=[dorp.slug])).content.decode()
    assert "U hebt hem ingevuld." in page
    assert "1234 AB" not in page.replace("Zoals 1234 AB", "")


def test_what_is_no_postcode_says_so(dorp):
    answer = lives_in(dorp, "worker", "Lindelaan")
    assert answer.status_code == 200
    assert 'value="Lindelaan"' in answer.content.decode()


def test_why_somebody_looked_is_a_column_and_a_filter(dorp, officer):
    signal = dorp.signal(assigned_to="worker", **{"wie-bent-u": WHO | {"may_call": False}})
    address = reverse("reporter", args=[dorp.slug, signal.reference])
    for reason in ("danger", "asked"):
        dorp.client("worker").post(address, {"reason": reason})
    log = reverse("access_log", args=[dorp.slug])
    page = officer.get(log, {"reason": "danger", "who": dorp.worker.pk, "reference": signal.reference})
    assert [row.reason for row in page.context["rows"]] == ["danger"]
    assert 'data-label="Reden">Iemand is in gevaar</td>' in page.content.decode()
