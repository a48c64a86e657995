"""How much strangers may send, as data: one table for every public page that takes something in.

Past a limit either somebody has to take a little trouble first (ASK_PROOF: the browser works for a second, or the
visitor waits), or it stops for the rest of the window (REFUSE). Worries are never refused for their number alone: an
office of fifty people behind one address is slowed down, not shut out. Logging in has allauth's own limits.
"""

import math
import time
from dataclasses import dataclass
from enum import Enum

from municipalities import proof, tally
from municipalities.visitor import network_of


class Bucket(Enum):
    """Whose requests are counted together."""

    NETWORK = "network"
    MUNICIPALITY = "municipality"
    SYSTEM = "system"


class Effect(Enum):
    """What happens past the limit; the later one is the stronger."""

    ASK_PROOF = 1
    REFUSE = 2


@dataclass(frozen=True)
class Limit:
    """At most so many in so many seconds of one bucket at one endpoint (the name of an address), or the effect."""

    endpoint: str
    bucket: Bucket
    most: int
    seconds: int
    effect: Effect


# Somebody who waited instead of letting the browser work.
WAITED = "waited"
TEN_MINUTES, HOUR = 600, 3600
LIMITS = (
    Limit("signal_start", Bucket.NETWORK, 30, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_start", Bucket.MUNICIPALITY, 300, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_start", Bucket.SYSTEM, 6_000, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_step", Bucket.NETWORK, 120, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_step", Bucket.MUNICIPALITY, 3_000, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_step", Bucket.SYSTEM, 30_000, TEN_MINUTES, Effect.ASK_PROOF),
    # Each of these may ask the register of addresses.
    Limit("signal_address", Bucket.NETWORK, 60, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_address", Bucket.MUNICIPALITY, 1_000, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_address", Bucket.SYSTEM, 10_000, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_check", Bucket.NETWORK, 20, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_check", Bucket.MUNICIPALITY, 300, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_check", Bucket.SYSTEM, 6_000, TEN_MINUTES, Effect.ASK_PROOF),
    Limit(WAITED, Bucket.NETWORK, 20, TEN_MINUTES, Effect.REFUSE),
    Limit(WAITED, Bucket.MUNICIPALITY, 200, TEN_MINUTES, Effect.REFUSE),
    Limit(WAITED, Bucket.SYSTEM, 2_000, TEN_MINUTES, Effect.REFUSE),
    # Codes that are not right only.
    Limit("signal_status", Bucket.NETWORK, 10, 60, Effect.REFUSE),
    Limit("signal_status", Bucket.SYSTEM, 1_000, HOUR, Effect.REFUSE),
    # What a reporter adds later, with a right code; a worry is slowed down, not refused.
    Limit("signal_add", Bucket.NETWORK, 20, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_add", Bucket.MUNICIPALITY, 300, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_withdraw", Bucket.NETWORK, 20, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_withdraw", Bucket.MUNICIPALITY, 300, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_worried", Bucket.NETWORK, 20, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_worried", Bucket.MUNICIPALITY, 300, TEN_MINUTES, Effect.ASK_PROOF),
    Limit("signal_noticed", Bucket.NETWORK, 20, TEN_MINUTES, Effect.REFUSE),
    # Each is typeset anew.
    Limit("receipt_pdf", Bucket.NETWORK, 20, TEN_MINUTES, Effect.REFUSE),
    Limit("partner_address", Bucket.NETWORK, 60, 60, Effect.REFUSE),
    Limit("accept_invitation", Bucket.NETWORK, 20, TEN_MINUTES, Effect.REFUSE),
    # Each may send a mail; what it answers is the same for every code.
    Limit("ask_own_data", Bucket.NETWORK, 10, TEN_MINUTES, Effect.REFUSE),
    Limit("ask_own_data", Bucket.SYSTEM, 1_000, HOUR, Effect.REFUSE),
    Limit("own_data_link", Bucket.NETWORK, 20, TEN_MINUTES, Effect.REFUSE),
    # Each may send a mail, in a week.
    Limit("remind_me", Bucket.NETWORK, 10, TEN_MINUTES, Effect.REFUSE),
    Limit("remind_me", Bucket.SYSTEM, 1_000, HOUR, Effect.REFUSE),
    Limit("confirm_email", Bucket.NETWORK, 20, TEN_MINUTES, Effect.REFUSE),
)


@dataclass(frozen=True)
class Admission:
    """Whether a request may go on: `effect` is None when it may. `waited` tells that it did so by waiting."""

    effect: Effect | None = None
    retry_after: int = 0
    waited: bool = False

    @property
    def is_refused(self):
        return self.effect is not None


def admit(request, endpoint, subject=""):
    """Count this request in the buckets of its endpoint, and say whether it may go on.

    `subject` names what a proof has to be about, so that it serves for nothing else. Past a limit that asks for proof,
    a proof or a wait that is sent along admits, each of them once.
    """
    found = _weigh(request, endpoint)
    if found.effect is not Effect.ASK_PROOF or proof.is_given(request.POST, subject):
        return found if found.effect is Effect.REFUSE else Admission()
    left = proof.seconds_to_wait(request.POST, subject)
    if left or not proof.use_ticket(request.POST, subject):
        return Admission(Effect.ASK_PROOF, retry_after=left or proof.WAIT_SECONDS)
    waits = _weigh(request, WAITED)
    return waits if waits.is_refused else Admission(waited=True)


def give_back(request, endpoint):
    """Do not count this request after all."""
    tally.add([_count(limit, request) for limit in limits_of(endpoint)], hits=-1)


def limits_of(endpoint):
    return [limit for limit in LIMITS if limit.endpoint == endpoint]


def _weigh(request, endpoint):
    """Count, and find the strongest effect of the limits that were passed.

    The network comes first: what it sends past its own limit does not count for the others, or one visitor could bring
    a whole municipality to its limit.
    """
    limits, now = limits_of(endpoint), time.time()
    counts = [_count(limit, request) for limit in limits]
    totals = tally.add(counts, most=limits[0].most)
    passed = [
        (limit.effect, count.ends_at(now) - now)
        for limit, count, total in zip(limits, counts, totals, strict=True)
        if total is not None and total > limit.most
    ]
    if not passed:
        return Admission()
    effect = max((effect for effect, _left in passed), key=lambda effect: effect.value)
    return Admission(effect, retry_after=math.ceil(max(left for each, left in passed if each is effect)))


def _count(limit, request):
    subjects = {
        Bucket.NETWORK: network_of,
        Bucket.MUNICIPALITY: lambda request: str(request.municipality.pk),
        Bucket.SYSTEM: lambda request: "",
    }
    return tally.Count(
        purpose=f"{limit.endpoint}|{limit.bucket.value}",
        subject=subjects[limit.bucket](request),
        seconds=limit.seconds,
        spread=limit.bucket is not Bucket.NETWORK,
    )
