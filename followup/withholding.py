"""What in a dossier could tell the person who reported: what never leaves, and what is proposed to be left out.

GDPR art. 15(4): whoever asks to see their dossier does not get to see by it who reported in confidence. What names the
reporter is `locked`; what points at them by a word is only proposed, and a human decides.
"""

import re
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from followup.sentences import folded, sentences_of
from signals.models import About, Sign

# Parts of a name that say nothing by themselves.
PARTICLES = frozenset("de den der van het ten ter te la le el en of und von du di da dos al ben in op aan bij".split())
# Where everybody has an address.
EVERYBODYS_MAIL = frozenset(
    "gmail googlemail hotmail outlook live msn icloud me mac yahoo proton protonmail ziggo kpnmail kpn planet hetnet "
    "home xs4all casema upcmail upc telfort tele2 quicknet chello zonnet online solcon caiway freeler "
    "wanadoo example".split()
)
# What is only noticed where somebody comes or came.
TELLING_SIGNS = frozenset({Sign.CHAT, Sign.ABSENT})
# Shorter names are looked for as a whole word only: "Bo" is in "boven".
FOUND_INSIDE_WORDS = 4
# Of a phone number the last digits: +31 6 and 06 are the same.
DIGITS_THAT_COUNT = 8

RELATION = re.compile(
    r"\b(buur\w*|buren\w*|bovenbu\w+|onderbu\w+|overbu\w+|hiernaast|ernaast|naast (?:haar|hem|me|mij|ons)|tegenover|"
    r"dochter\w*|zoon\w*|zonen|zus|zusje|zuster\w*|broer\w*|nicht\w*|neef\w*|tante\w*|oom|oma|opa|mama|papa|moeder\w*|"
    r"vader\w*|ouders|kleinkind\w*|kleinzoon|kleindochter|schoon\w+|familie\w*|echtgeno\w+|partner|ex|"
    r"vriend\w*|kennis|kapp\w+|kapsalon|kapster\w*|apothe\w+|winkel\w*|bakker\w*|slager\w*|markt\w*|kassa\w*|caissi\w+|"
    r"supermarkt\w*|postbode\w*|bezorg\w+|pakket\w*|corporatie\w*|woningbouw\w*|huismeester\w*|conci\w+|huisarts\w*|"
    r"dokter\w*|thuiszorg\w*|verpleeg\w+|verzorgend\w+|zorgverlen\w+|hulp in de huishouding|huishoudelijke hulp|"
    r"dominee|pastoor|pastor|imam|priester|kerk\w*|moskee\w*|parochie\w*|koor\w*|vereniging\w*|club\w*|"
    r"bibliotheek\w*|vrijwilliger\w*|maatje|wijkagent\w*|agent|politie\w*|gemeenteambtena\w+|collega\w*|"
    r"meld(?:er|ster|ing gedaan)\w*|als (?:haar|zijn|hun)|"
    r"hairdresser|neighbour\w*|pharmac\w+|daughter|sister|brother)\b"
)
OWN_WORDS = re.compile(r"\b(ik|mij|me|mijn|m'n|wij|we|ons|onze|mezelf|i|my|our|us)\b")


class Why(TextChoices):
    """Why a passage is left out, or proposed to be."""

    NAMED = "named", _("names the reporter, or holds a phone number or address of theirs")
    RELATION = "relation", _("can tell who the reporter is")
    OWN_WORDS = "own_words", _("told by the reporter in the first person")
    THEIR_CONTACT = "their_contact", _("about a conversation with the reporter or a partner")


@dataclass(frozen=True)
class Passage:
    """A part of a text that can be left out by itself; `key` says where it stands."""

    key: str
    text: str
    why: tuple[str, ...] = ()

    @property
    def is_locked(self):
        """Whether nobody can decide to show it."""
        return Why.NAMED in self.why

    @property
    def is_proposed(self):
        return bool(self.why)

    @property
    def reasons(self):
        return [Why(why).label for why in self.why]


