"""How far a signal is, as its reporter may know it: milestones of the process and what they did themselves, no more.

On the page         Is                What counts, and what does not
received            received_at       the sending
with a worker       assigned_at       a worker has it, whoever that is; not waiting in the queue of an organisation
contact attempted   first_attempt_at  the first recorded attempt at the person, a letter as much as a visit, whether it
                                      worked or not; not talk with the reporter or a partner
somebody came by    visited_at        the first recorded home visit, whether anybody opened or not
finished            closed_at         closed, for whatever reason; not that somebody proposed it
in time             Promise           a home visit recorded before the moment on the receipt; a pause moves our clock,
                                      and not what was promised

The public pages and mails get a `Progress` and no signal, so that a template has nothing private at hand. What moves a
milestone back (a visit that never was, a worker who gives it back) moves it back here as well.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signals.models import About, AfterKind, Afterword


class Promise(StrEnum):
    """Whether somebody came by before the moment that the receipt named."""

    MET = "met"
    MISSED = "missed"
    RUNNING = "running"


@dataclass(frozen=True)
class Progress:
    """Everything that a page or paper for a reporter may say."""

    reference: str
    about: str
    comes_by: bool
    received_at: datetime
    due_at: datetime
    assigned_at: datetime | None
    first_attempt_at: datetime | None
    visited_at: datetime | None
    closed_at: datetime | None
    promise: Promise
    withdrawn_at: datetime | None = None
    worried_at: datetime | None = None

    @property
    def is_self(self):
        return self.about == About.SELF

    @property
    def is_open(self):
        return self.closed_at is None


def of(signal, now):
    """The Progress of a signal at this moment (aware), with what its reporter did since; one statement."""
    rows = Afterword.objects.of(signal.municipality_id).filter(signal=signal)
    rows = rows.filter(kind__in=(AfterKind.WITHDRAWN, AfterKind.WORRIED)).order_by("pk")
    own = {(kind, closing): at for kind, closing, at in rows.values_list("kind", "closing", "at")}
    return _progress(
        signal,
        now,
        withdrawn_at=own.get((AfterKind.WITHDRAWN, None)),
        worried_at=own.get((AfterKind.WORRIED, signal.closed_at)),
    )


def at_receipt(signal, now):
    """The same without what the reporter did since, for the receipt."""
    return _progress(signal, now)


def _progress(signal, now, **own):
    moments = ("received_at", "due_at", "assigned_at", "first_attempt_at", "visited_at", "closed_at")
    return Progress(
        reference=signal.reference,
        about=signal.about,
        comes_by=signal.comes_by,
        promise=promise_of(signal.due_at, signal.visited_at, now),
        **{name: getattr(signal, name) for name in moments},
        **own,
    )


def promise_of(due_at, visited_at, now):
    """Whether the promise is kept: a visit recorded at the very moment is too late, as it is for the sweep."""
    if visited_at is not None:
        return Promise.MET if visited_at < due_at else Promise.MISSED
    return Promise.RUNNING if now < due_at else Promise.MISSED
