"""The municipality's figures: what counts, who sees them, and that page, drawing and file say the same."""

from datetime import date
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from followup import figures, periods
from followup.actions.contacts import correct_contact
from municipalities.cells import FORMULA
from municipalities.models import AccessLogEntry, Partner
from municipalities.permissions import Permission, Reach, Role, reach_of
from municipalities.tenancy import tenant
from signals import actions
from signals.actions.erasing import erase_dossier
from signals.models import About, Clock, ReporterKind
from signals.workflow import CloseReason
from tests.cast import ADDRESS, WHO
from tests.committed import as_role, one
from tests.figure_pages import (
    EVERY,
    charts_of,
    file_of,
    let_count,
    let_the_quarter_end,
    main_of,
    next_quarter,
    page_of,
    some_counts,
    tables_of,
    this_year,
)

MAY = {Role.COORDINATOR, Role.PRIVACY_OFFICER, Role.MANAGER}
SELF = {"wie-bent-u": WHO | {"kind": "", "meeting": "home"}, "zorg": {"signs": ["nobody"], "story": ""}}


@pytest.fixture(autouse=True)
def _quarter_is_over(monkeypatch):
    let_the_quarter_end(monkeypatch)


@pytest.fixture
def counted(monkeypatch):
    """`counted(promise={"late": 7}, ...)`: what the database would count, for pages that are only looked at."""

    return partial(let_count, monkeypatch)


def exact(cast):
    """{table: {cell: number}}, before anything is made coarse."""
    with tenant(cast.municipality.pk):
        return figures._counted(this_year())


def ends_before_now(cast, signal):
    """The deadline of its first clock has passed."""
    with tenant(cast.municipality.pk):
        Clock.objects.filter(signal=signal, kind="visit").update(due_at=signal.received_at)


def test_in_time_is_what_the_clock_says(dorp):
    visited, nobody_opened, late, phoned, undone, closed, _new = (dorp.signal(assigned_to="worker") for _ in range(7))
    dorp.contact(visited)
    dorp.contact(nobody_opened, result="no_answer")
    ends_before_now(dorp, late)
    dorp.contact(late)
    dorp.contact(phoned, kind="phone")
    entry = dorp.contact(undone)
    with tenant(dorp.municipality.pk):
        correct_contact(entry=entry, by=dorp.worker, kind="phone", result="spoken", occurred_at=entry.occurred_at)
        actions.close(signal=closed, reason="moved", by=dorp.coordinator)
    counts = exact(dorp)
    assert counts["promise"] == {"in_time": 2, "late": 1, "none": 4}
    assert counts["all"] == {"all": 7}
    assert counts["outcome"] == {"": 6, "moved": 1}
    assert counts["hours"] == {"median": 0}


def test_who_about_whom_from_where_and_which_way(dorp):
    with tenant(dorp.municipality.pk):
        partner = Partner.objects.create(municipality=dorp.municipality, name="Kapper", code="kapper")
    dorp.signal(about=About.SELF, **SELF)
    dorp.signal(**{"wie-bent-u": WHO | {"kind": ReporterKind.SHOP.value}})
    dorp.signal(adres=ADDRESS | {"postcode": "", "description": "De woonboot"})
    draft = dorp.draft()
    with tenant(dorp.municipality.pk):
        draft.answers |= {"partner": partner.pk}
        draft.save()
        actions.submit(municipality=dorp.municipality, draft_id=draft.pk)
    counts = exact(dorp)
    assert counts["about"] == {"self": 1, "other": 3}
    assert counts["kind"] == {"shop": 1, "neighbour": 2}
    assert counts["source"] == {"partner": 1, "alone": 3}
    assert counts["area"] == {"1234": 3}


def test_what_is_erased_still_counts_but_lives_nowhere(dorp):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal)
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        erase_dossier(dossier=signal.dossier, by=dorp.coordinator)
    counts = exact(dorp)
    assert (counts["all"], counts["outcome"], counts["promise"]) == ({"all": 1}, {"helped": 1}, {"in_time": 1})
    assert "area" not in counts


def test_a_month_begins_at_midnight_in_the_netherlands(dorp):
    dorp.signal()
    first, until = periods.Period("x", date(2026, 1, 1), date(2026, 8, 1)).moments()
    assert (first.isoformat(), until.isoformat()) == ("2026-01-01T00:00:00+01:00", "2026-08-01T00:00:00+02:00")
    assert exact(dorp)["month"] == {f"{timezone.localdate():%Y-%m}": 1}


