"""An urgent mail reaches a human: past whoever does not answer, never in silence and never in a circle."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from municipalities import fate, outbox
from municipalities.actions import create_user, try_mail_again
from municipalities.models import Mailbox, OutboxMessage
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from municipalities.workflow import Mail
from tests.post import change, queue, rows, states

FIRST, FALLBACK, OPERATOR = "coordinator@dorp.example", "vangnet@dorp.example", "beheer@portaal.example"
SECOND = "tweede@dorp.example"


@pytest.fixture(autouse=True)
def _operator(settings):
    settings.OPERATOR_EMAIL = f"Beheer <{OPERATOR}>"


@pytest.fixture
def refusing(settings):
    """A provider that cannot deliver to the first coordinator."""
    settings.EMAIL_BACKEND = "tests.test_outbox_relay.Refusing"


class Refusing:
    """Fails for the first coordinator only."""

    def __init__(self, **kwargs):
        pass

    def send_messages(self, messages):
        if [FIRST] in [message.to for message in messages]:
            raise ConnectionError
        return len(messages)


def with_second(cast):
    create_user(email=SECOND, municipality=cast.municipality, role=Role.COORDINATOR)


def with_fallback(cast):
    with tenant(cast.municipality.pk):
        cast.municipality.fallback_email = FALLBACK
        cast.municipality.save()


def settle(cast, recipient, fact):
    with tenant(cast.municipality.pk):
        fate.settle(fate.locked(cast.municipality.pk, rows(cast)[recipient].pk), fact)


def fail(cast, times):
    for _ in range(times):
        outbox.deliver()
        change(cast, FIRST, not_before=timezone.now())


@pytest.mark.parametrize(
    ("surroundings", "more", "second"),
    [
        ([with_fallback, with_second], {"second_recipient": "zelf@dorp.example"}, "zelf@dorp.example"),
        ([with_fallback, with_second], {}, FALLBACK),
        ([with_second], {}, SECOND),
        ([], {}, OPERATOR),
    ],
)
def test_after_three_failures_a_second_recipient_gets_it_once(dorp, refusing, surroundings, more, second):
    for add in surroundings:
        add(dorp)
    queue(dorp, FIRST, **more)
    fail(dorp, 2)
    assert list(rows(dorp)) == [FIRST]
    fail(dorp, 5)
    assert states(dorp) == {FIRST: Mail.READY, second: Mail.OFFERED}
    assert rows(dorp)[FIRST].attempts == 7


def test_the_second_recipient_reads_why_they_got_it(dorp, refusing):
    queue(dorp, FIRST)
    fail(dorp, 3)
    first, second = (outbox.rendered(dorp.municipality, row) for row in rows(dorp).values())
    assert first.subject == second.subject
    assert first.body in second.body
    assert len(second.body) > len(first.body)
    assert second.extra_headers["Message-ID"] != first.extra_headers["Message-ID"]


@pytest.mark.parametrize("template", ["receipt", "all_clear"])
def test_what_is_not_urgent_is_nobody_elses_business(dorp, refusing, template):
    with_fallback(dorp)
    queue(dorp, FIRST, template=template)
    fail(dorp, 4)
    settle(dorp, FIRST, Mail.BOUNCED)
    assert list(rows(dorp)) == [FIRST]


def test_bounces_go_on_to_the_next_until_nobody_is_left(dorp, caplog):
    with_second(dorp)
    with_fallback(dorp)
    queue(dorp, FIRST)
    asked = []
    while waiting := [recipient for recipient, state in states(dorp).items() if state == Mail.READY]:
        asked += waiting
        outbox.deliver()
        settle(dorp, waiting[0], Mail.BOUNCED)
    assert asked == [FIRST, SECOND, FALLBACK, OPERATOR]
    assert set(states(dorp).values()) == {Mail.BOUNCED}
    assert [record.levelno for record in caplog.records if record.name == "portal.outbox"] == [logging.ERROR]


def test_what_is_given_up_goes_on_to_the_next(dorp, refusing):
    queue(dorp, FIRST)
    change(dorp, created_at=timezone.now() - timedelta(hours=24))
    outbox.deliver()
    assert states(dorp) == {FIRST: Mail.GIVEN_UP, OPERATOR: Mail.READY}


def test_when_the_second_bounces_while_the_first_is_still_tried_a_third_gets_it(dorp, refusing):
    with_fallback(dorp)
    queue(dorp, FIRST)
    fail(dorp, 3)
    outbox.deliver()
    settle(dorp, FALLBACK, Mail.BOUNCED)
    assert states(dorp)[OPERATOR] == Mail.READY


def test_nobody_is_bothered_when_another_copy_arrived(dorp, refusing):
    with_fallback(dorp)
    with_second(dorp)
    queue(dorp, FIRST)
    fail(dorp, 3)
    outbox.deliver()
    settle(dorp, FALLBACK, Mail.DELIVERED)
    settle(dorp, FIRST, Mail.BOUNCED)
    assert set(rows(dorp)) == {FIRST, FALLBACK}


# -- an address that bounces


def bounced(cast, *recipients):
    queue(cast, *recipients)
    outbox.deliver()
    for recipient in recipients:
        settle(cast, recipient, Mail.BOUNCED)


def trouble(cast):
    with tenant(cast.municipality.pk):
        return Mailbox.objects.of(cast.municipality).bouncing().count()


def test_urgent_mail_to_an_address_that_bounces_goes_to_somebody_else_at_once(dorp):
    with_second(dorp)
    bounced(dorp, FIRST)
    with tenant(dorp.municipality.pk):
        outbox.queue([outbox.message(dorp.municipality, "escalation", FIRST, key="another")])
        last = OutboxMessage.objects.of(dorp.municipality).order_by("-pk")
        assert [row.recipient for row in last[:2]] == [SECOND, FIRST]


def test_whose_mail_bounces_is_kept_for_staff_only_and_not_in_clear(dorp):
    bounced(dorp, FIRST, "melder@ergens.example")
    with tenant(dorp.municipality.pk):
        (box,) = Mailbox.objects.of(dorp.municipality)
    assert FIRST not in str(box.__dict__)


@pytest.mark.parametrize("facts", [((0, Mail.BOUNCED), (1, Mail.DELIVERED)), ((1, Mail.DELIVERED), (0, Mail.BOUNCED))])
def test_a_later_mail_that_arrives_clears_it_in_whatever_order_that_is_told(dorp, facts):
    with tenant(dorp.municipality.pk):
        outbox.queue([outbox.message(dorp.municipality, "escalation", FIRST, key=str(key)) for key in range(2)])
        pks = list(OutboxMessage.objects.of(dorp.municipality).order_by("pk").values_list("pk", flat=True))
        for number, fact in facts:
            fate.settle(fate.locked(dorp.municipality.pk, pks[number]), fact)
    assert trouble(dorp) == 0


def banner(client, *where):
    content = client.get(reverse(*where[:1], args=where[1:])).content.decode()
    return content if "bounce-banner" in content else None


def test_every_page_for_staff_says_so_and_names_the_person_only_to_whoever_can_act(dorp, stad):
    create_user(email=SECOND, municipality=dorp.municipality, role=Role.COORDINATOR, name="Tweede Coordinator")
    pages = {"coordinator": "dashboard", "manager": "settings", "worker": "today"}
    for person, page in pages.items():
        assert banner(dorp.client(person), page, dorp.slug) is None
    bounced(dorp, SECOND)
    for person, page in pages.items():
        shown = banner(dorp.client(person), page, dorp.slug)
        assert shown is not None
        assert ("Tweede Coordinator" in shown) == (person != "worker")
        assert (reverse("try_mail_again", args=[dorp.slug]) in shown) == (person != "worker")
    assert banner(stad.client("coordinator"), "dashboard", stad.slug) is None
    # Also on the page that refuses.
    refused = dorp.client("worker").get(reverse("dashboard", args=[dorp.slug]))
    assert (refused.status_code, "bounce-banner" in refused.content.decode()) == (403, True)


def test_the_banner_costs_nothing_while_all_mail_arrives(dorp):
    client, url = dorp.client("manager"), reverse("settings", args=[dorp.slug])
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    assert len([query for query in captured if "mailbox" in query["sql"]]) == 1


@pytest.mark.parametrize("person", ["coordinator", "manager"])
def test_trying_again_clears_the_banner_and_sends_a_mail_to_see(dorp, person):
    bounced(dorp, FIRST)
    assert dorp.client(person).post(reverse("try_mail_again", args=[dorp.slug])).status_code == 302
    assert trouble(dorp) == 0
    with tenant(dorp.municipality.pk):
        (check,) = OutboxMessage.objects.of(dorp.municipality).filter(template="mail_check")
        assert check.recipient == FIRST
        fate.settle(fate.locked(dorp.municipality.pk, check.pk), Mail.BOUNCED)
    assert trouble(dorp) == 1


def test_trying_again_is_not_undone_by_an_old_report(in_dorp):
    bounced(in_dorp, FIRST)
    settle(in_dorp, FIRST, Mail.BOUNCED)
    old = rows(in_dorp)[FIRST].pk
    try_mail_again(municipality=in_dorp.municipality, by=in_dorp.coordinator)
    fate.settle(fate.locked(in_dorp.municipality.pk, old), Mail.BOUNCED)
    assert trouble(in_dorp) == 0
