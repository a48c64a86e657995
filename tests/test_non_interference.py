"""What a reporter sees depends on milestones of the process and on consent alone: twins that differ in private facts.

Two signals go through the same course and differ in one private fact. Every page, paper and mail for their reporters is
the same, byte for byte, once each one's own reference, code and links are called the same.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from followup.actions import erasing
from followup.actions.rectifying import record_rectification
from municipalities import outbox
from municipalities.models import Organisation, OutboxMessage
from municipalities.tenancy import tenant
from signals import actions, emails, milestones, receipt
from signals.actions.erasing import TO_REPORTERS
from signals.models import About, Afterword, Doubt
from tests.cast import ADDRESS, WHO, WORRY
from tests.inspections import pdf_text

STATES = ("received", "assigned", "attempted", "visited", "closed")


@dataclass(frozen=True)
class Private:
    """What a reporter does not get to know, as it usually is."""

    story: str = "De gordijnen zijn dicht."
    signs: tuple = ("curtains",)
    person: str = "Jan de Wit"
    door: str = "12"
    worker: str = "worker"
    way: str = "phone"
    answer: str = "no_answer"
    visit: str = "spoken"
    note: str = ""
    reason: str = "helped"
    doubts: tuple = ()
    is_protected: bool = False
    is_held: bool = False
    is_paused: bool = False
    wish: str = ""
    wrong: str = ""
    seen: bool = False


USUAL = Private()
# One private fact at a time, each told at every state of the course that comes after it.
DIFFERENT = {
    "story": Private(story="Zij is bang en eet niet. " * 9),
    "signs": Private(signs=("post", "light", "sad")),
    "person": Private(person=""),
    "another worker": Private(worker="other_worker"),
    "a letter, not a phone call": Private(way="letter", answer="left_message"),
    "a card": Private(way="card", answer="left_message"),
    "spoken on the phone": Private(answer="spoken"),
    "refused on the phone": Private(answer="refused"),
    "nobody opened": Private(visit="no_answer"),
    "help refused": Private(visit="refused"),
    "worrying": Private(visit="worrying"),
    "not here": Private(visit="not_here"),
    "notes": Private(note="Vertelde over haar zoon."),
    **{reason: Private(reason=reason) for reason in ("moved", "deceased", "in_care", "refused", "duplicate")},
    "no contact": Private(reason="no_contact"),
    "doubtful": Private(doubts=(Doubt.TRAP, Doubt.FAST)),
    "protected": Private(is_protected=True),
    "on hold": Private(is_held=True),
    "paused": Private(is_paused=True),
    "no contact wanted": Private(wish="no_contact"),
    "objection": Private(wish="objection"),
    "rectified": Private(wrong="Ik heb geen hond."),
    "everything": Private(
        "Anders.", ("sad",), "Piet", "12", "other_worker", "letter", "refused", "worrying", "Lang.", "in_care",
        (Doubt.CROWD,), True, True, True, "no_contact", "Niet waar.",
    ),
}  # fmt: skip


def course(cast, state, private, about=About.OTHER):
    """A signal that came as far as this state, with these private facts."""
    who = WHO if about == About.OTHER else {key: WHO[key] for key in ("name", "email", "phone", "may_call")}
    # What somebody can tick about themselves is another list.
    signs = private.signs if about == About.OTHER else ("sad" if private.signs == ("sad",) else "nobody",)
    where = ADDRESS | {"house_number": private.door, "person_name": private.person}
    steps = {"zorg": WORRY | {"story": private.story, "signs": list(signs)}, "wie-bent-u": who, "adres": where}
    signal, steps_left = cast.signal(about=about, **steps), STATES.index(state)
    with tenant(cast.municipality.pk):
        if private.doubts:
            signal.note_change(by=None, reason="received", doubts=list(private.doubts))
        if private.is_held:
            erasing.hold(dossier=signal.dossier, reason="complaint", by=cast.coordinator)
        if private.is_protected:
            actions.protect(signal=signal, reason="known", by=cast.coordinator)
        if private.is_paused:
            until = actions.now() + timedelta(days=1)
            actions.pause(signal=signal, reason="hospital", until=until, by=cast.coordinator)
        if steps_left >= 1:
            actions.assign(signal=signal, worker=cast.people[private.worker], by=cast.coordinator)
    if steps_left >= 2:
        cast.contact(signal, private.way, private.answer, by=private.worker, note=private.note)
    if steps_left >= 3:
        cast.contact(signal, "home_visit", private.visit, by=private.worker, note=private.note)
    with tenant(cast.municipality.pk):
        _said(cast, signal, private)
        if steps_left >= 4:
            actions.close(signal=signal, reason=private.reason, by=cast.coordinator)
            actions.ask_everywhere(cast.fresh(signal).closed_at + timedelta(days=2))
    return cast.fresh(signal)


def _said(cast, signal, private):
    if private.wrong:
        record_rectification(signal=signal, about="reported", wrong=private.wrong, right="x", by=cast.coordinator)
    if private.wish:
        said = {"said_by": "person", "said_on": timezone.localdate(), "by": cast.coordinator}
        actions.record_wish(signal=signal, kind=private.wish, **said)


def twins(cast, state, one, other, **more):
    """Both courses, gone through within the same minute, which is as fine as pages tell the time."""
    for number in range(1, 10, 2):
        # A door each, and others at every try, since a wish holds for everything about an address.
        doors = ((one, str(number)), (other, str(number + 1)))
        pair = [course(cast, state, replace(private, door=door), **more) for private, door in doors]
        first, second = (milestones.of(signal, timezone.now()) for signal in in_tenant(cast, pair))
        if minutes(first) == minutes(second):
            return pair
    return pytest.fail("never within one minute")


def in_tenant(cast, signals):
    with tenant(cast.municipality.pk):
        yield from signals


def minutes(progress):
    """The moments that differ between two people who did the same a second later; which there are stays visible."""
    moments = (value for value in vars(progress).values() if hasattr(value, "minute"))
    return [(moment.day, moment.hour, moment.minute) for moment in moments]


def seen_by_reporter(cast, signal):
    """{what: every byte of it} of all that this signal's reporter can get to see or is sent."""
    code, client = receipt.code_for(signal.draft), Client()
    base, thanks = f"/{cast.slug}/status/", f"/{cast.slug}/signaal/{signal.draft}/bedankt/"
    found = {
        "status": client.post(base, {"code": code}),
        "thanks": client.get(thanks),
        "thanks, again": client.get(f"{thanks}?eerder"),
        "own data asked": client.post(f"/{cast.slug}/mijn-gegevens/", {"code": code}),
    }
    for page in ("toevoegen", "intrekken", "zorgen"):
        found[page] = client.post(f"{base}{page}/", {"code": code})
        found[f"{page}, sent"] = client.post(f"{base}{page}/", {"code": code, "send": "1", "text": "Nog iets."})
    found["status afterwards"] = client.post(base, {"code": code})
    paper = client.get(f"{thanks}pdf/")
    found |= {"pdf": paper.headers["Content-Type"], "pdf, words": pdf_text(paper.content)}
    found |= {f"mail {number}": mail for number, mail in enumerate(mails(cast, signal))}
    found |= question(cast, client, signal) | confirming(cast, client, signal)
    return {what: unnamed(shown(answer), signal) for what, answer in found.items()}


