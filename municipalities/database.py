"""What the database itself guards: one clock, row-level security, append-only tables, keys within one municipality.

The role that serves is `portal_app`; it never owns a table. These operations are used by the migrations of every
floor, so that a rule is written once and a table says in one line which rules hold for it.
"""

from django.db.migrations.operations import RunSQL
from django.db.models import DateTimeField, Func

from municipalities.permissions import Reach

SERVING_ROLE = "portal_app"
TENANT = "NULLIF(current_setting('app.municipality', true), '')::bigint"
CURRENT_USER = "NULLIF(current_setting('app.user', true), '')::bigint"
# Asked once a statement, not once a row. "Unequal" is what the planner takes for nearly every row, "equal" for hardly
# any, so that the rules below leave its estimates, and with them its indexes, as they were.
REACH = "(SELECT portal_reach())"


class PortalNow(Func):
    """The one clock: the database's. Only the owner, never the role that serves, may shift it (see FOUNDATION)."""

    function = "portal_now"
    template = "%(function)s()"
    output_field = DateTimeField()


FOUNDATION = """
-- Old records are imported, and demonstrations seeded, with the time at which they happened: `app.now` moves the
-- clock, but only for the owner of the tables.
CREATE FUNCTION portal_now() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF coalesce(current_setting('app.now', true), '') = '' THEN
        RETURN clock_timestamp();
    END IF;
    IF current_user <> (SELECT tableowner FROM pg_tables
                        WHERE schemaname = 'public' AND tablename = 'municipalities_municipality') THEN
        RETURN clock_timestamp();
    END IF;
    RETURN current_setting('app.now')::timestamptz;
END $$;

-- The moment of recording is the database's, whatever the statement says.
CREATE FUNCTION portal_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], portal_now()));
END $$;

CREATE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refused: % is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Tables made later, by us or by a library, are served without a further grant; append-only ones revoke.
GRANT USAGE ON SCHEMA public TO portal_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portal_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO portal_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM portal_app;
"""


def foundation():
    """The functions and grants that every later table relies on; the very first operation of all."""
    return RunSQL(FOUNDATION, RunSQL.noop)


def tenant_table(table, *, column="municipality_id", readable_by_all=False):
    """Rows of another municipality do not exist; without a tenant none do. FORCE binds the owner as well.

    `readable_by_all` is for tables without personal data that are read before a tenant is known.
    """
    read = "true" if readable_by_all else f"{column} = {TENANT}"
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant_reads ON {table} FOR SELECT USING ({read});
        CREATE POLICY tenant_inserts ON {table} FOR INSERT WITH CHECK ({column} = {TENANT});
        CREATE POLICY tenant_updates ON {table} FOR UPDATE
            USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT});
        CREATE POLICY tenant_deletes ON {table} FOR DELETE USING ({column} = {TENANT});
        """,
        RunSQL.noop,
    )


REACHES = """
-- How far whoever asks may look among the signals. Without a user it is the portal itself at work, or the public form;
-- with a user nothing is open until the page has said how far it reaches.
CREATE FUNCTION portal_reach() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN coalesce(current_setting('app.user', true), '') = '' THEN 'all'
        ELSE coalesce(NULLIF(current_setting('app.reach', true), ''), 'none') END
$$;
"""


def reaches():
    """The function that `within_reach` relies on."""
    return RunSQL(REACHES, RunSQL.noop)


def reach_rule(mine, closed_to=()):
    """Which rows are open to the reach of this transaction; `mine` (SQL, of one row) says which are one's own."""
    closed = ", ".join(f"'{reach}'" for reach in (Reach.NONE, *closed_to))
    return f"{REACH} <> ALL (ARRAY[{closed}]) AND ({REACH} <> '{Reach.OWN}' OR {mine})"


def within_reach(table, *, mine, closed_to=()):
    """Inside the municipality too, only rows within reach exist, for reading and for writing.

    A member with their own work only has the rows that are `mine`; to the reaches in `closed_to` there are none.
    """
    return RunSQL(f"CREATE POLICY reach ON {table} AS RESTRICTIVE USING ({reach_rule(mine, closed_to)});", RunSQL.noop)


def never_deleted(table):
    """Rows change but do not go."""
    return RunSQL(f"REVOKE DELETE, TRUNCATE ON {table} FROM {SERVING_ROLE};", RunSQL.noop)


def append_only(table, *, stamp=None):
    """Rows are only ever added: refused by trigger (ALWAYS, so also for replicas and the owner) and by grants.

    `stamp` names the column that the database fills with the moment of recording.
    """
    stamping = f"""
        CREATE TRIGGER stamped BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION portal_stamp('{stamp}');
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER stamped;"""
    return RunSQL(
        f"""
        REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {SERVING_ROLE};
        CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION portal_append_only();
        CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_rows;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_table;
        {stamping if stamp else ""}
        """,
        RunSQL.noop,
    )


def within_municipality(table, column, parent, *, parent_column="id"):
    """A child never hangs under another municipality's parent: foreign-key checks look through row-level security."""
    return RunSQL(
        f"""
        ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_within FOREIGN KEY (municipality_id, {column})
            REFERENCES {parent} (municipality_id, {parent_column}) DEFERRABLE INITIALLY DEFERRED;
        """,
        RunSQL.noop,
    )
