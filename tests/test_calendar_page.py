"""The page on which a manager says how time is counted: what it accepts, keeps, proposes and explains."""

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from municipalities import calendar
from municipalities.calendar_actions import fill_holidays, proposed, set_calendar, years_without_holidays
from municipalities.calendar_forms import CalendarForm
from municipalities.models import Holiday, Municipality
from municipalities.tenancy import tenant
from tests.committed import as_role, copy, enter, one

OFFICE = {f"day_{day}": "9:00-17:00" for day in range(5)} | {"day_5": "", "day_6": ""}
TYPED = {"clock_kind": "working_hours", "response_window": "16", "max_pause_days": "5", **OFFICE}


def url(name="calendar"):
    return reverse(name, args=["dorp"])


@pytest.fixture
def manager(dorp):
    return dorp.client("manager")


def saved():
    return Municipality.objects.get(slug="dorp")


def fill(cast, year):
    with tenant(cast.municipality.pk):
        return fill_holidays(municipality=cast.municipality, year=year, by=cast.manager)


def days_of(cast):
    with tenant(cast.municipality.pk):
        return dict(Holiday.objects.of(cast.municipality).values_list("date", "name"))


def test_the_settings_lead_to_it(manager):
    assert url() in manager.get(reverse("settings", args=["dorp"])).content.decode()


def test_what_is_saved_holds_for_what_is_received_from_then_on(dorp, manager):
    before = dorp.signal()
    assert manager.post(url(), TYPED).url == url()
    now = saved()
    assert (now.clock_kind, now.response_window, now.max_pause_days) == ("working_hours", timedelta(hours=16), 5)
    assert now.opening_hours == [[["09:00", "17:00"]]] * 5 + [[], []]
    assert dorp.fresh(before).clock_due_at == before.received_at + timedelta(hours=48)
    dorp.municipality.refresh_from_db()
    after = dorp.signal()
    with tenant(dorp.municipality.pk):
        assert after.due_at == calendar.due(after.received_at, now.policy())
    assert 'id="from-now-on"' in manager.get(url()).content.decode()


WINDOWS = [
    ("48", 2880),
    ("48 uur", 2880),
    ("48 hours", 2880),
    ("1,5 uur", 90),
    ("1.5", 90),
    ("1 uur 30 minuten", 90),
    ("1 hour and 30 minutes", 90),
    ("1:30", 90),
    ("2 minuten", 2),
    ("90 min", 90),
    ("1 u 5 m", 65),
]


@pytest.mark.parametrize(("typed", "minutes"), WINDOWS)
def test_a_window_is_read_as_people_write_it(typed, minutes, dorp):
    form = CalendarForm(dorp.municipality, TYPED | {"response_window": typed})
    assert form.is_valid(), form.errors
    assert form.settings()["response_window"] == timedelta(minutes=minutes)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("window", [2, 60, 61, 90, 2880, 0.000017], ids=str)
