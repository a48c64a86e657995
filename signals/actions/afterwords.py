"""What a reporter sends after the signal, what a coordinator says of it, and the one question after closing."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from municipalities import outbox
from municipalities.models import Municipality
from municipalities.tenancy import tenant
from signals import emails
from signals.actions import clocks
from signals.models import AfterKind, Afterword, Signal
from signals.models.afterword import OF_A_CLOSING

# More than anybody needs, and less than would bury a dossier.
MOST_ADDED = 20
# A closing by mistake is undone within a day; what was closed longer ago than this is asked about no more.
ASK_AFTER, ASK_UNTIL = timedelta(days=1), timedelta(days=7)
REMIND_AFTER, REMIND_UNTIL = timedelta(days=7), timedelta(days=14)


class NotNow(Exception):
    """It does not go with how the signal stands: open, closed, or said before."""


class TooMuchAdded(Exception):
    """This signal has as many additions as it can hold."""


@transaction.atomic
def add_afterword(*, signal, kind, text="", noticed="", doubts=(), key=None):
    """Keep what the reporter sent; nothing else changes, no clock and no status. A worry is mailed to the coordinators.

    Adding and withdrawing are for a signal that is open, the others for one that is closed, and once for each closing;
    withdrawing is once. With a `key` (uuid) the same form sent twice makes one row. Raises NotNow, TooMuchAdded,
    OutOfSight.
    """
    signal = clocks.kept(signal)
    rows = Afterword.objects.of(signal.municipality_id).filter(signal=signal)
    sent_before = rows.filter(idempotency_key=key).first() if key else None
    if sent_before:
        return sent_before
    _check(signal, rows.filter(kind=kind), kind)
    word = _write(signal, kind, text, noticed=noticed, doubts=list(doubts), **({"idempotency_key": key} if key else {}))
    if kind == AfterKind.WORRIED:
        outbox.queue(emails.worried(word, email) for email in outbox.coordinators_of(signal.municipality))
    return word


def _check(signal, same, kind):
    if signal.is_open == (kind in OF_A_CLOSING):
        raise NotNow
    if kind == AfterKind.ADDED:
        if same.count() >= MOST_ADDED:
            raise TooMuchAdded
    elif same.filter(closing=_closing(signal, kind)).exists():
        raise NotNow


def _closing(signal, kind):
    return signal.closed_at if kind in OF_A_CLOSING else None


def _write(signal, kind, text="", **fields):
    word = Afterword(
        municipality=signal.municipality, signal=signal, kind=kind, closing=_closing(signal, kind), **fields
    )
    word.text = text
    word.save(force_insert=True)
    return word


@transaction.atomic
def note_seen(*, word, by):
    """A coordinator saw what the reporter sent, and leaves the signal as it is. Seen twice is seen once."""
    clocks.locked(word.signal)
    rows = Afterword.objects.of(word.municipality_id)
    if not rows.filter(answers=word).exists():
        rows.create(municipality=word.municipality, signal=word.signal, kind=AfterKind.SEEN, answers=word, by=by)


def ask_everywhere(now):
    """Ask reporters who gave an address whether they noticed that somebody came by. Returns how many mails.

    `now` is aware. A day after closing, and once more a week later when there is no answer; each once for a closing,
    whoever asks at the same moment. Nothing depends on how it was closed.
    """
    return sum(_ask_in(municipality, now) for municipality in Municipality.objects.active().order_by("pk"))


def _ask_in(municipality, now):
    with tenant(municipality.pk):
        to_ask = _closed(municipality, AfterKind.ASKED).filter(
            closed_at__lte=now - ASK_AFTER, closed_at__gt=now - ASK_UNTIL
        )
        asked = Afterword.objects.of(municipality).filter(
            signal=OuterRef("pk"),
            closing=OuterRef("closed_at"),
            kind=AfterKind.ASKED,
            at__lte=now - REMIND_AFTER,
            at__gt=now - REMIND_UNTIL,
        )
        to_remind = _closed(municipality, AfterKind.REMINDED).filter(Exists(asked))
        # Both are found first: whoever is asked now is not reminded now.
        todo = [(AfterKind.ASKED, signal) for signal in to_ask] + [(AfterKind.REMINDED, row) for row in to_remind]
        return sum(_ask(signal, kind) for kind, signal in todo)


def _closed(municipality, kind):
    """Closed, by somebody with an address who did not answer, and not asked in this way."""
    done = Afterword.objects.of(municipality).filter(
        signal=OuterRef("pk"), closing=OuterRef("closed_at"), kind__in=(kind, AfterKind.NOTICED)
    )
    rows = Signal.objects.of(municipality).kept().exclude(reporter__email="").filter(~Exists(done))
    return rows.order_by("closed_at")


@transaction.atomic
def _ask(signal, kind):
    """Ask about one closing, unless somebody else did, or all changed meanwhile. Returns the number of mails."""
    closing, signal = signal.closed_at, clocks.locked(signal)
    kinds = (kind, AfterKind.NOTICED)
    rows = Afterword.objects.of(signal.municipality_id).filter(signal=signal, closing=closing, kind__in=kinds)
    if signal.closed_at != closing or not signal.reporter.email or rows.exists():
        return 0
    outbox.queue([emails.noticed(_write(signal, kind), signal.reporter.email)])
    return 1
