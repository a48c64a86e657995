"""Brings the portal's texts, tables, static files and demo up to date before anything serves."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from signaalpunt.stack.processes import quietly
from signaalpunt.stack.say import say, step
from signaalpunt.stack.state import CHECKOUT
from signaalpunt.stack.surroundings import python_command


def compile_texts(environment: Mapping[str, str]) -> None:
    with step("Compiling the Dutch texts"):
        portal_command(environment, "-m", "signaalpunt.catalogue", "compile")


def prepare_tables(environment: Mapping[str, str]) -> None:
    compile_texts(environment)
    with step("Bringing the tables up to date"):
        portal_command(environment, "manage.py", "migrate", "--database", "owner", "--noinput")


def prepare_demo(environment: Mapping[str, str]) -> None:
    """Prepare everything that serving needs; each step knows when there is nothing to do."""
    prepare_tables(environment)
    collect_static_files(environment)
    with step("Filling in the demo"):
        told = portal_command(environment, "manage.py", "seed_demo")
    say(told.rstrip())


def collect_static_files(environment: Mapping[str, str]) -> None:
    """Collect the static files when they, or the packages that bring some, changed since the last time."""
    collected = Path(environment["STATIC_ROOT"])
    stamp, now = collected.with_name(f"{collected.name}.stamp"), static_digest()
    if collected.exists() and stamp.exists() and stamp.read_text() == now:
        return
    with step("Collecting the static files"):
        portal_command(environment, "manage.py", "collectstatic", "--noinput")
        stamp.write_text(now)


def static_digest() -> str:
    lists = [*CHECKOUT.glob("requirements/*.txt"), CHECKOUT / "signaalpunt" / "settings.py"]
    seen = hashlib.sha256()
    for path in sorted((*lists, *CHECKOUT.glob("static/**/*"), *CHECKOUT.glob("[a-z]*/static/**/*"))):
        if path.is_file():
            seen.update(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}\n".encode())
    return seen.hexdigest()


def portal_command(environment: Mapping[str, str], *arguments: str) -> str:
    failing = f"{' '.join(arguments[:2])} did not succeed. Its last lines:"
    return quietly(python_command(*arguments), failing, env=environment, cwd=CHECKOUT).stdout