def test_what_is_shown_is_accepted_again(window, language, dorp):
    """Also the two minutes of a demonstration, and what no whole minutes can say."""
    window = timedelta(minutes=window)
    dorp.municipality.response_window = window
    with override(language):
        shown = CalendarForm(dorp.municipality)["response_window"].value()
        form = CalendarForm(dorp.municipality, TYPED | {"response_window": shown})
        assert form.is_valid(), (shown, form.errors)
        assert form.settings()["response_window"] == window
        if window >= timedelta(minutes=1):
            assert form.fields["response_window"].clean(shown) == window


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"response_window": "gauw"}, "response_window"),
        ({"response_window": "0"}, "response_window"),
        ({"response_window": "-3"}, "response_window"),
        ({"response_window": "745 uur"}, "response_window"),
        ({"response_window": ""}, "response_window"),
        ({"max_pause_days": "61"}, "max_pause_days"),
        ({"max_pause_days": "-1"}, "max_pause_days"),
        ({"clock_kind": "soms"}, "clock_kind"),
        ({"day_2": "9 tot vijf"}, "day_2"),
        ({"day_2": "25:00-26:00"}, "day_2"),
        ({"day_2": "9:00-9:60"}, "day_2"),
        ({"day_2": "17:00-9:00"}, "day_2"),
        ({"day_2": "9:00-13:00, 12:00-17:00"}, "day_2"),
        (dict.fromkeys(OFFICE, ""), "day_0"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_kept_as_typed(typed, field, manager):
    response = manager.post(url(), TYPED | {"day_4": "10:15-11:45"} | typed)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {field}
    page = response.content.decode()
    for text in typed.values():
        assert text in page
    assert saved().clock_kind == "clock_hours"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("9-17", [["09:00", "17:00"]]),
        ("8.30 tot 12.00, 13:00-17:15", [["08:30", "12:00"], ["13:00", "17:15"]]),
        ("0:00-24:00", [["00:00", "00:00"]]),
        ("9:00-12:00 en 13:00-17:00", [["09:00", "12:00"], ["13:00", "17:00"]]),
        ("", []),
    ],
)
def test_opening_hours_are_read_as_people_write_them(typed, stored, dorp):
    form = CalendarForm(dorp.municipality, TYPED | {"day_1": typed})
    assert form.is_valid(), form.errors
    assert form.settings()["opening_hours"][1] == stored


def test_where_every_hour_counts_no_opening_hours_are_needed(manager):
    typed = TYPED | dict.fromkeys(OFFICE, "") | {"clock_kind": "clock_hours", "response_window": "24"}
    assert manager.post(url(), typed).status_code == 302
    assert saved().response_window == timedelta(hours=24)


def test_the_verb_itself_refuses_what_never_opens(in_dorp):
    with pytest.raises(ValueError, match="never opens"):
        set_calendar(
            municipality=in_dorp.municipality,
            by=in_dorp.manager,
            clock_kind="working_hours",
            opening_hours=[[]] * 7,
        )
    assert saved().clock_kind == "clock_hours"


# -- holidays


@pytest.mark.parametrize("year", range(2024, 2035))
def test_good_friday_is_not_proposed_and_liberation_day_once_in_five_years(year):
    days = proposed(year)
    easter = next(day for day, name in days.items() if name == "Tweede paasdag") - timedelta(days=1)
    assert easter - timedelta(days=2) not in days
    assert (date(year, 5, 5) in days) is (year % 5 == 0)
    kings_day = date(year, 4, 26 if date(year, 4, 27).weekday() == 6 else 27)
    fixed = {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26), kings_day}
    assert fixed | {easter + timedelta(days=n) for n in (0, 1, 39, 49, 50)} == set(days) - {date(year, 5, 5)}


def test_a_year_is_added_once_and_leaves_the_own_days_alone(dorp, manager):
    year = timezone.localdate().year
    manager.post(url("add_holiday"), {"date": f"{year}-12-25", "name": "Eigen dag"})
    for _time in range(2):
        assert manager.post(url("fill_holidays"), {"year": year}).url == url()
    assert days_of(dorp) == proposed(year) | {date(year, 12, 25): "Eigen dag"}


def test_a_day_is_added_and_removed(dorp, manager):
    day = date(timezone.localdate().year + 1, 5, 5)
    assert manager.post(url("add_holiday"), {"date": str(day), "name": "Bevrijdingsdag"}).status_code == 302
    assert days_of(dorp) == {day: "Bevrijdingsdag"}
    page = manager.get(url()).content.decode()
    pk = re.search(r'name="holiday" value="(\d+)"', page)[1]
    assert manager.post(url("remove_holiday"), {"holiday": pk}).url == url()
    assert days_of(dorp) == {}
    assert manager.post(url("remove_holiday"), {"holiday": pk}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"date": "", "name": "Feest"}, {"date"}),
        ({"date": "31-02-2027", "name": "Feest"}, {"date"}),
        ({"date": "2027-01-01", "name": "Feest"}, {"date"}),
        ({"date": "2027-03-04", "name": ""}, {"name"}),
    ],
)
def test_a_day_that_cannot_be_added_is_kept_as_typed(typed, fields, dorp, manager):
    fill(dorp, 2027)
    response = manager.post(url("add_holiday"), typed)
    assert response.status_code == 200
    assert set(response.context["holiday_form"].errors) == fields
    assert all(text in response.content.decode() for text in typed.values())
    assert days_of(dorp) == proposed(2027)


