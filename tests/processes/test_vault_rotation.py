"""A change of the vault's key, killed half way and beside others: no key is lost, and none comes back."""

import pytest

from municipalities import vault
from municipalities.models import VaultKey
from municipalities.tenancy import tenant
from tests.committed import enter
from tests.conftest import connect
from tests.processes.stack import MANAGE, eventually
from tests.test_vault_versions import new_version, noted, rotate, stored


@pytest.fixture
def many_keys(transactional_db, dorp):
    """A municipality with 1,200 keys."""
    with tenant(dorp.municipality.pk):
        keys = [VaultKey(municipality=dorp.municipality) for _number in range(1200)]
        for key in keys:
            key.wrap(vault.new_key())
        VaultKey.objects.bulk_create(keys)
    return {key.subject: key.unwrapped() for key in keys}


def versions():
    with connect("superuser") as superuser:
        rows = superuser.execute("SELECT version, count(*) FROM municipalities_vaultkey GROUP BY version").fetchall()
    return dict(rows)


def test_killed_half_way_it_goes_on_where_it_was(many_keys, dorp, settings, stack):
    new_version(settings)
    keys = ",".join(f"{version}:{key}" for version, key in settings.VAULT_KEYS.items())
    with connect("superuser") as superuser, superuser.transaction():
        # One key in the second batch is held, so that the command stands still there.
        which = "SELECT id FROM municipalities_vaultkey ORDER BY id OFFSET 700 LIMIT 1"
        superuser.execute(f"SELECT FROM municipalities_vaultkey WHERE id = ({which}) FOR UPDATE")
        running = stack.start("rotate", *MANAGE, "rotate_vault_keys", VAULT_KEYS=keys)
        assert eventually(lambda: versions() == {1: 700, 2: 500}, 30), running.says()
        running.kill()
    assert rotate()["brought_along"] == 700
    assert versions() == {2: 1200}
    with tenant(dorp.municipality.pk):
        assert {key.subject: key.unwrapped() for key in VaultKey.objects.of(dorp.municipality)} == many_keys


def test_a_key_that_is_destroyed_meanwhile_stays_gone(transactional_db, dorp, settings, stack):
    signal = noted(dorp)
    new_version(settings)
    keys = ",".join(f"{version}:{key}" for version, key in settings.VAULT_KEYS.items())
    with connect("default") as erasing:
        with erasing.transaction():
            enter(erasing, dorp)
            erasing.execute("DELETE FROM municipalities_vaultkey WHERE subject = %s", [signal.pk])
            running = stack.start("rotate", *MANAGE, "rotate_vault_keys", VAULT_KEYS=keys)
            assert eventually(is_waiting_for_a_row, 20), running.says()
        assert running.ends() == 0, running.says()
    assert stored(dorp)[0] == {}


def is_waiting_for_a_row():
    with connect("superuser") as superuser:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return superuser.execute(waiting).fetchone()[0] > 0
