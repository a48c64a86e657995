"""`make backup`, `make restore` and `make restore-drill`: the portal's own commands, with servers around them."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from signaalpunt.stack.environment import Environment
from signaalpunt.stack.manage import manage, portal, split
from signaalpunt.stack.passing import pass_through
from signaalpunt.stack.postgres import Postgres
from signaalpunt.stack.prepare import portal_command, prepare_tables
from signaalpunt.stack.processes import Family
from signaalpunt.stack.proof import throwaway_state
from signaalpunt.stack.say import say, step
from signaalpunt.stack.state import State
from signaalpunt.stack.surroundings import environment_with, own_database, portal_settings, python_command


def backup(state: State) -> int:
    """Back up the portal of `make run`, beside it or on its own, or the one that DATABASE_URL names."""
    return manage(state, ["backup"])


def restore(state: State, arguments: list[str]) -> int:
    """Restore into the same; the portal itself must be stopped."""
    return manage(state, ["restore", *(arguments or split(os.environ.get("ARGS", "")))])


def restore_drill(state: State) -> int:
    """Back up, restore into an empty cluster of its own, say how many minutes that took; leave nothing behind."""
    with redirect_stdout(sys.stderr):
        Environment().ensure("local.txt")
        with throwaway_state() as scratch, Family() as family, source(state, scratch, family) as settings:
            began = time.monotonic()
            portal_files = {
                "BACKUP_FOLDER": str(scratch.folder / "data"),
                "BACKUP_KEYS_FOLDER": str(scratch.folder / "keys"),
                "ERASURE_LOG": erasures_of(settings, scratch),
            }
            target = Postgres(scratch.folder / "target", scratch.folder / "logs", scratch.secrets())
            target.start(family)
            settings = {"PG_BIN": str(target.bin), **settings, **portal_files}
            with step("Making a backup"):
                told = portal_command(settings, "manage.py", "backup")
            say(told.rstrip())
            code = pass_through(python_command("manage.py", "restore"), {**settings, **target.addresses()})
            minutes = (time.monotonic() - began) / 60
            say(f"The drill {'succeeded' if code == 0 else 'FAILED'} in {minutes:.2f} minutes; nothing of it is kept.")
    return code


@contextmanager
def source(state: State, scratch: State, family: Family) -> Iterator[Mapping[str, str]]:
    """Give the portal to back up: the one that is there, or else a generated one."""
    if own_database() or (state.folder / "postgres" / "data").exists():
        with portal(state) as environment:
            yield environment
        return
    say("There is no portal here yet; one is generated.")
    secrets = scratch.secrets()
    postgres = Postgres(scratch.folder / "source", scratch.folder / "logs", secrets)
    postgres.start(family)
    settings = portal_settings(scratch, secrets, 8000) | postgres.addresses() | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    environment = environment_with(settings)
    prepare_tables(environment)
    with step("Filling in the demo"):
        portal_command(environment, "manage.py", "seed_demo")
    yield environment


def erasures_of(settings: Mapping[str, str], scratch: State) -> str:
    """Copy the list of who was erased, which a restore reads and may have to put back; return where."""
    copy, kept = scratch.folder / "erasures.log", settings.get("ERASURE_LOG", "")
    if kept and Path(kept).exists():
        copy.write_bytes(Path(kept).read_bytes())
    return str(copy)