def is_protected(signal):
    """Whether the person may not know who reported this."""
    return signal.about == About.OTHER and not signal.reporter.may_be_named


@dataclass
class Guard:
    """Everything that names one of these protected reporters, as patterns in folded text."""

    patterns: list[re.Pattern] = field(default_factory=list)

    @classmethod
    def of(cls, signals, resident):
        """`signals` with reporter and partner, all of one dossier; `resident` is the person it is about."""
        found = [pattern for signal in signals if is_protected(signal) for pattern in _of(signal, resident)]
        return cls([re.compile(pattern) for pattern in found])

    @property
    def protects_somebody(self):
        return bool(self.patterns)

    def spans(self, text):
        """(start, end) of everything in this text that names a protected reporter."""
        plain = folded(text)
        return [match.span() for pattern in self.patterns for match in pattern.finditer(plain)]

    def passages(self, key, text, *, is_reporters_own=False, is_about_them=False):
        """The text in passages, each with why it had better be left out."""
        spans = self.spans(text)
        return [
            Passage(f"{key}:{number}", part, self._why(start, part, spans, is_reporters_own, is_about_them))
            for number, (start, part) in enumerate(sentences_of(text))
        ]

    def sign(self, key, sign):
        """What was ticked, as a passage of its own."""
        tells = self.protects_somebody and sign in TELLING_SIGNS
        return Passage(key, str(Sign(sign).label), (Why.RELATION,) if tells else ())

    def _why(self, start, part, spans, is_reporters_own, is_about_them):
        if not self.protects_somebody:
            return ()
        plain = folded(part)
        holds = {
            Why.NAMED: any(first < start + len(part) and start < last for first, last in spans),
            Why.RELATION: RELATION.search(plain),
            Why.OWN_WORDS: is_reporters_own and OWN_WORDS.search(plain),
            Why.THEIR_CONTACT: is_about_them,
        }
        return tuple(why for why, found in holds.items() if found)


def _of(signal, resident):
    """The patterns of one protected reporter, under every name and number that they ever gave."""
    named = set().union(*(_names(identity["name"], resident) for identity in _identities(signal)))
    named |= _words(signal.partner.name) if signal.partner else set()
    found = [_word(word) for word in sorted(named)]
    for identity in _identities(signal):
        found += [*_of_email(identity["email"]), *_of_phone(identity["phone"])]
    return found or [r"(?!)"]


def _identities(signal):
    """[{name, email, phone}]: what the reporter gave first, changed since, and has now."""
    reporter, earlier = signal.reporter, list(signal.reporter_changes.all())
    now = {"name": reporter.name, "email": reporter.email, "phone": reporter.phone}
    for row in earlier:
        row.signal = signal
    return [now, *(dict.fromkeys(now, "") | row.before for row in earlier)]


def _names(name, resident):
    """The words of a name by which somebody is known; what they share with the resident's family is no secret."""
    names = _words(name)
    # When the whole name is also in the resident's, somebody wrote "the mother of …" there: then nothing is shared.
    return (names - _words(resident.name)) or names


def _words(name):
    found = re.findall(r"[^\W\d_]+", folded(name))
    return {word for word in found if len(word) > 1 and word not in PARTICLES}


def _word(word):
    return re.escape(word) if len(word) >= FOUND_INSIDE_WORDS else rf"\b{re.escape(word)}\b"


def _of_email(email):
    local, _at, domain = folded(email).partition("@")
    host = domain.split(".")[0]
    if local:
        yield re.escape(local) if len(local) >= FOUND_INSIDE_WORDS else rf"\b{re.escape(local)}\b"
        yield from map(_word, sorted(_words(local)))
    if domain and host not in EVERYBODYS_MAIL:
        yield re.escape(domain)
        yield _word(host)


def _of_phone(phone):
    digits = re.sub(r"\D", "", phone)
    if digits:
        yield r"\D{0,3}".join(digits[-DIGITS_THAT_COUNT:])
