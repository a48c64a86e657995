"""Which wishes for no contact hold for which signal, and what was decided about them."""

from dataclasses import dataclass

from django.db import connection

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
    found = {signal.pk: [] for signal in signals}
    pairs = _holding_for(list(found)) if found else []
    rows = NoContactWish.objects.filter(pk__in={wish for _signal, wish in pairs}) if pairs else []
    wishes = {wish.pk: wish for wish in rows and rows.select_related("by").prefetch_related("decisions__by")}
    # Not joined: a worker sees a wish, but not always the signal about which it was said.
    said_about = Signal.objects.filter(pk__in={wish.signal_id for wish in wishes.values()}) if wishes else []
    references = dict(said_about and said_about.values_list("pk", "reference"))
    for signal, pk in pairs:
        wish = wishes[pk]
        found[signal].append(Standing(wish, _newest(wish, signal), references.get(wish.signal_id, "")))
    return found


def _holding_for(signals):
    """[(signal id, wish id)], the first wish first. The database knows which were said at the same address."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT signal_id, wish_id FROM signals_wishes_for(%s) ORDER BY wish_id", [signals])
        return cursor.fetchall()


def keep_away(standing):
    return any(each.keeps_away for each in standing)


def _newest(wish, signal):
    decisions = [row for row in wish.decisions.all() if row.signal_id == signal]
    return max(decisions, key=lambda row: row.pk, default=None)
