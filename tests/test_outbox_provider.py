"""The real backend of a mail provider against a provider that does everything that providers do, over real sockets."""

import logging
import time
from email.utils import parseaddr

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from municipalities import outbox
from municipalities.actions import create_municipality
from municipalities.tenancy import tenant
from municipalities.workflow import Mail
from tests import fake_provider
from tests.post import change, queue, rows, states

GOOD = ("a@dorp.example", "b@dorp.example")


@pytest.fixture
def provider(settings):
    with fake_provider.running() as provider:
        settings.EMAIL_BACKEND = fake_provider.BACKEND
        settings.ANYMAIL = provider.settings()
        yield provider


def test_the_provider_gets_the_mail_and_its_number_is_kept(provider, dorp):
    queue(dorp, "a@dorp.example")
    assert outbox.deliver() == {"sent": 1, "failed": 0}
    row, (sent,) = rows(dorp)["a@dorp.example"], provider.accepted
    assert (row.state, row.provider_id) == (Mail.OFFERED, row.message_id)
    assert (sent["to"], sent["h:message-id"]) == (row.recipient, row.message_id)
    assert row.read_token(sent["v:mail"]) == (dorp.municipality.pk, row.pk)


@pytest.mark.parametrize("way", ["refuse", "error", "hang", "cut"])
def test_one_mail_that_goes_wrong_does_not_hold_up_the_others(provider, dorp, stad, way):
    bad = f"{way}@dorp.example"
    queue(dorp, bad, *GOOD)
    queue(stad, "c@stad.example")
    assert outbox.deliver() == {"sent": 3, "failed": 1}
    assert states(dorp) == {bad: Mail.READY, **dict.fromkeys(GOOD, Mail.OFFERED)}
    assert rows(dorp)[bad].last_error.startswith("Anymail")
    assert {*GOOD, "c@stad.example"} <= set(provider.recipients())


@pytest.mark.parametrize("way", ["refuse", "error", "hang", "cut"])
def test_it_arrives_when_the_provider_is_itself_again(provider, dorp, way):
    bad = f"{way}@dorp.example"
    queue(dorp, bad)
    outbox.deliver()
    provider.healthy = True
    assert outbox.deliver() == {"sent": 0, "failed": 0}, "not before its time"
    change(dorp, not_before=rows(dorp)[bad].created_at)
    assert outbox.deliver() == {"sent": 1, "failed": 0}
    assert states(dorp) == {bad: Mail.OFFERED}


def test_a_mail_that_was_accepted_without_an_answer_is_offered_twice_under_one_message_id(provider, dorp):
    queue(dorp, "cut@dorp.example")
    outbox.deliver()
    provider.healthy = True
    change(dorp, not_before=rows(dorp)["cut@dorp.example"].created_at)
    outbox.deliver()
    assert len(provider.accepted) == 2
    assert len({sent["h:message-id"] for sent in provider.accepted}) == 1


def test_a_provider_that_hangs_keeps_nobody_longer_than_the_timeout(provider, dorp):
    queue(dorp, *(f"hang-{number}@dorp.example" for number in range(3)), *GOOD)
    started = time.monotonic()
    assert outbox.deliver() == {"sent": 2, "failed": 3}
    assert time.monotonic() - started < 5


def test_a_pass_stops_in_time_when_the_provider_hangs_on_every_mail(provider, dorp, monkeypatch):
    monkeypatch.setattr(outbox, "SECONDS_PER_PASS", 1)
    queue(dorp, *(f"hang-{number}@dorp.example" for number in range(8)))
    started = time.monotonic()
    tried = outbox.deliver()["failed"]
    assert 0 < tried < 8
    assert time.monotonic() - started < 3
    assert set(states(dorp).values()) == {Mail.READY}
    assert sorted(row.attempts for row in rows(dorp).values()) == [0] * (8 - tried) + [1] * tried


def test_nobody_is_at_home_at_the_provider(provider, dorp, settings):
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:1/v3"}
    queue(dorp, *GOOD)
    assert outbox.deliver() == {"sent": 0, "failed": 2}
    assert set(states(dorp).values()) == {Mail.READY}


def test_the_complaint_of_the_provider_does_not_reach_the_log(provider, dorp, caplog):
    caplog.set_level(logging.DEBUG, logger="portal")
    queue(dorp, "refuse@dorp.example")
    outbox.deliver()
    assert "refuse@" not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("portal")
    )
    assert "refuse@" not in rows(dorp)["refuse@dorp.example"].last_error


# -- answers


ANSWERS = "signaal@gemeente-dorp.example"


@pytest.mark.parametrize(("reply_to", "header"), [("", None), (ANSWERS, ANSWERS)])
@pytest.mark.parametrize("template", ["receipt", "escalation"])
def test_an_answer_goes_to_the_municipality_where_it_has_an_address_for_it(provider, dorp, template, reply_to, header):
    set_names(dorp, reply_to=reply_to)
    queue(dorp, "a@dorp.example", template=template)
    assert outbox.deliver() == {"sent": 1, "failed": 0}
    [sent] = provider.accepted
    assert sent.get("h:reply-to") == header
    assert sent["from"].endswith(f"<{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}>")
    for text in (sent["html"], sent["text"]) if template == "receipt" else (sent["html"],):
        assert ("U kunt deze e-mail niet beantwoorden" in text) == (header is None)
        assert (ANSWERS in text) == (header is not None)


def set_names(cast, **fields):
    answer = cast.client("manager").post(f"/{cast.slug}/instellingen/huisstijl/namen/", fields)
    return answer.context["sent"].errors if answer.context else {}


@pytest.mark.parametrize(
    "typed",
    [
        "a@dorp.nl\nBcc: weg@evil.example",
        "a@dorp.nl\r\nBcc: weg@evil.example",
        "a@dorp.nl, b@evil.example",
        "Dorp <a@dorp.nl>",
        "a@dorp.nl\x00",
        "geen adres",
    ],
)
def test_no_other_header_or_address_comes_along_with_it(provider, dorp, typed):
    assert set(set_names(dorp, reply_to=typed)) == {"reply_to"}
    with pytest.raises(ValidationError):
        create_municipality(slug="dorp", name="Dorp", reply_to=typed)
    # And were it there all the same, nothing would leave.
    with tenant(dorp.municipality.pk):
        dorp.municipality.reply_to = typed.replace("\x00", "\n")
        dorp.municipality.save(update_fields=["reply_to"])
    queue(dorp, "a@dorp.example")
    outbox.deliver()
    assert [name for sent in provider.accepted for name in sent if "bcc" in name.lower()] == []
