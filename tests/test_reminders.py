"""“Remind me in a week”: a file for a calendar or one mail, never a barrier, and nothing else kept of anybody."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client

from followup import watchdog
from followup.actions.escalation import sweep
from municipalities import old_mail, outbox, reminders
from municipalities.models import Mailbox, Municipality, OutboxMessage
from municipalities.reminder_actions import remind
from municipalities.tenancy import tenant
from municipalities.workflow import Mail
from tests.post import change, rows, states

PAGE, SEND = "/dorp/zelf-proberen/", "/dorp/zelf-proberen/herinnering/"
NORA = "nora@naast.example"
NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)
WEEK = timedelta(days=7)


def ask(email=NORA, address=SEND, **more):
    return Client().post(address, {"email": email} | more)


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


# -- the page


def test_the_first_button_of_the_page_shares_the_worry_and_the_reminder_comes_below(dorp):
    page = words(Client().get(PAGE)).partition("<main")[2]
    first = re.search(r'<(?:a class="utrecht-button[^"]*"|button)[^>]*>', page)[0]
    assert 'href="/dorp/signaal/"' in first
    assert "primary-action" in first
    assert page.index("Herinner mij over een week") > page.index('href="/dorp/signaal/"')


# -- by mail


def test_one_row_waits_a_week_and_is_all_that_is_kept(dorp):
    with time_machine.travel(NOON, tick=False):
        answer = ask()
    assert answer.status_code == 200
    assert not answer.cookies
    assert "1 december 2026" in words(answer)
    row = rows(dorp)[NORA]
    assert (row.not_before, row.wanted_at) == (NOON + WEEK, NOON + WEEK)
    assert set(row.context) == {"language", "path", "tips"}
    assert NORA not in f"{row.key}{row.context}"
    assert tables_with(NORA) == {"municipalities_outboxmessage"}


def tables_with(text):
    """The tables in which this text stands anywhere; asked by the serving role inside the tenant."""
    found = set()
    with tenant(Municipality.objects.get(slug="dorp").pk), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} t WHERE t::text LIKE %s)", [f"%{text}%"])
            found |= {table} if cursor.fetchone()[0] else set()
    return found


def test_whoever_asks_twice_in_the_week_gets_one_mail_and_the_same_answer(dorp):
    with time_machine.travel(NOON, tick=False) as clock:
        answers = [words(ask()), words(ask(" Nora@Naast.example "))]
        clock.shift(timedelta(minutes=1))
        answers.append(words(ask("iemand@anders.example")))
        assert len(set(answers)) == 1
        clock.shift(WEEK - timedelta(hours=1))
        ask()
    assert sorted(row.lower() for row in rows(dorp)) == ["iemand@anders.example", NORA]


def test_a_new_week_a_new_mail(dorp):
    with tenant(dorp.municipality.pk):
        remind(municipality=dorp.municipality, email=NORA, language="nl", now=NOON)
        OutboxMessage.objects.update(state=Mail.OFFERED)
        remind(municipality=dorp.municipality, email=NORA, language="nl", now=NOON + WEEK)
        assert OutboxMessage.objects.filter(template="reminder").count() == 2


def test_the_same_moment_twice_makes_one_row(dorp):
    """Both looked before either had written: the key decides."""
    with tenant(dorp.municipality.pk):
        remind(municipality=dorp.municipality, email=NORA, language="nl", now=NOON)
        [first] = OutboxMessage.objects.all()
        twin = outbox.message(dorp.municipality, "reminder", NORA, key=first.key.partition(":")[2])
        outbox.queue([twin])
        assert OutboxMessage.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["", "nora@", "nora naast", "a@b.nl\nBcc: c@d.nl", "a@b.nl, c@d.nl", "x" * 400], ids=range(6)
)
def test_a_bad_address_is_said_and_stays_on_the_page(dorp, typed):
    answer = ask(typed)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"email"}
    assert answer.context["form"]["email"].value() == typed
    assert "Zo begint u" in words(answer)
    assert rows(dorp) == {}


def test_a_machine_that_fills_in_everything_is_told_the_same_and_gets_no_mail(dorp):
    with time_machine.travel(NOON, tick=False):
        assert words(ask(website="https://koop.example")) == words(ask("mens@naast.example"))
    assert list(rows(dorp)) == ["mens@naast.example"]


def test_looking_sends_nothing_and_leads_to_the_page(dorp):
    assert Client().get(SEND).url == PAGE
    assert Client().get(f"{SEND}?taal=en").url == f"{PAGE}?taal=en"
    assert rows(dorp) == {}


def test_who_asks_at_night_reads_the_day_of_the_morning(dorp):
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    assert str(reminders.day_of_mail(dorp.municipality, late)) == "2026-12-02"
    assert str(reminders.day_of_mail(dorp.municipality, NOON)) == "2026-12-01"


# -- while it waits, and after


def test_a_reminder_that_waits_is_no_mail_that_is_stuck(dorp):
    with time_machine.travel(NOON, tick=False):
        ask()
    sweep(caller="test")
    facts = watchdog.look(now=NOON + WEEK - timedelta(minutes=1))
    assert (facts.oldest_unsent_mail_seconds, facts.oldest_ready_mail_seconds) == (None, None)
    stuck = watchdog.look(now=NOON + WEEK + timedelta(minutes=16))
    assert "oldest_unsent_mail" in stuck.failures(), "from then on it is one"
    assert outbox.deliver(now=NOON + WEEK - timedelta(minutes=1)) == {"sent": 0, "failed": 0}
    assert states(dorp) == {NORA: Mail.READY}
    assert outbox.deliver(now=NOON + WEEK) == {"sent": 1, "failed": 0}


def test_a_mail_that_is_older_does_not_hide_behind_it_nor_it_behind_a_mail(dorp):
    with time_machine.travel(NOON, tick=False):
        ask()
    dorp.signal()
    with tenant(dorp.municipality.pk):
        OutboxMessage.objects.filter(template="receipt").update(created_at=NOON, not_before=NOON)
    assert watchdog.look(now=NOON + timedelta(minutes=20)).oldest_unsent_mail_seconds == 1200


def test_it_is_tried_for_a_day_after_its_moment_though_it_was_asked_for_a_week_before(dorp, settings):
    settings.EMAIL_BACKEND = "tests.test_outbox.PickyBackend"
    with time_machine.travel(NOON, tick=False):
        ask("weg@dorp.example")
    change(dorp, created_at=NOON)
    moment = NOON + WEEK
    for hours, state in ((0, Mail.READY), (23, Mail.READY), (25, Mail.GIVEN_UP)):
        with time_machine.travel(moment + timedelta(hours=hours), tick=False):
            change(dorp, not_before=moment, wanted_at=moment)
            outbox.deliver(now=moment + timedelta(hours=hours))
        assert states(dorp) == {"weg@dorp.example": state}


def test_the_address_goes_with_the_row_when_the_mail_has_left(dorp, settings):
    with time_machine.travel(NOON, tick=False):
        ask()
    old_mail.forget()
    assert list(rows(dorp)) == [NORA], "not before"
    outbox.deliver(now=NOON + WEEK)
    change(dorp, sent_at=datetime.now(UTC) - timedelta(days=settings.MAIL_KEPT_DAYS, minutes=1))
    old_mail.forget()
    assert tables_with(NORA) == set()
    with tenant(dorp.municipality.pk):
        assert not Mailbox.objects.exists()


@pytest.mark.parametrize(("query", "said"), [("", "U was bezorgd om iemand"), ("?taal=en", "You were worried about")])
def test_the_mail_speaks_the_language_of_the_page_and_leads_to_form_and_tips(dorp, query, said):
    ask(address=SEND + query)
    email = outbox.rendered(dorp.municipality, rows(dorp)[NORA])
    for text in (email.body, email.alternatives[0][0]):
        assert said in text
        assert NORA not in text
        assert f"{dorp.municipality.base_url}/dorp/signaal/{query}" in text
        assert f"{dorp.municipality.base_url}/dorp/zelf-proberen/{query}" in text
    assert NORA not in email.subject


# -- in a calendar


def calendar(query="", at=NOON):
    with time_machine.travel(at, tick=False):
        answer = Client().get(f"/dorp/zelf-proberen/herinnering.ics{query}")
    assert answer.status_code == 200
    assert not answer.cookies
    return answer


def lines_of(answer):
    """The lines of the file with the folded ones joined again."""
    return answer.content.decode().replace("\r\n ", "").split("\r\n")


@pytest.mark.parametrize("query", ["", "?taal=en"])
def test_the_file_is_a_calendar_that_rings_in_a_week_at_ten_in_dutch_time(dorp, query):
    answer = calendar(query)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    raw = answer.content
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    lines = lines_of(answer)
    assert "DTSTART;TZID=Europe/Amsterdam:20261201T100000" in lines
    assert {"BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:PT0S", "TZID:Europe/Amsterdam"} <= set(lines)
    begun = [line.partition(":")[2] for line in lines if line.startswith("BEGIN:")]
    ended = [line.partition(":")[2] for line in lines if line.startswith("END:")]
    assert sorted(begun) == sorted(ended)
    address = f"{dorp.municipality.base_url}/dorp/signaal/{query}"
    assert f"URL:{address}" in lines
    assert any(line.startswith("DESCRIPTION:") and line.endswith(address) for line in lines)
    assert Client().get(urlsplit(address).path + query).status_code == 200


def test_the_file_knows_nobody_and_is_the_same_for_all_who_ask(dorp):
    assert calendar().content == calendar().content
    assert "SUMMARY:Hoe gaat het met degene om wie u bezorgd was?" in lines_of(calendar())
    assert "SUMMARY:How is the person you were worried about?" in lines_of(calendar("?taal=en"))
    summer = lines_of(calendar(at=datetime(2027, 3, 25, 23, 30, tzinfo=UTC)))
    assert "DTSTART;TZID=Europe/Amsterdam:20270402T100000" in summer, "the day on the Dutch wall"
    assert rows(dorp) == {}
