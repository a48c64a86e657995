"""The second caller of the sweep: a timer outside Celery, so that the promise stands when Celery does not."""

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from signaalpunt.stack.processes import Child, guarded
from signaalpunt.stack.say import Refusal, say
from signaalpunt.stack.state import CHECKOUT
from signaalpunt.stack.surroundings import python_command

ROUND = (("sweep", "--caller", "timer"), ("deliver_mail",))
LONGEST_SECONDS = 300


def timer_period() -> float:
    """Return the seconds between two rounds, as SWEEP_TIMER_SECONDS says."""
    chosen = os.environ.get("SWEEP_TIMER_SECONDS") or "120"
    try:
        period = float(chosen)
    except ValueError:
        period = 0
    if not 0 < period < float("inf"):
        raise Refusal(f"SWEEP_TIMER_SECONDS must be a number of seconds above 0, not {chosen!r}.")
    return period


class Timer:
    """Runs its commands one after another every `period` seconds, as processes of their own."""

    def __init__(self, period: float, environment: Mapping[str, str], log: Path) -> None:
        self.period, self.environment, self.log = period, environment, log
        self.waiting: list[tuple[str, ...]] = []
        self.current: Child | None = None
        self.next_round = self.began = time.monotonic()

    def tick(self) -> None:
        """Do what is due now; never waits."""
        now = time.monotonic()
        if self.current and self.current.alive:
            if now - self.began > LONGEST_SECONDS:
                say(f"The timer's {self.current.name} took longer than {LONGEST_SECONDS} s and is ended.")
                self.current.kill()
            return
        if self.current:
            self._report(self.current)
        if now >= self.next_round and not self.waiting:
            self.waiting, self.next_round = list(ROUND), now + self.period
        if self.waiting:
            self._start(self.waiting.pop(0), now)

    def _start(self, arguments: tuple[str, ...], now: float) -> None:
        command = guarded(*map(str, python_command("manage.py", *arguments)))
        self.current = Child(arguments[0], command, self.log, CHECKOUT, self.environment)
        self.current.start()
        self.began = now

    def _report(self, ended: Child) -> None:
        self.current = None
        if ended.process.returncode:
            say(f"The timer's {ended.name} failed; it runs again at the next round:\n{ended.last_words()}")

    def stop(self) -> None:
        if self.current and self.current.alive:
            self.current.ask_to_stop()
            try:
                self.current.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
            self.current.kill()
