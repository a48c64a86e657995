"""The database itself knows whose work a signal is: plain SQL as the role that serves, and pages that ask for all."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from followup.actions.acknowledging import acknowledge
from followup.actions.escalation import sweep
from followup.models import ContactEntry
from municipalities.models import AccessLogEntry, VaultKey
from municipalities.permissions import Permission, Reach, Role, reach_of
from municipalities.tenancy import tenant
from signals import actions
from signals.models import Signal
from signals.models.signal import SignalQuerySet
from tests.addresses import ADDRESSES, access_of, parameters_of
from tests.committed import as_role, copy, live_in, live_with_rights, one
from tests.test_access import CONTACT

# By table: the signal that a row is about, and the reaches that have all of it, nothing of it, or their own of it.
OF_A_SIGNAL = {
    "signals_signal": "id",
    "signals_historicalsignal": "id",
    "signals_clock": "signal_id",
    "signals_pause": "signal_id",
    "followup_contactentry": "signal_id",
    "followup_escalation": "signal_id",
    "followup_nudge": "signal_id",
    "followup_acknowledgement": "signal_id",
    "signals_protection": "(SELECT s.id FROM signals_signal s WHERE s.dossier_id = row.dossier_id)",
    "signals_dossier": "(SELECT s.id FROM signals_signal s WHERE s.dossier_id = row.id)",
    "signals_resident": "(SELECT s.id FROM signals_signal s JOIN signals_dossier d ON d.id = s.dossier_id "
    "WHERE d.resident_id = row.id)",
    "signals_reporter": "(SELECT s.id FROM signals_signal s WHERE s.reporter_id = row.id)",
    "municipalities_vaultkey": "subject",
    "signals_nocontactwish": "signal_id",
    "signals_wishdecision": "signal_id",
    "signals_reporterlink": "signal_id",
    "signals_reporterchange": "signal_id",
    "signals_afterword": "signal_id",
    "followup_rightsrequest": "signal_id",
    "followup_requeststep": "(SELECT q.signal_id FROM followup_rightsrequest q WHERE q.id = row.request_id)",
    "followup_rectification": "signal_id",
    "followup_informed": "signal_id",
}
# Written out once more, on purpose: what each reach has of each table.
GOLDEN = """
                           all  own  standing comparing none  unset
signals_signal             all  own  all      all       -     -
signals_historicalsignal   all  own  -        all       -     -
signals_clock              all  own  all      all       -     -
signals_pause              all  own  -        -         -     -
signals_dossier            all  own  all      all       -     -
signals_protection         all  own  all      -         -     -
signals_resident           all  own  -        all       -     -
signals_reporter           all  own  -        -         -     -
municipalities_vaultkey    all  all  -        -         -     -
followup_contactentry      all  own  -        all       -     -
followup_escalation        all  own  all      -         -     -
followup_nudge             all  own  all      -         -     -
followup_acknowledgement   all  own  all      -         -     -
signals_nocontactwish      all  all  -        -         -     -
signals_wishdecision       all  own  -        -         -     -
signals_reporterlink       all  -    -        -         -     -
signals_reporterchange     all  own  -        -         -     -
signals_afterword          all  own  -        -         -     -
followup_rightsrequest     all  own  -        -         -     -
followup_requeststep       all  own  -        -         -     -
followup_rectification     all  own  -        -         -     -
followup_informed          all  own  all      -         -     -
"""


def golden():
    """(table, reach, what it has of it)."""
    heading, *lines = [line.split() for line in GOLDEN.strip("\n").splitlines()]
    return [(table, reach, cell) for table, *cells in lines for reach, cell in zip(heading, cells, strict=True)]


@pytest.fixture
def lived(transactional_db, make_cast):
    """A signal of the worker with rows in every table, and another worker's with as many."""
    cast = live_in(make_cast("dorp"))
    theirs = cast.signal(assigned_to="other_worker")
    live_with_rights(cast, theirs)
    with tenant(cast.municipality.pk):
        actions.protect(signal=theirs, reason="known", by=cast.coordinator)
        for signal in cast.fresh(theirs), Signal.objects.get(assigned_to=cast.worker):
            actions.end_protection(signal=signal, by=cast.privacy_officer)
        until = actions.now() + timedelta(minutes=1)
        actions.pause(signal=theirs, reason="agreed", until=until, by=cast.coordinator)
    cast.contact(theirs, kind="phone", result="no_answer", note="Belt terug.", by="other_worker")
    sweep(caller="test", now=cast.fresh(theirs).clock_due_at + timedelta(hours=1))
    with tenant(cast.municipality.pk):
        acknowledge(signal=theirs, until=actions.now() + timedelta(hours=1), by=cast.coordinator)
    return cast, theirs