def question(cast, client, signal):
    with tenant(cast.municipality.pk):
        asked = Afterword.objects.filter(signal=signal, kind="asked").first()
    if asked is None:
        return {}
    url = f"/{cast.slug}/gemerkt/{asked.token}/"
    return {"question": client.get(url), "answer": client.post(url, {"answer": "no"}), "again": client.get(url)}


def confirming(cast, client, signal):
    url = f"/{cast.slug}/e-mail-bevestigen/{signal.reporter.confirmation}/"
    return {"confirm": client.get(url), "confirmed": client.post(url), "confirmed, again": client.post(url)}


def mails(cast, signal):
    with tenant(cast.municipality.pk):
        rows = OutboxMessage.objects.filter(recipient=WHO["email"])
        assert {mail.template for mail in rows} <= set(TO_REPORTERS)
        for mail in rows.filter(key__endswith=str(signal.pk)).order_by("pk"):
            email = outbox.rendered(cast.municipality, mail)
            html = [body for body, _kind in email.alternatives]
            yield repr((mail.urgency, email.subject, email.from_email, email.to, email.body, html))


def shown(answer):
    if isinstance(answer, str):
        return answer
    return f"{answer.status_code} {sorted(answer.headers.items())}\n{answer.content.decode()}"


def unnamed(text, signal):
    """The text with the names that a signal has of its own called the same."""
    code = receipt.code_for(signal.draft)
    for own in (signal.reference, code, receipt.readable(code), str(signal.draft)):
        text = text.replace(own, "(own)")
    text = re.sub(r"/(gemerkt|mijn-gegevens|e-mail-bevestigen)/[\w:-]+/", r"/\1/(link)/", text)
    # To the minute, which is what is said; the twins did the same within one.
    text = re.sub(r'(datetime="\d{4}-\d\d-\d\dT\d\d:\d\d)[\d:.]*', r"\1", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|'Content-Length', '\d+'", "(made anew)", text)


def differing(cast, one, other):
    """What the reporters of these two get to see differently, who both look, and act, within one minute."""
    for _try in range(5):
        begun, now = minute(), timezone.now()
        with transaction.atomic(), time_machine.travel(now, tick=False):
            seen = [seen_by_reporter(cast, signal) for signal in (one, other)]
            transaction.set_rollback(True)
        if minute() == begun:
            break
    assert len(seen[0]) >= 12
    return sorted(what for what in seen[0].keys() | seen[1].keys() if seen[0].get(what) != seen[1].get(what))


def minute():
    return actions.now().replace(second=0, microsecond=0)


@pytest.mark.parametrize("different", DIFFERENT)
def test_a_private_fact_changes_no_page_and_no_mail(dorp, different):
    assert differing(dorp, *twins(dorp, "closed", USUAL, DIFFERENT[different])) == []


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("state", STATES)
def test_nor_do_all_of_them_together_at_any_milestone(dorp, state, about):
    assert differing(dorp, *twins(dorp, state, USUAL, DIFFERENT["everything"], about=about)) == []


@pytest.mark.parametrize("state", STATES)
def test_nor_after_the_promised_moment(dorp, state):
    pair = twins(dorp, state, USUAL, DIFFERENT["everything"])
    with time_machine.travel(pair[0].due_at + timedelta(hours=1), tick=False):
        assert differing(dorp, *pair) == []


def test_nor_does_the_queue_in_which_it_waits(dorp):
    pair = twins(dorp, "received", USUAL, USUAL)
    with tenant(dorp.municipality.pk):
        organisation = Organisation.objects.get(name="Welzijn")
        actions.put_in_queue(signal=pair[1], organisation=organisation, by=dorp.coordinator)
    assert differing(dorp, *pair) == []


# -- the test sees what it should see


def leak_on_the_page(monkeypatch):
    honest = milestones.of

    def leaking(signal, now):
        return replace(honest(signal, now), reference=f"{signal.reference} {signal.close_reason}")

    monkeypatch.setattr(milestones, "of", leaking)


def leak_in_the_mail(monkeypatch):
    honest = emails.noticed

    def leaking(word, recipient):
        mail = honest(word, recipient)
        mail.context["reference"] += word.signal.close_reason
        return mail

    monkeypatch.setattr(emails, "noticed", leaking)


def leak_by_silence(monkeypatch):
    """Nothing is asked about who refused."""
    honest = emails.noticed

    def leaking(word, recipient):
        mail = honest(word, recipient)
        mail.template = "receipt" if word.signal.close_reason == "refused" else mail.template
        return mail

    monkeypatch.setattr(emails, "noticed", leaking)


@pytest.mark.parametrize("leak", [leak_on_the_page, leak_in_the_mail, leak_by_silence])
def test_one_leaked_fact_is_seen(dorp, monkeypatch, leak):
    leak(monkeypatch)
    assert differing(dorp, *twins(dorp, "closed", USUAL, DIFFERENT["refused"])) != []


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(STATES)))
def test_a_milestone_is_seen(dorp, earlier, later):
    one, other = course(dorp, earlier, USUAL), course(dorp, later, replace(USUAL, door="2"))
    assert "status" in differing(dorp, one, other)
