"""Plays one scenario from beginning to verdict."""

import time
from dataclasses import dataclass, field

from celery import Celery

from tests.faultlab import oracle, rows
from tests.faultlab.lab import Lab, OutOfTime, Periods, faketime
from tests.faultlab.oracle import Rules
from tests.faultlab.proofs import undone
from tests.faultlab.servers import SmallDisk

NOT_RUN = "NOT RUN"


@dataclass
class Outcome:
    """One line of the table."""

    name: str
    breaks: str
    verdict: str
    signals: int = 0
    receipts: int = 0
    visits: int = 0
    escalations: int = 0
    missed: int = 0
    doubled: int = 0
    mails: int = 0
    mails_doubled: int = 0
    late: list = field(default_factory=list)
    factor: float = 1
    limit: float = 0
    took: float = 0
    kills: int = 0
    proofs: list = field(default_factory=list)  # in words: what shows that the fault happened
    faults: list = field(default_factory=list)

    @property
    def red(self):
        return self.verdict == "RED"


def play(servers, scenario, *, seed, count=None, hurry=False):
    """Run it and judge it. `hurry` lets the lab play the minutes that a failed mail waits for its next try."""
    if reason := scenario.missing():
        return Outcome(scenario.name, scenario.breaks, NOT_RUN, faults=[("lab", reason)])
    disk = SmallDisk(servers) if scenario.tablespace else None
    if disk and not disk.mount():
        reason = "a disk of its own could not be mounted: that takes root and mount rights"
        return Outcome(scenario.name, scenario.breaks, NOT_RUN, faults=[("lab", reason)])
    try:
        return played(servers, scenario, seed, count or scenario.count, hurry, disk)
    finally:
        if disk:
            disk.unmount()


def played(servers, scenario, seed, count, hurry, disk):
    began = time.monotonic()
    if disk:
        disk.make_tablespace()
    periods = Periods(scenario.factor, scenario.timer_factor)
    stage = Stage(servers, scenario, periods, seed, count)
    stage.disk, stage.deadline = disk, began + scenario.budget
    try:
        with stage:
            to_the_end(stage, hurry)
            outcome = verdict(stage)
    finally:
        if disk:
            disk.remove(stage.database)
    outcome.took = time.monotonic() - began
    return outcome


def to_the_end(stage, hurry):
    """Play it out, or until its time is over, which makes it red whatever the rows say."""
    try:
        stage.scenario.play(stage)
        stage.servers.heal()
        stage.settle(hurry)
    except OutOfTime as error:
        stage.servers.heal()
        stage.notes.append(("lab", f"{error}: {stage.scenario.budget:g} s"))


class Stage(Lab):
    """A lab that plays a scenario."""

    def __init__(self, servers, scenario, periods, seed, count):
        super().__init__(
            servers, scenario.name, periods, seed=seed, window=scenario.window, tablespace=scenario.tablespace
        )
        self.scenario, self.count, self.mail_wanted, self.began, self.disk = scenario, count, True, 0.0, None

    def go(self):
        """Reporters begin to send."""
        self.start_load(self.count, self.scenario.spread)
        self.began = time.monotonic()

    def clock_passed(self, seconds):
        return time.monotonic() - self.began > seconds

    def start_all_with_clock(self, name, seconds):
        """Start every program, one of them with a clock that is this many seconds ahead."""
        self.start_all(**{name: faketime(seconds, self.clocks(name))})

    def broker(self):
        return Celery(broker=self.environment()["REDIS_URL"], set_as_current=False)

    def send_ten_times(self, *tasks):
        """Each of these tasks ten times under one and the same id."""
        with self.broker() as broker:
            for task in tasks * 10:
                broker.send_task(task, task_id=f"{task}-the-same")

    def tasks_done(self, task):
        """How often the worker of this moment says it was given this task."""
        with self.broker() as broker:
            answers = broker.control.inspect(timeout=5, limit=1).stats() or {}
        return sum(answer["total"].get(task, 0) for answer in answers.values())

    @property
    def rules(self):
        return Rules(
            limit=self.scenario.limit_seconds or getattr(self.periods, self.scenario.limit),
            writable_since=self.writable_since,
            mail_once=self.scenario.mail_once,
            mail_wanted=self.mail_wanted,
        )

    def settle(self, hurry):
        """Wait for what is still owed; then let more sweeps pass, in which nothing may be doubled."""
        if not self.programs:
            return
        if hurry:
            rows.let_leases_run_out(self.address, "lab")
        if not self.before:
            self.remember_rows()
        if self.mail_wanted:
            self.until_mailed(self.scenario.mail_patience)
        self.wait(min(2 * self.periods.sweep, 20))


def verdict(stage):
    facts, rules = stage.facts(), stage.rules
    if stage.scenario.own_load and not stage.programs:
        facts.now = max([facts.now, *[row.escalated_at for row in facts.escalations]])
    faults = undone(stage.scenario.is_fault, stage.proofs) + oracle.judge(facts, rules) + stage.notes
    faults += [] if facts.receipts else [("lab", "not one receipt")]
    if stage.load and (stage.load.given_up or not stage.load.done):
        faults.append(("lab", f"{stage.load.given_up} reporters gave up, others still try"))
    faults += [("lab", f"a reporter broke down: {error!r}") for error in (stage.load.broken if stage.load else ())]
    escalation_mails = {message for message, _reference in facts.queued}
    taken = [message for message in facts.accepted if message in escalation_mails]
    return Outcome(
        stage.scenario.name,
        stage.scenario.breaks,
        "RED" if faults else "green",
        signals=len(facts.signals),
        receipts=len({receipt.draft for receipt in facts.receipts}),
        visits=len(oracle.visited_in_time(facts)),
        escalations=sum(oracle.escalated(facts).values()),
        missed=len(oracle.missed(facts)),
        doubled=len(oracle.doubled(facts)),
        mails=len(taken),
        mails_doubled=len(taken) - len(set(taken)),
        late=oracle.lateness(facts, rules.writable_since),
        factor=stage.periods.factor,
        limit=rules.limit,
        kills=stage.kills,
        proofs=[str(proof) for proof in stage.proofs if proof.held],
        faults=faults,
    )
