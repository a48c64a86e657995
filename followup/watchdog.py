"""The promise checked as facts: not whether processes run, but whether what they are for has happened."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone

from followup.models import SweepRun
from municipalities.models import Municipality, OutboxDue, UnreachedMail
from municipalities.tenancy import tenant
from municipalities.vault_versions import missing_versions
from signals.models import Clock, Signal

# At most 300 s late under any single fault; mail at most 15 minutes after its provider is back.
GRACE = timedelta(seconds=300)
OLDEST_MAIL = timedelta(minutes=15)


@dataclass
class Facts:
    """What the watchdog saw. Ages in seconds; None where there is nothing to be old.

    A mail is unsent from the moment that it should leave, and ready while it may be tried and nobody does. `running`
    counts clocks by (slug of the municipality, kind). `unreached_mail` counts by slug the urgent mails that reached
    nobody at all, until somebody says that they know. `missing_vault_versions` are those that VAULT_KEYS lacks although
    something is sealed under them.
    """

    overdue_without_escalation: int
    oldest_unsent_mail_seconds: float | None
    oldest_ready_mail_seconds: float | None
    unreached_mail: dict[str, int]
    missing_vault_versions: list[int]
    last_sweep_seconds: float | None
    sweep_seconds: dict[str, float]
    oldest_unassigned_seconds: float | None
    running: dict[tuple[str, str], int]

    def failures(self):
        """The names of the facts that break the promise."""
        checks = {
            "overdue_without_escalation": self.overdue_without_escalation > 0,
            "oldest_unsent_mail": _older(self.oldest_unsent_mail_seconds, OLDEST_MAIL),
            "oldest_ready_mail": _older(self.oldest_ready_mail_seconds, GRACE),
            "unreached_mail": bool(self.unreached_mail),
            "missing_vault_versions": bool(self.missing_vault_versions),
            "last_sweep": self.last_sweep_seconds is None or _older(self.last_sweep_seconds, GRACE),
        }
        return [name for name, broken in checks.items() if broken]

    def running_by_kind(self):
        """How many clocks of each kind run, over all municipalities."""
        counted = dict.fromkeys(Clock.Kind.values, 0)
        for (_slug, kind), count in self.running.items():
            counted[kind] += count
        return counted


def look(now=None):
    """The facts of this moment (aware, UTC), over all municipalities.

    Reads the narrow tables, in a handful of statements; only where somebody still waits for a worker it also opens
    that municipality.
    """
    now = now or timezone.now()
    waiting = OutboxDue.objects.aggregate(unsent=Min("waiting_since"), ready=Min("next_at"))
    counted = running_clocks()
    return Facts(
        overdue_without_escalation=Clock.objects.due_for_escalation(now - GRACE).count(),
        oldest_unsent_mail_seconds=_age(waiting["unsent"], now),
        oldest_ready_mail_seconds=_age(waiting["ready"], now),
        unreached_mail=_unreached_mail(),
        missing_vault_versions=missing_versions(),
        last_sweep_seconds=last_sweep_seconds(now),
        sweep_seconds={run.caller: _age(run.finished_at, now) for run in SweepRun.objects.order_by("caller")},
        oldest_unassigned_seconds=_age(_oldest_unassigned(counted), now),
        running=dict(counted),
    )


def last_sweep_seconds(now=None):
    """Seconds since anybody finished a sweep; None before the first."""
    return _age(SweepRun.objects.last_good(), now or timezone.now())


def running_clocks():
    """{(slug of the municipality, kind): how many clocks run}, where there are any. In one statement."""
    counted = Clock.objects.running().values_list("municipality__slug", "kind").annotate(Count("pk"))
    return {(slug, kind): count for slug, kind, count in counted}


def _unreached_mail():
    return dict(UnreachedMail.objects.unseen().values_list("municipality__slug").annotate(Count("pk")))


def _oldest_unassigned(counted):
    slugs = {slug for slug, kind in counted if kind == Clock.Kind.ASSIGNMENT}
    received = []
    for municipality in Municipality.objects.filter(slug__in=slugs):
        with tenant(municipality.pk):
            waiting = Signal.objects.of(municipality).awaiting_triage()
            received.append(waiting.aggregate(first=Min("received_at"))["first"])
    return min(filter(None, received), default=None)


def _age(moment, now):
    """Seconds since then; None where there is none, or not yet."""
    return round((now - moment).total_seconds(), 1) if moment and moment <= now else None


def _older(seconds, limit):
    return seconds is not None and seconds > limit.total_seconds()
