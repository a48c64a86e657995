"""The rules that the fault lab lives by: no fault without proof, no scenario that stops the others, an end in time."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.faultlab import controls, lanes
from tests.faultlab.lab import CLOCK, OutOfTime, Periods, kill_one
from tests.faultlab.oracle import EscalationRow, Facts, Receipt, SignalRow
from tests.faultlab.play import Outcome, Stage, to_the_end, verdict
from tests.faultlab.proofs import Proof, Witness, body, clock_shifts, undone
from tests.faultlab.provider import Provider
from tests.faultlab.proxy import Proxy
from tests.faultlab.report import Report
from tests.faultlab.scenarios import SCENARIOS, SMALL, small

FAULTS = [scenario for scenario in SCENARIOS if scenario.is_fault]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTES_IN_ALL = 40
SLEEPER = [sys.executable, "-c", "import os, time; os.fork(); time.sleep(60)"]


def nothing(*_arguments):
    """What every fault comes to in a portal that cannot be broken."""


class Servers:
    """Servers that shrug off every fault."""

    kill_valkey = kill_postgres = stop_postgres = staticmethod(lambda: [body(os.getpid())])
    start_valkey = start_postgres = hang_valkey = continue_valkey = heal = staticmethod(nothing)
    empty_valkey = staticmethod(lambda: (0, 0))
    valkey_hangs = staticmethod(lambda: False)
    postgres_answers = staticmethod(lambda: True)
    full_disks_met = staticmethod(lambda: 0)
    valkey = SimpleNamespace(answers=lambda: True)

    def __init__(self):
        unharmed = SimpleNamespace(go_silent=nothing, refuse=nothing, let_through=nothing, mark=nothing)
        unharmed.since, unharmed.seconds_since = (lambda what: 0), (lambda: 0)
        self.to_valkey = self.to_provider = unharmed
        self.provider = SimpleNamespace(stop_answering=nothing, answer_again=nothing, accepted=[])
        self.provider.left_waiting = self.provider.answered = 0


class Unbreakable(Stage):
    """A lab whose every fault silently does nothing, on a clock that passes as soon as somebody waits."""

    def __init__(self, scenario, folder):
        Witness.__init__(self)
        self.scenario, self.folder, self.servers, self.periods = scenario, folder, Servers(), Periods(scenario.factor)
        self.window, self.programs, self.held, self.notes, self.mail_wanted = scenario.window, {}, set(), [], True
        self.random = SimpleNamespace(uniform=lambda low, high: high, random=lambda: 0, sample=lambda names, count: [])
        self.load = SimpleNamespace(done=True, interrupted=0, sent=0, given_up=0, broken=[])
        self.disk = SimpleNamespace(fill=nothing, make_room=nothing, is_full=lambda database: False)
        self.database, self.writable_since, self.now = "lab", None, 0

    start = start_all = start_all_with_clock = go = remember_rows = database_writes_again = send_ten_times = nothing
    until_escalated = until_mailed = until_load_ends = all_due = swept_by = nothing
    inside = staticmethod(lambda verb, *arguments: "")
    signals = staticmethod(list)
    seconds_until_due = staticmethod(lambda: 0)
    tasks_sent_by = tasks_done = staticmethod(lambda name: 0)
    processes = staticmethod(lambda name: [body(os.getpid())])

    def until(self, true, seconds):
        self.now += seconds
        return bool(true())

    def clock_passed(self, seconds):
        return self.now > seconds

    def kill(self, name, moment=None):
        self.mourn(name, self.processes(name), self.processes(name))

    kill_below = kill

    def facts(self):
        """A promise that was kept without a flaw."""
        due = NOW - timedelta(seconds=1)
        return Facts(
            now=NOW,
            signals=[SignalRow(1, "draft", "SP-1", due)],
            escalations=[EscalationRow(1, 1, due, NOW)],
            receipts=[Receipt("draft", "SP-1", "code")],
            queued=[("mail", "SP-1")],
            accepted=["mail"],
        )


@pytest.mark.parametrize("scenario", FAULTS, ids=lambda scenario: scenario.name)
def test_a_fault_that_did_not_happen_is_red_however_well_the_promise_was_kept(scenario, tmp_path):
    lab = Unbreakable(scenario, tmp_path)
    scenario.play(lab)
    outcome = verdict(lab)
    assert outcome.verdict == "RED"
    assert {sentence.partition(":")[0] for _name, sentence in outcome.faults} == {"the fault did not happen"}


@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if not one.is_fault], ids=lambda scenario: scenario.name)
def test_what_breaks_nothing_owes_no_proof(scenario, tmp_path):
    lab = Unbreakable(scenario, tmp_path)
    scenario.play(lab)
    assert verdict(lab).verdict == "green"


def test_a_fault_that_nobody_looked_for_did_not_happen(tmp_path):
    lab = Unbreakable(replace(FAULTS[0], play=nothing), tmp_path)
    assert verdict(lab).verdict == "RED"
    lab.prove("something broke", True)
    assert verdict(lab).verdict == "green"
    lab.prove("something else broke", 0, "0 times")
    assert undone(True, lab.proofs) == [("lab", "the fault did not happen: something else broke (0 times)")]


# -- how each kind of fault is seen


@pytest.fixture
def lab(tmp_path):
    return Unbreakable(FAULTS[0], tmp_path)


def held(lab):
    return [proof.held for proof in lab.proofs]


@pytest.fixture
def sleeper(tmp_path):
    """A program of two processes, each of which says what time it is to it."""
    told = {"PYTHONPATH": str(CLOCK), "LAB_CLOCKS": str(tmp_path)}
    with subprocess.Popen(SLEEPER, env=os.environ | told, start_new_session=True) as program:
        deadline = time.monotonic() + 20
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        yield program
        os.killpg(program.pid, 9)


def test_a_clock_is_shifted_when_every_process_says_so_itself(sleeper, tmp_path, monkeypatch):
    lab = Unbreakable(FAULTS[0], tmp_path)
    lab.clocks = lambda name: tmp_path
    lab.processes = lambda name: [body(pid) for pid in clock_shifts(tmp_path)]
    assert sleeper.pid in clock_shifts(tmp_path)
    assert all(abs(shift) < 5 for shift in clock_shifts(tmp_path).values())
    lab.prove_clock("web", 7200)
    monkeypatch.setattr("tests.faultlab.proofs.clock_shifts", lambda folder: {sleeper.pid: 7200.2})
    lab.prove_clock("web", 7200)
    monkeypatch.undo()
    monkeypatch.setattr("tests.faultlab.proofs.clock_shifts", lambda folder: dict.fromkeys(clock_shifts(folder), 7199))
    lab.prove_clock("web", 7200)
    assert held(lab) == [False, False, True]


def test_who_was_killed_is_gone_and_somebody_else_is_there(sleeper, lab):
    victim = body(sleeper.pid)
    lab.mourn("web", [victim], [victim])
    lab.processes = lambda name: [victim]
    lab.prove_killed("web")
    kill_one(victim.pid)
    sleeper.wait()
    lab.processes = lambda name: [body(os.getpid())]
    lab.prove_killed("web")
    lab.prove_killed("web", at_least=2)
    assert held(lab) == [False, False, True, True, False, True]


def test_a_silent_network_took_bytes_and_let_none_through(lab):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = Proxy(server.getsockname()[1])
        with socket.create_connection(("127.0.0.1", proxy.port)) as client:
            there, _address = server.accept()
            client.sendall(b"before")
            assert there.recv(6) == b"before"
            proxy.go_silent()
            lab.prove_silent("network", proxy)
            client.sendall(b"into the void")
            wait_for(lambda: proxy.since("swallowed"))
            lab.prove_silent("network", proxy)
            there.close()
        proxy.close()
    assert (proxy.since("refused"), held(lab)) == (0, [False, True])


def test_a_refusing_network_counts_whom_it_refused():
    proxy = Proxy(1)
    proxy.refuse()
    assert proxy.since("refused") == 0
    socket.create_connection(("127.0.0.1", proxy.port)).close()
    wait_for(lambda: proxy.since("refused"))
    proxy.close()


def test_a_silent_provider_counts_whom_it_left_waiting():
    provider = Provider()
    provider.take({"To": "somebody", "MessageID": "1"})
    provider.stop_answering()
    provider.take({"To": "somebody", "MessageID": "2"})
    provider.close()
    assert (provider.left_waiting, provider.answered, len(provider.accepted)) == (1, 0, 2)


def wait_for(true):
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# -- no scenario stops the others


def red(scenario):
    return lanes.red_outcome(scenario, "broken")


def test_what_raises_is_red_and_the_next_one_is_played(monkeypatch, tmp_path):
    def play(servers, scenario, **how):
        if scenario is FAULTS[0]:
            raise ValueError("of the lab itself")
        return Outcome(scenario.name, scenario.breaks, "green")

    monkeypatch.setattr(lanes, "play", play)
    monkeypatch.setattr(lanes.Lane, "working", lambda lane: None)
    two = {scenario.name: scenario for scenario in FAULTS[:2]}
    assert lanes.run([*two], two, tmp_path / "record", {})
    noted = [json.loads(line) for line in (tmp_path / "record").read_text().splitlines()]
    assert [line["verdict"] for line in noted] == ["RED", "green"]
    assert "of the lab itself" in noted[0]["faults"][0][1]


def test_servers_that_a_scenario_wrecked_are_made_anew(monkeypatch):
    class Made(SimpleNamespace):
        well, folder = True, "somewhere"
        __enter__ = __exit__ = lambda made, *problem: made

    monkeypatch.setattr(lanes, "Servers", lambda template: Made(template=template))
    lane = lanes.Lane()
    first = lane.working()
    assert lane.working() is first
    first.well = False
    assert lane.working() is not first


def test_another_lane_goes_on_where_one_died(monkeypatch, tmp_path):
    class Side(lanes.Side):
        ended, made = True, []

        def __init__(self, number, names, folder, options):
            self.names, self.record = names, folder / str(number)
            self.made.append(names)
            # It dies in its second scenario.
            self.record.write_text(json.dumps({"name": names[0]}) + "\n")

        def end(self):
            """There is no process."""

    monkeypatch.setattr(lanes, "Side", Side)
    noted = lanes.side_by_side([(9, ["a", "b", "c", "d"]), (9, ["e"])], tmp_path, [])
    assert Side.made == [["a", "b", "c", "d"], ["e"], ["c", "d"]]
    assert [line["name"] for line in noted] == ["a", "e", "c"]


def test_what_a_lane_left_open_is_red():
    played = {**vars(red(FAULTS[0])), "verdict": "green", "faults": []}
    outcomes, complaints = lanes.gathered(FAULTS[:2], [played], with_controls=True)
    assert [outcome.verdict for outcome in outcomes] == ["green", "RED"]
    assert Report(outcomes, complaints).blind == [*controls.CONTROLS]


def test_a_scenario_that_runs_out_of_time_is_red(tmp_path):
    def endless(lab):
        raise OutOfTime("too long")

    lab = Unbreakable(replace(FAULTS[0], play=endless), tmp_path)
    to_the_end(lab, hurry=False)
    assert ("lab", f"too long: {FAULTS[0].budget:g} s") in verdict(lab).faults


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([], "was not seen"),
        ([("I1", "never escalated")], "another reason"),
        ([("I2", "later than")], "another reason"),
        ([("I2", "never escalated")], ""),
    ],
)
def test_a_control_that_is_judged_wrongly_is_said_to_be(faults, words):
    def said(value):
        return SimpleNamespace(result=lambda: value, exception=lambda: None)

    assert words in "".join(controls.complaint("I2", "never escalated", said(faults), said([])))
    assert bool(controls.complaint("I2", "never escalated", said(faults), said([]))) == bool(words)
    assert controls.complaint("I2", "never escalated", said(faults), said([("I3", "late")]))


# -- the whole of it


def test_all_scenarios_fit_in_the_time_that_is_promised():
    divided = lanes.divided(SCENARIOS, 2, [(lanes.CONTROLS, controls.BUDGET)])
    names = [name for _seconds, lane in divided for name in lane]
    assert sorted(names) == sorted([lanes.CONTROLS, *(scenario.name for scenario in SCENARIOS)])
    # A minute for the servers of a lane, and for what is stopped at the end of a scenario.
    assert max(seconds for seconds, _names in divided) <= (MINUTES_IN_ALL - 1) * 60


def test_the_small_rounds_are_of_scenarios_that_exist():
    assert set(SMALL) < {scenario.name for scenario in FAULTS}
    assert all(small(scenario).play is scenario.play for scenario in FAULTS if scenario.name in SMALL)


def test_the_table_is_written_for_people_and_for_programs(tmp_path):
    whole = Outcome("one", "it", "green", late=[1.0, 2.0, 9.0], factor=6, limit=15, proofs=[str(Proof("hit", True))])
    report = Report([whole, red(FAULTS[0])], {"eta": []}, {"seed": 1})
    for name in ("table.json", "table.md"):
        report.write(tmp_path / name)
    read = json.loads((tmp_path / "table.json").read_text())
    assert read["red"]
    assert read["scenarios"][0]["lateness"] == {"p50": 2.0, "p95": 9.0, "max": 9.0, "max_at_real_periods": 54.0}
    lines = (tmp_path / "table.md").read_text().splitlines()
    assert "| one | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 2.0 | 9.0 | 9.0 | 15.0 | 54.0 | 0.0 | green |" in lines
    assert {"- one: hit", "- negative control eta: seen", f"- {FAULTS[0].name}: lab: broken"} <= set(lines)
