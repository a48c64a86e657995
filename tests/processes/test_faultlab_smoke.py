"""A small round of the fault lab, and the oracle held against variants that are broken on purpose."""

from dataclasses import replace

import pytest

from tests.faultlab.controls import CONTROLS, EXPECTED
from tests.faultlab.play import play
from tests.faultlab.report import explanation, table
from tests.faultlab.scenarios import SCENARIOS
from tests.faultlab.servers import Servers

SEED = 1
# Quick rounds; the limit stays that of the lab, since programs do not start any quicker.
SMALL = {"count": 12, "spread": 3, "window": 6, "factor": 20, "limit_seconds": 50}
ROUND = {
    "web-killed": SMALL,
    "worker-killed": SMALL,
    "valkey-silent": SMALL,
    "provider-silent": SMALL | {"count": 4, "spread": 1},
}


@pytest.fixture(scope="module")
def servers():
    with Servers() as servers:
        yield servers
    servers.forget()


@pytest.mark.parametrize("name", ROUND)
def test_the_promise_is_kept_while(servers, name):
    scenario = next(scenario for scenario in SCENARIOS if scenario.name == name)
    outcome = play(servers, replace(scenario, **ROUND[name]), seed=SEED, hurry=True)
    print(table([outcome]))
    assert outcome.verdict == "green", explanation([outcome])
    assert outcome.escalations
    assert outcome.visits


@pytest.mark.parametrize("name", CONTROLS)
def test_the_oracle_sees_through_a_broken_variant_and_lets_the_whole_one_pass(servers, name):
    invariant, words = EXPECTED[name]
    faults = CONTROLS[name](servers)
    assert faults
    assert {found for found, _sentence in faults} == {invariant}
    assert all(words in sentence for _invariant, sentence in faults)
    assert CONTROLS[name](servers, broken=False) == []
