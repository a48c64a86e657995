"""What is broken on purpose, one function a fault: it plays while reporters send, and leaves nothing broken behind."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from celery import Celery

from tests.faultlab.lab import faketime

NORMAL, FAULT = "normal", "fault"
NO_FAKETIME = "libfaketime is not installed (Debian: apt install faketime)"
STORM = 300
LONGEST_LOAD = 90
MAIL_WITHOUT_CELERY = 240


@dataclass(frozen=True)
class Scenario:
    """A fault, what it breaks in words, and which of the two limits holds while it lasts."""

    name: str
    breaks: str
    play: Callable
    limit: str = FAULT
    factor: float = 6  # the real periods and limits divided by this; 1 is 60 s and 120 s
    count: int = 60
    spread: float = 10
    window: float = 15
    mail_once: bool = False
    mail_patience: float = 240  # a lease is two minutes; leaves early when all mail left
    own_load: bool = False
    missing: Callable = lambda: ""
    tablespace: str = ""
    limit_seconds: float = 0  # a limit of its own, for faults whose cost is timeouts, which do not shrink


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
        lab.kill_below("web")
    lab.fault_bit(lab.load.interrupted > 0, "no reporter lost an answer")
    lab.until_escalated(patience(lab))


def worker_killed(lab):
    lab.start_all()
    lab.go()
    end = every_kill(lab)
    lab.fault_bit(end > 1, "the worker was hardly killed")
    lab.until_escalated(patience(lab))


def every_kill(lab):
    """Kill the worker, or only its pool child, at random moments until everything is due."""
    deadline = lab.window + lab.scenario.spread + lab.periods.sweep
    while not lab.clock_passed(deadline):
        lab.wait(lab.random.uniform(0.3, lab.window / 4))
        lab.kill("worker") if lab.random.random() < 0.5 else lab.kill_below("worker")
    return lab.kills


def beat_killed(lab):
    lab.start_all()
    lab.take_down("beat")
    lab.go()
    lab.until_escalated(patience(lab))
    lab.until_mailed(MAIL_WITHOUT_CELERY)


def two_beats(lab):
    lab.start_all()
    lab.start("beat-too")
    lab.go()
    lab.until_escalated(patience(lab))
    lab.wait(2 * lab.periods.sweep)


def valkey_gone(lab):
    lab.start_all()
    lab.servers.kill_valkey()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.servers.start_valkey()


def valkey_hung(lab):
    lab.start_all()
    lab.servers.hang_valkey()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.servers.continue_valkey()


def valkey_silent(lab):
    lab.start_all()
    lab.servers.to_valkey.go_silent()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.until_mailed(MAIL_WITHOUT_CELERY)
    lab.servers.to_valkey.let_through()


def valkey_emptied(lab):
    lab.start_all()
    lab.go()
    while not lab.clock_passed(lab.window + lab.scenario.spread + lab.periods.timer):
        lab.servers.empty_valkey()
        lab.wait(0.3)
    lab.until_escalated(patience(lab))


def postgres_restarted(lab):
    lab.start_all()
    lab.go()
    for pause in (lab.scenario.spread / 2, lab.window - 2, 5):
        lab.wait(pause)
        lab.servers.stop_postgres()
        lab.wait(2)
        lab.servers.start_postgres()
        lab.database_writes_again()
    lab.fault_bit(lab.load.interrupted > 0, "no reporter noticed")
    lab.until_escalated(patience(lab))


def disk_full(lab):
    lab.start_all()
    lab.go()
    lab.wait(lab.scenario.spread / 4)
    lab.disk.fill()
    lab.wait(lab.scenario.spread / 2)
    lab.fault_bit(lab.load.interrupted > 0, "every row still fitted")
    lab.disk.make_room()
    lab.until_load_ends()
    lab.disk.fill()
    lab.until(lab.all_due, lab.window + 5)
    lab.wait(lab.periods.sweep)
    lab.disk.make_room()
    lab.database_writes_again()
    lab.until_escalated(patience(lab))


def provider_down(lab):
    lab.start_all()
    lab.servers.to_provider.refuse()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.wait(20)
    lab.servers.to_provider.let_through()


def provider_silent(lab):
    lab.start_all()
    lab.servers.provider.stop_answering()
    lab.go()
    lab.until_escalated(patience(lab))
    lab.servers.provider.answer_again()


def web_clock(lab):
    lab.start_all(web=faketime("+2h"))
    lab.go()
    lab.until_escalated(patience(lab))


def worker_clock(lab):
    lab.start_all(worker=faketime("+2h"))
    lab.go()
    lab.until_escalated(patience(lab))


def beat_clock(lab):
    lab.start_all(beat=faketime("-5m"))
    lab.go()
    lab.until_escalated(patience(lab))


def same_task_ten_times(lab):
    lab.start_all()
    lab.go()
    broker = Celery(broker=lab.broker_address(), set_as_current=False)
    while not lab.clock_passed(lab.window + lab.scenario.spread):
        lab.wait(2)
        for task in ("followup.tasks.sweep", "municipalities.tasks.deliver_mail"):
            for _ in range(10):
                broker.send_task(task, task_id=f"{task}-the-same")
    broker.close()
    lab.until_escalated(patience(lab))


def clock_changes(lab):
    """Both nights are rehearsed in a process of their own; nothing else runs, it would sweep at today's clock."""
    swept = lab.inside("nights")
    lab.fault_bit(swept.count('{"swept": 1}') == 48, f"48 sweeps should have found one signal each: {swept}")
    lab.mail_wanted = False


