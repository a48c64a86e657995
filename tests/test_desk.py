"""The coordinator's desk and the worker's day: what runs out first on top, nothing twice and nothing left out."""

from datetime import timedelta
from html import unescape
from re import findall
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from followup.actions.escalation import sweep
from municipalities.models import AccessLogEntry
from municipalities.tenancy import tenant
from municipalities.wording import short_moment
from signals import actions
from signals.models import Clock
from signals.workflow import CloseReason
from tests.cast import WHO

DESK = "/dorp/signalen/"
# The same whatever the number of rows, the transaction's own savepoints included.
DESK_STATEMENTS = 16
TODAY_STATEMENTS = 14

SOME_ID = "0a9ff0e6-0f52-4811-ba64-fb863cdaa56d"


def shown(answer):
    assert answer.status_code == 200
    return [signal.reference for signal in answer.context["signals"]]


def desk(cast, **filters):
    return shown(cast.client("coordinator").get(DESK, filters))


def set_due(cast, signal, when):
    with tenant(cast.municipality.pk):
        Clock.objects.of(cast.municipality).filter(signal=signal).update(due_at=when, next_at=when)


def close(cast, signal):
    with tenant(cast.municipality.pk):
        actions.close(signal=signal, reason=CloseReason.REFUSED, by=cast.coordinator)


def statements(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def next_page(answer):
    links = findall(r'rel="next" href="([^"]+)"', answer.content.decode())
    return urljoin(f"http://testserver{DESK}", unescape(links[0])) if links else None


@pytest.fixture
def four(dorp):
    """One signal late, one due soon, one visited, one closed while its visit is still owed."""
    late, soon, visited, owed = (dorp.signal(assigned_to="worker") for _ in range(4))
    set_due(dorp, late, timezone.now() - timedelta(hours=1))
    set_due(dorp, soon, timezone.now() + timedelta(hours=1))
    dorp.contact(visited)
    close(dorp, owed)
    return {"late": late, "soon": soon, "visited": visited, "owed": owed}


def test_what_runs_out_first_stands_on_top(dorp, four):
    assert desk(dorp) == [four[name].reference for name in ("late", "soon", "owed", "visited")]


def test_closed_stays_on_the_desk_while_the_visit_is_owed(dorp, four):
    assert four["owed"].reference in desk(dorp)
    dorp.contact(four["owed"])
    assert four["owed"].reference not in desk(dorp)
    assert four["owed"].reference in desk(dorp, status="closed")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "visited"}, ["visited"]),
        ({"status": "assigned"}, ["late", "soon"]),
        ({"status": "received"}, []),
        ({"status": "closed"}, ["owed"]),
        ({"late": "on"}, ["late"]),
        ({"period": "7"}, ["late", "soon", "owed", "visited"]),
        ({"status": "assigned", "late": "on"}, ["late"]),
    ],
)
def test_filters(dorp, four, filters, expected):
    assert desk(dorp, **filters) == [four[name].reference for name in expected]


def pause(cast, signal, days=5):
    with tenant(cast.municipality.pk):
        until = actions.now() + timedelta(days=days)
        return actions.pause(signal=signal, reason="hospital", until=until, by=cast.coordinator)


def end_pause(cast, signal):
    with tenant(cast.municipality.pk):
        actions.end_pause(signal=signal, by=cast.coordinator)


def test_a_paused_signal_says_until_when_and_can_be_filtered_on(dorp, four):
    ends_at = pause(dorp, four["soon"]).ends_at
    text = dorp.client("coordinator").get(DESK).content.decode()
    assert findall(r"badge--(\w+)", text) == ["late", "on_time", "on_time", "paused", "visited"]
    assert f"Gepauzeerd tot {short_moment(ends_at)}" in text
    assert desk(dorp, paused="on") == [four["soon"].reference]
    assert desk(dorp, paused="on", late="on") == []


@pytest.mark.parametrize("over", [end_pause, lambda cast, signal: cast.contact(signal)])
def test_a_pause_that_is_over_is_not_shown(dorp, stad, over):
    signal = dorp.signal(assigned_to="worker")
    pause(stad, stad.signal())
    pause(dorp, signal)
    assert desk(dorp, paused="on") == [signal.reference]
    over(dorp, signal)
    assert desk(dorp, paused="on") == []
    assert "badge--paused" not in dorp.client("coordinator").get(DESK).content.decode()


def test_the_filter_on_a_worker(dorp, four):
    other = dorp.signal(assigned_to="other_worker")
    assert desk(dorp, worker=dorp.other_worker.pk) == [other.reference]


def test_the_filter_on_a_period(dorp, four, monkeypatch):
    # Seen eight days from now, nothing came in during the last seven.
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=8))
    assert desk(dorp, period="7") == []
    assert len(desk(dorp, period="30")) == 4


@pytest.mark.parametrize(
    "nonsense",
    [
        {"status": "onzin"},
        {"worker": "onzin"},
        {"worker": "99999999999999999999"},
        {"worker": "\0"},
        {"status": "\0"},
        {"period": "-1"},
        {"period": "7; DROP TABLE"},
        {"onzin": "1"},
    ],
)
def test_a_filter_that_cannot_be_understood_hides_nothing(dorp, four, nonsense):
    assert len(desk(dorp, **nonsense)) == 4


def test_a_worker_of_another_municipality_is_no_filter(dorp, stad, four):
    assert len(desk(dorp, worker=stad.worker.pk)) == 4


