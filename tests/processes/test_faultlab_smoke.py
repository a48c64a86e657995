"""A small round of the fault lab, played as `make faultlab` plays it, and its oracle held against broken variants."""

import json
import signal
import subprocess

import pytest

from signaalpunt.stack.guard import tied_to_parent
from signaalpunt.stack.state import CHECKOUT
from signaalpunt.stack.surroundings import python_command
from tests.faultlab.controls import CONTROLS
from tests.faultlab.scenarios import SMALL

# The first test waits for all of it: the scenarios and the controls are played side by side.
pytestmark = pytest.mark.timeout(600)
SEED = "1"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The exit code of the lab and what it wrote."""
    folder = tmp_path_factory.mktemp("lab")
    written = [folder / "table.json", folder / "table.md"]
    arguments = [option for path in written for option in ("--write", str(path))]
    process = subprocess.Popen(
        python_command("-m", "tests.faultlab", "--small", "--seed", SEED, *arguments),
        cwd=CHECKOUT,
        preexec_fn=tied_to_parent(signal.SIGTERM),
    )
    try:
        code = process.wait()
    finally:
        process.terminate()
        process.wait()
    return code, json.loads(written[0].read_text()), written[1].read_text()


@pytest.mark.parametrize("name", SMALL)
def test_the_promise_is_kept_while(lab, name):
    _code, written, _table = lab
    outcome = next(scenario for scenario in written["scenarios"] if scenario["name"] == name)
    assert outcome["verdict"] == "green", outcome["faults"]
    assert outcome["escalations"]
    assert outcome["visits"]
    assert outcome["proofs"]


@pytest.mark.parametrize("name", CONTROLS)
def test_the_oracle_sees_through_a_broken_variant_and_lets_the_whole_one_pass(lab, name):
    _code, written, _table = lab
    assert written["controls"][name] == []


def test_the_lab_says_in_its_exit_code_and_its_table_what_came_of_it(lab):
    code, written, table = lab
    assert (code, written["red"]) == (0, False)
    assert all(f"| {name} | " in table for name in SMALL)
