"""Reads the facts by plain SQL, past the portal and past the proxies."""

import json
from contextlib import contextmanager

import psycopg

from tests.faultlab.oracle import EscalationRow, Facts, Receipt, SignalRow

SIGNALS = "SELECT id, draft::text, reference, due_at FROM signals_signal"
ESCALATIONS = "SELECT signal_id, level, due_at, escalated_at FROM followup_escalation"
VISITS = """
SELECT signal_id, recorded_at FROM followup_contactentry WHERE kind = 'home_visit' AND result <> 'withdrawn'
"""
MAILS = """
SELECT 'outbox-' || id, context->>'reference' FROM municipalities_outboxmessage WHERE template LIKE 'escalation%'
"""
WITHOUT_HISTORY = """
SELECT id FROM signals_signal AS signal WHERE status IS DISTINCT FROM (
    SELECT status FROM signals_historicalsignal AS history WHERE history.id = signal.id
    ORDER BY history_id DESC LIMIT 1)
"""
# A row that is in no ledger, and a ledger whose numbers have a gap: after any fault there is neither.
UNCHAINED = " UNION ALL ".join(
    f"SELECT '{table} ' || {key} FROM {table} WHERE {key}::text NOT IN "
    f"(SELECT row_key FROM municipalities_ledgerentry WHERE source = '{table}')"
    for table, key in (
        *(("signals_historicalsignal", "history_id"), ("followup_contactentry", "id")),
        *(("followup_escalation", "id"), ("followup_nudge", "id")),
    )
)
GAPS = "SELECT 'number ' || max(number) FROM municipalities_ledgerentry HAVING count(*) <> max(number)"
APPEND_ONLY = {"signals_historicalsignal": "history_id", "followup_contactentry": "id"}
CLOSED = (
    *("signals_signal", "signals_reporter", "signals_resident", "signals_draft", "signals_historicalsignal"),
    *("followup_contactentry", "followup_escalation", "municipalities_outboxmessage"),
)


@contextmanager
def tenant_of(address, slug):
    """A connection as the role that serves, inside this municipality."""
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
        (place,) = connection.execute("SELECT id FROM municipalities_municipality WHERE slug = %s", [slug]).fetchone()
        connection.execute("SELECT set_config('app.municipality', %s, false)", [str(place)])
        yield connection


def read(address, slug):
    """The facts of this moment, but for what only the lab knows."""
    with tenant_of(address, slug) as connection:
        rows = connection.execute
        return Facts(
            now=rows("SELECT clock_timestamp()").fetchone()[0],
            signals=[SignalRow(*row) for row in rows(SIGNALS)],
            escalations=[EscalationRow(*row) for row in rows(ESCALATIONS)],
            visits=rows(VISITS).fetchall(),
            queued=rows(MAILS).fetchall(),
            without_history=[signal for (signal,) in rows(WITHOUT_HISTORY)],
            unchained=[row for query in (UNCHAINED, GAPS) for (row,) in rows(query)],
            leaked=leaked(address),
        )


def leaked(address):
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in CLOSED}


def fingerprints(address, slug):
    """{(table, id): fingerprint} of every row that may never change."""
    with tenant_of(address, slug) as connection:
        return {
            (table, row): print_
            for table, key in APPEND_ONLY.items()
            for row, print_ in connection.execute(f"SELECT {key}, md5(row::text) FROM {table} AS row")
        }


def changed_since(before, after):
    return [f"{table} {row}" for (table, row), print_ in before.items() if after.get((table, row)) != print_]


def receipts(path):
    return [Receipt(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def let_leases_run_out(address, slug):
    """Let the minutes pass that an interrupted or failed mail waits before it is tried again."""
    with tenant_of(address, slug) as connection:
        connection.execute(
            """
            UPDATE municipalities_outboxmessage SET not_before = least(not_before, clock_timestamp()),
            claimed_until = least(claimed_until, clock_timestamp())
            """
        )


def references(path):
    """The references in a journal of visits."""
    return [json.loads(line)["reference"] for line in path.read_text().splitlines()] if path.exists() else []


def database_now(address):
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
        return connection.execute("SELECT clock_timestamp()").fetchone()[0]


def sweeps(address):
    """{caller: when it last finished a sweep}."""
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
        return dict(connection.execute("SELECT caller, finished_at FROM followup_sweeprun").fetchall())