def reaching(serving, user, reach):
    serving.execute("SELECT set_config('app.user', %s, true)", [str(user.pk) if user else ""])
    serving.execute("SELECT set_config('app.reach', %s, true)", ["" if reach == "unset" else str(reach)])


def count(serving, table, condition="true"):
    return one(serving, f"SELECT count(*) FROM {table} AS row WHERE {condition}")


def test_every_table_about_a_signal_is_in_the_table():
    assert {table for table, _reach, _cell in golden()} == set(OF_A_SIGNAL)
    assert {reach for _table, reach, _cell in golden()} == {*Reach.values, "unset"}


@pytest.mark.parametrize("who", ["worker", "other_worker"])
def test_a_connection_sees_what_its_reach_opens(who, lived):
    cast, _theirs = lived
    user = cast.people[who]
    with as_role("default", cast) as serving:
        mine = one(serving, "SELECT array_agg(id) FROM signals_signal WHERE assigned_to_id = %s", user.pk)
        own = f"{{}} = ANY ('{{{{{','.join(map(str, mine))}}}}}'::uuid[])"
        everything = {table: count(serving, table) for table in OF_A_SIGNAL}
        ours = {table: count(serving, table, own.format(column)) for table, column in OF_A_SIGNAL.items()}
        seen = {}
        for table, reach, _cell in golden():
            reaching(serving, user, reach)
            seen[table, reach] = count(serving, table)
        expected = {"all": everything, "own": ours, "-": dict.fromkeys(OF_A_SIGNAL, 0)}
        assert seen == {(table, reach): expected[cell][table] for table, reach, cell in golden()}
    assert min(everything.values()) > 0
    assert all(ours[table] < everything[table] for table in OF_A_SIGNAL)


def test_without_a_user_the_portal_itself_is_at_work(lived):
    cast, _theirs = lived
    with as_role("default", cast) as serving:
        for reach in [*Reach.values, "unset"]:
            reaching(serving, None, reach)
            assert min(count(serving, table) for table in OF_A_SIGNAL) > 0


@pytest.mark.parametrize("reach", [Reach.OWN, Reach.NONE, "unset"])
def test_what_is_out_of_reach_is_not_written_either(reach, lived):
    cast, theirs = lived
    with as_role("default", cast) as serving:
        reaching(serving, cast.worker, reach)
        changed = serving.execute("UPDATE signals_signal SET about = about WHERE id = %s", [theirs.pk])
        assert changed.rowcount == 0
        for table in ("signals_clock", "signals_resident"):
            for row in serving.execute(f"UPDATE {table} SET id = id RETURNING id").fetchall():
                assert reach == Reach.OWN, (table, row)
        reaching(serving, None, "unset")
        for table in ("followup_contactentry", "signals_historicalsignal", "followup_nudge"):
            column = OF_A_SIGNAL[table]
            with pytest.raises(InsufficientPrivilege, match="row-level security"), serving.transaction():
                _copy_to(serving, table, column, theirs, cast.worker, reach)


