"""A portal with a demonstration in it in a database of its own, its backups, and an empty database to restore into."""

import base64
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import environ
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from municipalities.accounts import StaffMFAAdapter
from municipalities.backups import sealed_file
from signaalpunt.secret_settings import vault_keys
from tests.test_commands import as_superuser, manage

BEFOREHAND = r"^(Refused, nothing was changed|No backup was made): "
URLS = {"DATABASE_URL": "portal_app", "DATABASE_OWNER_URL": "portal_owner", "DATABASE_BACKUP_URL": "portal_backup"}
# Left out of a data file, or written anew by what happens afterwards.
NOT_COMPARED = {"django_session", "usersessions_usersession", "signals_draft"}


@dataclass(frozen=True)
class Portal:
    """One database and where its backups are. `run` gives what a command of it printed."""

    name: str
    folder: Path
    changes: tuple = ()

    @property
    def environment(self):
        places = {"BACKUP_FOLDER": "data", "BACKUP_KEYS_FOLDER": "keys", "ERASURE_LOG": "erasures.log"}
        mine = {variable: str(self.folder / name) for variable, name in places.items()}
        urls = {variable: f"{os.environ[variable].rpartition('/')[0]}/{self.name}" for variable in URLS}
        return os.environ | mine | urls | dict(self.changes)

    def having(self, **changes):
        return replace(self, changes=(*self.changes, *changes.items()))

    def run(self, *arguments):
        done = manage(self.environment, *arguments)
        assert done.returncode == 0, done.stderr[-1500:]
        return done.stdout

    def backup(self):
        return json.loads(self.run("backup"))

    def fails(self, *arguments):
        """What a command says at the end that fails."""
        done = manage(self.environment, *arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr.strip().splitlines()[-1]

    def restore(self, *arguments):
        return json.loads(self.run("restore", *arguments).splitlines()[-1])

    def stays_closed(self, *arguments):
        """What went wrong in a restore that had begun."""
        said = self.fails("restore", *arguments)
        assert "The portal stays closed" in said
        assert self.is_closed()
        return said

    def refuses(self, *arguments, command="restore"):
        """Why it does not even begin; in this process, since it never gets as far as a database of Django's."""
        with settings_of(self), pytest.raises(CommandError, match=BEFOREHAND) as refused:
            call_command(command, *arguments)
        return str(refused.value)

    def ask(self, query, *parameters):
        with as_superuser(dbname=self.name) as superuser:
            cursor = superuser.execute(query, parameters)
            return cursor.fetchall() if cursor.description else None

    def tables(self):
        return [name for (name,) in self.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]

    def everything(self):
        """{table: a fingerprint of its rows}."""
        digest = "SELECT md5(coalesce(string_agg(row, '|' ORDER BY row), '')) FROM (SELECT {} AS row FROM {} t) AS rows"
        # A key comes back in another row of its table.
        shown = {"municipalities_vaultkey": "(to_jsonb(t) - 'id')::text"}
        tables = [table for table in self.tables() if table not in NOT_COMPARED]
        return {table: self.ask(digest.format(shown.get(table, "to_jsonb(t)::text"), table)) for table in tables}

    def keys(self):
        """(municipality, subject) of every key."""
        return self.ask("SELECT municipality_id, subject FROM municipalities_vaultkey ORDER BY id")

    def is_closed(self):
        with as_superuser(dbname=self.name) as session:
            return session.info.parameter_status("default_transaction_read_only") == "on"

    def empty(self):
        """Nothing in it, open, and no list of who was erased."""
        with as_superuser() as superuser:
            superuser.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            superuser.execute(f"CREATE DATABASE {self.name} OWNER portal_owner")
        with as_superuser(dbname=self.name) as superuser:
            superuser.execute("ALTER SCHEMA public OWNER TO portal_owner")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        return self

    def removed(self):
        with as_superuser() as superuser:
            superuser.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def take(self, told):
        """Have the files of this backup of another one as the newest."""
        for kind in ("data", "keys"):
            shutil.copy(told[kind], self.folder / kind)

    @property
    def key(self):
        return base64.urlsafe_b64decode(self.environment["BACKUP_KEY"])

    def newest(self, kind):
        return sorted((self.folder / kind).glob("*.backup"))[-1]

    def opened(self, kind="data"):
        """What is in the newest file of this kind, in the clear."""
        letter = {"data": sealed_file.DATA, "keys": sealed_file.KEYS}[kind]
        return b"".join(sealed_file.chunks(self.newest(kind), self.key, letter))

    def rewrite(self, text):
        """The newest data file as somebody with BACKUP_KEY could have written it."""
        with sealed_file.written(self.newest("data"), self.key, sealed_file.DATA) as add:
            add(text)


@contextmanager
def settings_of(portal):
    """Django's settings as that portal has them, for what works without a connection of Django's."""
    environment = portal.environment
    owner = environment["DATABASE_OWNER_URL"]
    changed = {name: environment[name] for name in ("BACKUP_FOLDER", "BACKUP_KEYS_FOLDER", "BACKUP_KEY", "ERASURE_LOG")}
    changed |= {"PG_BIN": environment.get("PG_BIN", ""), "VAULT_KEYS": vault_keys(environment["VAULT_KEYS"])}
    backup = environment["DATABASE_BACKUP_URL"]
    changed["BACKUP_DATABASE"] = environ.Env.db_url_config(backup) if backup else {}
    with override_settings(**changed), patch.dict(settings.DATABASES):
        settings.DATABASES["owner"] = environ.Env.db_url_config(owner) if owner else {}
        yield


@contextmanager
def seeded(folder):
    """A demonstration, one of the staff with a second factor, and a backup of it all."""
    portal = Portal(f"backed_up_{os.getpid()}", folder / "portal").empty()
    portal.run("migrate", "--database", "owner")
    portal.run("seed_demo")
    portal.ask(
        "INSERT INTO mfa_authenticator (type, data, user_id, created_at) "
        "SELECT 'totp', jsonb_build_object('secret', %s::text), min(id), now() FROM municipalities_user",
        StaffMFAAdapter().encrypt("JBSWY3DPEHPK3PXP"),
    )
    portal.backup()
    yield portal
    portal.removed()


@contextmanager
def target_of(source, folder):
    """An empty database with the newest files of that portal."""
    portal = Portal(f"restored_{os.getpid()}", folder / "portal").empty()
    for kind in ("data", "keys"):
        (portal.folder / kind).mkdir()
        shutil.copy(source.newest(kind), portal.folder / kind)
    yield portal
    portal.removed()


def parts(text):
    """(the manifest, what pg_dump wrote) of what is in a data file."""
    length = int.from_bytes(text[:8])
    return json.loads(text[8 : 8 + length]), text[8 + length :]


def joined(manifest, dump):
    told = json.dumps(manifest).encode()
    return len(told).to_bytes(8) + told + dump
