"""The promise checked as facts: not whether processes run, but whether what they are for has happened."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone

from followup.models import SweepRun
from municipalities.models import Municipality, OutboxMessage
from municipalities.tenancy import tenant
from signals.models import Clock

# At most 300 s late under any single fault; mail at most 15 minutes after its provider is back.
GRACE = timedelta(seconds=300)
OLDEST_MAIL = timedelta(minutes=15)


@dataclass
class Facts:
    """What the watchdog saw. Ages in seconds; None where there is nothing to be old."""

    overdue_without_escalation: int
    oldest_unsent_mail_seconds: float | None
    last_sweep_seconds: float | None

    def failures(self):
        """The names of the facts that break the promise."""
        checks = {
            "overdue_without_escalation": self.overdue_without_escalation > 0,
            "oldest_unsent_mail": (self.oldest_unsent_mail_seconds or 0) > OLDEST_MAIL.total_seconds(),
            "last_sweep": self.last_sweep_seconds is None or self.last_sweep_seconds > GRACE.total_seconds(),
        }
        return [name for name, broken in checks.items() if broken]


def look(now=None):
    """The facts of this moment, over all municipalities."""
    now = now or timezone.now()
    return Facts(
        overdue_without_escalation=Clock.objects.due_for_escalation(now - GRACE).count(),
        oldest_unsent_mail_seconds=_age(_oldest_unsent(), now),
        last_sweep_seconds=last_sweep_seconds(now),
    )


def last_sweep_seconds(now=None):
    """Seconds since anybody finished a sweep; None before the first."""
    return _age(SweepRun.objects.last_good(), now or timezone.now())


def _oldest_unsent():
    oldest = []
    for municipality in Municipality.objects.order_by("pk"):
        with tenant(municipality.pk):
            unsent = OutboxMessage.objects.of(municipality).unsent()
            oldest.append(unsent.aggregate(oldest=Min("created_at"))["oldest"])
    return min(filter(None, oldest), default=None)


def _age(moment, now):
    return round((now - moment).total_seconds(), 1) if moment else None
