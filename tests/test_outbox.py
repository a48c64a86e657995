"""Mail: queued with what makes it necessary, sent at least once, and telling nothing about anybody."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from followup.actions.escalation import sweep
from municipalities import outbox
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from municipalities.workflow import Mail
from signals import receipt
from tests.cast import ADDRESS, WHO, WORRY
from tests.post import change, queue, rows

UNREACHABLE = "weg@dorp.example"


class PickyBackend(EmailBackend):
    """A provider that refuses one address, and repeats it in its complaint."""

    def send_messages(self, messages):
        if any(UNREACHABLE in message.to for message in messages):
            raise ConnectionError(f"550 no such user {UNREACHABLE}")
        return super().send_messages(messages)


def test_a_mail_is_sent_once(dorp):
    queue(dorp, "a@dorp.example")
    assert outbox.deliver() == {"sent": 1, "failed": 0}
    assert outbox.deliver() == {"sent": 0, "failed": 0}
    assert [message.to for message in mail.outbox] == [["a@dorp.example"]]
    row = rows(dorp)["a@dorp.example"]
    assert row.sent_at is not None
    assert (row.state, row.claimed_until, row.attempts, row.last_error) == (Mail.OFFERED, None, 1, "")


def test_the_mail_of_every_municipality_is_sent(dorp, stad):
    queue(dorp, "a@dorp.example")
    queue(stad, "a@stad.example")
    assert outbox.deliver()["sent"] == 2


def test_the_same_mail_is_queued_once(dorp):
    for _ in range(2):
        queue(dorp, "a@dorp.example")
    assert list(rows(dorp)) == ["a@dorp.example"]


def test_a_mail_in_somebodys_hands_is_left_alone_until_the_lease_ends(dorp):
    queue(dorp, "a@dorp.example")
    change(dorp, state=Mail.CLAIMED, claimed_until=timezone.now() + timedelta(minutes=2))
    assert outbox.deliver()["sent"] == 0
    change(dorp, state=Mail.CLAIMED, claimed_until=timezone.now() - timedelta(seconds=1))
    assert outbox.deliver()["sent"] == 1


def test_a_mail_is_claimed_while_the_provider_is_called(dorp):
    queue(dorp, "a@dorp.example", UNREACHABLE)
    with tenant(dorp.municipality.pk):
        claimed = outbox._claimed(dorp.municipality)
        assert OutboxMessage.objects.of(dorp.municipality).deliverable().count() == 0
    assert len(claimed) == 2
    assert all(row.claimed_until > timezone.now() + timedelta(minutes=1) for row in rows(dorp).values())


def test_one_mail_that_fails_does_not_stop_the_others(dorp, settings):
    settings.EMAIL_BACKEND = "tests.test_outbox.PickyBackend"
    queue(dorp, "a@dorp.example", UNREACHABLE, "b@dorp.example")
    assert outbox.deliver() == {"sent": 2, "failed": 1}
    row = rows(dorp)[UNREACHABLE]
    assert (row.state, row.sent_at, row.claimed_until, row.attempts) == (Mail.READY, None, None, 1)
    assert row.not_before > timezone.now()
    assert row.last_error == "ConnectionError"


def test_a_failing_mail_waits_longer_each_time(dorp, settings):
    settings.EMAIL_BACKEND = "tests.test_outbox.PickyBackend"
    queue(dorp, UNREACHABLE)
    waits = []
    for _ in range(12):
        outbox.deliver()
        waits.append(rows(dorp)[UNREACHABLE].not_before - timezone.now())
        change(dorp, not_before=timezone.now())
    assert waits[0] < timedelta(seconds=31)
    assert timedelta(minutes=14) < waits[-1] <= timedelta(minutes=15)
    assert all(later > sooner - timedelta(seconds=1) for sooner, later in pairwise(waits))


def test_what_failed_is_sent_when_the_provider_is_back(dorp, settings):
    settings.EMAIL_BACKEND, working = "tests.test_outbox.PickyBackend", settings.EMAIL_BACKEND
    queue(dorp, UNREACHABLE)
    outbox.deliver()
    settings.EMAIL_BACKEND = working
    assert outbox.deliver()["sent"] == 0
    change(dorp, not_before=timezone.now())
    assert outbox.deliver()["sent"] == 1
    assert rows(dorp)[UNREACHABLE].last_error == ""


def test_the_log_does_not_repeat_an_address(dorp, settings, caplog):
    settings.EMAIL_BACKEND = "tests.test_outbox.PickyBackend"
    queue(dorp, UNREACHABLE)
    outbox.deliver()
    assert UNREACHABLE not in caplog.text


def test_a_repeat_has_the_same_message_id_and_another_mail_has_not(dorp):
    queue(dorp, "a@dorp.example", "b@dorp.example")
    outbox.deliver()
    change(dorp, state=Mail.READY)
    outbox.deliver()
    sent = [(message.to[0], message.extra_headers["Message-ID"]) for message in mail.outbox]
    assert len(sent) == 4
    assert len(set(sent)) == len({message_id for _to, message_id in sent}) == 2
    assert all(re.fullmatch(r"<[^@<>\s]+@[^@<>:\s]+>", message_id) for _to, message_id in sent)


def parts(message):
    return [message.subject, message.body, *(content for content, _type in message.alternatives)]


@pytest.mark.parametrize(("template", "link"), [("receipt", "/dorp/status/"), ("escalation", "/dorp/signalen/{}/")])
def test_a_mail_holds_reference_and_link_and_nothing_about_anybody(dorp, settings, template, link):
    signal = dorp.signal(assigned_to="worker")
    sweep(caller="test", now=signal.due_at)
    with tenant(dorp.municipality.pk):
        mails = list(OutboxMessage.objects.of(dorp.municipality).filter(template=template).order_by("pk"))
    message = outbox.rendered(dorp.municipality, mails[0])
    link = settings.PUBLIC_BASE_URL + link.format(signal.reference)
    subject, body, html = parts(message)
    assert all(signal.reference in part for part in (subject, body, html))
    assert link in body
    assert f'href="{link}"' in html
    personal = [WORRY["story"], *(WHO[field] for field in ("name", "email", "phone")), dorp.worker.name]
    personal += [ADDRESS[field] for field in ("postcode", "street", "person_name")]
    whole = message.message().as_string().replace(f"To: {mails[0].recipient}", "") + "".join(parts(message))
    assert not [known for known in personal if known in whole]


TEMPLATES = sorted(path.name.removesuffix(".subject.txt") for path in Path("templates/mail").glob("*.subject.txt"))
CANARY = "canary-{}@naast.example"


def test_the_templates_are_found():
    assert {"receipt", "escalation", "all_clear", "mail_check"} <= set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_template_repeats_the_address_of_anybody(dorp, template):
    """Whatever else is known at that moment stands in the municipality, the row and the context."""
    personal = ("name", "email", "phone", "story", "street", "postcode", "resident", "reporter", "worker", "user")
    context = {field: CANARY.format(field) for field in personal}
    mail_row = OutboxMessage(
        pk=1,
        municipality=dorp.municipality,
        template=template,
        recipient=CANARY.format("to"),
        second_recipient=CANARY.format("second"),
        relay_of=7,
        context=context
        | {"relayed": True, "account": dorp.worker.pk, "reference": "SP-2026-7KQ4MD", "path": "/dorp/signalen/"}
        | {"days": 7, "count": 3},
    )
    dorp.municipality.fallback_email = CANARY.format("fallback")
    message = outbox.rendered(dorp.municipality, mail_row)
    headers = {name: value for name, value in message.message().items() if name != "To"}
    assert "canary" not in "".join([*parts(message), *headers.values(), *message.metadata.values()])


def test_the_receipt_mail_does_not_hold_the_receipt_code(dorp):
    signal = dorp.signal()
    outbox.deliver()
    digits = re.sub(r"\D", "", "".join(parts(mail.outbox[0])))
    assert receipt.code_for(signal.draft) not in digits


def test_passes_at_the_same_moment_send_each_mail_once(transactional_db, dorp):
    queue(dorp, *(f"{number}@dorp.example" for number in range(60)))
    together = Barrier(4)

    def deliver(_number):
        try:
            together.wait(10)
            return sum(outbox.deliver()["sent"] for _ in range(4))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(deliver, range(4)))
    assert sum(sent) == len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 60


def test_a_mail_whose_template_is_gone_is_kept_and_named(dorp):
    with tenant(dorp.municipality.pk):
        outbox.queue([outbox.message(dorp.municipality, "onzin", "a@dorp.example", key="1", urgent=True)])
    assert outbox.deliver() == {"sent": 0, "failed": 1}
    assert rows(dorp)["a@dorp.example"].last_error == "TemplateDoesNotExist"


def test_one_pass_empties_a_backlog_of_more_than_a_batch(dorp, stad):
    """Without Celery only the timer delivers, every two minutes: twenty mails a pass would take hours."""
    queue(dorp, *(f"{number}@dorp.example" for number in range(outbox.BATCH * 2 + 1)))
    queue(stad, "een@stad.example")
    assert outbox.deliver() == {"sent": outbox.BATCH * 2 + 2, "failed": 0}
