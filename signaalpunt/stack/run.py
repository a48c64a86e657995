"""`make run`: the whole portal on this machine, until Ctrl-C."""

import http.client
import os
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack

from signaalpunt.stack.environment import Environment
from signaalpunt.stack.postgres import Postgres
from signaalpunt.stack.prepare import prepare_demo
from signaalpunt.stack.processes import Child, Family, guarded
from signaalpunt.stack.say import Refusal, say, step
from signaalpunt.stack.state import CHECKOUT, State, Taken
from signaalpunt.stack.surroundings import (
    chosen_port,
    environment_with,
    own_broker,
    own_database,
    portal_part,
    portal_settings,
    python_command,
    serving,
)
from signaalpunt.stack.timer import Timer, timer_period
from signaalpunt.stack.valkey import Valkey

LIVE_SECONDS = 60
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not chosen


def run(state: State) -> int:
    """Run the portal until the person stops it, which ends in KeyboardInterrupt."""
    port, period = chosen_port(), timer_period()
    own_database()
    with ExitStack() as stack:
        occupy(state, stack)
        family = stack.enter_context(Family())
        # Processes that were killed a moment ago may hold the port for a blink.
        refuse_when_taken(port, patience=3 if state.ended_badly() else 0)
        Environment().ensure("local.txt")
        environment = environment_with(start_servers(state, family, port))
        prepare_demo(environment)
        stack.enter_context(state.announced(portal_part(environment)))
        web, *others = programs(state, environment, port)
        family.add(web)
        wait_until_live(family, environment, port)
        for child in others:
            family.add(child)
        timer = Timer(period, serving(environment), state.folder / "logs" / "timer.log")
        stack.callback(timer.stop)
        say(f"\nSignaalpunt runs at http://localhost:{port}/ - mail and logs are in {state.folder}")
        say("Ctrl-C stops it.")
        while True:
            family.tend()
            timer.tick()
            time.sleep(0.2)


def occupy(state: State, stack: ExitStack) -> None:
    """Hold the state folder; wait for a management command that has it, refuse beside another run."""
    while True:
        try:
            return stack.enter_context(state.used_as("run"))
        except Taken as taken:
            if str(taken) == "run":
                raise Refusal(
                    "Signaalpunt already runs from this folder. Stop that one first (Ctrl-C in its window), "
                    "or use it: make manage works beside it."
                ) from taken
            with step("Waiting for a management command that uses the database"):
                while state.is_taken():
                    time.sleep(0.2)


def refuse_when_taken(port: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while (reason := why_taken(port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    if reason:
        raise Refusal(reason)


def why_taken(port: int) -> str:
    """Return why the web server could not listen there, or an empty string."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host(), port))
        except PermissionError:
            return f"Port {port} is for root only. Choose a higher one: make run PORT=8080"
        except OSError as error:
            other = port + 1 if port < 65535 else 8000
            return (
                f"Port {port} cannot be used ({error.strerror}): another program probably has it. "
                f"Choose another one: make run PORT={other}"
            )
    return ""


def host() -> str:
    return os.environ.get("HOST") or "127.0.0.1"


def start_servers(state: State, family: Family, port: int) -> dict[str, str]:
    """Start the servers that the person did not bring; return the settings that lead to them."""
    secrets, logs = state.secrets(), state.folder / "logs"
    settings = portal_settings(state, secrets, port)
    say(f"Data, mail and logs are kept in {state.folder}")
    if not own_database():
        postgres = Postgres(state.folder / "postgres", logs, secrets)
        postgres.start(family)
        settings |= postgres.addresses()
    if not own_broker():
        valkey = Valkey(state.folder / "valkey", logs, secrets)
        valkey.start(family)
        settings["REDIS_URL"] = valkey.url
    return settings


def programs(state: State, environment: Mapping[str, str], port: int) -> list[Child]:
    """Return the web server, the worker and beat, in that order."""
    celery = "-m celery -A signaalpunt.celery"
    schedule = str(state.folder / "beat-schedule")
    web = "-m gunicorn signaalpunt.wsgi:application --config python:signaalpunt.stack.web"
    web += f" --bind {bracketed(host())}:{port}"
    worker = f"{celery} worker --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"
    beat = f"{celery} beat --loglevel WARNING --schedule"

    def child(name: str, *arguments: str) -> Child:
        command = guarded(*map(str, python_command(*arguments)))
        return Child(name, command, state.folder / "logs" / f"{name}.log", CHECKOUT, serving(environment))

    alarm_clock = child("beat", *beat.split(), schedule, "--pidfile", "")
    alarm_clock.before_start = lambda: forget_schedule(state)
    return [child("web", *web.split()), child("worker", *worker.split()), alarm_clock]


def forget_schedule(state: State) -> None:
    """Remove beat's memory: the schedule is in the settings, and kill -9 may have broken the file."""
    for path in state.folder.glob("beat-schedule*"):
        path.unlink(missing_ok=True)


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def wait_until_live(family: Family, environment: Mapping[str, str], port: int) -> None:
    with step("Starting the portal"):
        deadline = time.monotonic() + LIVE_SECONDS
        while (answer := health(environment, port)) != "200":
            family.tend()
            if time.monotonic() > deadline:
                raise Refusal(f"The portal does not answer on port {port} (last answer: {answer}).")
            time.sleep(0.1)


def health(environment: Mapping[str, str], port: int) -> str:
    """Return the status that /healthz answers with, or why it does not answer."""
    address = "127.0.0.1" if host() in EVERYWHERE else host()
    name = environment["ALLOWED_HOSTS"].split(",")[0].lstrip(".").replace("*", "localhost")
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return str(connection.getresponse().status)
    except OSError as error:
        return str(error)
    finally:
        connection.close()
