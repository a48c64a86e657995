"""What is owed to one person, in whole hours since receipt: a small oracle that knows the promise and not the code.

An event is a method that gives the promise as it stands afterwards, or None where the event changes nothing. Events
take no time; only `time_passes` and `deadline_passes` do.
"""

from dataclasses import dataclass, replace

WINDOW, PAUSE, AGREED = 48, 24, 48
# Hours after the deadline, and who is told then; from the last on, everybody again each day.
RUNGS = ((0, "worker coordinators"), (4, "coordinators deputies"), (8, "coordinators deputies managers"))
# Hours until the first nudge to assign or to take on, and between it and the next; who is told by each.
WITHIN = 4
NUDGES = {
    "assignment": ("coordinators", "coordinators deputies", "coordinators managers"),
    "acceptance": ("worker coordinators", "coordinators deputies", "coordinators managers"),
    "reminder": ("worker",),
}


@dataclass(frozen=True)
class Wait:
    """Somebody is to come by: the first time, or again because nobody opened."""

    kind: str = "visit"
    number: int = 1
    due: int = WINDOW
    at: int = WINDOW  # when its next step comes
    rung: int = 0
    paused_until: int = 0

    @property
    def level(self):
        return 100 * (self.number - 1) + self.rung + 1

    def told(self):
        return RUNGS[min(self.rung, len(RUNGS) - 1)][1]

    def moved(self, hours):
        return replace(self, due=self.due + hours, at=self.at + hours)

    def climbed(self, now):
        """On to the next rung: as planned, yet never sooner after this one than planned."""
        planned, gap = after(self.rung + 1), after(self.rung + 1) - after(self.rung)
        return replace(self, rung=self.rung + 1, at=max(self.due + planned, now + gap))


@dataclass(frozen=True, order=True)
class Nudge:
    """Somebody is to be reminded before it is late."""

    kind: str
    at: int
    number: int = 0

    def told(self):
        return NUDGES[self.kind][self.number]

    def again(self, now):
        more = self.number + 1 < len(NUDGES[self.kind])
        return [Nudge(self.kind, now + WITHIN, self.number + 1)] if more else []


def after(rung):
    beyond = max(0, rung - len(RUNGS) + 1)
    return RUNGS[rung - beyond][0] + 24 * beyond


