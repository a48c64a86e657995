"""Starting, tending and ending the processes of the portal; everything happens in the one main thread.

One thread, because the kernel's tie between parent and child is to the parent's thread.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from signaalpunt.stack.guard import PARENT_GONE, tied_to_parent
from signaalpunt.stack.say import FULL_DISK, Refusal, last_lines, say, step, tail_of

LARGE_LOG = 10 * 1024 * 1024
WINDOW_SECONDS = 60
DEATHS_TOO_MANY = 5


def guarded(*command: str) -> list[str]:
    return [sys.executable, "-m", "signaalpunt.stack.guard", *command]


def quietly(
    command: Sequence[str | Path], failing: str, *, given: str | None = None, **how: Any
) -> subprocess.CompletedProcess[str]:
    """Run a short command out of sight; a failure becomes the sentence `failing` with the last lines said."""
    done = attempt(command, given=given, **how)
    if done.returncode == 0:
        return done
    if "No space left on device" in done.stdout:
        failing = f"{failing} {FULL_DISK}"
    raise Refusal(f"{failing}\n{last_lines(done.stdout, 25)}")


def attempt(command: Sequence[str | Path], *, given: str | None = None, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a short command out of sight and return it, its output and errors together in `stdout`."""
    how.setdefault("stdin", subprocess.DEVNULL) if given is None else None
    return subprocess.run(
        command,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=tied_to_parent(signal.SIGKILL),
        **how,
    )


class Interruption:
    """Ctrl-C and its kin. The first one interrupts the work; those during the tidying up only hurry it."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.tidying = self.hurry = False

    def listen(self) -> None:
        for number in self.SIGNALS:
            signal.signal(number, self.receive)

    def receive(self, _number: int, _frame: FrameType | None) -> None:
        if self.tidying:
            self.hurry = True
        else:
            self.tidying = True
            raise KeyboardInterrupt


interruption = Interruption()


@dataclass
class Child:
    """One long-lived process with its own session, so that a Ctrl-C at the terminal reaches only us."""

    name: str
    command: Sequence[str | Path]
    log: Path
    cwd: Path
    environment: Mapping[str, str] | None = None
    stop_signal: int = signal.SIGTERM
    death_signal: int = PARENT_GONE
    account: Mapping[str, Any] = field(default_factory=dict)
    before_start: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    log_start: int = 0

    def start(self) -> None:
        self.before_start()
        with self.log.open("ab") as stream:
            if stream.tell() > LARGE_LOG:
                stream.truncate(0)
            self.log_start = self.log.stat().st_size
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.cwd,
                start_new_session=True,
                preexec_fn=tied_to_parent(self.death_signal),
                **self.account,
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.alive:
            self.process.send_signal(self.stop_signal)

    def kill(self) -> None:
        """Kill the process and what is left of its session."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.process.wait()

    def last_words(self) -> str:
        return tail_of(self.log, self.log_start) or "    (nothing)"


@dataclass
class Nursing:
    """What the family remembers about one child: when it died lately and when it may start again."""

    child: Child
    deaths: list[float] = field(default_factory=list)
    starts_at: float | None = None


class Family:
    """The processes that run together; one that dies is started again, and all stop together."""

    def __init__(self) -> None:
        self.members: list[Nursing] = []

    def __enter__(self) -> "Family":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def add(self, child: Child) -> None:
        self.members.append(Nursing(child))
        child.start()

    def tend(self) -> None:
        """Start again what died, a little later each time; refuse to go on when one keeps dying."""
        now = time.monotonic()
        for nursing in self.members:
            if nursing.starts_at is None and not nursing.child.alive:
                self._note_death(nursing, now)
            elif nursing.starts_at is not None and now >= nursing.starts_at:
                nursing.starts_at = None
                nursing.child.start()

    def _note_death(self, nursing: Nursing, now: float) -> None:
        child = nursing.child
        child.kill()
        nursing.deaths = [when for when in nursing.deaths if now - when < WINDOW_SECONDS] + [now]
        said = f"last lines of {child.log}:\n{child.last_words()}"
        if len(nursing.deaths) >= DEATHS_TOO_MANY:
            raise Refusal(f"{child.name} stopped {DEATHS_TOO_MANY} times within a minute. The {said}")
        pause = 0.5 * 2 ** (len(nursing.deaths) - 1)
        say(f"{child.name} stopped by itself (code {child.process.returncode}); again in {pause:g} s. The {said}")
        nursing.starts_at = now + pause

    def stop(self, patience: float = 10) -> None:
        """Stop the programs first, then the servers they lean on; members were added servers first."""
        interruption.tidying = True
        servers = [nursing.child for nursing in self.members if isinstance(nursing.child, Server)]
        programs = [nursing.child for nursing in self.members if not isinstance(nursing.child, Server)]
        if not self.members:
            return
        self.members = []
        with step("Stopping"):
            self._stop_together(programs, patience)
            self._stop_together(servers, patience)

    def _stop_together(self, children: list[Child], patience: float) -> None:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + patience
        while any(child.alive for child in children) and time.monotonic() < deadline and not interruption.hurry:
            time.sleep(0.02)
        for child in children:
            child.kill()


class Server(Child):
    """A child that the other children lean on."""
