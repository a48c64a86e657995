"""Mail that has done its work is forgotten; nothing that is still needed goes, and nothing leaves twice."""

import os
import subprocess
import sys
from datetime import datetime, time, timedelta

import pytest
from anymail.signals import AnymailTrackingEvent, EventType
from django.conf import settings as portal
from django.core import mail
from django.utils import timezone

from followup import all_clear
from followup.actions.escalation import sweep
from followup.models import Escalation
from municipalities import fate, old_mail, outbox, relay, tasks, workflow
from municipalities.actions import change_settings, see_unreached_mail
from municipalities.models import OutboxMessage, UnreachedMail
from municipalities.quiet import DUTCH
from municipalities.tenancy import tenant
from municipalities.workflow import Mail
from signals import actions
from tests.post import change, queue, rows, states

A, B = "a@dorp.example", "b@dorp.example"


def age(cast, *recipients, days=31, **fields):
    """Let these mails be this old, or all of them."""
    when = timezone.now() - timedelta(days=days)
    change(cast, *recipients, created_at=when, **{"sent_at": when} | fields)


def relayed(cast, **copy):
    """One mail to A, with a copy to B."""
    queue(cast, A)
    with tenant(cast.municipality.pk):
        relay._copy(OutboxMessage.objects.of(cast.municipality).get(), B).save()
    age(cast, state=Mail.BOUNCED)
    change(cast, B, **copy)


@pytest.mark.parametrize("state", Mail)
def test_what_is_settled_goes_and_what_waits_stays(dorp, state):
    queue(dorp, A, template="receipt")
    age(dorp, state=state, claimed_until=timezone.now())
    old_mail.forget()
    assert list(rows(dorp)) == ([A] if state in workflow.WAITING else [])


def test_it_stays_for_as_long_as_is_set(dorp, settings):
    queue(dorp, A)
    age(dorp, days=29.9, state=Mail.DELIVERED)
    old_mail.forget()
    assert list(rows(dorp)) == [A]
    settings.MAIL_KEPT_DAYS = 29
    tasks.forget_mail()
    assert list(rows(dorp)) == []


def test_the_days_count_from_when_it_left(dorp):
    queue(dorp, A)
    age(dorp, state=Mail.OFFERED, sent_at=timezone.now())
    old_mail.forget()
    assert list(rows(dorp)) == [A]


def test_what_reached_nobody_stays_until_somebody_knows(dorp):
    relayed(dorp)
    old_mail.forget()
    assert list(rows(dorp)) == [A, B]
    with tenant(dorp.municipality.pk):
        see_unreached_mail(municipality=dorp.municipality, mails=[rows(dorp)[A].pk])
    old_mail.forget()
    assert (list(rows(dorp)), UnreachedMail.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("copy", "left"),
    [
        ({"state": Mail.DELIVERED}, []),
        ({"state": Mail.DELIVERED, "sent_at": timezone.now()}, [A, B]),
        ({"state": Mail.READY, "sent_at": None}, [A, B]),
    ],
)
def test_copies_go_together(dorp, copy, left):
    relayed(dorp, **copy)
    old_mail.forget()
    assert list(rows(dorp)) == left


def test_every_municipality_in_batches(dorp, stad, monkeypatch):
    monkeypatch.setattr(old_mail, "BATCH", 2)
    for cast in (dorp, stad):
        queue(cast, *(f"{number}@dorp.example" for number in range(5)))
        age(cast, state=Mail.DELIVERED)
    queue(stad, "nieuw@stad.example")
    old_mail.forget()
    assert (list(rows(dorp)), list(rows(stad))) == ([], ["nieuw@stad.example"])


def test_when_the_pass_has_no_time_left_the_rest_goes_next_time(dorp, monkeypatch):
    queue(dorp, A)
    age(dorp, state=Mail.DELIVERED)
    monkeypatch.setattr(old_mail, "SECONDS_PER_PASS", 0)
    old_mail.forget()
    assert list(rows(dorp)) == [A]


def test_nothing_leaves_twice_because_its_row_is_gone(dorp):
    with tenant(dorp.municipality.pk):
        change_settings(municipality=dorp.municipality, quiet_from=time(3), quiet_until=time(3))
    signal = dorp.signal(assigned_to="worker")
    late = dorp.fresh(signal).clock_due_at + timedelta(hours=1)
    morning = datetime.combine(timezone.localdate(), all_clear.AT, DUTCH)

    def everything_again():
        with tenant(dorp.municipality.pk):
            assert actions.submit(municipality=dorp.municipality, draft_id=signal.draft) == signal
        sweep(caller="test", now=late)
        all_clear.queue_due(morning)
        outbox.deliver(now=late)

    everything_again()
    with tenant(dorp.municipality.pk):
        templates = set(OutboxMessage.objects.of(dorp.municipality).values_list("template", flat=True))
    assert templates == {"receipt", "escalation", "nudge", "all_clear"}
    assert set(states(dorp).values()) == {Mail.OFFERED}
    sent = len(mail.outbox)
    age(dorp)
    old_mail.forget()
    assert list(rows(dorp)) == []
    everything_again()
    assert (list(rows(dorp)), len(mail.outbox)) == ([], sent)
    with tenant(dorp.municipality.pk):
        assert Escalation.objects.of(dorp.municipality).count() == 1


def test_a_report_about_a_mail_that_is_gone_does_nothing(dorp):
    queue(dorp, A)
    row = rows(dorp)[A]
    age(dorp, state=Mail.OFFERED)
    old_mail.forget()
    event = AnymailTrackingEvent(event_type=EventType.BOUNCED, recipient=A, metadata={"mail": row.token})
    assert fate.report(event) is False
    assert list(rows(dorp)) == []


def test_beat_forgets(settings):
    assert settings.CELERY_BEAT_SCHEDULE["forget-mail"]["task"] == tasks.forget_mail.name


def test_too_few_days_stop_the_start():
    process = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=portal.BASE_DIR,
        env=os.environ | {"MAIL_KEPT_DAYS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode != 0
    assert "MAIL_KEPT_DAYS" in process.stderr
