"""The hours in which nobody is woken for something that can wait; what the clock on the wall says in Dutch time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DUTCH = ZoneInfo("Europe/Amsterdam")


def ends_at(quiet_from, quiet_until, now):
    """When the quiet hours that are running at `now` (aware) end, aware and in Dutch time; None when none are.

    They may run over midnight. The same two times mean that no hour is quiet.
    """
    local = now.astimezone(DUTCH)
    if quiet_from <= quiet_until:
        quiet, tomorrow = quiet_from <= local.time() < quiet_until, False
    else:
        tomorrow = local.time() >= quiet_from
        quiet = tomorrow or local.time() < quiet_until
    if not quiet:
        return None
    return datetime.combine(local.date() + timedelta(days=tomorrow), quiet_until, DUTCH)
