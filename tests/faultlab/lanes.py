"""Scenarios side by side: each lane is a process with servers of its own, and writes down each outcome at once.

Nothing that happens in one scenario keeps another from being played: what raises is red, servers that do not come
back are made anew, and a lane that dies leaves one scenario without a verdict, which is red, and another takes over.
"""

import json
import os
import signal
import subprocess
import time
import traceback
from contextlib import contextmanager
from dataclasses import asdict

from signaalpunt.stack.guard import tied_to_parent
from signaalpunt.stack.state import CHECKOUT
from signaalpunt.stack.surroundings import python_command
from tests.faultlab import controls
from tests.faultlab.play import Outcome, play
from tests.faultlab.report import explanation, proofs, table
from tests.faultlab.servers import Servers

CONTROLS = "controls"


def divided(scenarios, count, extra=()):
    """The names of these, longest first, in so many lanes of about the same length; (seconds, names) each.

    `extra` is (name, seconds) of what is played beside the scenarios.
    """
    lanes = [(0, []) for _ in range(count)]
    jobs = [(scenario.name, scenario.budget) for scenario in scenarios] + list(extra)
    for name, budget in sorted(jobs, key=lambda job: -job[1]):
        seconds, names = min(lanes, key=lambda lane: lane[0])
        lanes[lanes.index((seconds, names))] = (seconds + budget, [*names, name])
    return [lane for lane in lanes if lane[1]]


# -- inside a lane


def run(names, scenarios, record, how, template=None):
    """Play these and note what came of each in the file `record`. Gives whether anything was red."""
    red, lane = False, Lane(template)
    try:
        for name in names:
            noted = lane.negative_controls() if name == CONTROLS else lane.scenario(scenarios[name], how)
            with record.open("a") as stream:
                stream.write(json.dumps(noted) + "\n")
            red |= bad(noted)
    finally:
        lane.close(keep=red)
    return red


def bad(noted):
    return any(noted["controls"].values()) if "controls" in noted else noted["verdict"] == "RED"


class Lane:
    """Servers that are made when they are needed, and made anew when a scenario wrecked them."""

    def __init__(self, template=None):
        self.template, self.servers, self.wrecked = template, None, []

    def working(self):
        if self.servers and not self.servers.well:
            wrecked, self.servers = self.servers, None
            self.wrecked.append(wrecked.folder)
            wrecked.__exit__()
        self.servers = self.servers or Servers(self.template).__enter__()
        return self.servers

    def scenario(self, scenario, how):
        print(f"{scenario.name}: breaks {scenario.breaks} ...", flush=True)
        began = time.monotonic()
        try:
            outcome = play(self.working(), scenario, **how)
        except Exception as error:
            traceback.print_exc()
            outcome = red_outcome(scenario, f"{type(error).__name__}: {error}")
            outcome.took = time.monotonic() - began
            self.healed()
        said = (table([outcome]).splitlines()[-1], explanation([outcome]), proofs([outcome]))
        print("\n".join(filter(None, said)), flush=True)
        return asdict(outcome)

    def healed(self):
        """Try to put the servers right; whether that went well is asked before the next scenario."""
        try:
            if self.servers:
                self.servers.heal()
        except Exception:
            traceback.print_exc()

    def negative_controls(self):
        try:
            return {"controls": controls.complaints(self.working())}
        except Exception as error:
            traceback.print_exc()
            return {"controls": misjudged(f"could not be played: {error!r}")}

    def close(self, keep):
        if self.servers:
            self.servers.__exit__()
            self.wrecked.append(self.servers.folder)
            if not keep:
                self.servers.forget()
        if keep:
            print(f"\nLogs and receipts are kept in {', '.join(map(str, self.wrecked))}", flush=True)


def red_outcome(scenario, why):
    return Outcome(scenario.name, scenario.breaks, "RED", faults=[("lab", why)])


# -- around the lanes


@contextmanager
def prepared():
    """The folder of servers with all tables, stopped: each lane begins with a copy."""
    with Servers() as servers:
        """Made, and stopped again."""
    try:
        yield servers.folder
    finally:
        servers.forget()


class Side:
    """One lane as the process around it sees it."""

    def __init__(self, number, names, folder, options):
        self.names, self.record = names, folder / f"lane-{number}"
        command = python_command("-m", "tests.faultlab", *options, "--record", str(self.record), "--lane", *names)
        self.process = subprocess.Popen(command, cwd=CHECKOUT, preexec_fn=tied_to_parent(signal.SIGTERM))

    def end(self):
        """Ask politely, so that it stops its servers; wait for it in any case."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        self.process.wait()

    @property
    def ended(self):
        return self.process.poll() is not None

    def noted(self):
        return [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []

    def open(self):
        """The names that nothing was noted about, in the order in which they are played."""
        done = {line.get("name", CONTROLS) for line in self.noted()}
        return [name for name in self.names if name not in done]


def side_by_side(lanes, folder, options):
    """Play all lanes at the same time; gives what they noted. A lane that dies takes one scenario with it, not more."""
    sides = []
    try:
        for _seconds, names in lanes:
            sides.append(Side(len(sides), names, folder, options))
        for side in in_order_of_ending(sides):
            if names := side.open()[1:]:
                sides.append(Side(len(sides), names, folder, options))
    finally:
        for side in sides:
            side.end()
    return [noted for side in sides for noted in side.noted()]


def in_order_of_ending(sides):
    """Each of these when it has ended, and of those that are added meanwhile."""
    seen = []
    while left := [side for side in sides if side not in seen]:
        for side in left:
            if side.ended:
                seen.append(side)
                yield side
        time.sleep(0.1)


def gathered(scenarios, noted, with_controls):
    """(outcomes in the order of the scenarios, complaints of the controls); red for what was never noted."""
    played = {line["name"]: Outcome(**line) for line in noted if "name" in line}
    never = "its lane ended before it had a verdict"
    outcomes = [played.get(scenario.name) or red_outcome(scenario, never) for scenario in scenarios]
    complaints = next((line["controls"] for line in noted if "controls" in line), misjudged(never))
    return outcomes, complaints if with_controls else {}


def misjudged(why):
    return {name: [why] for name in controls.CONTROLS}
