"""Whose data is open: the tenant of a transaction, and the refusal to serve as a role that sees everything."""

from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections, transaction


@contextmanager
def tenant(municipality_id, *, user_id=None):
    """Open one municipality's rows, for this transaction only.

    The setting is local to the transaction, so that it can never leak to the next request through a kept
    connection. Nested, the outer tenant comes back on success; an error's savepoint restores it by itself.

    With a user nothing about signals is open before `reach_for` says how far.
    """
    outer = _settings() if connection.in_atomic_block else None
    with transaction.atomic():
        _set(municipality_id, user_id)
        yield
        if outer is not None:
            _set(*outer)


def reach_for(reach):
    """How far the user of this tenant looks among its signals, a `Reach`; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.reach', %s, true)", [str(reach)])


def _settings():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('app.municipality', true), current_setting('app.user', true), "
            "current_setting('app.reach', true)"
        )
        return cursor.fetchone()


def _set(municipality_id, user_id, reach=""):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.municipality', %s, true), set_config('app.user', %s, true), "
            "set_config('app.reach', %s, true)",
            [str(municipality_id or ""), str(user_id or ""), str(reach or "")],
        )


def act_as_owner():
    """For imports and demonstrations: from here on this process works as the owner of the tables.

    Row-level security and the append-only tables still hold; what the owner may do more is shift `portal_now()`.
    Never called where pages are served, where there is no DATABASE_OWNER_URL.
    """
    connection.close()
    owner = connections.databases["owner"]
    connections.databases["default"] |= {"USER": owner["USER"], "PASSWORD": owner["PASSWORD"]}
    del connections["default"]


def refuse_all_seeing_role():
    """Stop the start when the database role could look past row-level security.

    Raises ImproperlyConfigured for a superuser, a role with BYPASSRLS, and the owner of the tables or a member of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT rolsuper OR rolbypassrls OR EXISTS (
                SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND pg_has_role(current_user, relowner, 'MEMBER'))
            FROM pg_roles WHERE rolname = current_user
            """
        )
        sees_all = cursor.fetchone()[0]
    if sees_all:
        raise ImproperlyConfigured(
            "DATABASE_URL names a role that can look past row-level security (superuser, BYPASSRLS, or owner of "
            "the tables). Serve as portal_app; migrate with DATABASE_OWNER_URL."
        )
