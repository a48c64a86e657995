"""The ledger in the database: every recorded row is chained to the one before it, by a trigger, at commit.

docs/ledger.md says what is chained and of which bytes, so that others can verify it without any of this code.
"""

from django.db.migrations.operations import RunSQL

LEDGER = """
-- Adds one row to the chain of its municipality. The number is given out under the municipality's lock, never by a
-- sequence: whoever waits here sees what was committed before, and the next number after it.
CREATE FUNCTION portal_ledger_add(place bigint, relation oid, source name, key text, content bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    last record;
    names text;
    width int := get_byte(content, 2) * 256 + get_byte(content, 3);
    row_digest bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(1814783076, place::int);
    SELECT number, hash INTO last FROM municipalities_ledgerentry
        WHERE municipality_id = place ORDER BY number DESC LIMIT 1;
    last.number := coalesce(last.number, 0) + 1;
    SELECT string_agg(attname, ',' ORDER BY attnum) INTO names FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped;
    row_digest := sha256(convert_to(source || ' ' || names || E'\\n', 'UTF8') || content);
    INSERT INTO municipalities_ledgerentry (municipality_id, number, source, row_key, columns, digest, hash)
        VALUES (place, last.number, source, key, width, row_digest, sha256(
            coalesce(last.hash, decode(repeat('00', 32), 'hex'))
            || convert_to(concat_ws(' ', place, last.number, source, key, width) || E'\\n', 'UTF8') || row_digest));
END $$;

-- Deferred, so that the lock is the last one that a transaction takes, and held for no longer than its commit: nobody
-- who waits for it holds up a page, and nobody who holds it waits for a signal or a clock.
CREATE FUNCTION portal_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant text := coalesce(current_setting('app.municipality', true), '');
    key text;
BEGIN
    -- Texts are chained as bytes, and only in this encoding do the bytes stand for the same text everywhere.
    IF pg_client_encoding() <> 'UTF8' THEN
        RAISE EXCEPTION 'what is recorded comes in UTF-8, not %', pg_client_encoding();
    END IF;
    IF TG_ARGV[0] = 'id' THEN
        key := NEW.id;
    ELSE
        key := to_jsonb(NEW) ->> TG_ARGV[0];
    END IF;
    PERFORM set_config('app.municipality', NEW.municipality_id::text, true);
    PERFORM portal_ledger_add(NEW.municipality_id, TG_RELID, TG_TABLE_NAME, key, record_send(NEW));
    PERFORM set_config('app.municipality', tenant, true);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION portal_chain(), portal_ledger_add(bigint, oid, name, text, bytea) FROM PUBLIC;
REVOKE INSERT ON municipalities_ledgerentry FROM portal_app;
"""


def ledger():
    """The functions, and no right for the role that serves to write entries itself."""
    return RunSQL(LEDGER, RunSQL.noop)


def chained(table, *, key="id"):
    """Every row that is added to this table gets its entry in the ledger, whoever adds it (ALWAYS). One line a table.

    `key` is the column that names a row. Columns may be added later, at the end; none is ever removed, renamed or
    given another type, since the old entries are about them.
    """
    return RunSQL(
        f"""
        CREATE CONSTRAINT TRIGGER chained AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION portal_chain('{key}');
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER chained;
        """,
        RunSQL.noop,
    )


def chain_existing(tables):
    """SQL for the owner: chains all rows without an entry, oldest first; `tables` are (table, key, recorded when)."""
    rows = " UNION ALL ".join(
        f"""
        SELECT '{table}'::regclass::oid AS relation, '{table}'::name AS source, {key}::text AS key,
            {moment} AS moment, record_send(t) AS content
        FROM {table} AS t WHERE municipality_id = place AND NOT EXISTS (SELECT FROM municipalities_ledgerentry AS l
            WHERE (l.municipality_id, l.source, l.row_key) = (place, '{table}', t.{key}::text))"""  # noqa: S608 - ours
        for table, key, moment in tables
    )
    return f"""
    DO $$
    DECLARE
        tenant text := coalesce(current_setting('app.municipality', true), '');
        place bigint;
        known record;
    BEGIN
        -- The owner as well sees no row without a tenant.
        FOR place IN SELECT id FROM municipalities_municipality ORDER BY id LOOP
            PERFORM set_config('app.municipality', place::text, true);
            FOR known IN SELECT * FROM ({rows}) AS unchained ORDER BY moment, source, key LOOP
                PERFORM portal_ledger_add(place, known.relation, known.source, known.key, known.content);
            END LOOP;
        END LOOP;
        PERFORM set_config('app.municipality', tenant, true);
    END $$;
    """  # noqa: S608 - ours


def all_chained(tables):
    """What stands in these tables already gets its entries, in the order in which it was recorded."""
    return RunSQL(chain_existing(tables), RunSQL.noop)