def test_paging_shows_every_signal_once_and_in_order(dorp):
    signals = [dorp.signal() for _ in range(120)]
    # Many with the very same deadline, and some without any.
    same = timezone.now() + timedelta(hours=5)
    for signal in signals[:70]:
        set_due(dorp, signal, same)
    for signal in signals[100:]:
        dorp.contact(signal, by="coordinator")
    client, path, pages = dorp.client("coordinator"), DESK, []
    while path and len(pages) < 5:
        answer = client.get(path)
        pages.append(shown(answer))
        path = next_page(answer)
    assert [len(page) for page in pages] == [50, 50, 20]
    seen = [reference for page in pages for reference in page]
    assert sorted(seen) == sorted(signal.reference for signal in signals)
    assert set(seen[:70]) == {signal.reference for signal in signals[:70]}
    assert set(seen[100:]) == {signal.reference for signal in signals[100:]}


def test_the_next_page_keeps_the_filter(dorp):
    for _ in range(55):
        dorp.signal(assigned_to="worker")
    dorp.signal()
    client = dorp.client("coordinator")
    first = client.get(DESK, {"status": "assigned", "worker": dorp.worker.pk})
    second = client.get(next_page(first))
    assert len(shown(first) + shown(second)) == len(set(shown(first) + shown(second))) == 55
    assert next_page(second) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "onzin",
        "",
        "_",
        "a_b_c",
        "\0",
        f"2026-01-01T00:00:00+00:00_{SOME_ID}x",
        f"2026-01-01T00:00:00_{SOME_ID}",
        f"2026-13-01T00:00:00+00:00_{SOME_ID}",
        f"0001-01-01T00:00:00+14:00_{SOME_ID}",
    ],
)
def test_a_mangled_cursor_is_the_first_page(dorp, four, cursor):
    assert len(desk(dorp, na=cursor)) == 4


def grow(cast, number):
    for index in range(number):
        cast.signal(assigned_to=("worker", "other_worker")[index % 2])


def test_the_desk_takes_as_many_statements_for_5_as_for_50_rows(dorp):
    client = dorp.client("coordinator")
    grow(dorp, 5)
    few = statements(client, DESK)
    grow(dorp, 43)
    for _ in range(2):
        pause(dorp, dorp.signal())
    assert len(shown(client.get(DESK))) == 50
    assert statements(client, DESK) == few == DESK_STATEMENTS


def test_the_day_takes_as_many_statements_for_5_as_for_50_rows(dorp):
    client = dorp.client("worker")
    grow(dorp, 10)
    few = statements(client, "/dorp/vandaag/")
    grow(dorp, 90)
    assert len(client.get("/dorp/vandaag/").context["cards"]) == 50
    assert statements(client, "/dorp/vandaag/") == few == TODAY_STATEMENTS


def test_the_desk_shows_nothing_of_another_municipality(dorp, stad, four):
    other = stad.signal()
    answer = dorp.client("coordinator").get(DESK)
    assert other.reference not in answer.content.decode()


def test_an_empty_desk_says_so(dorp):
    assert desk(dorp) == []


@pytest.mark.parametrize(
    ("path", "who", "action"), [(DESK, "coordinator", "dashboard"), ("/dorp/vandaag/", "worker", "today")]
)
def test_looking_is_recorded(dorp, four, path, who, action):
    dorp.client(who).get(path)
    with tenant(dorp.municipality.pk):
        seen = AccessLogEntry.objects.of(dorp.municipality).values_list("user", "action")
        assert list(seen) == [(dorp.people[who].pk, action)]


def test_every_badge_tells_how_a_signal_stands(dorp, four):
    text = dorp.client("coordinator").get(DESK).content.decode()
    assert findall(r"badge--(\w+)", text) == ["late", "soon", "on_time", "visited"]


def test_an_escalated_signal_is_told_from_one_that_is_late(dorp, four):
    sweep(caller="test")
    text = dorp.client("coordinator").get(DESK).content.decode()
    assert findall(r"badge--(\w+)", text) == ["escalated", "soon", "on_time", "visited"]


def cards(cast, who):
    return cast.client(who).get("/dorp/vandaag/").context["cards"]


def test_the_day_holds_only_the_own_signals_the_most_urgent_on_top(dorp, four):
    dorp.signal(assigned_to="other_worker")
    dorp.signal()
    expected = [four[name].reference for name in ("late", "soon", "owed", "visited")]
    assert [card.reference for card in cards(dorp, "worker")] == expected
    assert len(cards(dorp, "other_worker")) == 1


@pytest.mark.parametrize("may_call", [True, False])
def test_a_card_has_the_reporters_phone_only_when_they_may_be_called(dorp, may_call):
    dorp.signal(assigned_to="worker", **{"wie-bent-u": WHO | {"may_call": may_call}})
    (card,) = cards(dorp, "worker")
    assert card.phone == (WHO["phone"] if may_call else "")
    assert (WHO["name"] in card.note) is may_call
    text = dorp.client("worker").get("/dorp/vandaag/").content.decode()
    assert (WHO["name"] in text) is may_call


def test_a_card_leads_to_the_dossier_and_to_recording_a_visit(dorp, four):
    card = cards(dorp, "worker")[0]
    client = dorp.client("worker")
    assert client.get(card.url).status_code == 200
    assert client.get(card.visit_url).context["form"]["kind"].value() == "home_visit"
