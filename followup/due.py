"""What is due in many municipalities at once: held by one statement, decided upon here, written by another.

The functions that do it inside the server are in the migrations of this floor. They pass on nothing but what a step of
the ladder needs: whose turn it is, never about whom the signal is.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from followup.recipients import Directory
from municipalities import standins
from municipalities.models import Ladder, Membership, Municipality, Organisation, User
from municipalities.models.outbox import Urgency
from signals.models.clock import VISITS

MEMBER_FIELDS = Membership._meta.concrete_fields


@dataclass(frozen=True)
class DueStep:
    """A clock whose step has come, with what its mails say of the signal."""

    pk: int
    signal_id: UUID
    kind: str
    step: int
    level: int
    due_at: datetime
    stopped_at: datetime | None
    reference: str
    worker_id: int | None
    queue_id: int | None
    visit_due_at: datetime

    @property
    def is_late(self):
        """Whether a visit was due, so that it is escalated; else somebody is reminded beforehand."""
        return self.kind in VISITS

    @property
    def number(self):
        """Which nudge of its clock this is, counted from one; of a late visit, which rung."""
        return self.step + 1


@dataclass
class Place:
    """A municipality in which something is due at this moment, and everything that decides who is told."""

    municipality: Municipality
    moment: datetime
    due: list[DueStep]
    ladder: Ladder
    directory: Directory
    bouncing: frozenset[str]
    next_at: dict[int, datetime | None] = field(default_factory=dict)
    mails: list[dict] = field(default_factory=list)

    def urgent(self):
        """The recipients of the urgent mails, by the keys of these."""
        return {mail["key"]: mail["recipient"] for mail in self.mails if mail["urgency"] == Urgency.URGENT}


def hold(clocks, now=None):
    """The places of those of these clocks that are due and that nobody else holds, until the end of the transaction.

    `clocks` are pairs (municipality id, clock id); `now` (aware) replaces the database's clock in rehearsals.
    """
    places, pks = zip(*clocks, strict=True)
    municipalities = Municipality.objects.in_bulk(set(places))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM followup_hold_due(%s, %s, %s)", [list(places), list(pks), now])
        return [_place(municipalities[pk], *row) for pk, *row in cursor.fetchall()]


def write(places):
    """Write what was decided for these places: escalations, nudges, mails, and when the next step is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT followup_write_steps(%s)",
            # As text, moments to the microsecond.
            [json.dumps([_written(place) for place in places], default=str)],
        )


def _place(municipality, moment, due, ladder, members, bouncing):
    members = standins.tied(_member(municipality, row) for row in json.loads(members or "[]"))
    return Place(
        municipality,
        moment,
        [_due_step(row) for row in json.loads(due)],
        Ladder(municipality=municipality, **_ladder(json.loads(ladder or "{}"))),
        Directory(municipality, members, moment),
        frozenset(json.loads(bouncing or "[]")),
    )


def _due_step(row):
    moments = ("due_at", "stopped_at", "visit_due_at")
    return DueStep(**row | {name: row[name] and datetime.fromisoformat(row[name]) for name in moments})


def _ladder(row):
    return {name: value if name == "rungs" else timedelta(seconds=value) for name, value in row.items()}


def _member(municipality, row):
    organisation = row.pop("organisation_is_active")
    user = User(id=row["user_id"], email=row.pop("email"), is_active=row.pop("user_is_active"))
    member = Membership(**{field.attname: field.to_python(row[field.column]) for field in MEMBER_FIELDS})
    member.municipality, member.user = municipality, user
    if organisation is not None:
        member.organisation = Organisation(id=member.organisation_id, is_active=organisation)
    return member


def _written(place):
    """One municipality as `followup_write_steps` reads it."""
    late, early = _split(place.due)
    return {
        "municipality": place.municipality.pk,
        "late": [{"signal_id": step.signal_id, "level": step.level, "due_at": step.due_at} for step in late],
        "early": [{"signal_id": step.signal_id, "kind": step.kind, "number": step.number} for step in early],
        "mails": place.mails,
        "next": [
            {
                "id": step.pk,
                "step": step.step + 1,
                "level": step.level + step.is_late,
                "late": step.is_late,
                "next_at": place.next_at[step.pk],
            }
            for step in place.due
        ],
    }


def _split(due):
    return [step for step in due if step.is_late], [step for step in due if not step.is_late]
