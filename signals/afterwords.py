"""What passed between a reporter and us after the signal was sent, as the pages of the staff show it."""

from django.utils.translation import gettext as _

from municipalities.wording import lower_first
from signals.models import AfterKind, Afterword

# What a coordinator has to look at.
TO_LOOK_AT = (AfterKind.ADDED, AfterKind.WITHDRAWN, AfterKind.WORRIED)
# As many as the desk shows at once, the oldest first.
MOST_SHOWN = 20


def of(signal):
    """The rows about this signal, the first first, those of coordinators with `by`; read once for each page."""
    if not hasattr(signal, "read_afterwords"):
        rows = Afterword.objects.of(signal.municipality_id).filter(signal=signal).select_related("by").order_by("at")
        signal.read_afterwords = list(rows)
        for row in signal.read_afterwords:
            row.signal = signal
    return signal.read_afterwords


def waiting_of(signal):
    """Those that no coordinator has seen, as long as they ask for something; see `AfterwordQuerySet.waiting`."""
    seen = {row.answers_id for row in of(signal)}
    return [row for row in of(signal) if row.kind in TO_LOOK_AT and row.pk not in seen and _stands(row, signal)]


def _stands(row, signal):
    return row.kind == AfterKind.ADDED or row.closing == signal.closed_at


def waiting_in(municipality):
    """The same of a whole municipality, with their signals, for the desk."""
    rows = Afterword.objects.of(municipality).waiting().select_related("signal").order_by("at")
    return rows[:MOST_SHOWN]


def sentence(row):
    """What the row says, for the story of a dossier; the text that was typed is not in it."""
    if row.kind == AfterKind.NOTICED:
        said = {"answer": lower_first(row.get_noticed_display())}
        return _("The reporter was asked whether they noticed that somebody came by, and said: %(answer)s.") % said
    return str(AfterKind(row.kind).label)
