"""Which wishes for no contact hold for which signal, and what was decided about them."""

from dataclasses import dataclass

from signals.addresses import known_fingerprints_of
from signals.models import NoContactWish, Signal, WishDecision

Choice = WishDecision.Choice


@dataclass(frozen=True)
class Standing:
    """A wish that holds for a signal; `decision` is the newest about this very signal, or None.

    `reference` is of the signal about which it was said; empty to whoever may not see that one.
    """

    wish: NoContactWish
    decision: WishDecision | None
    reference: str = ""

    @property
    def keeps_away(self):
        """Whether nobody is to be sent: undecided, or respected."""
        return self.decision is None or self.decision.choice == Choice.RESPECT

    @property
    def is_respected(self):
        return self.decision is not None and self.decision.choice == Choice.RESPECT


def standing_for(signal):
    """[Standing] for one signal with its dossier and resident."""
    return standing_for_each([signal])[signal.pk]


def standing_for_each(signals):
    """{signal id: [Standing]} for these signals of one municipality; without a wish in one statement."""
    signals = list(signals)
    addresses = {signal.pk: set(known_fingerprints_of(signal.dossier.resident)) for signal in signals}
    found = {signal.pk: [] for signal in signals}
    wishes = _standing_about(signals, addresses) if signals else []
    # Not joined: a worker sees a wish, but not always the signal about which it was said.
    said_about = Signal.objects.filter(pk__in={wish.signal_id for wish in wishes}) if wishes else Signal.objects.none()
    references = dict(said_about.values_list("pk", "reference"))
    for wish in wishes:
        for signal in signals:
            if wish.dossier_id == signal.dossier_id or addresses[signal.pk].intersection(wish.address_fingerprints):
                found[signal.pk].append(Standing(wish, _newest(wish, signal), references.get(wish.signal_id, "")))
    return found


def _standing_about(signals, addresses):
    wishes = NoContactWish.objects.of(signals[0].municipality_id).standing()
    wishes = wishes.about([signal.dossier_id for signal in signals], sorted(set().union(*addresses.values())))
    return list(wishes.select_related("by").prefetch_related("decisions__by").order_by("pk"))


def keep_away(standing):
    return any(each.keeps_away for each in standing)


def _newest(wish, signal):
    decisions = [row for row in wish.decisions.all() if row.signal_id == signal.pk]
    return max(decisions, key=lambda row: row.pk, default=None)
