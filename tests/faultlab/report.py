"""The table: one line a scenario, raw seconds and the seconds that they would be at the real periods."""

from tests.faultlab.oracle import percentile

HEADS = (
    *("scenario", "signals", "visited", "escalations", "missed", "doubled", "mails", "mails twice"),
    *("late p50", "p95", "max", "limit", "max at 60/120", "took", "verdict"),
)


def line(outcome):
    """The cells of one outcome. `max at 60/120` is the lateness times the factor the periods were divided by."""
    if outcome.verdict == "NOT RUN":
        return [outcome.name, *["-"] * (len(HEADS) - 2), "**NOT RUN**"]
    late = [percentile(outcome.late, part) for part in (0.5, 0.95, 1)]
    scaled = None if late[2] is None else late[2] * outcome.factor
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
