"""`python -m tests.faultlab [scenario ...]`: breaks the portal in every way, prints a table, exits 1 on red."""

import argparse
import signal
import sys
import traceback

from tests.faultlab.controls import CONTROLS
from tests.faultlab.play import Outcome, play
from tests.faultlab.report import explanation, table
from tests.faultlab.scenarios import SCENARIOS, named
from tests.faultlab.servers import Servers

SEED = 20261122


def main(arguments):
    options = parsed(arguments)
    print(f"seed {options.seed}", flush=True)
    if options.list:
        print("\n".join(f"{scenario.name:22} {scenario.breaks}" for scenario in SCENARIOS))
        return 0
    with Servers() as servers:
        outcomes = [one(servers, scenario, options) for scenario in named(options.scenario)]
        blind = [] if options.scenario else unseen(servers)
    print(f"\n{table(outcomes)}\n\n{explanation(outcomes)}")
    return conclude(servers, outcomes, blind)


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.faultlab", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="only these; all of them, and the negative controls, otherwise")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--signals", type=int, help="how many signals a scenario")
    parser.add_argument("--list", action="store_true", help="only say which scenarios there are")
    options = parser.parse_args(arguments)
    if unknown := set(options.scenario) - {scenario.name for scenario in SCENARIOS}:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    return options


def one(servers, scenario, options):
    print(f"{scenario.name}: breaks {scenario.breaks} ...", flush=True)
    try:
        outcome = play(servers, scenario, seed=options.seed, count=options.signals)
    except Exception as error:
        traceback.print_exc()
        outcome = Outcome(scenario.name, scenario.breaks, "RED", faults=[("lab", f"{type(error).__name__}: {error}")])
        servers.heal()
    print(f"{table([outcome]).splitlines()[-1]}\n{explanation([outcome])}".rstrip(), flush=True)
    return outcome


def unseen(servers):
    """Names of the broken variants that the oracle did not see through."""
    blind = []
    for name, control in CONTROLS.items():
        faults = control(servers)
        print(f"negative control {name}: {'seen' if faults else 'NOT SEEN'} {faults[:1]}", flush=True)
        blind += [] if faults else [name]
    return blind


def conclude(servers, outcomes, blind):
    if skipped := [outcome.name for outcome in outcomes if outcome.verdict == "NOT RUN"]:
        print(f"\n*** NOT RUN on this machine: {', '.join(skipped)} ***")
    if blind:
        print(f"\n*** The oracle is blind to: {', '.join(blind)}. Nothing green above is worth anything. ***")
    if blind or any(outcome.red for outcome in outcomes):
        print(f"\nRED. Logs and receipts are kept in {servers.folder}")
        return 1
    servers.forget()
    print("\nEverything that ran is green.")
    return 0


def stop(*_signal):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    sys.exit(main(sys.argv[1:]))