def test_nothing_of_another_municipality_is_counted(dorp, stad):
    for _ in range(6):
        stad.signal()
    dorp.signal()
    assert exact(dorp)["all"] == {"all": 1}
    assert tables_of(page_of(dorp.client("manager"), dorp.slug))["promise"][2][1] == "<5"
    assert tables_of(page_of(stad.client("manager"), stad.slug))["promise"][2][1] == "5"


# -- who may, and what the database opens for them


@pytest.mark.parametrize("role", Role)
def test_who_sees_figures(role, dorp):
    client = dorp.client(role.value)
    wanted = 200 if role in MAY else 403
    for name in ("figures", "figures_file"):
        assert client.get(reverse(name, args=[dorp.slug])).status_code == wanted
        assert client.post(reverse(name, args=[dorp.slug])).status_code == (405 if role in MAY else 403)
    assert reach_of(role, Permission.SEE_FIGURES) == Reach.NONE or role not in MAY


def test_it_stands_in_the_menu_of_who_may(dorp):
    address = reverse("figures", args=[dorp.slug])
    for person, page in (("manager", "settings"), ("coordinator", "dashboard"), ("privacy_officer", "access_log")):
        assert f'href="{address}"' in dorp.client(person).get(reverse(page, args=[dorp.slug])).content.decode()
    assert f'href="{address}"' not in dorp.client("worker").get(reverse("today", args=[dorp.slug])).content.decode()


def test_the_database_counts_for_whom_it_opens_no_signal(transactional_db, make_cast):
    """Also what is protected, so that looking at figures tells nobody that something is behind glass."""
    cast = make_cast("dorp")
    signals = [cast.signal() for _ in range(2)]
    with tenant(cast.municipality.pk):
        actions.protect(signal=signals[0], reason="known", by=cast.coordinator)
    first, until = this_year().moments()
    with as_role("default", cast) as serving:
        serving.execute("SELECT set_config('app.user', %s, true)", [str(cast.manager.pk)])
        serving.execute("SELECT set_config('app.reach', 'none', true)")
        told = serving.execute("SELECT * FROM followup_counts(%s, %s)", [first, until])
        assert [column.name for column in told.description] == ["subject", "cell", "amount"]
        rows = {(subject, cell): amount for subject, cell, amount in told.fetchall()}
        for table in ("signals_signal", "signals_reporter", "signals_resident", "signals_dossier"):
            assert one(serving, f"SELECT count(*) FROM {table}") == 0
        assert one(serving, "SELECT current_setting('app.user')") == str(cast.manager.pk)
    assert rows[("all", "all")] == rows[("area", "1234")] == rows[("kind", "neighbour")] == 2


def test_the_database_says_nothing_but_codes_and_four_digits(dorp):
    """Whatever is written about somebody, a cell is one of the words that this portal chose itself."""
    dorp.signal(about=About.SELF, **SELF)
    dorp.signal(adres=ADDRESS | {"postcode": "9876 ZZ"})
    known = {
        "about": set(About.values),
        "kind": set(ReporterKind.values),
        "outcome": {"", *CloseReason.values},
        "promise": {"in_time", "late", "none"},
        "source": {"alone", "partner"},
        "all": {"all"},
        "hours": {"median"},
        "area": {"1234", "9876"},
        "month": {f"{day:%Y-%m}" for day in this_year().months()},
    }
    assert {subject: set(cells) - known[subject] for subject, cells in exact(dorp).items()} == {
        subject: set() for subject in known
    }


def test_looking_at_figures_opens_no_dossier(dorp):
    dorp.signal()
    for name in ("figures", "figures_file"):
        dorp.client("coordinator").get(reverse(name, args=[dorp.slug]))
    with tenant(dorp.municipality.pk):
        assert not AccessLogEntry.objects.exists()


def statements(client, address):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [one["sql"] for one in asked]


@pytest.mark.parametrize("name", ["figures", "figures_file"])
def test_the_number_of_statements_does_not_grow(name, dorp):
    client, address = dorp.client("manager"), reverse(name, args=[dorp.slug])
    client.get(address)
    before = statements(client, address)
    for _ in range(6):
        dorp.signal()
    after = statements(client, address)
    assert len(after) == len(before)
    assert sum("followup_counts" in sql for sql in after) == 1
    assert not any('FROM "signals_' in sql for sql in after)


# -- page, drawing and file


