from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from municipalities.models.tenant import TenantModel, TenantQuerySet
from signals.models.signal import Signal

# The clocks that only a home visit, or reaching the person, stops.
VISITS = ("visit", "revisit")
LEVELS_PER_CLOCK = 100


class ClockQuerySet(TenantQuerySet):
    def running(self):
        return self.filter(stopped_at=None)

    def of_visits(self):
        return self.filter(kind__in=VISITS)

    def escalated(self):
        """Running late on a visit, with somebody told about it."""
        return self.running().of_visits().filter(escalated_at__isnull=False)

    def due_for_escalation(self, now=None):
        """Whose next step has come, at the database's clock unless a moment is given.

        Stopped or not: a step that was due before the clock was stopped is still owed.
        """
        return self.filter(next_at__lte=now or Now())

    def after(self, last):
        """What comes after this pair (next_at, id) in that order."""
        next_at, pk = last
        return self.filter(next_at__gte=next_at).filter(Q(next_at__gt=next_at) | Q(pk__gt=pk))


class Clock(TenantModel):
    """One running deadline, on a row as narrow as can be: the sweep reads and writes nothing else of a signal.

    The clocks of a visit escalate; the others only nudge somebody before it comes to that. `step` is the rung of the
    ladder that comes next, `level` the number that its escalation will bear: 1, 2, 3 for the first visit, 101 and on
    for the first revisit.

    Without personal data, and therefore readable across municipalities: the sweep finds who is due everywhere in one
    statement. The first clock of a signal is started by the database, together with the signal itself.
    """

    class Kind(models.TextChoices):
        VISIT = "visit", _("home visit")
        REVISIT = "revisit", _("another visit, because nobody opened")
        ASSIGNMENT = "assignment", _("a worker gets the signal")
        ACCEPTANCE = "acceptance", _("the worker takes the signal on")
        REMINDER = "reminder", _("reminder before the home visit")

    personal_fields = frozenset()
    plain_fields = frozenset("id municipality signal kind step level due_at next_at escalated_at stopped_at".split())

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="clocks", db_constraint=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.VISIT)
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    level = models.PositiveSmallIntegerField(default=1, help_text=_("the level of this clock's next escalation"))
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, help_text=_("when the next step is due; empty when none is left"))
    escalated_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        constraints = [
            models.UniqueConstraint(
                fields=["signal"],
                condition=Q(stopped_at=None, kind__in=["visit", "revisit"]),
                name="one_running_clock",
            ),
            models.UniqueConstraint(
                fields=["signal", "kind"], condition=Q(stopped_at=None), name="one_running_clock_a_kind"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "municipality"],
                name="clock_due",
                condition=Q(next_at__isnull=False),
            )
        ]

    def stop(self, at):
        """Stop at this moment. An escalation that came due before stays due: logging late never hides that it was."""
        self.stopped_at = at
        if self.next_at and (self.next_at > at or self.kind not in VISITS):
            self.next_at = None
        self.save(update_fields=["stopped_at", "next_at"])

    def resume(self, ladder):
        """Run again as if never stopped: with the old deadline, and on the rung of the ladder that comes next."""
        self.stopped_at = None
        self.next_at = self.next_at or self.due_at + ladder.after(self.step)
        self.save(update_fields=["stopped_at", "next_at"])
