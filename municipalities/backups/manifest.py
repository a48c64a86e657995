"""What a database holds, in figures and in its rules: written into a backup, and held against what comes out of it."""

import re

from psycopg.sql import SQL, Identifier

# Not in a backup: keys have a file of their own, sessions must not come to life again, drafts go within a day.
KEYS_TABLE = "municipalities_vaultkey"
LEFT_OUT = (KEYS_TABLE, "django_session", "usersessions_usersession")

TABLES = (
    "SELECT relname, relpersistence = 'u' FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)
SEQUENCES = """
SELECT s.relname, t.relname, a.attname FROM pg_class s
JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace
"""
# One line of text for every rule: owners, grants, row-level security, columns, keys, indexes, triggers, functions.
SCHEMA = """
WITH ours AS (
    SELECT c.* FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v', 'm', 'p')
), routines AS (
    SELECT p.* FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
)
SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, relowner::regrole,
    CASE WHEN relrowsecurity THEN 'secured' END, CASE WHEN relforcerowsecurity THEN 'forced' END) FROM ours
UNION ALL SELECT concat_ws(' ', 'grant', relname, grantee::regrole, privilege_type, is_grantable)
    FROM ours, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)))
UNION ALL SELECT concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
    attgenerated, pg_get_expr(adbin, adrelid)) FROM ours JOIN pg_attribute a ON attrelid = ours.oid
    LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'S'
UNION ALL SELECT concat_ws(' ', 'constraint', relname, conname, convalidated, pg_get_constraintdef(c.oid))
    FROM ours JOIN pg_constraint c ON conrelid = ours.oid
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid)
    FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL SELECT concat_ws(' ', 'trigger', relname, tgenabled, pg_get_triggerdef(t.oid))
    FROM ours JOIN pg_trigger t ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL SELECT concat_ws(' ', 'policy', relname, polname, polcmd, polpermissive, polroles::regrole[]::text,
    pg_get_expr(polqual, polrelid), '/', pg_get_expr(polwithcheck, polrelid))
    FROM ours JOIN pg_policy ON polrelid = ours.oid
UNION ALL SELECT concat_ws(' ', 'function', proowner::regrole, pg_get_functiondef(oid)) FROM routines
UNION ALL SELECT concat_ws(' ', 'grant', proname, grantee::regrole, privilege_type)
    FROM routines, aclexplode(coalesce(proacl, acldefault('f', proowner)))
UNION ALL SELECT concat_ws(' ', 'grant', nspname, nspowner::regrole, grantee::regrole, privilege_type)
    FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) WHERE nspname = 'public'
UNION ALL SELECT concat_ws(' ', 'by default', defaclrole::regrole, defaclobjtype, grantee::regrole, privilege_type)
    FROM pg_default_acl, aclexplode(defaclacl) WHERE defaclnamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
"""


def taken(connection):
    """The manifest of what this connection (of the backup role, in one snapshot) sees; all of it fits JSON."""
    at = connection.execute("SELECT now()").fetchone()[0]
    migrations = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return {
        "taken_at": at.isoformat(),
        "server": server(connection),
        "migrations": [list(migration) for migration in migrations],
        "rows": rows(connection),
        "schema": schema(connection),
    }


def server(connection):
    """The major version of PostgreSQL."""
    return connection.info.server_version // 10000


def rows(connection):
    """{table: how many rows a backup of it has}."""
    counted = {}
    for table, is_unlogged in connection.execute(TABLES).fetchall():
        empty = is_unlogged or table in LEFT_OUT
        counting = SQL("SELECT count(*) FROM {}").format(Identifier("public", table))
        counted[table] = 0 if empty else connection.execute(counting).fetchone()[0]
    return counted


def schema(connection):
    """Every rule of the database as a line of text."""
    return sorted(_as_meant(line) for (line,) in connection.execute(SCHEMA).fetchall())


def _as_meant(line):
    """Lists in a condition come back from a dump with their casts in other places; it means the same."""
    if line.startswith(("constraint", "index", "trigger")):
        return re.sub(r"::(?:character varying|text)(?:\[\])?|[()]", "", line)
    return line


def sequences_behind(connection):
    """The sequences that would give out a number again that stands in their table."""
    behind = []
    for sequence, table, column in connection.execute(SEQUENCES).fetchall():
        asked = SQL("SELECT (SELECT last_value FROM {}) < coalesce((SELECT max({}) FROM {}), 0)").format(
            Identifier("public", sequence), Identifier(column), Identifier("public", table)
        )
        if connection.execute(asked).fetchone()[0]:
            behind.append(sequence)
    return sorted(behind)
