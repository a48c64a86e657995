"""What is broken on purpose, one function a fault: it plays while reporters send, and leaves nothing broken behind."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.faultlab.lab import libfaketime

NORMAL, FAULT = "normal", "fault"
NO_FAKETIME = "libfaketime is not installed (Debian: apt install faketime)"
STORM = 300
LONGEST_LOAD = 90
MAIL_WITHOUT_CELERY = 240
PATIENCE_FOR_PROOF = 30
TWO_HOURS, FIVE_MINUTES = 7200, 300


@dataclass(frozen=True)
class Scenario:
    """A fault, what it breaks in words, and which of the two limits holds while it lasts."""

    name: str
    breaks: str
    play: Callable
    limit: str = FAULT
    factor: float = 6  # the real periods and limits divided by this; 1 is 60 s and 120 s
    timer_factor: float = 0
    count: int = 60
    spread: float = 10
    window: float = 15
    mail_once: bool = False
    mail_patience: float = 240  # a lease is two minutes; leaves early when all mail left
    own_load: bool = False
    missing: Callable = lambda: ""
    tablespace: str = ""
    limit_seconds: float = 0  # a limit of its own, for faults whose cost is timeouts, which do not shrink
    is_fault: bool = True  # and then it owes a proof that the fault happened
    budget: float = 160  # seconds it may take, all in all; past that it is red and the next one begins


def patience(lab):
    return lab.rules.limit + 15


def no_fault(lab):
    lab.start_all()
    lab.go()
    lab.until_escalated(patience(lab))


def web_killed(lab):
    lab.start_all()
    lab.go()
    while not lab.load.done and not lab.clock_passed(LONGEST_LOAD):
        # A signal at least between two kills: children that die faster than they start only prove that nobody answers.
        before = lab.load.sent
        lab.until(lambda before=before: lab.load.sent > before or lab.load.done, 10)
        lab.wait(lab.random.uniform(0, 0.4))
        # The first one that counts falls while somebody waits for an answer; the others fall at random.
        lab.kill_below("web", moment=lambda: lab.load.under_way or lab.load.interrupted)
    lab.prove("a reporter lost an answer", lab.load.interrupted, f"{lab.load.interrupted} times")
    lab.prove_killed("web")
    lab.until_escalated(patience(lab))


def worker_killed(lab):
    lab.start_all()
    lab.go()
    every_kill(lab)
    lab.prove_killed("worker", at_least=2)
    lab.until_escalated(patience(lab))


def every_kill(lab):
    """Kill the worker, or only its pool child, at random moments until everything is due."""
    deadline = lab.window + lab.scenario.spread + lab.periods.sweep
    while not lab.clock_passed(deadline):
        lab.wait(lab.random.uniform(0.3, lab.window / 4))
        lab.kill("worker") if lab.random.random() < 0.5 else lab.kill_below("worker")


def beat_killed(lab):
    lab.start_all()
    lab.until(lambda: lab.tasks_sent_by("beat"), 30)
    lab.take_down("beat")
    lab.go()
    # What it had sent before is done by then.
    lab.wait(lab.window)
    sent, before = lab.tasks_sent_by("beat"), lab.swept_by("beat")
    lab.until_escalated(patience(lab))
    lab.until_mailed(MAIL_WITHOUT_CELERY)
    lab.prove("beat was at work before", sent, f"{sent} tasks")
    lab.prove_away("beat")
    lab.prove("nobody swept for beat any more", before == lab.swept_by("beat"))


def two_beats(lab):
    lab.start_all()
    lab.start("beat-too")
    lab.go()
    lab.until_escalated(patience(lab))
    lab.wait(2 * lab.periods.sweep)
    for beat in ("beat", "beat-too"):
        sent = lab.tasks_sent_by(beat)
        lab.prove(f"{beat} ran and sent tasks", sent > 1 and lab.processes(beat), f"{sent} tasks")


def valkey_gone(lab):
    lab.start_all()
    dead = lab.servers.kill_valkey()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.prove("Valkey killed, and nobody in its place", lab.all_gone(dead) and not lab.servers.valkey.answers())
    lab.until(lambda: lab.servers.to_valkey.since("unreachable"), PATIENCE_FOR_PROOF)
    missed = lab.servers.to_valkey.since("unreachable")
    lab.prove("programs looked for it in vain", missed, f"{missed} times")
    lab.servers.start_valkey()


def valkey_hung(lab):
    lab.start_all()
    lab.servers.hang_valkey()
    lab.prove("Valkey hangs", lab.until(lab.servers.valkey_hangs, 10))
    lab.go()
    lab.until_escalated(patience(lab))
    lab.prove("Valkey still hangs", lab.servers.valkey_hangs(), f"{lab.servers.to_valkey.seconds_since():.0f} s")
    lab.servers.continue_valkey()


def valkey_silent(lab):
    lab.start_all()
    lab.servers.to_valkey.go_silent()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.until_mailed(MAIL_WITHOUT_CELERY)
    lab.prove_silent("network to Valkey", lab.servers.to_valkey)
    lab.servers.to_valkey.let_through()


def valkey_emptied(lab):
    lab.start_all()
    lab.go()
    thrown, left = 0, 0
    while not lab.clock_passed(lab.window + lab.scenario.spread + lab.periods.timer):
        before, after = lab.servers.empty_valkey()
        thrown, left = thrown + before, left + after
        lab.wait(0.3)
    lab.prove("Valkey held keys and then none", thrown and not left, f"{thrown} keys thrown away, {left} left")
    lab.until_escalated(patience(lab))


def postgres_restarted(lab):
    lab.start_all()
    lab.go()
    for pause in (lab.scenario.spread / 2, lab.window - 2, 5):
        lab.wait(pause)
        dead = lab.servers.stop_postgres()
        lab.wait(2)
        lab.prove("PostgreSQL ended", lab.all_gone(dead) and not lab.servers.postgres_answers(), f"{len(dead)} gone")
        lab.servers.start_postgres()
        lab.database_writes_again()
    lab.prove("a reporter noticed", lab.load.interrupted, f"{lab.load.interrupted} times")
    lab.until_escalated(patience(lab))


def disk_full(lab):
    lab.start_all()
    lab.go()
    lab.wait(lab.scenario.spread / 4)
    with full(lab, "reporters send"):
        lab.wait(lab.scenario.spread / 2)
    lab.prove("a reporter noticed", lab.load.interrupted, f"{lab.load.interrupted} times")
    lab.until_load_ends()
    # Asked before: on a full disk PostgreSQL may refuse a new connection too.
    left = lab.seconds_until_due()
    with full(lab, "deadlines pass"):
        lab.wait(left + lab.periods.sweep)
    lab.database_writes_again()
    lab.until_escalated(patience(lab))


@contextmanager
def full(lab, when):
    """A disk without room, on which the portal itself was refused a row."""
    before = lab.servers.full_disks_met()
    lab.disk.fill()
    yield
    met = lab.servers.full_disks_met() - before
    lab.prove(f"the portal met the full disk while {when}", met, f"{met} times")
    lab.prove(f"the disk was still full while {when}", lab.disk.is_full(lab.database))
    lab.disk.make_room()


def provider_down(lab):
    lab.start_all()
    lab.servers.to_provider.refuse()
    before = len(lab.servers.provider.accepted)
    lab.go()
    lab.until_escalated(patience(lab))
    lab.wait(20)
    refused = lab.servers.to_provider.since("refused")
    taken = len(lab.servers.provider.accepted) - before
    lab.prove("provider refused", refused and not taken, f"{refused} connections refused, {taken} mails taken")
    lab.servers.to_provider.let_through()


def provider_silent(lab):
    lab.start_all()
    lab.servers.provider.stop_answering()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.until(lambda: lab.servers.provider.left_waiting, PATIENCE_FOR_PROOF)
    left, answered = lab.servers.provider.left_waiting, lab.servers.provider.answered
    lab.prove("provider silent", left and not answered, f"{left} mails left without an answer, {answered} answered")
    lab.servers.provider.answer_again()


def shifted(name, seconds):
    def play(lab):
        lab.start_all_with_clock(name, seconds)
        lab.go()
        lab.until_escalated(patience(lab))
        lab.prove_clock(name, seconds)

    return play


def same_task_ten_times(lab):
    lab.start_all()
    lab.go()
    rounds = 0
    while not lab.clock_passed(lab.window + lab.scenario.spread):
        lab.wait(2)
        lab.send_ten_times("followup.tasks.sweep", "municipalities.tasks.deliver_mail")
        rounds += 1
    lab.until_escalated(patience(lab))
    lab.until(lambda: lab.tasks_done("followup.tasks.sweep") >= 10 * rounds, 30)
    done = lab.tasks_done("followup.tasks.sweep")
    lab.prove("the worker did the repeated task", rounds and done >= 10 * rounds, f"{done} times, {rounds} rounds")


def clock_changes(lab):
    """Both nights are rehearsed in a process of their own; nothing else runs, it would sweep at today's clock."""
    swept = lab.inside("nights")
    passed = swept.count("[false, true]")
    lab.prove("each deadline of both nights was passed", passed == 48, f"{passed} of 48 late after it and not before")
    lab.mail_wanted = False


