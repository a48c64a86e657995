"""The table: one line a scenario, raw seconds and the seconds that they would be at the real periods."""

import json
from dataclasses import asdict, dataclass, field

from tests.faultlab.oracle import percentile

HEADS = (
    *("scenario", "signals", "visited", "escalations", "missed", "doubled", "mails", "mails twice"),
    *("late p50", "p95", "max", "limit", "max at 60/120", "took", "verdict"),
)
EARLIER, LATER = 0.5, 0.95


@dataclass
class Report:
    """All that came of one run. `controls` is {name: complaints}; `circumstances` is read by people."""

    outcomes: list
    controls: dict = field(default_factory=dict)
    circumstances: dict = field(default_factory=dict)

    @property
    def blind(self):
        return [name for name, complaints in self.controls.items() if complaints]

    @property
    def skipped(self):
        return [outcome.name for outcome in self.outcomes if outcome.verdict == "NOT RUN"]

    @property
    def red(self):
        return bool(self.blind) or any(outcome.red for outcome in self.outcomes)

    def write(self, path):
        """As JSON where the name ends so, and as Markdown otherwise."""
        path.write_text(self.as_json() if path.suffix == ".json" else self.as_markdown())

    def as_json(self):
        scenarios = [asdict(outcome) | {"lateness": lateness(outcome)} for outcome in self.outcomes]
        everything = {"red": self.red, "circumstances": self.circumstances, "controls": self.controls}
        return json.dumps(everything | {"scenarios": scenarios}, indent=1) + "\n"

    def as_markdown(self):
        parts = [
            ", ".join(f"{name} {value}" for name, value in self.circumstances.items()),
            table(self.outcomes),
            as_list(explanation(self.outcomes)),
            as_list("\n".join(control_line(*control) for control in self.controls.items())),
            as_list(proofs(self.outcomes)),
        ]
        return "\n\n".join(filter(None, parts)) + "\n"


def lateness(outcome):
    """Percentiles in seconds; None where nothing was escalated. The last is the worst at the real periods."""
    earlier, later, worst = (percentile(outcome.late, part) for part in (EARLIER, LATER, 1))
    real = None if worst is None else worst * outcome.factor
    return {"p50": earlier, "p95": later, "max": worst, "max_at_real_periods": real}


def line(outcome):
    """The cells of one outcome. `max at 60/120` is the lateness times the factor the periods were divided by."""
    if outcome.verdict == "NOT RUN":
        return [outcome.name, *["-"] * (len(HEADS) - 2), "**NOT RUN**"]
    *late, scaled = lateness(outcome).values()
    return [
        outcome.name,
        *map(str, (outcome.signals, outcome.visits, outcome.escalations, outcome.missed, outcome.doubled)),
        *map(str, (outcome.mails, outcome.mails_doubled)),
        *map(seconds, (*late, outcome.limit, scaled, outcome.took)),
        outcome.verdict,
    ]


def seconds(value):
    return "-" if value is None else f"{value:.1f}"


def table(outcomes):
    """Markdown, so that it can stand in the documentation as it was printed."""
    lines = [HEADS, ["---"] * len(HEADS), *map(line, outcomes)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def explanation(outcomes, most=12):
    """Why a line is red, or did not run."""
    said = []
    for outcome in outcomes:
        said += [f"{outcome.name}: {name}: {sentence}" for name, sentence in outcome.faults[:most]]
        if len(outcome.faults) > most:
            said.append(f"{outcome.name}: and {len(outcome.faults) - most} more")
    return "\n".join(said)


def proofs(outcomes):
    """What shows, for each scenario, that its fault happened."""
    return "\n".join(f"{outcome.name}: {'; '.join(outcome.proofs)}" for outcome in outcomes if outcome.proofs)


def control_line(name, complaints):
    return f"negative control {name}: {'NOT SEEN: ' + '; '.join(complaints) if complaints else 'seen'}"


def as_list(lines):
    return "\n".join(f"- {sentence}" for sentence in lines.splitlines())
