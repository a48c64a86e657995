"""`python -m tests.faultlab [scenario ...]`: breaks the portal in every way, prints a table, exits 1 on red."""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.faultlab import controls, lanes
from tests.faultlab.report import Report, control_line, explanation, table
from tests.faultlab.scenarios import SCENARIOS, SMALL, small

SEED = 20261122
LANES = 2


def main(arguments):
    options = parsed(arguments)
    scenarios = chosen(options)
    if options.list:
        print("\n".join(f"{scenario.name:22} {scenario.breaks}" for scenario in scenarios))
        return 0
    if options.lane:
        how = {"seed": options.seed, "count": options.signals, "hurry": options.small}
        known = {scenario.name: scenario for scenario in scenarios}
        return lanes.run(options.scenario, known, options.record, how, options.template)
    print(f"seed {options.seed}", flush=True)
    report = played(options, scenarios)
    for path in options.write:
        report.write(path)
    return conclude(report)


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.faultlab", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="only these; all of them, and the negative controls, otherwise")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--signals", type=int, help="how many signals a scenario")
    parser.add_argument("--lanes", type=int, default=LANES, help="how many scenarios are played side by side")
    parser.add_argument("--small", action="store_true", help="a few quick rounds of it, as the tests play them")
    parser.add_argument(
        "--write", type=Path, action="append", default=[], metavar="FILE", help="the table, as JSON or as Markdown"
    )
    parser.add_argument("--list", action="store_true", help="only say which scenarios there are")
    parser.add_argument("--lane", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--template", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    known = {scenario.name for scenario in SCENARIOS} | ({lanes.CONTROLS} if options.lane else set())
    if unknown := set(options.scenario) - known:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    # Said now, and not after forty minutes.
    if homeless := [path for path in options.write if not path.parent.is_dir()]:
        parser.error(f"there is no folder for {homeless[0]}")
    return options


def chosen(options):
    """The scenarios that were named, in the order of the table."""
    every = [small(scenario) for scenario in SCENARIOS if scenario.name in SMALL] if options.small else SCENARIOS
    return [scenario for scenario in every if not options.scenario or scenario.name in options.scenario]


def played(options, scenarios):
    began, load = time.monotonic(), os.getloadavg()[0]
    extra = () if options.scenario else [(lanes.CONTROLS, controls.BUDGET)]
    with tempfile.TemporaryDirectory() as folder, lanes.prepared() as template:
        divided = lanes.divided(scenarios, options.lanes, extra)
        noted = lanes.side_by_side(divided, Path(folder), [*passed_on(options), "--template", str(template)])
    outcomes, complaints = lanes.gathered(scenarios, noted, with_controls=bool(extra))
    circumstances = {
        "seed": options.seed,
        "lanes": len(divided),
        "cores": os.cpu_count(),
        "load average": f"{load:.1f} at the beginning, {os.getloadavg()[1]:.1f} over the last five minutes",
        "seconds in all": round(time.monotonic() - began),
    }
    return Report(outcomes, complaints, circumstances)


def passed_on(options):
    """The options that a lane has to know."""
    given = ["--seed", str(options.seed), *(["--small"] if options.small else [])]
    return [*given, *(["--signals", str(options.signals)] if options.signals else [])]


def conclude(report):
    print(f"\n{table(report.outcomes)}\n\n{explanation(report.outcomes)}")
    print("\n".join(control_line(*control) for control in report.controls.items()))
    print(", ".join(f"{name} {value}" for name, value in report.circumstances.items()))
    if report.skipped:
        print(f"\n*** NOT RUN on this machine: {', '.join(report.skipped)} ***")
    if report.blind:
        print(f"\n*** The oracle misjudged: {', '.join(report.blind)}. Nothing green above is worth anything. ***")
    print("\nRED." if report.red else "\nEverything that ran is green.")
    return int(report.red)


def stop(*_signal):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    sys.exit(main(sys.argv[1:]))
