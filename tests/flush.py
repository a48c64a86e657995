"""Emptying the database after a test that committed, in a few milliseconds."""

from functools import cache

from psycopg.sql import SQL, Identifier

# Kept without a model of ours.
ELSEWHERE = ["portal_counters", "portal_addresses"]
# What migrating put there and no test changes.
STAYS = {"django_content_type", "auth_permission"}


@cache
def tables_of(connection):
    """All tables that a test may have written to, as the database has them."""
    return [*(set(connection.introspection.django_table_names(only_existing=True)) - STAYS), *ELSEWHERE]


def empty(superuser, tables, append_only):
    """Delete every row of these tables, the append-only ones as well.

    Waits like TRUNCATE for whoever still writes, but makes no new file for each of hundreds of tables and indexes.
    Foreign keys rest meanwhile: all that may refer to a row goes with it.
    """
    with superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(_names(tables)))
        for table in filled(superuser, tables):
            _delete(superuser, Identifier(table), "append_only_rows" if table in append_only else None)


def filled(connection, tables):
    """Those that hold a row."""
    holds = SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    query = SQL(" UNION ALL ").join(holds.format(table, Identifier(table)) for table in tables)
    return [table for (table,) in connection.execute(query)]


def _names(tables):
    return SQL(", ").join(map(Identifier, tables))


def _delete(connection, table, refuses):
    if not refuses:
        connection.execute(SQL("DELETE FROM {}").format(table))
        return
    for statement in (
        "ALTER TABLE {} DISABLE TRIGGER {}",
        "DELETE FROM {}",
        "ALTER TABLE {} ENABLE ALWAYS TRIGGER {}",
    ):
        connection.execute(SQL(statement).format(table, Identifier(refuses)))
