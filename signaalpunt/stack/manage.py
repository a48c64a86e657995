"""`make manage ARGS="..."`: a management command, with the servers of `make run` or a database of its own."""

import fcntl
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from signaalpunt.stack.environment import Environment
from signaalpunt.stack.passing import pass_through
from signaalpunt.stack.postgres import Postgres
from signaalpunt.stack.prepare import prepare_tables
from signaalpunt.stack.processes import Family
from signaalpunt.stack.say import Refusal
from signaalpunt.stack.state import State, Taken
from signaalpunt.stack.surroundings import (
    chosen_port,
    environment_with,
    own_broker,
    own_database,
    portal_part,
    portal_settings,
    python_command,
)

# Nobody listens there: a command that needs no broker still has to name one.
NO_BROKER = "redis://127.0.0.1:1/0"


def manage(state: State, arguments: list[str]) -> int:
    """Run one management command; its input, output and exit code are passed through untouched."""
    arguments = arguments or split(os.environ.get("ARGS", ""))
    with redirect_stdout(sys.stderr):
        Environment().ensure("local.txt")
        with portal(state) as environment:
            return pass_through(python_command("manage.py", *arguments), environment)


def split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise Refusal(f"ARGS cannot be read ({error}): every quote needs its partner. ARGS was: {line}") from error


@contextmanager
def portal(state: State) -> Iterator[dict[str, str]]:
    """Give the environment of a portal whose database runs, now and until the block ends.

    Whoever comes first starts the database; others share it, and the first one waits for them at the end.
    """
    if own_database():
        yield environment_with(settings_of(state))
        return
    while True:
        with state.open_lock("users.lock") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                with state.used_as("manage"), Family() as family, started(state, family) as environment:
                    yield environment
                    fcntl.flock(users, fcntl.LOCK_EX)
                return
            except Taken:
                if found := state.running():
                    yield environment_with(found)
                    return
        time.sleep(0.2)


def settings_of(state: State) -> dict[str, str]:
    settings = portal_settings(state, state.secrets(), chosen_port())
    return settings if own_broker() else settings | {"REDIS_URL": NO_BROKER}


@contextmanager
def started(state: State, family: Family) -> Iterator[dict[str, str]]:
    """Start the database alone, with tables in it when it was just made, and let other commands find it."""
    postgres = Postgres(state.folder / "postgres", state.folder / "logs", state.secrets())
    made = postgres.start(family)
    environment = environment_with(settings_of(state) | postgres.addresses())
    if made:
        prepare_tables(environment)
    with state.announced(portal_part(environment)):
        yield environment
