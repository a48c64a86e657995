"""Holding a signal still, and the clocks that run for it."""

from django.db import transaction

from signals.models import Clock, Signal


def held(signal):
    """The signal as it stands now, held together with its clocks until the end of the transaction.

    Taken before a contact is written, so that logging and escalating never cross: whoever holds the clock first
    decides. A visit logged before the deadline is never escalated, one logged after it never hides an escalation.
    """
    signal = locked(signal)
    list(Clock.objects.of(signal.municipality_id).filter(signal=signal).order_by("pk").select_for_update())
    return signal


def locked(signal):
    """The signal as it stands now, held until the end of the transaction."""
    # NO KEY: the sweep's new escalations refer to the signal meanwhile, and must not wait for us while we wait for it.
    rows = Signal.objects.of(signal.municipality_id).select_for_update(of=("self",), no_key=True)
    return rows.select_related("municipality").get(pk=signal.pk)


def now():
    """The database's clock, in UTC."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        return cursor.fetchone()[0]


def of(signal):
    return Clock.objects.of(signal.municipality_id).filter(signal=signal).order_by("level")


def running(signal):
    return of(signal).running()


def stop(signal, at, *kinds):
    for clock in running(signal).filter(kind__in=kinds):
        clock.stop(at)


def start_revisit(signal, at):
    due_at = at + signal.municipality.response_window
    Clock.objects.create(
        municipality=signal.municipality,
        signal=signal,
        kind=Clock.Kind.REVISIT,
        level=of(signal).count() + 1,
        due_at=due_at,
        next_at=due_at,
    )


def resume_first(signal):
    first = of(signal).get(kind=Clock.Kind.VISIT)
    if first.stopped_at is not None:
        first.resume()


def resume_revisit(signal, at):
    """The last revisit that was owed runs on with its old deadline; the first one starts now."""
    last = of(signal).filter(kind=Clock.Kind.REVISIT).last()
    if last is None:
        start_revisit(signal, at)
    elif last.stopped_at is not None:
        last.resume()
