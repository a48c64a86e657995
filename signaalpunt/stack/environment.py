"""The Python environment in `.venv`: made from a hash-locked list, once per list."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signaalpunt.stack.processes import attempt, quietly
from signaalpunt.stack.say import Refusal, say, step
from signaalpunt.stack.state import CHECKOUT

# A longer list holds everything that the shorter ones hold, in the same versions.
CONTAINED_IN = {"test.txt": ("test.txt", "local.txt"), "local.txt": ("local.txt",)}
UV_LIST = Path(__file__).with_name("uv.txt")


class Environment:
    """One checkout's `.venv`. A marker inside tells which lists it was made from, another that work goes on."""

    def __init__(self, checkout: Path = CHECKOUT) -> None:
        self.checkout = checkout
        self.folder = checkout / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "signaalpunt-lists.json"
        self.unfinished = self.folder / "signaalpunt-unfinished"

    def ensure(self, name: str) -> None:
        """Have everything in requirements/`name` installed; at once when it already is."""
        with self.alone():
            self._ensure(name)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep two commands that start at the same moment from making the same environment."""
        handle = os.open(self.checkout / "requirements", os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _ensure(self, name: str) -> None:
        digest = self.digest(name)
        self.remove_when_broken()
        if self.installed().get(name) == digest:
            return
        if not self.python.exists():
            self.create()
        self.unfinished.touch()
        with step(f"Installing the packages of requirements/{name}"):
            self.install(self.checkout / "requirements" / name)
        self.stamp.write_text(json.dumps({part: self.digest(part) for part in CONTAINED_IN[name]}))
        self.unfinished.unlink()

    def digest(self, name: str) -> str:
        try:
            content = (self.checkout / "requirements" / name).read_bytes()
        except FileNotFoundError as error:
            raise Refusal(f"requirements/{name} is missing from this checkout; get it back from git.") from error
        return hashlib.sha256(content).hexdigest()

    def installed(self) -> dict[str, str]:
        try:
            return json.loads(self.stamp.read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def remove_when_broken(self) -> None:
        """Remove an environment that was interrupted while it was made, or whose Python is gone."""
        if not self.folder.exists():
            return
        if self.unfinished.exists() or (not self.stamp.exists() and not self.runs()):
            say("An earlier set-up of .venv was interrupted; it is made again from the start.")
        elif not self.runs():
            say("The Python that .venv was made with is gone; it is made again from the start.")
        else:
            return
        shutil.rmtree(self.folder)

    def runs(self) -> bool:
        return os.access(self.python, os.X_OK) and attempt([self.python, "-c", ""]).returncode == 0

    def create(self) -> None:
        refuse_without_venv()
        with step("Making a Python environment in .venv"):
            self.folder.mkdir(exist_ok=True)
            self.unfinished.touch()
            # Not sys.executable: that may be the very environment that was just removed.
            maker = getattr(sys, "_base_executable", sys.executable)
            quietly([maker, "-m", "venv", self.folder], "The Python environment could not be made.")

    def install(self, requirements: Path) -> None:
        """Install with uv, which is quicker; with plain pip where uv cannot be had or fails."""
        surroundings = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        uv = self.uv(surroundings)
        options = ["install", "--quiet", "--require-hashes", "--requirement", requirements]
        if uv:
            command = [uv, "pip", *options[:1], "--python", self.python, *options[1:]]
            if attempt(command, env=surroundings, cwd=self.checkout).returncode == 0:
                return
        quietly(
            [*self.pip(), *options],
            "The packages could not be installed. Is this machine online? "
            "Give the same command again to go on. The installer's last lines:",
            env=surroundings,
            cwd=self.checkout,
        )

    def pip(self) -> list[str | Path]:
        """Return the command for the environment's pip; one made by another tool may have none yet."""
        if attempt([self.python, "-m", "pip", "--version"]).returncode:
            quietly([self.python, "-m", "ensurepip"], "pip could not be put into .venv.")
        return [self.python, "-m", "pip"]

    def uv(self, surroundings: dict[str, str]) -> Path | None:
        own = self.folder / "bin" / "uv"
        if not own.exists():
            options = ["install", "--quiet", "--require-hashes", "--requirement", UV_LIST]
            attempt([*self.pip(), *options], env=surroundings)
        return own if own.exists() else None


def refuse_without_venv() -> None:
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise Refusal(
                f"Python's module {module} is missing. On Debian or Ubuntu: apt install python3-venv; "
                "then give the same command again."
            )