def storm(lab):
    lab.start_all()
    lab.inside("storm", str(STORM))
    lab.remember_rows()
    lab.until_escalated(patience(lab))
    due = [signal.due_at for signal in lab.signals()]
    apart = (max(due) - min(due)).total_seconds() if due else 0
    lab.prove("all due within a second", len(due) == STORM and apart <= 1, f"{len(due)} signals, {apart:.1f} s apart")


def everything_at_once(lab):
    lab.start_all()
    lab.go()
    lab.wait(lab.window)
    lab.take_down("web", "worker", "beat", "timer")
    dead = lab.servers.kill_valkey() + lab.servers.kill_postgres()
    lab.wait(3)
    answers = lab.servers.valkey.answers() or lab.servers.postgres_answers()
    lab.prove("both servers killed", lab.all_gone(dead) and not answers, f"{len(dead)} processes")
    lab.servers.start_valkey()
    lab.servers.start_postgres()
    lab.database_writes_again()
    for name in lab.random.sample(sorted(lab.held), 4):
        lab.start(name)
    for name in ("web", "worker", "beat", "timer"):
        lab.prove_killed(name)
    lab.until_escalated(patience(lab))


def needs_faketime():
    return "" if libfaketime() else NO_FAKETIME


def needs_a_past():
    # The steady clock starts at nought with the machine, and cannot be set to before that.
    young = time.monotonic() < 2 * FIVE_MINUTES
    return needs_faketime() or ("the machine was started less than ten minutes ago" if young else "")


