"""`make bench-…`: figures from real servers, made for the occasion, on disk, and thrown away."""

import os

from signaalpunt.stack.environment import Environment
from signaalpunt.stack.manage import split
from signaalpunt.stack.passing import pass_through
from signaalpunt.stack.postgres import Postgres
from signaalpunt.stack.prepare import prepare_tables
from signaalpunt.stack.processes import Family
from signaalpunt.stack.proof import throwaway_state
from signaalpunt.stack.state import State
from signaalpunt.stack.surroundings import environment_with, portal_settings, python_command

# The sweep never talks to a broker; one that is not there proves it.
NO_BROKER = "redis://127.0.0.1:1/0"


def bench(what: str, arguments: list[str]) -> int:
    """Measure that on a durable PostgreSQL of its own, whatever DATABASE_URL says; return the exit code."""
    Environment().ensure("test.txt")
    with throwaway_state() as state, Family() as family:
        environment = bench_environment(state, family)
        prepare_tables(environment)
        arguments = arguments or split(os.environ.get("ARGS", ""))
        return pass_through(python_command("-m", f"tests.bench.{what}", *arguments), environment)


def bench_environment(state: State, family: Family) -> dict[str, str]:
    secrets = state.secrets()
    postgres = Postgres(state.folder / "postgres", state.folder / "logs", secrets)
    postgres.start(family)
    settings = portal_settings(state, secrets, 8000) | postgres.addresses()
    settings |= {"DATABASE_SUPERUSER_URL": postgres.url("postgres"), "REDIS_URL": NO_BROKER, "PORTAL_TEST": "1"}
    return environment_with(settings) | settings
