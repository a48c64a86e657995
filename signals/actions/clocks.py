"""Holding a signal still, and the clocks that run for it."""

from django.db import transaction
from django.http import Http404

from municipalities import calendar
from municipalities.models import Ladder
from signals.models import Clock, Signal
from signals.models.clock import LEVELS_PER_CLOCK, VISITS


class OutOfSight(Http404):
    """Since the page was opened the signal was given to somebody else: to this member there is nothing any more."""


def held(signal):
    """The signal as it stands now, held together with its clocks until the end of the transaction.

    Taken before a contact is written, so that logging and escalating never cross: whoever holds the clock first
    decides. A visit logged before the deadline is never escalated, one logged after it never hides an escalation.
    """
    signal = locked(signal)
    list(of(signal).select_for_update())
    return signal


def locked(signal):
    """The signal as it stands now, held until the end of the transaction. Raises OutOfSight."""
    # NO KEY: the sweep's new escalations refer to the signal meanwhile, and must not wait for us while we wait for it.
    rows = Signal.objects.of(signal.municipality_id).select_for_update(of=("self",), no_key=True)
    signal = rows.select_related("municipality").filter(pk=signal.pk).first()
    if signal is None:
        raise OutOfSight
    return signal


def kept(signal):
    """The same of a signal that still holds personal data: to what was erased nothing personal is added.

    Raises OutOfSight.
    """
    signal = locked(signal)
    if signal.erased_at:
        raise OutOfSight
    return signal


def now():
    """The database's clock, in UTC."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        return cursor.fetchone()[0]


def of(signal):
    return Clock.objects.of(signal.municipality_id).filter(signal=signal).order_by("pk")


def running(signal):
    return of(signal).running()


def stop(signal, at, *kinds):
    for clock in running(signal).filter(kind__in=kinds):
        clock.stop(at)


def start_nudges(signal):
    """What is watched before the visit is due: that somebody gets the signal, and a reminder in time.

    A municipality whose whole term is shorter than such a step goes without it.
    """
    ladder = Ladder.of_municipality(signal.municipality)
    planned = {
        Clock.Kind.ASSIGNMENT: signal.received_at + ladder.assign_within,
        Clock.Kind.REMINDER: signal.due_at - ladder.remind_before,
    }
    Clock.objects.bulk_create(
        _nudge(signal, kind, due_at) for kind, due_at in planned.items() if signal.received_at < due_at < signal.due_at
    )


def start_acceptance(signal, at):
    """The worker who got the signal is to say within the ladder's time that it is taken on."""
    stop(signal, at, Clock.Kind.ASSIGNMENT, Clock.Kind.ACCEPTANCE)
    ladder = Ladder.of_municipality(signal.municipality)
    _nudge(signal, Clock.Kind.ACCEPTANCE, at + ladder.accept_within).save()


def start_assignment(signal, at):
    """Somebody is to have the signal within the ladder's time, unless that is watched already."""
    if running(signal).filter(kind=Clock.Kind.ASSIGNMENT).exists():
        return
    due_at = at + Ladder.of_municipality(signal.municipality).assign_within
    if due_at < signal.due_at:
        _nudge(signal, Clock.Kind.ASSIGNMENT, due_at).save()


def start_revisit(signal, at):
    due_at = calendar.due(at, signal.municipality.policy())
    earlier = of(signal).filter(kind__in=VISITS).count()
    Clock.objects.create(
        municipality=signal.municipality,
        signal=signal,
        kind=Clock.Kind.REVISIT,
        level=LEVELS_PER_CLOCK * earlier + 1,
        due_at=due_at,
        next_at=due_at,
    )


def resume_first(signal):
    first = of(signal).get(kind=Clock.Kind.VISIT)
    if first.stopped_at is not None:
        first.resume(Ladder.of_municipality(signal.municipality))


def resume_revisit(signal, at):
    """The last revisit that was owed runs on with its old deadline; the first one starts now."""
    last = of(signal).filter(kind=Clock.Kind.REVISIT).last()
    if last is None:
        start_revisit(signal, at)
    elif last.stopped_at is not None:
        last.resume(Ladder.of_municipality(signal.municipality))


def _nudge(signal, kind, due_at):
    return Clock(municipality=signal.municipality, signal=signal, kind=kind, level=0, due_at=due_at, next_at=due_at)


def hold_next_step(signal, until):
    """Let the ladder of a late visit rest until then. Expects a signal that is `held`. Returns the clock, or None."""
    clock = running(signal).filter(pk__in=Clock.objects.of(signal.municipality_id).escalated()).first()
    if clock:
        clock.next_at = until
        clock.save(update_fields=["next_at"])
    return clock