def _copy_to(serving, table, column, signal, user, reach):
    """The same row again, about that signal, written with this reach."""
    serving.execute(f"CREATE TEMP TABLE example ON COMMIT DROP AS SELECT * FROM {table} LIMIT 1")
    reaching(serving, user, reach)
    key = {"signals_historicalsignal": "history_id"}.get(table, "id")
    fresh = "gen_random_uuid()" if table == "followup_contactentry" else "-1"
    serving.execute(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(example, "
        f"jsonb_build_object('{key}', {fresh}, '{column}', %s::text))).* FROM example",
        [str(signal.pk)],
    )


def test_a_worker_writes_about_the_own_signal(lived):
    cast, _theirs = lived
    with as_role("default", cast) as serving:
        reaching(serving, cast.worker, Reach.OWN)
        copy(serving, "followup_contactentry", id="gen_random_uuid()", idempotency_key="gen_random_uuid()")


# -- which reach a page has


def test_the_reaches_of_the_pages():
    """Read this with care: it is what the database opens to each role, page by page."""
    reaches = {(role, permission): reach_of(role, permission) for role in Role for permission in Permission}
    # Figures are counted by the database itself: there nobody has a signal within reach.
    assert reaches.pop((Role.COORDINATOR, Permission.SEE_FIGURES)) == Reach.NONE
    assert {reach for (role, _page), reach in reaches.items() if role == Role.COORDINATOR} == {Reach.ALL}
    assert {reach for (role, _page), reach in reaches.items() if role == Role.WORKER} == {Reach.OWN}
    rest = {
        pair: reach
        for pair, reach in reaches.items()
        if pair[0] not in {Role.COORDINATOR, Role.WORKER} and reach != Reach.NONE
    }
    assert rest == {
        (Role.MANAGER, Permission.ACKNOWLEDGE): Reach.STANDING,
        (Role.PRIVACY_OFFICER, Permission.GUARD_PROTECTED): Reach.STANDING,
        (Role.PRIVACY_OFFICER, Permission.ERASE): Reach.STANDING,
        (Role.PRIVACY_OFFICER, Permission.SEE_OUTLIERS): Reach.COMPARING,
        (Role.PRIVACY_OFFICER, Permission.REVIEW_REQUESTS): Reach.ALL,
        (Role.PRIVACY_OFFICER, Permission.SEE_UNINFORMED): Reach.STANDING,
        (Role.MANAGER, Permission.SEE_UNINFORMED): Reach.STANDING,
    }


# -- pages that ask for everything: the database alone holds


@pytest.fixture
def opened(monkeypatch):
    """As if somebody had forgotten who may see what, in every page at once."""
    everything = lambda rows, *_who: rows.all()  # noqa: E731
    for way in ("visible_to", "assigned_to"):
        monkeypatch.setattr(SignalQuerySet, way, everything)


WORKERS = ("worker", "other_worker", "third_worker")


@pytest.fixture
def nine(dorp, add_worker):
    """Three workers with three signals each: {who: references}."""
    add_worker(dorp, "third_worker")
    return {who: {dorp.signal(assigned_to=who).reference for _ in range(3)} for who in WORKERS}


def everywhere(page, nine):
    """Which of the references stand on this page."""
    text = page.content.decode()
    return {reference for references in nine.values() for reference in references if reference in text}


@pytest.mark.parametrize("who", WORKERS)
def test_of_nine_signals_a_worker_finds_three_on_every_path(who, dorp, nine, opened):
    client = dorp.client(who)
    today = client.get(reverse("today", args=[dorp.slug]))
    assert everywhere(today, nine) == nine[who]
    assert len(today.context["cards"]) == 3
    assert f"U hebt {len(today.context['cards'])} signalen" in today.content.decode()
    for name in [name for name in ADDRESSES if parameters_of(name) == {"gemeente", "reference"}]:
        if access_of(name) in {Permission.SEE_DOSSIER, Permission.LOG_CONTACT}:
            found = {
                reference
                for references in nine.values()
                for reference in references
                if client.get(reverse(name, args=[dorp.slug, reference])).status_code in {200, 302}
            }
            assert found == nine[who], name


def written(cast):
    with tenant(cast.municipality.pk):
        models = (Signal, Signal.history.model, ContactEntry, AccessLogEntry, VaultKey)
        return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}


@pytest.mark.parametrize("name", ["log_contact", "accept", "reporter"])
@pytest.mark.parametrize("is_opened", [False, True], ids=["by the page", "by the database alone"])
def test_a_page_that_stood_open_writes_nothing_after_the_signal_went_to_somebody_else(name, is_opened, dorp, request):
    signal = dorp.signal(assigned_to="worker")
    client, url = dorp.client("worker"), reverse(name, args=[dorp.slug, signal.reference])
    if name != "accept":
        assert client.get(url).status_code in {200, 302}
    assign = reverse("assign", args=[dorp.slug, signal.reference])
    dorp.client("coordinator").post(assign, {"worker": dorp.other_worker.pk})
    if is_opened:
        request.getfixturevalue("opened")
    before = written(dorp)
    assert client.post(url, CONTACT | {"reason": "danger"}).status_code == 404
    assert written(dorp) == before


def test_a_manager_sees_what_is_late_and_nobody(dorp, opened):
    signal = dorp.signal(assigned_to="worker")
    sweep(caller="test", now=signal.due_at)
    client, place = dorp.client("manager"), [dorp.slug, signal.reference]
    assert signal.reference in client.get(reverse("late", args=[dorp.slug])).content.decode()
    until = timezone.localtime() + timedelta(hours=3)
    agreed = {f"{signal.reference}-until": f"{until:%Y-%m-%dT%H:%M}"}
    assert client.post(reverse("acknowledge", args=place), agreed).status_code == 302
    with tenant(dorp.municipality.pk):
        assert signal.acknowledgements.get().by == dorp.manager
