"""Words that sound like danger: how often they are recognised, and what the form does with it."""

import csv
from pathlib import Path

import pytest
from django.urls import reverse

from municipalities.tenancy import tenant
from signals import receipt
from signals.danger import sounds_urgent
from signals.models import About, Afterword, Draft, Signal

GOLDEN = Path(__file__).parent / "golden"
# The phrases were made with the first set at hand; the second was written by somebody else, who did not know them.
FLOORS = {"danger_sentences.tsv": (0.90, 0.05), "danger_sentences_unseen.tsv": (0.70, 0.10)}
SERIOUS = "klinkt ernstig"


def sentences(name):
    with (GOLDEN / name).open() as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def share(rows, label):
    """Which part of the sentences with this label sounds urgent."""
    meant = [row for row in rows if row["label"] == label]
    return sum(sounds_urgent(row["text"]) for row in meant) / len(meant)


@pytest.mark.parametrize("name", FLOORS)
def test_most_danger_is_recognised_and_little_else(name):
    recall, false_alarms = FLOORS[name]
    assert share(sentences(name), "danger") >= recall
    assert share(sentences(name), "none") <= false_alarms


def test_there_are_sentences_of_every_kind_in_both_languages():
    rows = [row for name in FLOORS for row in sentences(name)]
    assert len(rows) >= 300
    assert len({row["text"] for row in rows}) == len(rows)
    kinds = {(row["language"], row["kind"]) for row in rows}
    assert kinds >= {
        (language, kind) for language in ("nl", "en") for kind in ("direct", "indirect", "negated", "past", "typo")
    }


@pytest.mark.parametrize(
    "text",
    [
        "Ze zei dat ze niet meer wil leven",
        "IK WIL NIET MEER LEVEN!!",
        "Hij ligt op de grond\nen zegt niets meer",
        "er hangt een gaslucht in het portiek",
        "I don't want to be here anymore",
        "ze zegt dat ze\u00a0dood wil",
        "Gisteren was alles goed. Nu slaat hij haar.",
    ],
)
def test_plain_danger_is_heard(text):
    assert sounds_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Ik zag haar altijd zaterdag op de markt, en heb haar al drie weken niet gezien.",
        "Ze wil niet dood, zegt ze. Ze wil gezelschap.",
        "Haar man is vorig jaar door zelfmoord overleden.",
        "Ik verveel me dood.",
        "Since my husband died I hardly speak to anybody.",
    ],
)
def test_what_only_looks_like_it_is_let_go(text):
    assert not sounds_urgent(text)


def pages_of(cast, draft):
    """What the visitor sees after telling: both other steps, and the check page."""
    steps = [reverse("signal_step", args=[cast.slug, draft.pk, name]) for name in ("wie-bent-u", "adres")]
    return [
        cast.client().get(url).content.decode() for url in (*steps, reverse("signal_check", args=[cast.slug, draft.pk]))
    ]


@pytest.mark.parametrize(
    ("about", "story", "asked"),
    [
        (
            About.OTHER,
            "Hij heeft gezegd dat hij vanavond een einde aan zijn leven maakt.",
            "Is er nu iemand in gevaar?",
        ),
        (About.SELF, "Ik wil niet meer leven.", "Bent u nu in gevaar?"),
    ],
)
def test_it_is_asked_on_every_page_before_sending(dorp, about, story, asked):
    draft = dorp.draft(about, zorg={"signs": [], "story": story})
    for page in pages_of(dorp, draft):
        assert asked in page
        assert SERIOUS in page
        assert 'href="tel:112"' in page
        assert 'href="tel:113"' in page


@pytest.mark.parametrize(
    ("said", "is_asked"), [("Zij zegt dat zij dood wil.", True), ("De buurvrouw is weer thuis.", False)]
)
def test_it_is_asked_of_what_is_added_later_as_well(dorp, said, is_asked):
    signal = dorp.signal()
    sent = {"code": receipt.code_for(signal.draft), "send": "", "text": said}
    page = dorp.client().post(f"/{dorp.slug}/status/toevoegen/", sent).content.decode()
    assert (SERIOUS in page) is is_asked
    with tenant(dorp.municipality.pk):
        assert Afterword.objects.get().text == said


def test_an_ordinary_worry_is_not_interrupted(dorp):
    assert [page for page in pages_of(dorp, dorp.draft()) if SERIOUS in page] == []


def test_nothing_of_it_is_stored_and_nobody_is_held_up(dorp):
    story = "Zij zegt dat zij dood wil."
    draft = dorp.draft(zorg={"signs": [], "story": story})
    with tenant(dorp.municipality.pk):
        before = Draft.objects.get(pk=draft.pk).answers
    pages_of(dorp, draft)
    with tenant(dorp.municipality.pk):
        assert Draft.objects.get(pk=draft.pk).answers == before
    answer = dorp.client().post(reverse("signal_check", args=[dorp.slug, draft.pk]))
    assert answer.status_code == 302
    with tenant(dorp.municipality.pk):
        signal = Signal.objects.get()
    assert (signal.story, signal.doubts) == (story, [])
