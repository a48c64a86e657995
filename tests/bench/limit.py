"""What PostgreSQL can do at best: the same due clocks in one statement, on bare tables without any of our guards.

GUARDED is that statement on our own tables, with their triggers, keys and indexes, and without row-level security: what
the guards cost, and what the sweep costs on top of them.
"""

TABLES = """
DROP SCHEMA IF EXISTS bare CASCADE;
CREATE SCHEMA bare;
CREATE TABLE bare.clock AS SELECT id, municipality_id, signal_id, level, due_at, next_at, escalated_at, stopped_at
    FROM signals_clock;
ALTER TABLE bare.clock ADD PRIMARY KEY (id);
CREATE INDEX ON bare.clock (next_at, municipality_id) WHERE next_at IS NOT NULL;
CREATE TABLE bare.escalation (id bigserial PRIMARY KEY, municipality_id bigint NOT NULL, signal_id uuid NOT NULL,
    level smallint NOT NULL, due_at timestamptz NOT NULL, escalated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (signal_id, level));
CREATE TABLE bare.outbox (id bigserial PRIMARY KEY, municipality_id bigint NOT NULL, key text NOT NULL,
    recipient text NOT NULL, context jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    not_before timestamptz NOT NULL DEFAULT clock_timestamp(), sent_at timestamptz, UNIQUE (municipality_id, key));
CREATE INDEX ON bare.outbox (municipality_id, not_before) WHERE sent_at IS NULL;
ANALYZE bare.clock;
"""
DUE = """
WITH due AS (
    UPDATE bare.clock SET next_at = NULL, escalated_at = clock_timestamp() WHERE next_at <= now()
    RETURNING municipality_id, signal_id, level, due_at
)"""
ESCALATIONS = """
INSERT INTO bare.escalation (municipality_id, signal_id, level, due_at)
    SELECT municipality_id, signal_id, level, due_at FROM due"""
LIMIT = DUE + ESCALATIONS
LIMIT_WITH_MAIL = f"""{DUE}, escalated AS ({ESCALATIONS})
INSERT INTO bare.outbox (municipality_id, key, recipient, context)
    SELECT municipality_id, 'escalation:' || signal_id || ':' || level, 'coordinator@gemeente.example',
        jsonb_build_object('reference', left(signal_id::text, 13), 'due', due_at, 'kind', 'visit',
                           'path', '/gemeente/signalen/' || left(signal_id::text, 13) || '/') FROM due"""
GUARDED = """
WITH due AS (
    UPDATE signals_clock SET step = step + 1, level = level + 1, escalated_at = clock_timestamp(),
        next_at = due_at + interval '4 hours'
    WHERE next_at <= now() RETURNING municipality_id, signal_id, level - 1 AS level, due_at
), escalated AS (
    INSERT INTO followup_escalation (municipality_id, signal_id, level, due_at)
    SELECT municipality_id, signal_id, level, due_at FROM due)
INSERT INTO municipalities_outboxmessage (municipality_id, template, recipient, context, key, attempts, last_error,
                                          second_recipient, urgency, state, provider_id)
    SELECT municipality_id, 'escalation', 'coordinator@gemeente.example',
        jsonb_build_object('reference', left(signal_id::text, 13), 'due', due_at, 'kind', 'visit',
                           'path', '/gemeente/signalen/' || left(signal_id::text, 13) || '/'),
        'escalation:' || signal_id || ':' || level, 0, '', '', 1, 'ready', '' FROM due"""
RESET = """
UPDATE bare.clock SET next_at = due_at, escalated_at = NULL WHERE escalated_at IS NOT NULL;
TRUNCATE bare.escalation, bare.outbox;
"""