@dataclass(frozen=True)
class Promise:
    now: int = 0
    assigned: bool = False
    attempted: bool = False
    reached: bool = False
    visited: bool = False
    is_open: bool = True
    wait: Wait | None = Wait()
    waits: int = 1  # how many were begun
    owed: tuple = ()  # waits of which a step came before they were over
    nudges: tuple = (Nudge("assignment", WITHIN), Nudge("reminder", WINDOW - 12))
    worker_there: bool = True
    stand_in_there: bool = True
    escalations: tuple = ()
    mails: tuple = ()

    def status(self):
        if not self.is_open:
            return "closed"
        moments = {"visited": self.visited, "in_contact": self.attempted, "assigned": self.assigned}
        return next((name for name, happened in moments.items() if happened), "received")

    # -- who does what

    def assign(self):
        if not self.is_open or self.assigned:
            return None
        given = replace(self, assigned=True).without("assignment")
        return given if self.visited else given.nudging(Nudge("acceptance", self.now + WITHIN))

    def phone(self):
        news = not self.attempted or any(nudge.kind == "acceptance" for nudge in self.nudges)
        return replace(self, attempted=True).without("acceptance") if news else None

    def talk(self):
        spoken = replace(self, attempted=True, reached=True).without("acceptance")
        return spoken.over() if self.waiting_for("revisit") else spoken

    def visit(self):
        return replace(self.over(), attempted=True, visited=True, reached=True).without(*NUDGES)

    def miss(self):
        missed = replace(self.over(), attempted=True, visited=True).without(*NUDGES)
        if self.reached or not self.is_open:
            return missed
        due, number = self.now + WINDOW, self.waits + 1
        return replace(missed, waits=number, wait=Wait("revisit", number, due, due))

    def close(self):
        if not self.is_open:
            return None
        closed = replace(self, is_open=False).without(*NUDGES)
        return closed.over() if self.waiting_for("revisit") else closed

    def acknowledge(self):
        if not self.wait or not self.wait.rung:
            return None
        return replace(self, wait=replace(self.wait, at=self.now + AGREED))

    # -- nothing counts for a day

    def pause(self):
        if not self.wait or self.wait.due <= self.now or self.is_paused():
            return None
        return self.moved(PAUSE, paused_until=self.now + PAUSE)

    def resume(self):
        if not self.is_paused():
            return None
        return self.moved(self.now - self.wait.paused_until, paused_until=self.now)

    # -- who is there

    def leave(self):
        """The worker who has the signal is away, with somebody to stand in."""
        return replace(self, worker_there=False) if self.assigned and self.worker_there else None

    def come_back(self):
        return None if self.worker_there else replace(self, worker_there=True)

    def stand_in_leaves(self):
        """They are away as well, and nobody stands in for them."""
        return replace(self, stand_in_there=False) if self.stand_in_there and not self.worker_there else None

    # -- time

    def time_passes(self):
        """Until the next thing that anybody waits for."""
        waiting = (self.wait.at, self.wait.paused_until) if self.wait else ()
        coming = [at for at in (*waiting, *(nudge.at for nudge in self.nudges)) if at > self.now]
        return replace(self, now=min(coming)) if coming else None

    def deadline_passes(self):
        """Until the visit's next step, past something else that comes before it."""
        soon = self.time_passes()
        return replace(self, now=self.wait.at) if soon and self.wait and self.wait.at > soon.now else None

    def sweep(self):
        late = (*self.owed, self.wait) if self.is_late() else self.owed
        early = [nudge for nudge in self.nudges if nudge.at <= self.now]
        if not late and not early:
            return None
        swept = replace(
            self,
            owed=(),
            wait=self.wait.climbed(self.now) if self.is_late() else self.wait,
            escalations=tuple(sorted((*self.escalations, *(wait.level for wait in late)))),
            mails=tuple(sorted((*self.mails, *self.mail(*late, *early)))),
        )
        again = [following for nudge in early for following in nudge.again(self.now)]
        return swept.without(*(nudge.kind for nudge in early)).nudging(*again)

    # -- in other words

    def waiting_for(self, kind):
        return self.wait is not None and self.wait.kind == kind

    def is_late(self):
        return self.wait is not None and self.wait.at <= self.now

    def is_paused(self):
        return self.wait is not None and self.wait.paused_until > self.now

    def over(self):
        """The wait ends; a step that had come stays owed."""
        return replace(self, wait=None, owed=(*self.owed, self.wait) if self.is_late() else self.owed)

    def moved(self, hours, **changes):
        """The deadline moves, and the reminder with it while it is still to come."""
        moving = {nudge for nudge in self.nudges if nudge.kind == "reminder" and nudge.at > self.now}
        nudges = (replace(nudge, at=nudge.at + hours) if nudge in moving else nudge for nudge in self.nudges)
        return replace(self, wait=replace(self.wait.moved(hours), **changes), nudges=tuple(nudges))

    def without(self, *kinds):
        return replace(self, nudges=tuple(nudge for nudge in self.nudges if nudge.kind not in kinds))

    def nudging(self, *more):
        return replace(self, nudges=tuple(sorted((*self.nudges, *more))))

    def mail(self, *steps):
        return [(step.kind, name) for step in steps for name in {self.reached_for(who) for who in step.told().split()}]

    def reached_for(self, audience):
        """Who answers for this audience; where nobody does, the coordinators."""
        return {"worker": self.worker_or_stand_in(), "managers": "manager"}.get(audience) or "coordinator"

    def worker_or_stand_in(self):
        if not self.assigned:
            return None
        return "worker" if self.worker_there else "other_worker" if self.stand_in_there else None
