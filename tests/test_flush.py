"""After a test that committed the database is empty, and its tables are locked as they were."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.test import override_settings

from tests import flush
from tests.cast import cast_of
from tests.committed import live_in
from tests.conftest import APPEND_ONLY, connect

pytestmark = pytest.mark.django_db
TRIGGERS = "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"


@pytest.fixture(scope="module")
def emptied(django_db_setup, django_db_blocker, tmp_path_factory):
    """(what was filled, what is filled still, the triggers before and after)."""
    erased = override_settings(ERASURE_LOG=str(tmp_path_factory.mktemp("erased") / "log"))
    with django_db_blocker.unblock(), erased, connect("superuser") as superuser:
        live_in(cast_of("vol"))
        tables, triggers = flush.tables_of(connections["default"]), superuser.execute(TRIGGERS).fetchall()
        filled = flush.filled(superuser, tables)
        flush.empty(superuser, tables, APPEND_ONLY)
        yield filled, flush.filled(superuser, tables), triggers, superuser.execute(TRIGGERS).fetchall()


def test_nothing_is_left_of_a_full_database(emptied):
    filled, left, _before, _after = emptied
    assert set(APPEND_ONLY) <= set(filled)
    assert left == []
    with connect("owner") as owner:
        assert owner.execute(f"SELECT count(*) FROM {ContentType._meta.db_table}").fetchone()[0] > 0


def test_every_trigger_stands_as_it_did(emptied):
    _filled, _left, before, after = emptied
    assert len(before) > len(APPEND_ONLY)
    assert after == before
