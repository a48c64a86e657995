"""Who forgot the password: the mail leaves through the outbox like all mail, and its link lies nowhere."""

import json
from datetime import timedelta

import pytest
from django.core import mail as postbox
from django.core.cache import cache
from django.urls import reverse

from municipalities import outbox
from municipalities.accounts import StaffAccountAdapter
from municipalities.models import Membership, Municipality, OutboxMessage, PasswordRequest
from municipalities.models.outbox import Urgency
from municipalities.password_actions import AT_ONCE, answer_password_requests, ask_for_password
from municipalities.tenancy import tenant
from tests.post import change, rows

FORGOT = "/account/wachtwoord/vergeten/"
PASSWORD = "een nieuw wachtwoord van de proef"


@pytest.fixture
def worker(dorp):
    dorp.worker.name = "Wilma Werkster"
    dorp.worker.set_password("een oud wachtwoord van de proef")
    dorp.worker.save()
    return dorp.worker


@pytest.fixture(autouse=True)
def _nobody_asked_before(db):
    """The library counts who asks, by address."""
    cache.clear()


def ask(client, email):
    """Ask for a new password; the address that this leads to. The next pass over the mail takes note."""
    answer = client.post(FORGOT, {"email": email})
    answer_password_requests()
    return answer.status_code, answer.url


def link_in(mail):
    return next(word for word in mail.body.split() if "/account/wachtwoord/nieuw/" in word)


def queued(cast):
    return [row for row in rows(cast).values() if row.template == "password_reset"]


def test_nothing_leaves_within_the_request_and_the_row_holds_no_secret(dorp, worker, client):
    assert ask(client, worker.email) == (302, reverse("account_reset_password_done"))
    assert postbox.outbox == []
    (row,) = queued(dorp)
    assert (row.recipient, row.urgency, row.context) == (worker.email, Urgency.ANSWER, {"account": worker.pk})
    everything = json.dumps({field.name: str(getattr(row, field.name)) for field in row._meta.concrete_fields})
    assert "/wachtwoord/nieuw/" not in everything
    assert worker.name not in everything


def test_the_link_in_the_mail_works_once(dorp, worker, client):
    ask(client, worker.email)
    outbox.deliver()
    (mail,) = postbox.outbox
    page = client.get(link_in(mail), follow=True)
    assert page.status_code == 200
    done = client.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert done.url == reverse("account_reset_password_from_key_done")
    worker.refresh_from_db()
    assert worker.check_password(PASSWORD)
    again = client.get(link_in(mail), follow=True)
    assert "password1" not in again.content.decode()


def test_the_mail_names_nobody(dorp, worker, client):
    ask(client, worker.email)
    outbox.deliver()
    (mail,) = postbox.outbox
    said = " ".join([mail.subject, mail.body, *(html for html, _kind in mail.alternatives)])
    assert dorp.municipality.name in said
    assert [text for text in (worker.name, worker.email, "Wilma") if text in said] == []


def test_a_stranger_gets_the_same_answer_and_nobody_a_mail(dorp, worker, client):
    known, unknown = ask(client, worker.email), ask(client, "niemand@elders.example")
    assert known == unknown
    assert [row.recipient for row in queued(dorp)] == [worker.email]


def test_asking_again_within_the_minute_is_one_mail_and_later_another(dorp, worker, client):
    ask(client, worker.email)
    ask(client, worker.email)
    with tenant(dorp.municipality.pk):
        (row,) = OutboxMessage.objects.filter(template="password_reset")
    change(dorp, key=f"{row.key[:-1]}x")
    ask(client, worker.email)
    with tenant(dorp.municipality.pk):
        assert OutboxMessage.objects.filter(template="password_reset").count() == 2


@pytest.mark.parametrize("ended", ["membership", "municipality"])
def test_who_works_nowhere_gets_none(dorp, worker, client, ended):
    with tenant(dorp.municipality.pk):
        if ended == "membership":
            Membership.objects.held_by(worker).update(is_active=False)
        else:
            Municipality.objects.filter(pk=dorp.municipality.pk).update(is_active=False)
    assert ask(client, worker.email) == (302, reverse("account_reset_password_done"))
    assert queued(dorp) == []


def test_a_mail_that_waited_still_brings_a_link_that_works(dorp, worker, client):
    """Made when it leaves: also after a log-in, which would have spent a link of before."""
    ask(client, worker.email)
    worker.last_login = dorp.signal().received_at + timedelta(hours=1)
    worker.save()
    outbox.deliver()
    mail = next(mail for mail in postbox.outbox if mail.to == [worker.email])
    assert client.get(link_in(mail)).url.endswith("-set-password/")


def test_what_was_typed_lies_sealed_until_the_next_pass(dorp, worker, client):
    client.post(FORGOT, {"email": worker.email})
    row = PasswordRequest.objects.get()
    assert worker.email.encode() not in bytes(row.sealed)
    assert answer_password_requests() == 1
    assert not PasswordRequest.objects.exists()
    assert answer_password_requests() == 0


def test_a_request_under_a_lost_key_holds_nobody_up(dorp, worker, client):
    PasswordRequest.objects.create(sealed=b"\xffsealed under a key that is gone")
    ask(client, worker.email)
    assert [row.recipient for row in queued(dorp)] == [worker.email]
    assert not PasswordRequest.objects.exists()


def test_more_than_one_pass_takes_is_left_for_the_next(db):
    for number in range(AT_ONCE + 1):
        ask_for_password(email=f"{number}@elders.example")
    assert [answer_password_requests() for _ in range(3)] == [AT_ONCE, 1, 0]


@pytest.mark.parametrize("kind", ["password_reset_key", "unknown_account"])
def test_no_mail_of_the_library_itself_leaves(kind):
    with pytest.raises(NotImplementedError):
        StaffAccountAdapter().send_mail(f"account/email/{kind}", "x@y.example", {})
