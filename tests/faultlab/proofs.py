"""Evidence that a fault happened: a scenario whose fault left no trace proves nothing, and is red."""

import os
from dataclasses import dataclass
from pathlib import Path

from signaalpunt.stack.guard import descendants

CLOCK_SLACK_SECONDS = 5


@dataclass(frozen=True)
class Proof:
    """One thing that had to happen for the fault to be one, whether it did, and the figures that say so."""

    what: str
    held: bool
    seen: str = ""

    def __str__(self):
        return f"{self.what} ({self.seen})" if self.seen else self.what


def undone(breaks, proofs):
    """Why the fault cannot be believed, as the oracle's faults are; empty when all of it happened.

    `breaks` is False for a scenario that breaks nothing, and so owes no proof.
    """
    if breaks and not proofs:
        return [("lab", "the fault did not happen: nobody looked whether it did")]
    return [("lab", f"the fault did not happen: {proof}") for proof in proofs if not proof.held]


@dataclass(frozen=True)
class Body:
    """One process. Its time of birth goes along, since a number may be given to another."""

    pid: int
    born: int

    @property
    def lives(self):
        found = status(self.pid)
        return found is not None and found[0] not in "ZX" and found[1] == self.born


def status(pid):
    """(state, time of birth) of a process as the kernel keeps it; None when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[19])


def body(pid):
    found = status(pid)
    return Body(pid, found[1]) if found and found[0] not in "ZX" else None


def bodies(*pids):
    """Of these processes the ones that live."""
    return list(filter(None, map(body, pids)))


def household(pid):
    """A process and everything below it, itself first."""
    return bodies(pid, *descendants(pid))


def is_stopped(pid):
    return (status(pid) or "?")[0] == "T"


def clock_shifts(folder):
    """{process: seconds that its clock is ahead} of every process that reported here."""
    reports = [path for path in folder.iterdir() if path.read_text()]
    return {int(path.name): float(path.read_text()) - os.stat(path).st_mtime for path in reports}


class Witness:
    """What a lab saw of its own faults. Expects `processes(name)`, `until` and `folder`."""

    def __init__(self):
        self.proofs, self.deaths, self.before_kill, self.kills = [], {}, {}, 0

    def prove(self, what, held, seen=""):
        self.proofs.append(Proof(what, bool(held), seen))

    def mourn(self, name, before, victims):
        """Note that these were killed, of all that ran for this program just before."""
        self.before_kill.setdefault(name, set(before))
        self.deaths.setdefault(name, []).extend(victims)
        self.kills += bool(victims)

    def prove_killed(self, name, at_least=1):
        """Whoever was killed is gone, and another process has taken the place."""
        dead = self.deaths.get(name, [])
        self.prove(f"{name} killed", len(dead) >= at_least and self.all_gone(dead), f"{len(dead)} processes")
        self.until(lambda: self.newcomers(name), 20)
        self.prove(f"{name} came back as another process", self.newcomers(name))

    def all_gone(self, dead):
        """Whether there were any, and none lives any more; a kill takes a moment to be one."""
        return bool(dead) and self.until(lambda: not any(body.lives for body in dead), 10)

    def newcomers(self, name):
        """Processes of this program that were not there before the first kill."""
        return set(self.processes(name)) - self.before_kill.get(name, set())

    def prove_away(self, name):
        """It lived, was killed, and nobody took its place."""
        dead = self.deaths.get(name, [])
        self.prove(f"{name} killed", self.all_gone(dead), f"{len(dead)} processes")
        self.prove(f"{name} stayed away", dead and not self.processes(name))

    def prove_silent(self, what, proxy):
        """Somebody spoke into the cut, and nothing came through."""
        self.until(lambda: proxy.since("swallowed"), 30)
        swallowed, passed = proxy.since("swallowed"), proxy.since("passed")
        seen = f"{swallowed} bytes swallowed in {proxy.seconds_since():.0f} s, {passed} let through"
        self.prove(f"{what} silent", swallowed and not passed, seen)

    def prove_clock(self, name, shift):
        """Every process of this program that lives has said itself that its clock is this many seconds off."""
        self.until(lambda: self.processes(name), 20)
        shifts, living = clock_shifts(self.clocks(name)), [body.pid for body in self.processes(name)]
        off = [pid for pid in living if abs(shifts.get(pid, 0) - shift) <= CLOCK_SLACK_SECONDS]
        said = f"{len(off)} of {len(living)} processes say {shift:+d} s"
        self.prove(f"clock of {name} shifted", living and len(off) == len(living), said)

    def clocks(self, name):
        """Where the processes of this program report their time."""
        folder = self.folder / f"{name}-clocks"
        folder.mkdir(exist_ok=True)
        return folder