def test_a_manager_removes_only_the_own_municipalitys_days(dorp, stad):
    fill(stad, 2027)
    with tenant(stad.municipality.pk):
        theirs = Holiday.objects.first()
    dorp.client("manager").post(url("remove_holiday"), {"holiday": theirs.pk})
    assert days_of(stad) == proposed(2027)


def test_plain_sql_finds_no_holiday_of_another_municipality(transactional_db, dorp, stad):
    fill(dorp, 2027)
    with as_role("default", dorp) as connection:
        assert one(connection, "SELECT count(*) FROM municipalities_holiday") == len(proposed(2027))
        enter(connection, stad)
        assert one(connection, "SELECT count(*) FROM municipalities_holiday") == 0
        enter(connection, dorp)
        copy(connection, "municipalities_holiday", id="-1", date="'2027-05-05'")


@pytest.mark.parametrize(
    ("today", "known", "missing"),
    [
        ("2026-06-01", [2026], []),
        ("2026-11-01", [2026], []),
        ("2026-11-02", [2026], [2027]),
        ("2026-12-31", [2026], [2027]),
        ("2026-12-31", [2026, 2027], []),
        ("2027-01-01", [2026], [2027]),
        ("2026-06-01", [], [2026]),
    ],
)
def test_the_page_says_when_a_years_holidays_are_missing(today, known, missing, dorp, manager):
    for year in known:
        fill(dorp, year)
    set_working(dorp)
    with tenant(dorp.municipality.pk):
        assert years_without_holidays(dorp.municipality, date.fromisoformat(today)) == missing
    with time_machine.travel(datetime.fromisoformat(f"{today}T12:00+00:00")):
        page = dorp.client("manager").get(url()).content.decode()
    assert page.count("utrecht-alert--warning") == len(missing)


def set_working(cast):
    with tenant(cast.municipality.pk):
        set_calendar(municipality=cast.municipality, by=cast.manager, clock_kind="working_hours")


def test_where_every_hour_counts_no_holidays_are_missed(dorp, manager):
    assert "utrecht-alert--warning" not in manager.get(url()).content.decode()


# -- the sum


def test_the_sum_of_a_typed_moment_is_shown_line_by_line(dorp, manager):
    fill(dorp, 2026)
    manager.post(url(), TYPED)
    page = manager.get(url(), {"ontvangen": "2026-12-24T16:00"}).content.decode()
    assert re.findall(r"counting--(\w+)", page) == [
        *("open", "outside_hours"),
        *("holiday", "holiday", "closed_day"),
        *("outside_hours", "open", "outside_hours"),
        *("outside_hours", "open"),
    ]
    with tenant(dorp.municipality.pk):
        policy = saved().policy()
    received = datetime(2026, 12, 24, 16, tzinfo=timezone.get_default_timezone())
    assert f'datetime="{calendar.due(received, policy).isoformat()}"' in page
    assert page.count("counting counting--") == len(calendar.explain(received, policy))
    assert re.findall(r'numeric" data-label="[^"]*">([\d:]+)<', page)[-1] == "16:00"


def test_without_a_moment_it_is_now(manager):
    page = manager.get(url()).content.decode()
    assert "counting--open" in page
    assert set(re.findall(r"counting--(\w+)", page)) == {"open"}


def test_a_moment_that_is_none_is_said_to_be(manager):
    response = manager.get(url(), {"ontvangen": "gisteren"})
    assert set(response.context["example"].errors) == {"ontvangen"}
    assert 'value="gisteren"' in response.content.decode()
