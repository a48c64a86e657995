"""PostgreSQL's own programs: found, given their password where nobody can read it, and quoted when they fail."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from municipalities.backups.closing import ALL_THE_SAME, address

VARIABLES = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}


class ProgramError(Exception):
    """A program of PostgreSQL that is missing or failed, with its last words."""


@contextmanager
def running(name, *arguments, place=None, **streams):
    """Run `pg_dump` and the like with these streams; raises ProgramError when it fails, or when we do.

    `place` is the entry of settings.DATABASES that it works on. Its arguments can be read by everybody on the
    machine, its environment cannot.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - no shell, and no word of it comes from a visitor
            [_found(name), *arguments], env=_environment(place), stderr=said, **streams
        )
        try:
            yield process
        except (BrokenPipeError, ProgramError):
            # Perhaps because this one ended early; then why follows below.
            if not _ended_badly(process):
                raise
        except BaseException:
            _kill(process)
            raise
        code = process.wait()
        said.seek(0)
        if code:
            raise ProgramError(f"{name} failed: {said.read().decode(errors='replace').strip()[-800:]}")


def _ended_badly(process):
    try:
        return process.wait(2) != 0
    except subprocess.TimeoutExpired:
        _kill(process)
        return False


def _kill(process):
    process.kill()
    process.wait()


def _found(name):
    path = str(Path(settings.PG_BIN) / name) if settings.PG_BIN else shutil.which(name)
    if not path or not os.access(path, os.X_OK):
        raise ProgramError(f"there is no {name}: install the client programs of PostgreSQL, or name them with PG_BIN")
    return path


def _environment(place):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if place is None:
        return kept
    where = {VARIABLES[name]: value for name, value in address(place).items()}
    mode = place.get("OPTIONS", {}).get("sslmode")
    return kept | where | {"PGOPTIONS": ALL_THE_SAME} | ({"PGSSLMODE": mode} if mode else {})
