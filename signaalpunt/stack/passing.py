"""Runs a command in the foreground as if we were not there."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from signaalpunt.stack.guard import PARENT_GONE, tied_to_parent
from signaalpunt.stack.processes import Interruption, guarded
from signaalpunt.stack.state import CHECKOUT


def pass_through(command: Sequence[str | Path], environment: Mapping[str, str]) -> int:
    """Run the command with our own input and output; return its exit code as a shell would.

    It runs under a guard, so what it leaves behind ends with it, and it ends with us.
    """
    child = subprocess.Popen(
        guarded(*map(str, command)), env=environment, cwd=CHECKOUT, preexec_fn=tied_to_parent(PARENT_GONE)
    )
    with signals_for(child):
        return child.wait()


@contextmanager
def signals_for(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave the answer to signals to the child while it runs."""

    def forward(number: int, _frame: FrameType | None) -> None:
        # A Ctrl-C at the terminal reached the child by itself; twice would cut its tidying up short.
        if number != signal.SIGINT or not at_terminal():
            os.kill(child.pid, number)

    before = {number: signal.signal(number, forward) for number in Interruption.SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def at_terminal() -> bool:
    """Tell whether the terminal's keys reach this process."""
    try:
        with open("/dev/tty") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
