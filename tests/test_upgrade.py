"""A database of an older version, with mail in it, is brought up to date."""

import json
import os

import pytest
from django.db import connections

from tests.test_commands import as_superuser, manage

NAME = f"upgrade_{os.getpid()}"
FIRST, BEFORE_UNREACHED = "0001", "0005"
OLD_MAIL = """
INSERT INTO municipalities_municipality (id, slug, name, area_codes, phone, fallback_email, response_window,
    danger_numbers, house_style, is_active, is_demo)
    VALUES (1, 'oud', 'Oud', '{}', '', '', '48:00:00', '[]', '{}', true, false);
INSERT INTO municipalities_outboxmessage (municipality_id, template, recipient, context, key, attempts, sent_at,
    last_error) VALUES (1, 'escalation', 'a@oud.example', '{}', 'waits', 0, NULL, ''),
    (1, 'receipt', 'b@oud.example', '{}', 'left', 1, now(), ''),
    (1, 'escalation', 'c@oud.example', '{}', 'told', 1, now(), ''),
    (1, 'escalation', 'd@oud.example', '{}', 'lost', 1, NULL, '');
"""

# Recorded before there was a ledger: the later one first.
OLD_LOOKS = """
INSERT INTO municipalities_user (id, password, email, name, is_active) VALUES (1, '', 'c@oud.example', 'C', true);
INSERT INTO municipalities_membership (municipality_id, user_id, role, is_active)
    VALUES (1, 1, 'coordinator', true);
ALTER TABLE municipalities_accesslogentry DISABLE TRIGGER stamped;
INSERT INTO municipalities_accesslogentry (id, municipality_id, user_id, role, action, reference, at)
    VALUES (1, 1, 1, 'coordinator', 'dossier', '', '2026-03-02'), (2, 1, 1, 'coordinator', 'dossier', '', '2026-03-01');
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE municipalities_accesslogentry ENABLE ALWAYS TRIGGER stamped;
"""


@pytest.fixture
def old(roles, db):
    """The environment of a database as the first version left it."""
    place = connections["default"].settings_dict
    urls = {
        variable: f"postgres://{role['USER']}:{role['PASSWORD']}@{place['HOST']}:{place['PORT']}/{NAME}"
        for variable, role in (("DATABASE_URL", roles["default"]), ("DATABASE_OWNER_URL", roles["owner"]))
    }
    with as_superuser() as superuser:
        superuser.execute(f"CREATE DATABASE {NAME} OWNER {roles['owner']['USER']}")
    environment = os.environ | urls
    for app in ("municipalities", "signals", "followup"):
        assert manage(environment, "migrate", app, FIRST, "--database", "owner").returncode == 0
    with as_superuser(dbname=NAME) as superuser:
        superuser.execute(OLD_MAIL)
        superuser.execute(OLD_LOOKS)
    yield environment
    with as_superuser() as superuser:
        superuser.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def test_old_mail_is_neither_lost_nor_sent_again(old):
    assert manage(old, "migrate", "municipalities", BEFORE_UNREACHED, "--database", "owner").returncode == 0
    with as_superuser(dbname=NAME) as superuser:
        superuser.execute("UPDATE municipalities_outboxmessage SET state = 'bounced' WHERE key = 'lost'")
    done = manage(old, "migrate", "--database", "owner")
    assert done.returncode == 0, done.stderr[-500:]
    with as_superuser(dbname=NAME) as superuser:
        states = superuser.execute("SELECT key, state FROM municipalities_outboxmessage ORDER BY key").fetchall()
        due = superuser.execute("SELECT count(*) FROM municipalities_outboxdue").fetchone()
        unreached = superuser.execute(
            "SELECT key FROM municipalities_outboxmessage JOIN municipalities_unreachedmail USING (id)"
        ).fetchall()
    assert states == [("left", "offered"), ("lost", "bounced"), ("told", "offered"), ("waits", "ready")]
    assert due == (1,)
    assert unreached == [("lost",)]


def test_what_was_recorded_before_is_in_the_ledger_in_its_order(old):
    done = manage(old, "migrate", "--database", "owner")
    assert done.returncode == 0, done.stderr[-500:]
    with as_superuser(dbname=NAME) as superuser:
        chained = superuser.execute("SELECT row_key FROM municipalities_ledgerentry ORDER BY number").fetchall()
    assert chained == [("2",), ("1",)]
    verified = manage(old, "verify_history")
    assert (verified.returncode, json.loads(verified.stdout)["entries"]) == (0, 2), verified.stdout
