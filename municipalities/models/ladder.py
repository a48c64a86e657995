from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.models.tenant import TenantModel


class Audience(models.TextChoices):
    """Who is told at a rung of the ladder."""

    WORKER = "worker", _("the welfare worker")
    COORDINATORS = "coordinators", _("the coordinators")
    DEPUTIES = "deputies", _("the deputies")
    MANAGERS = "managers", _("the managers")


def default_rungs():
    """At the deadline worker and coordinators, then the deputies, then the managers; minutes after the deadline."""
    return [
        {"after": 0, "who": [Audience.WORKER, Audience.COORDINATORS]},
        {"after": 4 * 60, "who": [Audience.COORDINATORS, Audience.DEPUTIES]},
        {"after": 8 * 60, "who": [Audience.COORDINATORS, Audience.DEPUTIES, Audience.MANAGERS]},
    ]


def check_rungs(rungs):
    """The first rung is at the deadline itself, later ones climb, and every rung reaches somebody."""
    afters = [rung["after"] for rung in rungs]
    if not rungs or afters[0] != 0 or afters != sorted(set(afters)):
        raise ValidationError(_("The first step is at the deadline, and every next step is later."))
    if not all(rung["who"] and set(rung["who"]) <= set(Audience) for rung in rungs):
        raise ValidationError(_("Every step reaches somebody."))


# By kind of clock: whom the first, the second and the third nudge tell.
NUDGED = {
    "reminder": ([Audience.WORKER],),
    "assignment": (
        [Audience.COORDINATORS],
        [Audience.COORDINATORS, Audience.DEPUTIES],
        [Audience.COORDINATORS, Audience.MANAGERS],
    ),
    "acceptance": (
        [Audience.WORKER, Audience.COORDINATORS],
        [Audience.COORDINATORS, Audience.DEPUTIES],
        [Audience.COORDINATORS, Audience.MANAGERS],
    ),
}


class Ladder(TenantModel):
    """When and whom a municipality tells that something was not done. Without a row the defaults hold.

    After the last rung everybody of it is told again every day, until somebody acknowledges.
    """

    REPEAT = timedelta(days=1)

    personal_fields = frozenset()
    plain_fields = frozenset({"id", "municipality", "assign_within", "accept_within", "remind_before", "rungs"})

    assign_within = models.DurationField(_("assign within"), default=timedelta(hours=4))
    accept_within = models.DurationField(_("accept within"), default=timedelta(hours=4))
    remind_before = models.DurationField(_("remind before the deadline"), default=timedelta(hours=12))
    rungs = models.JSONField(_("steps"), default=default_rungs, validators=[check_rungs])

    class Meta:
        verbose_name = _("escalation ladder")
        verbose_name_plural = _("escalation ladders")
        constraints = [models.UniqueConstraint(fields=["municipality"], name="one_ladder")]

    @classmethod
    def of_municipality(cls, municipality):
        return cls.objects.of(municipality).first() or cls(municipality=municipality)

    def after(self, step):
        """How long after the deadline this step is due; past the last rung a day later each."""
        last = len(self.rungs) - 1
        if step <= last:
            return timedelta(minutes=self.rungs[step]["after"])
        return timedelta(minutes=self.rungs[last]["after"]) + self.REPEAT * (step - last)

    def who(self, step):
        """The audiences of this step."""
        return [Audience(name) for name in self.rungs[min(step, len(self.rungs) - 1)]["who"]]

    def nudge_who(self, kind, step):
        """Whom a nudge tells: the nearest first, further up each time that nothing happened."""
        return NUDGED[kind][step]

    def nudge_again(self, kind, step):
        """How long until the next nudge of this kind; None when this was the last and the deadline takes over."""
        if step + 1 >= len(NUDGED[kind]):
            return None
        return self.assign_within if kind == "assignment" else self.accept_within
