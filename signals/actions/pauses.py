"""Stopping the clock for some days when nobody can be visited; what was promised at receipt stays as it was."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from municipalities import calendar
from signals.actions import clocks
from signals.models import Clock, Pause, PauseReason

# All pauses of one signal together, in longest pauses.
TOGETHER = 2


class PauseRefused(Exception):
    """`code` says why: no_clock, late, paused, past, too_long, too_long_together or not_paused."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@transaction.atomic
def pause(*, signal, reason, until, by):
    """Let nothing count from now until then (aware): the running deadline of the visit moves on by what would have.

    A reminder that is still to come moves with it. At most the municipality's `max_pause_days` at a time and twice
    that for a signal altogether, by the wall clock. Returns the Pause. Raises PauseRefused: when no visit is owed or
    it is late already, during another pause, and for a moment that is past or too far away.
    """
    signal, now = clocks.held(signal), clocks.now()
    clock = _running_clock(signal)
    _check_clock(signal, clock, now)
    _check_length(signal, now, until)
    due_at = _moved(signal.municipality.policy(), clock.due_at, now, until)
    made = _write(signal, by, reason=PauseReason(reason), starts_at=now, ends_at=until, before=clock.due_at, due=due_at)
    _shift(signal, clock, due_at, now)
    _note(signal, by, "paused")
    return made


@transaction.atomic
def end_pause(*, signal, by):
    """Let time count again from now; the deadline becomes what it would be, had the pause been planned until now.

    Returns the Pause that records it. Raises PauseRefused when nothing is paused.
    """
    signal, now = clocks.held(signal), clocks.now()
    clock = _running_clock(signal)
    running = clock and Pause.objects.of(signal.municipality_id).moving(clock).first()
    if not running:
        raise PauseRefused("not_paused")
    before = running.due_before
    due_at = _moved(signal.municipality.policy(), before, running.starts_at, now)
    ended = _write(
        signal, by, reason=running.reason, starts_at=running.starts_at, ends_at=now, before=before, due=due_at,
        ends=running,
    )  # fmt: skip
    _shift(signal, clock, due_at, now)
    _note(signal, by, "resumed")
    return ended


def _running_clock(signal):
    return clocks.running(signal).of_visits().first()


def _check_clock(signal, clock, now):
    if clock is None:
        raise PauseRefused("no_clock")
    if clock.due_at <= now:
        raise PauseRefused("late")
    if Pause.objects.of(signal.municipality_id).moving(clock).exists():
        raise PauseRefused("paused")


def _check_length(signal, now, until):
    if until <= now:
        raise PauseRefused("past")
    longest = timedelta(days=signal.municipality.max_pause_days)
    if _by_the_wall(now, until) > longest:
        raise PauseRefused("too_long")
    earlier = Pause.objects.of(signal.municipality_id).filter(signal=signal).begun().select_related("ended")
    spent = sum((_by_the_wall(row.starts_at, row.really_ends_at) for row in earlier), timedelta(0))
    if spent + _by_the_wall(now, until) > TOGETHER * longest:
        raise PauseRefused("too_long_together")


def _by_the_wall(start, end):
    """A week is a week, also when the clocks change in it."""
    return timezone.make_naive(end) - timezone.make_naive(start)


def _moved(policy, due_at, start, end):
    """The deadline that was due_at, when nothing counts from start to end.

    From receipt on, this is what calendar.due says with this pause: what counted before the start stays counted. When
    the calendar was changed meanwhile so that nothing is left to count, it moves by the whole pause; it is never
    brought forward.
    """
    left = calendar.counted(start, due_at, policy)
    if not left:
        return due_at + (end - start)
    return max(due_at, calendar.moment_after(start, left, policy, [(start, end)]))


def _write(signal, by, *, reason, starts_at, ends_at, before, due, ends=None):
    return Pause.objects.create(
        municipality=signal.municipality,
        signal=signal,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        ends=ends,
        due_before=before,
        due_at=due,
        by=by,
    )


def _shift(signal, clock, due_at, now):
    """Move the deadline, and what is still to come before and at it, by the same span."""
    span = due_at - clock.due_at
    reminders = clocks.running(signal).filter(kind=Clock.Kind.REMINDER)
    for moved in [clock, *reminders.filter(next_at__gt=now)]:
        moved.due_at += span
        if moved.next_at and moved.next_at > now:
            moved.next_at += span
        moved.save(update_fields=["due_at", "next_at"])


def _note(signal, by, reason):
    # The promise itself stays as it was; what changes stands in the pause and on the clock.
    signal.note_change(by=by, reason=reason, due_at=signal.due_at)
