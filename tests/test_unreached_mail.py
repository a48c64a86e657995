"""Urgent mail that reached nobody: a fact that keeps barking until a copy arrives or somebody says that they know."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from followup import metrics, watchdog
from followup.actions.escalation import sweep
from municipalities import fate, outbox, workflow
from municipalities.models import UnreachedMail
from municipalities.tenancy import tenant
from municipalities.workflow import Mail
from tests.post import change, queue, rows, states

FIRST, OPERATOR = "coordinator@dorp.example", "beheer@portaal.example"


@pytest.fixture(autouse=True)
def _operator(settings):
    settings.OPERATOR_EMAIL = f"Beheer <{OPERATOR}>"


@pytest.fixture
def broken(settings):
    """A provider to which nothing gets through."""
    settings.EMAIL_BACKEND = "tests.test_unreached_mail.Broken"


class Broken:
    def __init__(self, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionError


def settle(cast, recipient, fact):
    with tenant(cast.municipality.pk):
        fate.settle(fate.locked(cast.municipality.pk, rows(cast)[recipient].pk), fact)


def bounce_all(cast, recipient=FIRST, **more):
    """Queue one urgent mail, and let every copy of it bounce until nobody is left."""
    queue(cast, recipient, **more)
    while waiting := [recipient for recipient, state in states(cast).items() if state in workflow.WAITING]:
        settle(cast, waiting[0], Mail.BOUNCED)


def counted():
    return watchdog.look().unreached_mail


def command(*arguments):
    output = StringIO()
    call_command("unreached_mail", *arguments, stdout=output)
    return json.loads(output.getvalue())


def test_it_is_counted_where_it_happened_and_only_when_nobody_is_left(dorp, stad):
    sweep(caller="test")
    queue(dorp, FIRST)
    settle(dorp, FIRST, Mail.BOUNCED)
    assert (list(rows(dorp)), counted()) == ([FIRST, OPERATOR], {})
    settle(dorp, OPERATOR, Mail.BOUNCED)
    facts = watchdog.look()
    assert (facts.unreached_mail, facts.failures()) == ({"dorp": 1}, ["unreached_mail"])
    assert b'signaalpunt_unreached_mail{municipality="dorp"} 1.0' in metrics.exposition()


def give_up_all(cast):
    """Queue one urgent mail, and try every copy of it in vain for a day."""
    queue(cast, FIRST)
    for _ in range(2):
        change(cast, created_at=timezone.now() - timedelta(hours=24))
        outbox.deliver()


def test_what_was_given_up_counts_as_much_as_what_bounced(dorp, broken):
    give_up_all(dorp)
    assert states(dorp) == {FIRST: Mail.GIVEN_UP, OPERATOR: Mail.GIVEN_UP}
    assert counted() == {"dorp": 1}


def test_while_a_copy_is_still_tried_it_may_yet_arrive(dorp, broken):
    queue(dorp, FIRST)
    for _ in range(4):
        outbox.deliver()
        change(dorp, not_before=timezone.now())
    settle(dorp, OPERATOR, Mail.BOUNCED)
    assert counted() == {}
    settle(dorp, FIRST, Mail.BOUNCED)
    assert counted() == {"dorp": 1}


@pytest.mark.parametrize("state", Mail)
def test_the_database_means_the_same_by_failed_as_the_workflow(dorp, state):
    bounce_all(dorp)
    change(dorp, FIRST, state=state, claimed_until=timezone.now())
    assert counted() == ({"dorp": 1} if state in workflow.FAILED else {})


@pytest.mark.parametrize("template", ["receipt", "all_clear"])
def test_what_is_not_urgent_is_not_counted(dorp, template):
    bounce_all(dorp, template=template)
    assert counted() == {}


def test_a_copy_that_arrives_after_all_ends_it_and_what_bounces_then_is_new(dorp, broken):
    give_up_all(dorp)
    command("--seen", "dorp")
    settle(dorp, FIRST, Mail.DELIVERED)
    assert not UnreachedMail.objects.exists()
    settle(dorp, FIRST, Mail.BOUNCED)
    assert counted() == {"dorp": 1}


def test_the_command_says_which_and_seeing_it_is_enough(dorp, stad):
    bounce_all(dorp)
    bounce_all(stad)
    (told,) = command()["dorp"]
    assert (told["template"], told["reference"], told["mail"]) == ("escalation", "SP-2026-7KQ4MD", rows(dorp)[FIRST].pk)
    assert set(command()) == {"dorp", "stad"}
    assert command("--seen", "dorp") == {"dorp": [told]}
    assert (counted(), set(command())) == ({"stad": 1}, {"stad"})
    assert command("--seen", "dorp") == {"dorp": []}


def test_what_somebody_knows_of_does_not_bark_again_but_the_next_does(dorp, broken):
    give_up_all(dorp)
    command("--seen", "dorp")
    settle(dorp, OPERATOR, Mail.BOUNCED)
    assert counted() == {}
    bounce_all(dorp, "nog.een@dorp.example")
    assert counted() == {"dorp": 1}


def test_the_command_names_nobody_and_refuses_what_is_not_there(dorp):
    bounce_all(dorp)
    assert "@" not in json.dumps(command())
    with pytest.raises(CommandError):
        command("--seen", "nergens")
