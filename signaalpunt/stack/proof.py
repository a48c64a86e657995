"""`make test`: the tests against real servers that are made for the occasion and thrown away."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signaalpunt.stack.environment import Environment
from signaalpunt.stack.manage import split
from signaalpunt.stack.passing import pass_through
from signaalpunt.stack.postgres import Postgres
from signaalpunt.stack.prepare import compile_texts
from signaalpunt.stack.processes import Family, attempt
from signaalpunt.stack.say import Refusal, say, step
from signaalpunt.stack.state import State, Taken
from signaalpunt.stack.surroundings import (
    environment_with,
    own_broker,
    own_database,
    portal_settings,
    python_command,
)
from signaalpunt.stack.valkey import Valkey

USUAL_ARGUMENTS = "-n 2 --dist loadgroup"
NO_TESTS_COLLECTED = 5
FOR_TESTS = {"PORTAL_TEST": "1", "SECOND_FACTOR": "1"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PREFIX = "signaalpunt-test-"


def prove(arguments: list[str]) -> int:
    """Run the tests and return pytest's exit code; no test at all is a failure."""
    arguments = arguments or split(os.environ.get("ARGS") or USUAL_ARGUMENTS)
    own_database()
    Environment().ensure("test.txt")
    browser = browser_settings()
    with throwaway_state() as state, Family() as family:
        environment = (
            environment_with(start_servers(state, family)) | browser | {"PORTAL_TEST": "1", "SECOND_FACTOR": "1"}
        )
        compile_texts(environment)
        say(f"Running the tests: pytest {shlex.join(arguments)}")
        code = pass_through(python_command("-m", "pytest", *arguments), environment)
    if code == NO_TESTS_COLLECTED:
        say("No test ran, which counts as a failure.")
    if "CHROMIUM" not in browser:
        say(WITHOUT_BROWSER)
    return code


def start_servers(state: State, family: Family) -> dict[str, str]:
    secrets, logs = state.secrets(), state.folder / "logs"
    settings = portal_settings(state, secrets, 8000)
    if not own_database():
        postgres = Postgres(state.folder / "postgres", logs, secrets, durable=False)
        postgres.start(family)
        settings |= postgres.addresses() | {
            "DATABASE_SUPERUSER_URL": postgres.url("postgres"),
            "DATABASE_LOG": str(logs / "postgres.log"),
        }
    if not own_broker():
        valkey = Valkey(state.folder / "valkey", logs, secrets, durable=False)
        valkey.start(family)
        settings["REDIS_URL"] = valkey.url
    return settings


@contextmanager
def throwaway_state() -> Iterator[State]:
    """Give a state folder that is removed at the end, after removing those that kill -9 left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        remove_when_abandoned(folder)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    state = State(folder).open()
    try:
        with state.used_as("test"):
            yield state
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_when_abandoned(folder: Path) -> None:
    try:
        with State(folder).used_as("test"):
            shutil.rmtree(folder, ignore_errors=True)
    except (OSError, Taken):
        return


WITHOUT_BROWSER = """
*********************************************************************************************
  NOT ALL TESTS RUN: there is no chromium, so the tests marked "browser" do not run.
  Install it (Debian: apt install chromium) or name a browser with CHROMIUM=/path/to/chromium.
*********************************************************************************************
"""


def browser_settings() -> dict[str, str]:
    """Return where the browser is; root gets one installed, others are told loudly what does not run."""
    chosen = os.environ.get("CHROMIUM")
    if chosen and not shutil.which(chosen):
        raise Refusal(f"CHROMIUM names {chosen}, which is not a program that can run.")
    found = chosen or find_browser()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        install_browser()
        found = find_browser()
    if found:
        return {"CHROMIUM": found, "BROWSER_TESTS": "available"}
    say(WITHOUT_BROWSER)
    return {"BROWSER_TESTS": "unavailable"}


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def install_browser() -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with step("Installing chromium for the browser tests"):
        attempt(["apt-get", "update"], env=surroundings)
        packages = ("chromium", "fonts-dejavu-core")
        return attempt(["apt-get", "install", "-y", "--no-install-recommends", *packages], env=surroundings)