SCENARIOS = (
    Scenario("no-fault", "nothing", no_fault, NORMAL, mail_once=True, is_fault=False),
    Scenario("web-killed", "web children, kill -9 while reporters send", web_killed, budget=220),
    Scenario("worker-killed", "worker or pool child, kill -9", worker_killed, budget=200),
    Scenario("beat-killed", "beat, for good", beat_killed),
    Scenario("two-beats", "a second beat", two_beats, NORMAL, mail_once=True),
    Scenario("valkey-gone", "Valkey, kill -9", valkey_gone),
    Scenario("valkey-hung", "Valkey, SIGSTOP", valkey_hung),
    Scenario("valkey-silent", "network to Valkey, without a word", valkey_silent, budget=200),
    Scenario("valkey-emptied", "FLUSHALL three times a second", valkey_emptied),
    Scenario("postgres-restarted", "PostgreSQL, immediate, three times", postgres_restarted, NORMAL),
    Scenario("disk-full", "no room for a row, twice", disk_full, NORMAL, tablespace="small"),
    Scenario("provider-down", "mail provider refuses", provider_down, budget=240),
    Scenario(
        "provider-silent",
        "provider accepts, never answers",
        provider_silent,
        limit_seconds=300,
        budget=180,
    ),
    Scenario("web-clock", "web two hours ahead", shifted("web", TWO_HOURS), missing=needs_faketime),
    Scenario(
        "worker-clock", "worker two hours ahead", shifted("worker", TWO_HOURS), missing=needs_faketime, budget=200
    ),
    Scenario("beat-clock", "beat five minutes behind", shifted("beat", -FIVE_MINUTES), missing=needs_a_past),
    Scenario("same-task", "every task ten times, same id", same_task_ten_times, NORMAL, mail_once=True),
    Scenario(
        "clock-changes",
        "48 h over both clock changes",
        clock_changes,
        NORMAL,
        window=48 * 3600,
        own_load=True,
        budget=80,
    ),
    Scenario("storm", "300 due in one second", storm, NORMAL, mail_once=True, own_load=True),
    Scenario("everything", "all killed at once, started again", everything_at_once),
    Scenario(
        "real-no-fault", "nothing; real periods", no_fault, NORMAL, factor=1, mail_once=True, is_fault=False, budget=220
    ),
    Scenario("real-beat-killed", "beat; real periods", beat_killed, factor=1, budget=300),
    Scenario("real-valkey-silent", "network to Valkey; real periods", valkey_silent, factor=1, budget=400),
    Scenario(
        "real-provider-silent",
        "provider accepts, never answers; real periods",
        provider_silent,
        factor=1,
        budget=300,
    ),
)


# The rounds of `make test`: quick ones; the limit stays that of the lab, since programs do not start any quicker.
QUICK = {"count": 12, "spread": 3, "window": 6, "factor": 20, "limit_seconds": 50, "budget": 240}
# Where Celery soon lives again, the timer hardly helps, and its starts are most of what a round costs.
WITH_CELERY = QUICK | {"timer_factor": 6}
SMALL = {
    # A receipt may wait for a web process that starts again, and whoever visits then must still be in time.
    "web-killed": WITH_CELERY | {"window": 15},
    "worker-killed": WITH_CELERY,
    "valkey-silent": QUICK,
    "provider-silent": QUICK | {"count": 4, "spread": 1},
}


def small(scenario):
    return replace(scenario, **SMALL[scenario.name])
