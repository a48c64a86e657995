"""Who needs to know what: the table against one that people read, and every page against the table."""

from itertools import product

import pytest
from django.urls import reverse

from municipalities.models import Membership, Organisation
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals import actions, needs
from signals.needs import Part, State
from tests.cast import WHO

# Reviewed: + is shown, ? with a reason that goes on record, - not. The second line of a pair is without the reporter's
# consent to be called; "any" stands for both. Roles that are not here see nothing of any signal.
GOLDEN = """
role         state   may_call  area signs story name address kind identity contact notes
coordinator  own     any       +    +     +     +    +       +    +        +       +
coordinator  queue   any       +    +     +     +    +       +    +        +       +
coordinator  town    any       +    +     +     +    +       +    +        +       +
coordinator  closed  any       +    +     +     +    +       +    +        +       +
coordinator  glass   any       -    -     -     -    -       -    -        -       -
worker       own     yes       +    +     +     +    +       +    +        +       +
worker       own     no        +    +     +     +    +       +    ?        ?       +
worker       queue   any       +    +     -     -    -       -    -        -       -
worker       town    any       -    -     -     -    -       -    -        -       -
worker       closed  any       +    +     +     +    +       +    ?        ?       +
worker       glass   any       -    -     -     -    -       -    -        -       -
"""
CONSENTS = {"yes": (True,), "no": (False,), "any": (True, False)}
CELLS = list(product(Role.values, State.values, (True, False)))


def reviewed():
    """{(role, state, may_call): {part: sign}}, with a row of nothing for whoever is not in it."""
    heading, *lines = [line.split() for line in GOLDEN.strip().splitlines()]
    table = {cell: dict.fromkeys(Part.values, "-") for cell in CELLS}
    for role, state, consent, *signs in lines:
        for may_call in CONSENTS[consent]:
            table[role, state, may_call] = dict(zip(heading[3:], signs, strict=True))
    return table


REVIEWED = reviewed()


def test_the_table_is_the_one_that_was_reviewed():
    for role, state, may_call in CELLS:
        cell = needs.NEEDS.get((Role(role), State(state)), (needs.NOTHING, needs.NOTHING))[0 if may_call else 1]
        signs = {part: "+" if part in cell.shown else "?" if part in cell.on_reason else "-" for part in Part.values}
        assert signs == REVIEWED[role, state, may_call], (role, state, may_call)


# -- the pages


MARKS = {
    "area": ("1234 Dorp", "1234 AB Dorp"),
    "signs": ("De gordijnen blijven dicht",),
    "story": ("De gordijnen zijn dicht.",),
    "name": ("Jan de Wit",),
    "address": ("Lindelaan 12",),
    "kind": ("Buur",),
    "identity": ("Nora Naast",),
    "contact": ("06 00000001", "nora@naast.example"),
    "notes": ("Belt na vieren terug.",),
}
# The roles that open pages about signals, and which; every page is asked for, also those that refuse.
PAGES = ("today", "dashboard", "late", "protected", "access_log", "outliers")


def made(dorp, state, may_call):
    """A signal that stands so to the worker, with a note in it."""
    given = {"queue": None, "town": "other_worker", "glass": "other_worker"}.get(state, "worker")
    signal = dorp.signal(assigned_to=given, **{"wie-bent-u": WHO | {"may_call": may_call}})
    kind, result = ("home_visit", "spoken") if state == "closed" else ("phone", "no_answer")
    dorp.contact(signal, kind=kind, result=result, note=MARKS["notes"][0], by=given or "coordinator")
    with tenant(dorp.municipality.pk):
        if state == "closed":
            actions.close(signal=signal, reason="helped", by=dorp.coordinator)
        if state == "glass":
            actions.protect(signal=signal, reason="colleague", by=dorp.coordinator)
        if state == "queue":
            welzijn = Organisation.objects.get(name="Welzijn")
            actions.put_in_queue(signal=signal, organisation=welzijn, by=dorp.coordinator)
    return dorp.fresh(signal)


def everything_on_the_pages(dorp, role, signal):
    """The text of every page that this role opens, or is refused; of a signal also its own pages."""
    client, place = dorp.client(role), [dorp.slug, signal.reference]
    answers = [client.get(reverse(name, args=[dorp.slug])) for name in PAGES]
    answers += [client.get(reverse(name, args=place), follow=True) for name in ("dossier", "log_contact", "pause")]
    return "\n".join(answer.content.decode() for answer in answers)


@pytest.mark.parametrize(("role", "state", "may_call"), CELLS)
def test_the_pages_show_what_the_table_says_and_nothing_more(role, state, may_call, dorp):
    signal = made(dorp, state, may_call)
    text = everything_on_the_pages(dorp, role, signal)
    shown = {part: any(mark in text for mark in marks) for part, marks in MARKS.items()}
    assert shown == {part: sign == "+" for part, sign in REVIEWED[role, state, may_call].items()}


@pytest.mark.parametrize(
    ("role", "state", "may_call"), [cell for cell in CELLS if cell[0] in {"coordinator", "worker"}]
)
def test_with_a_reason_exactly_what_the_table_says(role, state, may_call, dorp):
    signal = made(dorp, state, may_call)
    answer = dorp.client(role).post(reverse("reporter", args=[dorp.slug, signal.reference]), {"reason": "danger"})
    told = {part for part in ("identity", "contact") if any(mark in answer.content.decode() for mark in MARKS[part])}
    assert told == {part for part, sign in REVIEWED[role, state, may_call].items() if sign == "?"}


@pytest.mark.parametrize("state", State.values)
def test_each_of_these_is_the_state_that_it_is_made_for(state, dorp):
    signal = made(dorp, state, True)
    with tenant(dorp.municipality.pk):
        member = Membership.objects.get(user=dorp.worker)
        assert needs.state_of(signal, member) == state
