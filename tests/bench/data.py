"""Many open signals at once, each with rows of its own: reporter, resident, dossier, signal, history row and clock.

Written by INSERT … SELECT as superuser with the triggers off, since a million receipts take an hour; what the triggers
would have done is written along, and `check` proves it.
"""

from municipalities.actions import create_municipality, create_user
from municipalities.ledger import chain_existing
from municipalities.models import Municipality
from municipalities.permissions import Role
from tests.cast import Cast

DUE_EVERY = 100
# A few cities and a long tail of villages, as the municipalities of the Netherlands are spread.
SPREAD = """
CREATE TABLE bench_place AS
SELECT id, sum(weight) OVER (ORDER BY id) / sum(weight) OVER () AS upto
FROM (SELECT id, 1.0 / row_number() OVER (ORDER BY id) AS weight FROM municipalities_municipality) AS weights;
"""
NUMBERS = """
CREATE TEMP TABLE bench_number AS
SELECT n AS new_number, place.id AS new_municipality, gen_random_uuid() AS new_signal, gen_random_uuid() AS new_draft,
       nextval('signals_reporter_id_seq') AS new_reporter, nextval('signals_resident_id_seq') AS new_resident,
       nextval('signals_dossier_id_seq') AS new_dossier,
       CASE WHEN n %% %(due_every)s = 0 THEN now() - interval '48 hours' - random() * interval '10 minutes'
            ELSE now() - random() * interval '24 hours' END AS new_moment
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
CROSS JOIN LATERAL (SELECT mod(n * 0.6180339887, 1) AS share) AS lot
CROSS JOIN LATERAL (SELECT id FROM bench_place WHERE upto > share ORDER BY upto LIMIT 1) AS place
"""
DUE = "new_moment + interval '48 hours'"
OWN = {"municipality_id": "new_municipality", "received_at": "new_moment", "due_at": DUE}
SIGNAL = {
    **OWN,
    "id": "new_signal",
    "reference": "'SP-2026-' || upper(to_hex(new_number))",
    "dossier_id": "new_dossier",
    "reporter_id": "new_reporter",
}
TABLES = {
    "signals_reporter": {**OWN, "id": "new_reporter"},
    "signals_resident": {**OWN, "id": "new_resident"},
    "signals_dossier": {**OWN, "id": "new_dossier", "resident_id": "new_resident"},
    "signals_signal": {
        **SIGNAL,
        "draft": "new_draft",
        "receipt_fingerprint": "md5(new_draft::text) || md5(new_signal::text)",
    },
    "signals_historicalsignal": {
        **SIGNAL,
        "history_id": "nextval('signals_historicalsignal_history_id_seq')",
        "history_date": "new_moment",
    },
    "signals_clock": {
        **OWN,
        "id": "nextval('signals_clock_id_seq')",
        "signal_id": "new_signal",
        "next_at": DUE,
    },
}
WRONG = {
    "no running clock of its own": """
        SELECT count(*) FROM signals_signal s LEFT JOIN signals_clock c ON c.signal_id = s.id AND c.kind = 'visit'
            AND c.municipality_id = s.municipality_id AND c.due_at = s.due_at AND c.stopped_at IS NULL
        WHERE c.id IS NULL""",
    "no history": """
        SELECT count(*) FROM signals_signal s LEFT JOIN signals_historicalsignal h ON h.id = s.id
            AND (h.municipality_id, h.reference, h.status, h.received_at, h.due_at)
              = (s.municipality_id, s.reference, s.status, s.received_at, s.due_at)
        WHERE h.id IS NULL""",
    "not in the ledger": """
        SELECT count(*) FROM signals_historicalsignal h LEFT JOIN municipalities_ledgerentry l
            ON (l.municipality_id, l.source, l.row_key)
             = (h.municipality_id, 'signals_historicalsignal', h.history_id::text)
        WHERE l.number IS NULL""",
    "no people of its own municipality": """
        SELECT count(*) FROM signals_signal s LEFT JOIN signals_dossier d ON (d.municipality_id, d.id)
              = (s.municipality_id, s.dossier_id)
            LEFT JOIN signals_resident p ON (p.municipality_id, p.id) = (d.municipality_id, d.resident_id)
            LEFT JOIN signals_reporter r ON (r.municipality_id, r.id) = (s.municipality_id, s.reporter_id)
        WHERE p.id IS NULL OR r.id IS NULL""",
}
OWN_TRIGGERS = ("stamped", "chained")
KEYS = {"signals_historicalsignal": "id", "signals_clock": "signal_id"}


def places(count):
    """This many municipalities, each with one coordinator, and the model signal that all others are copies of."""
    for number in range(count):
        slug = f"gemeente-{number:03}"
        municipality, _made = create_municipality(slug=slug, name=slug.title())
        person, _made = create_user(email=f"c@{slug}.example", municipality=municipality, role=Role.COORDINATOR)
    return Cast(Municipality.objects.get(slug="gemeente-000"), {"coordinator": person}).signal()


def load(superuser, model, first, last, due_every=DUE_EVERY):
    """Signals `first` up to and including `last`, one in `due_every` of them just due and not yet escalated."""
    superuser.execute("SET session_replication_role = replica")
    for trigger in OWN_TRIGGERS:
        superuser.execute(f"ALTER TABLE signals_historicalsignal DISABLE TRIGGER {trigger}")
    if superuser.execute("SELECT to_regclass('bench_place')").fetchone() == (None,):
        superuser.execute(SPREAD)
    cursor = superuser.cursor()
    cursor.execute(NUMBERS, {"first": first, "last": last, "due_every": due_every})
    for table, values in TABLES.items():
        cursor.execute(_copies(superuser, table, values), _model_row(model, table))
    superuser.execute("DROP TABLE bench_number")
    superuser.execute(chain_existing([("signals_historicalsignal", "history_id", "history_date")]))
    for trigger in OWN_TRIGGERS:
        superuser.execute(f"ALTER TABLE signals_historicalsignal ENABLE ALWAYS TRIGGER {trigger}")
    superuser.execute("SET session_replication_role = origin")
    for table in (*TABLES, "municipalities_ledgerentry"):
        superuser.execute(f"VACUUM ANALYZE {table}")


def faults(superuser):
    """What is wrong with the loaded rows: {what: how many}; empty when they are as the triggers would leave them."""
    found = {sentence: superuser.execute(query).fetchone()[0] for sentence, query in WRONG.items()}
    return {sentence: count for sentence, count in found.items() if count}


def _copies(superuser, table, values):
    """INSERT … SELECT of the model's row with these columns replaced; columns of tomorrow are copied as they are."""
    rows = superuser.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", [table]
    )
    columns = [name for (name,) in rows]
    names = '", "'.join(columns)
    chosen = [values.get(name, f'model."{name}"') for name in columns]
    return (
        f'INSERT INTO {table} ("{names}") SELECT {", ".join(chosen)} FROM bench_number, '
        f"(SELECT * FROM {table} WHERE {KEYS.get(table, 'id')} = %(key)s LIMIT 1) AS model"
    )


def _model_row(model, table):
    own = {
        "signals_reporter": model.reporter_id,
        "signals_resident": model.dossier.resident_id,
        "signals_dossier": model.dossier_id,
    }
    return {"key": own.get(table, model.pk)}
