"""The watchdog's facts in the text format of Prometheus. Counts and ages only; municipalities by their slug."""

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily

from followup import watchdog


class Reading:
    """One reading of the facts, as a registry that prometheus_client can write out."""

    def collect(self):
        facts = watchdog.look()
        yield _plain("overdue_without_escalation", "Clocks that ran out and were not escalated in time.", facts)
        yield _plain(
            "oldest_unsent_mail_seconds", "Age of the oldest mail that has not left; 0 when there is none.", facts
        )
        yield _plain("oldest_ready_mail_seconds", "How long the oldest mail could have been tried; 0 for none.", facts)
        meaning = "Urgent mails that reached nobody, until somebody says that they know."
        yield _labelled("unreached_mail", meaning, ["municipality"], facts.unreached_mail)
        yield _plain("oldest_unassigned_seconds", "Age of the oldest signal that nobody was given; 0 for none.", facts)
        yield _labelled("sweep_seconds", "Seconds since this caller finished a sweep.", ["caller"], facts.sweep_seconds)
        meaning = "Clocks that run for open signals."
        yield _labelled("running_clocks", meaning, ["municipality", "kind"], facts.running)
        yield GaugeMetricFamily("signaalpunt_promise_kept", "1 when no fact breaks the promise.", not facts.failures())


def exposition():
    """The facts of this moment as bytes, for a monitor to read."""
    return generate_latest(Reading())


def _plain(name, meaning, facts):
    return GaugeMetricFamily(f"signaalpunt_{name}", meaning, getattr(facts, name) or 0)


def _labelled(name, meaning, labels, values):
    family = GaugeMetricFamily(f"signaalpunt_{name}", meaning, labels=labels)
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else key, value)
    return family
