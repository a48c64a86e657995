"""Which wishes for no contact hold for which signal, and what was decided about them."""

from dataclasses import dataclass

from signals.addresses import known_fingerprints_of
from signals.models import NoContactWish, WishDecision

Choice = WishDecision.Choice


@dataclass(frozen=True)
class Standing:
    """A wish that holds for a signal; `decision` is the newest about this very signal, or None."""

    wish: NoContactWish
    decision: WishDecision | None

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
    """{signal id: [Standing]} for these signals of one municipality, in two statements at most."""
    signals = list(signals)
    found = {signal.pk: [] for signal in signals}
    if not signals:
        return found
    addresses = {signal.pk: known_fingerprints_of(signal.dossier.resident) for signal in signals}
    wishes = NoContactWish.objects.of(signals[0].municipality_id).standing()
    wishes = wishes.about(
        [signal.dossier_id for signal in signals], [mark for marks in addresses.values() for mark in marks]
    )
    for wish in wishes.select_related("by").prefetch_related("decisions__by").order_by("pk"):
        for signal in signals:
            if wish.dossier_id == signal.dossier_id or set(wish.address_fingerprints) & set(addresses[signal.pk]):
                found[signal.pk].append(Standing(wish, _newest(wish, signal)))
    return found


def keep_away(standing):
    return any(each.keeps_away for each in standing)


def _newest(wish, signal):
    decisions = [row for row in wish.decisions.all() if row.signal_id == signal.pk]
    return max(decisions, key=lambda row: row.pk, default=None)
