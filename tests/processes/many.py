"""A crowd of signals, honest in every row, and an oracle that says from the rows alone what was missed or doubled."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from municipalities.tenancy import tenant
from tests.conftest import connect

RECEIVED = timedelta(hours=50)
VISITED = timedelta(hours=10)
# Each copy has a reporter, a resident, a dossier and a history row of its own, like the signal that it is made after.
COPY = """
WITH numbers AS (
    SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS draft,
           nextval('signals_reporter_id_seq') AS reporter, nextval('signals_resident_id_seq') AS resident,
           nextval('signals_dossier_id_seq') AS dossier
    FROM generate_series(1, %(copies)s) AS n
), reporters AS (
    INSERT INTO signals_reporter SELECT (jsonb_populate_record(row, jsonb_build_object('id', reporter))).*
    FROM numbers, signals_reporter AS row WHERE row.id = %(reporter)s
), residents AS (
    INSERT INTO signals_resident SELECT (jsonb_populate_record(row, jsonb_build_object('id', resident))).*
    FROM numbers, signals_resident AS row WHERE row.id = %(resident)s
), dossiers AS (
    INSERT INTO signals_dossier SELECT
        (jsonb_populate_record(row, jsonb_build_object('id', dossier, 'resident_id', resident))).*
    FROM numbers, signals_dossier AS row WHERE row.id = %(dossier)s
), signals AS (
    INSERT INTO signals_signal SELECT (jsonb_populate_record(row, jsonb_build_object(
        'id', numbers.id, 'draft', numbers.draft, 'reference', 'SP-' || left(numbers.id::text, 13),
        'receipt_fingerprint', numbers.draft, 'reporter_id', reporter, 'dossier_id', dossier))).*
    FROM numbers, signals_signal AS row WHERE row.id = %(signal)s
    RETURNING *
)
INSERT INTO signals_historicalsignal SELECT
    (jsonb_populate_record(row, to_jsonb(signals) || jsonb_build_object(
        'history_id', nextval('signals_historicalsignal_history_id_seq')))).*
FROM signals, signals_historicalsignal AS row WHERE row.id = %(signal)s
"""


@contextmanager
def hours_ago(roles, ago):
    """The database's clock set back, for what the owner of the tables writes meanwhile."""
    connection = connections["default"]
    connection.close()
    connection.settings_dict.update(roles["owner"])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.now', %s, false)", [(timezone.now() - ago).isoformat()])
        yield
    finally:
        connection.close()
        connection.settings_dict.update(roles["default"])


def crowd(cast, roles, *, due, visited):
    """This many signals that are due and not escalated, and this many that were visited in time."""
    with hours_ago(roles, RECEIVED):
        model = cast.signal()
        guests = [cast.signal() for _ in range(visited)]
        with tenant(cast.municipality.pk), connections["default"].cursor() as cursor:
            ids = {"signal": model.pk, "reporter": model.reporter_id, "dossier": model.dossier_id}
            cursor.execute(COPY, {**ids, "resident": model.dossier.resident_id, "copies": due - 1})
    with hours_ago(roles, VISITED):
        for guest in guests:
            cast.contact(guest, occurred_at=timezone.now() - VISITED)
    return cast


@dataclass
class Rows:
    """What stands in the database: signals by id, and what was written about them."""

    due: dict = field(default_factory=dict)
    visited: set = field(default_factory=set)
    escalations: list = field(default_factory=list)
    mails: list = field(default_factory=list)
    coordinators: dict = field(default_factory=dict)

    def faults(self):
        """Every way in which the promise is broken, one sentence each; empty when it is kept."""
        escalated = Counter(signal for signal, _level in self.escalations)
        wanted = Counter((signal, who) for signal, place in self.due.items() for who in self.coordinators[place])
        mailed = Counter(self.mails)
        return [
            *[f"{signal} escalated {escalated[signal]} times" for signal in self.due if escalated[signal] != 1],
            *[f"{signal} escalated without being due" for signal in escalated if signal not in self.due],
            *[f"{mail} queued {mailed[mail]} times" for mail in wanted if mailed[mail] != 1],
            *[f"{mail} queued without being due" for mail in mailed if mail not in wanted],
        ]


DUE = """
SELECT id, EXISTS (SELECT FROM followup_contactentry entry WHERE entry.signal_id = signal.id
    AND kind = 'home_visit' AND result <> 'withdrawn' AND recorded_at < signal.due_at)
FROM signals_signal signal WHERE due_at < clock_timestamp()
"""
MAILS = """
SELECT signal.id, recipient FROM municipalities_outboxmessage mail
JOIN signals_signal signal ON signal.reference = mail.context->>'reference' WHERE template = 'escalation'
"""
COORDINATORS = """
SELECT email FROM municipalities_membership membership JOIN municipalities_user person ON person.id = user_id
WHERE membership.is_active AND role = 'coordinator'
"""


def rows_of(casts):
    """Read by plain SQL, one municipality after the other: the oracle shares no code with what it judges."""
    rows = Rows()
    with connect("default") as connection:
        for place in [cast.municipality.pk for cast in casts]:
            connection.execute("SELECT set_config('app.municipality', %s, false)", [str(place)])
            for signal, visited in connection.execute(DUE):
                rows.visited.add(signal) if visited else rows.due.update({signal: place})
            rows.escalations += connection.execute("SELECT signal_id, level FROM followup_escalation").fetchall()
            rows.mails += connection.execute(MAILS).fetchall()
            rows.coordinators[place] = [email for (email,) in connection.execute(COORDINATORS)]
    return rows