def storm(lab):
    lab.start_all()
    lab.inside("storm", str(STORM))
    lab.remember_rows()
    lab.until_escalated(patience(lab))


def everything_at_once(lab):
    lab.start_all()
    lab.go()
    lab.wait(lab.window)
    lab.take_down("web", "worker", "beat", "timer")
    lab.servers.kill_valkey()
    lab.servers.kill_postgres()
    lab.wait(3)
    lab.servers.start_valkey()
    lab.servers.start_postgres()
    lab.database_writes_again()
    for name in lab.random.sample(sorted(lab.held), 4):
        lab.start(name)
    lab.until_escalated(patience(lab))


def needs_faketime():
    if not faketime("+0"):
        return NO_FAKETIME
    # The steady clock starts at nought with the machine, and cannot be set to before that.
    return "" if time.monotonic() > 600 else "the machine was started less than ten minutes ago"


SCENARIOS = (
    Scenario("no-fault", "nothing", no_fault, NORMAL, mail_once=True),
    Scenario("web-killed", "web children, kill -9 while reporters send", web_killed),
    Scenario("worker-killed", "worker or pool child, kill -9", worker_killed),
    Scenario("beat-killed", "beat, for good", beat_killed),
    Scenario("two-beats", "a second beat", two_beats, NORMAL, mail_once=True),
    Scenario("valkey-gone", "Valkey, kill -9", valkey_gone),
    Scenario("valkey-hung", "Valkey, SIGSTOP", valkey_hung),
    Scenario("valkey-silent", "network to Valkey, without a word", valkey_silent),
    Scenario("valkey-emptied", "FLUSHALL three times a second", valkey_emptied),
    Scenario("postgres-restarted", "PostgreSQL, immediate, three times", postgres_restarted, NORMAL),
    Scenario("disk-full", "no room for a row, twice", disk_full, NORMAL, tablespace="small"),
    Scenario("provider-down", "mail provider refuses", provider_down),
    Scenario(
        "provider-silent",
        "provider accepts, never answers",
        provider_silent,
        limit_seconds=300,
    ),
    Scenario("web-clock", "web two hours ahead", web_clock, missing=needs_faketime),
    Scenario("worker-clock", "worker two hours ahead", worker_clock, missing=needs_faketime),
    Scenario("beat-clock", "beat five minutes behind", beat_clock, missing=needs_faketime),
    Scenario("same-task", "every task ten times, same id", same_task_ten_times, NORMAL, mail_once=True),
    Scenario("clock-changes", "48 h over both clock changes", clock_changes, NORMAL, window=48 * 3600, own_load=True),
    Scenario("storm", "300 due in one second", storm, NORMAL, mail_once=True, own_load=True),
    Scenario("everything", "all killed at once, started again", everything_at_once),
    Scenario("real-no-fault", "nothing; real periods", no_fault, NORMAL, factor=1, mail_once=True),
    Scenario("real-beat-killed", "beat; real periods", beat_killed, factor=1),
    Scenario("real-valkey-silent", "network to Valkey; real periods", valkey_silent, factor=1),
    Scenario(
        "real-provider-silent",
        "provider accepts, never answers; real periods",
        provider_silent,
        factor=1,
        mail_patience=900,
    ),
)


def named(names):
    """The scenarios of these names, all of them when none is given. Raises KeyError."""
    known = {scenario.name: scenario for scenario in SCENARIOS}
    return [known[name] for name in names] if names else list(SCENARIOS)