@pytest.mark.parametrize("seed", range(12))
def test_page_drawing_and_file_say_the_same(seed, dorp, counted):
    counted(hours=31, **some_counts(seed))
    client = dorp.client("manager")
    page, lines = page_of(client, dorp.slug), file_of(client, dorp.slug)
    tables, charts = tables_of(page), charts_of(page)
    filed = [(line["Rij"], line["Aantal"]) for line in lines if line["Tabel"] != "Samen"]
    assert filed == [row for rows in tables.values() for row in rows]
    for key, rows in tables.items():
        numbers = [number for _label, number in rows]
        if set(numbers) == {"<5"}:
            assert key not in charts
        else:
            drawn, told = charts[key]
            assert drawn == numbers
            assert told.partition(" ")[2] == "; ".join(f"{label}: {number}" for label, number in rows)
    assert all(number == "<5" or int(number) % 5 == 0 for _label, number in filed)
    assert not any(cell.startswith(FORMULA) for line in lines for cell in line.values())


def test_an_area_is_named_from_five_on(dorp, counted):
    area = {"9991": 4, "1234": 5, "1235": 12, "8888": 3}
    counted(area=area, promise={"none": 24})
    rows = tables_of(page_of(dorp.client("manager"), dorp.slug))["area"]
    assert rows == [("1234", "5"), ("1235", "10"), ("Overig", "5")]


def test_the_share_has_its_denominator_and_says_how_sure_it_is(dorp, counted):
    counted(hours=31, promise={"in_time": 49, "late": 2, "none": 1}, about={"self": 5, "other": 47})
    said = main_of(page_of(dorp.client("manager"), dorp.slug))
    assert "van 50: ongeveer 90 procent, in het echt tussen 83 en 98" in said
    assert "Aandelen van 50 signalen" in said
    assert ">31<" in said


def test_the_hours_say_no_more_than_the_numbers_beside_them(dorp, counted):
    counted(hours=31, promise={"in_time": 4, "late": 4, "none": 20})
    said = main_of(page_of(dorp.client("manager"), dorp.slug))
    assert ">31<" not in said
    assert not any("mediaan" in line["Rij"] for line in file_of(dorp.client("manager"), dorp.slug))


@pytest.mark.parametrize("period", ["", "12-maanden"])
def test_two_signals_look_like_none(period, dorp):
    client = dorp.client("manager")
    empty = main_of(page_of(client, dorp.slug, period=period)), file_of(client, dorp.slug, period=period)
    assert "Te weinig signalen om te laten zien" in empty[0]
    assert '<svg class="chart"' not in empty[0]
    for _ in range(2):
        dorp.signal()
    assert (main_of(page_of(client, dorp.slug, period=period)), file_of(client, dorp.slug, period=period)) == empty
    assert {line["Aantal"] for line in empty[1]} == {"<5"}


# -- periods


@pytest.mark.parametrize("asked", ["2001", "2026-01", "' OR 1=1", "12-MAANDEN"])
def test_an_unknown_period_is_said_and_the_newest_is_shown(asked, dorp, counted):
    counted(promise={"none": 24})
    page = page_of(dorp.client("manager"), dorp.slug, period=asked)
    assert page.status_code == 200
    assert "Van deze periode zijn er geen cijfers." in main_of(page)
    assert tables_of(page) == tables_of(page_of(dorp.client("manager"), dorp.slug))
    assert len(tables_of(page)) == 7


def test_the_last_twelve_months_show_months_only(dorp, counted):
    counted(promise={"none": 24})
    assert list(tables_of(page_of(dorp.client("manager"), dorp.slug, period="12-maanden"))) == ["months"]


@pytest.mark.parametrize("month", range(1, 13))
def test_no_two_periods_that_tell_things_apart_have_a_month_in_common(month):
    found = EVERY(date(2026, month, 17))
    years = [period for period in found if period.is_a_year]
    months = [day for period in years for day in period.months()]
    assert len(months) == len(set(months))
    assert {len(period.months()) for period in found} <= {3, 6, 9, 12}
    assert all(period.until <= date(2026, month, 1) for period in found)
    assert (found[-1].key, len(found[-1].months())) == ("12-maanden", 12)


def test_nothing_of_the_quarter_that_runs_is_told_apart():
    assert EVERY(date(2026, 11, 25))[0].until == date(2026, 10, 1)
    assert EVERY(date(2026, 3, 31))[0] == periods.Period("2025", date(2025, 1, 1), date(2026, 1, 1))
    assert next_quarter() > timezone.localdate()
