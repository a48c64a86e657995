"""A circuit breaker that all web processes share: whoever does not answer is left alone for a while.

Failures are counted in the tally, which adds in one statement; what is open stands in the cache of addresses. Both
are tables, since a web request never talks to Redis.
"""

from django.core.cache import caches

from municipalities import tally

# So many failures within so many seconds open the circuit, for so long.
FAILURES, WITHIN_SECONDS, OPEN_SECONDS = 3, 60, 60
# Afterwards one visitor at a time tries whether it answers again, and one failure opens it once more.
SHAKY_SECONDS, TRIAL_SECONDS = 3600, 3
OPEN, SHAKY, TRIAL = "breaker open", "breaker shaky", "breaker trial"


def _cache():
    return caches["addresses"]


def lets_through():
    """Whether to ask now."""
    found = _cache().get_many([OPEN, SHAKY])
    if OPEN in found:
        return False
    return SHAKY not in found or _cache().add(TRIAL, 1, TRIAL_SECONDS)


def failed():
    """It did not answer, or not sensibly."""
    [failures] = tally.add([tally.Count("address register", "", WITHIN_SECONDS)])
    if failures >= FAILURES or _cache().get(SHAKY):
        _cache().set(OPEN, 1, OPEN_SECONDS)
        _cache().set(SHAKY, 1, SHAKY_SECONDS)


def answered():
    """It answered; after a trial the circuit is closed again."""
    if _cache().get(SHAKY):
        _cache().delete_many([OPEN, SHAKY, TRIAL])
