"""What the person whom a dossier is about gets to see of it (GDPR art. 15), as plain data that every form is made of.

The same dossier, of the same day, with the same passages left out, always gives the same bytes: what a reviewer
approved can be held against what is handed over, without keeping a second copy of anybody's data.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from followup import inspection_events, inspection_texts, timeline
from followup.withholding import Guard, Passage, is_protected
from municipalities.models import AccessLogEntry
from municipalities.wording import full_day, full_moment
from signals.models import About, Signal

LANGUAGE = "nl"


@dataclass(frozen=True)
class Text:
    """Words that somebody wrote, of which passages can be left out."""

    title: str
    passages: list[Passage]


class Inspection:
    """One dossier as it is shown to the person, on the day `made_on`, with the access log up to row `log_until`."""

    def __init__(self, dossier, *, asked_on, made_on, log_until):
        self.dossier, self.resident = dossier, dossier.resident
        rows = Signal.objects.of(dossier.municipality_id).filter(dossier=dossier).with_people()
        self.signals = list(rows.select_related("municipality").order_by("received_at", "pk"))
        self.guard = Guard.of(self.signals, self.resident)
        self.asked_on, self.made_on, self.log_until = asked_on, made_on, log_until
        with translation.override(LANGUAGE):
            self.content = self._content()

    def texts(self):
        """Every text of which passages can be left out, in reading order."""
        return [text for text in _texts_in(self.content) if text.passages]

    def keys(self):
        return {passage.key for text in self.texts() for passage in text.passages}

    def locked(self):
        """What is left out whatever anybody decides."""
        return {passage.key for text in self.texts() for passage in text.passages if passage.is_locked}

    def proposed(self):
        return {passage.key for text in self.texts() for passage in text.passages if passage.is_proposed}

    def document(self, withheld):
        """The document with these passages left out, and what is locked whatever was asked for."""
        withheld = set(withheld) | self.locked()
        return self._made_of(lambda passage: "left_out" if passage.key in withheld else "text")

    def for_review(self, withheld, released):
        """The same with every word, and marked what is left out and what is shown though that was advised against."""
        marks = dict.fromkeys(released, "released") | dict.fromkeys(set(withheld) | self.locked(), "withheld")
        return self._made_of(lambda passage: marks.get(passage.key, "text"))

    def _made_of(self, kind_of):
        with translation.override(LANGUAGE):
            return _resolved(self.content, lambda text: _parts(text, kind_of))

    def _content(self):
        return {
            "about": {
                "title": _("What %(municipality)s keeps about you") % {"municipality": self.dossier.municipality.name},
                "references": [signal.reference for signal in self.signals],
                "asked_on": full_day(self.asked_on),
                "made_on": full_day(self.made_on),
            },
            "person": self._person(),
            "explanations": inspection_texts.explanations(self.dossier.municipality),
            "signals": [self._signal(signal) for signal in self.signals],
            "access": access_of(self.dossier.municipality_id, self.signals, self.log_until),
        }

    def _person(self):
        where = self._text("where", _("Where it is"), self.resident.description, is_reporters_own=True)
        address = "" if self.resident.is_only_described else self.resident.address
        return {"name": self._name(), "address": address, "described": where}

    def _name(self):
        # A nickname may tell whose it is, but nobody is kept from their own name without a human's decision.
        passages = self.guard.passages("person", self.resident.name)
        free = [Passage(each.key, each.text, tuple(w for w in each.why if w != "named")) for each in passages]
        return Text(_("Name of the person"), free)

    def _signal(self, signal):
        return {
            "reference": signal.reference,
            "status": signal.get_status_display(),
            "reported_by": self._reported_by(signal),
            "signs": self._signs(signal),
            "story": self._text(f"story:{signal.reference}", _("In own words"), signal.story, is_reporters_own=True),
            "statements": self._statements(signal),
            "moments": _moments(signal),
            "events": inspection_events.of(signal, self._text),
        }

    def _statements(self, signal):
        rows = [row for row in timeline.statements_of(signal) if row.contact_id is None]
        return [inspection_events.statement(row, self._text) for row in rows]

    def _text(self, key, title, text, **more):
        return Text(title, self.guard.passages(key, text, **more))

    def _signs(self, signal):
        """What was ticked; each can be left out, since some tell from where somebody looks."""
        passages = [self.guard.sign(f"sign:{signal.reference}:{sign}", sign) for sign in signal.signs]
        return [Text(_("Noticed"), [passage]) for passage in passages]

    def _reported_by(self, signal):
        reporter = signal.reporter
        if signal.about == About.SELF:
            lines = [_("You reported this yourself."), reporter.name, reporter.email, reporter.phone]
            lines += [signal.get_meeting_display()]
        elif is_protected(signal):
            lines = [_("A concerned bystander. We may not tell who it was.")]
        else:
            lines = [_("%(name)s, who agreed that you know this.") % {"name": reporter.name or _("Name not known")}]
            lines += [reporter.get_kind_display(), signal.partner.name if signal.partner else ""]
        lines += [_("It was ticked that you are younger than 18.")] if signal.is_minor else []
        return [str(line) for line in lines if line]


def newest_log_row(dossier):
    """Up to where the access log of this dossier goes at this moment."""
    return _log_of(dossier.municipality_id, dossier.signals.all()).aggregate(last=Max("pk"))["last"] or 0


def access_of(municipality_id, signals, log_until):
    """Who was shown a page about these signals: by day, role and page, never by name."""
    rows = _log_of(municipality_id, signals).filter(pk__lte=log_until).order_by("pk")
    counted = Counter((timezone.localtime(row.at).date(), str(row.role_name), str(row.page_name)) for row in rows)
    return [
        {"on": full_day(day), "role": role, "page": page, "times": times}
        for (day, role, page), times in sorted(counted.items())
    ]


def _log_of(municipality_id, signals):
    references = [signal.reference for signal in signals]
    return AccessLogEntry.objects.of(municipality_id).filter(reference__in=references)


def as_bytes(document):
    """The document as it is handed over in JSON; what is approved is the hash of these bytes."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def sha256_of(document):
    return hashlib.sha256(as_bytes(document)).hexdigest()


def _moments(signal):
    named = {
        _("Received"): signal.received_at,
        _("Given to a welfare worker"): signal.assigned_at,
        _("First attempt"): signal.first_attempt_at,
        _("Person reached"): signal.reached_at,
        _("Somebody came by"): signal.visited_at,
        _("Closed"): signal.closed_at,
    }
    return [{"what": what, "when": full_moment(when)} for what, when in named.items() if when]


def _texts_in(value):
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)


def _resolved(value, parts_of):
    if isinstance(value, Text):
        return parts_of(value)
    if isinstance(value, dict):
        return {key: _resolved(inner, parts_of) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, parts_of) for inner in value]
    return value


def _parts(text, kind_of):
    """The text as [{kind: words}], neighbours of one kind together."""
    parts = []
    for passage in text.passages:
        kind = kind_of(passage)
        words = inspection_texts.left_out() if kind == "left_out" else passage.text
        if parts and kind in parts[-1]:
            parts[-1][kind] = words if kind == "left_out" else parts[-1][kind] + words
        else:
            parts.append({kind: words})
    return parts
