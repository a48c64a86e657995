"""A backup put back: refused by name before anything changes, or carried out whole, proved, and only then opened."""

from contextlib import closing
from io import StringIO
from subprocess import PIPE
from time import monotonic

import psycopg
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from municipalities.backups import checks, erasures, files
from municipalities.backups.checks import CheckError
from municipalities.backups.closing import (
    address,
    as_owner,
    close_portal,
    open_portal,
    sessions_of_others,
    work_while_closed,
)
from municipalities.backups.making import BackupError, alone, backup_key, folder
from municipalities.backups.programs import ProgramError, running
from municipalities.models import VaultKey
from municipalities.tenancy import refuse_all_seeing_role, tenant


class StaysClosed(Exception):
    """What went wrong after the portal was closed. It stays closed until a restore succeeds."""


# One transaction, and committed in words: at every moment there is either what was or what came back, also when
# whoever feeds psql is killed.
EMPTIED = b"BEGIN;\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\nGRANT USAGE ON SCHEMA public TO PUBLIC;\n"


def restore(*, data_path=None, keys_path=None, replace=False, accept_history=False):
    """Restore the newest backup, or these files, and open the portal once every check has passed.

    `replace` is for a database that is not empty; `accept_history` opens although the ledger of history shows faults,
    as it must when entries were lost that were anchored elsewhere. Raises BackupError, SealedFileError or
    ErasureLogError when it refuses, and then nothing was changed; StaysClosed when something went wrong after that.
    Returns what was done, for one line of JSON.
    """
    began = monotonic()
    _refuse_without_settings()
    with alone(folder("BACKUP_FOLDER")):
        data, keys = files.chosen(backup_key(), data_path=data_path, keys_path=keys_path)
        erased = files.whole_erasure_log(keys)
        _refuse_when_not_empty(replace)
        _close_alone()
        try:
            _put_back(data)
            work_while_closed()
            told = _proved(data, keys, erased) | {"history": _history(accept_history)}
        except (CheckError, ProgramError, CommandError, SystemExit) as error:
            raise StaysClosed(str(error)) from None
        except (DatabaseError, psycopg.Error) as error:
            # Its text may quote a row.
            raise StaysClosed(f"the database refused something ({type(error).__name__})") from None
        open_portal()
    return told | {"seconds": round(monotonic() - began, 1)}


def _refuse_without_settings():
    for name, value in (
        ("DATABASE_OWNER_URL", settings.DATABASES.get("owner")),
        ("DATABASE_BACKUP_URL", settings.BACKUP_DATABASE),
        ("ERASURE_LOG", settings.ERASURE_LOG),
    ):
        if not value:
            raise BackupError(f"{name} is not set; restoring needs it")


def _refuse_when_not_empty(replace):
    with as_owner() as owner:
        tables = owner.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0]
    if tables and not replace:
        raise BackupError("the database is not empty. Say --replace to have all that is in it replaced by the backup")


def _close_alone():
    """Close the portal; refuse when somebody came in before that, who would go on working in an open one.

    One at work is refused before the portal is closed: whoever connects to a closed one reads only, also afterwards.
    """
    _refuse_when_others_work()
    was_closed = close_portal()
    try:
        _refuse_when_others_work()
    except BackupError:
        if not was_closed:
            open_portal()
        raise


def _refuse_when_others_work():
    if others := sessions_of_others():
        raise BackupError(
            f"{others} sessions are at work in the database. Stop the portal first: web, worker, beat, timer"
        )


def _put_back(data):
    owner = settings.DATABASES["owner"]
    script = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    # Without the details of an error, which quote rows.
    script += ("--set=VERBOSITY=terse", "--set=SHOW_CONTEXT=never")
    with running("psql", *script, place=owner, stdin=PIPE) as psql:
        psql.stdin.write(EMPTIED)
        psql.stdin.flush()
        with running("pg_restore", "--file=-", stdin=PIPE, stdout=psql.stdin) as pg_restore, closing(pg_restore.stdin):
            for piece in data.dump():
                pg_restore.stdin.write(piece)
        psql.stdin.write(b"COMMIT;\n")
        psql.stdin.close()


def _proved(data, keys, erased):
    """Everything that has to be right before the portal opens. Raises CheckError."""
    gone = {erasure.whom for erasure in erased}
    with psycopg.connect(**address(settings.BACKUP_DATABASE)) as all_seeing:
        checks.same_rows(all_seeing, data.manifest)
        checks.same_schema(all_seeing, data.manifest)
        checks.no_sequence_behind(all_seeing)
    number = _put_back_keys(keys, gone)
    told = {"data": data.path.name, "keys": keys.path.name, "taken_at": data.manifest["taken_at"]}
    told |= {"rows": sum(data.manifest["rows"].values()), "vault_keys": number, "migrated": _migrated()}
    refuse_all_seeing_role()
    told["erased_again"] = erasures.reapply_erasures(since=data.taken_at, erasures=erased)
    return told | checks.everything_opens(gone)


def _put_back_keys(keys, gone):
    """The keys, but not those of whom was erased; returns how many."""
    wanted = [key for key in keys.keys if (key.municipality_id, key.subject) not in gone]
    for municipality_id in sorted({key.municipality_id for key in wanted}):
        with tenant(municipality_id):
            own = [key for key in wanted if key.municipality_id == municipality_id]
            VaultKey.objects.bulk_create(own, batch_size=1000)
    return len(wanted)


def _migrated():
    """Bring an older backup up to this version; returns the migrations that it took."""
    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    # Raises SystemExit when something is left.
    call_command("migrate", database="owner", check_unapplied=True, verbosity=0)
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _history(accept):
    """Have the ledger of history verified, where this version has one; what it said. Raises CheckError."""
    if "verify_history" not in get_commands():
        return "not kept by this version"
    said = StringIO()
    try:
        call_command("verify_history", stdout=said)
    except (SystemExit, CommandError) as error:
        if not accept:
            raise CheckError(f"verify_history: {said.getvalue().strip()[:2000] or error}") from None
    return said.getvalue().strip()
