"""Runs one command and sees to it that nothing the command started outlives it, or outlives our parent.

A process that is killed with kill -9 cannot tidy up, and the kernel only tells its direct children. So every
program with children of its own runs under a guard: `python -m signaalpunt.stack.guard program argument ...`.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PARENT_GONE = signal.SIGUSR1
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)

LIBC = ctypes.CDLL(None)


def tied_to_parent(death_signal: int) -> Callable[[], None]:
    """Return a `preexec_fn` that has the kernel send `death_signal` when the calling thread dies.

    subprocess runs it after changing user, which matters: a change of user undoes the tie.
    """
    parent = os.getpid()

    def tie() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def descendants(ancestor: int) -> list[int]:
    """Return the ids of all living processes below `ancestor`, zombies left out."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = stat.parent.name, stat.read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if rest[0] not in "ZX":
            children.setdefault(int(rest[1]), []).append(int(pid))
    found = [ancestor]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found[1:]


def kill_descendants(seconds: float = 5) -> None:
    """Kill everything below this process, again and again until no new one appears."""
    deadline = time.monotonic() + seconds
    while (left := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        time.sleep(0.01)


def wait_for(pid: int) -> int:
    """Reap every child, orphans included, until `pid` ends; return its exit code as a shell would."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def guard(command: list[str]) -> int:
    """Run the command; forward polite signals to it; kill all that is left when it or our parent ends.

    Whoever starts a guard ties it with PARENT_GONE as the death signal.
    """
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(PARENT_GONE, end_everything)
    child = subprocess.Popen(command, preexec_fn=tied_to_parent(signal.SIGKILL))

    def forward(number: int, _frame: FrameType | None) -> None:
        # Not Popen.send_signal: that one may reap the child under the feet of wait_for.
        os.kill(child.pid, number)

    for number in FORWARDED:
        signal.signal(number, forward)
    try:
        return wait_for(child.pid)
    finally:
        kill_descendants()


def end_everything(_number: int, _frame: FrameType | None) -> None:
    kill_descendants()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(guard(sys.argv[1:]))
