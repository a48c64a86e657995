"""What the person gets to see of their dossier: reviewed examples, and nothing that tells who reported."""

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from followup import inspection, withholding
from followup.sentences import folded, sentences_of
from municipalities.tenancy import tenant
from tests import inspections
from tests.cast import WHO
from tests.inspections import FIXTURES, TOKENS

GOLDEN = Path(__file__).parent / "golden"


def handed_over(cast, fixture):
    """(signal, exports) of this fixture with the passages that the portal proposes."""
    signal = FIXTURES[fixture](cast)
    request = inspections.asked(cast, signal)
    inspections.drafted(cast, request)
    inspections.approved(cast, request)
    return signal, inspections.exports_of(cast, request)


def found_in(text):
    """What names the protected reporter in this text, however it is spelled or spaced."""
    plain, digits = folded(text), re.sub(r"\D", "", re.sub(r"[0-9a-f]{64}", "", text))
    found = [token for token in TOKENS if token in plain]
    return found + [inspections.DIGITS] * (inspections.DIGITS in digits)


def reviewed(name, text):
    """The example as somebody read and approved it. One that is not there is written, for somebody to read."""
    path = GOLDEN / name
    if not path.exists():
        path.write_text(text)
        pytest.fail(f"{path} was written; read it")
    return path.read_text()


@pytest.mark.parametrize("fixture", FIXTURES)
def test_the_export_is_as_reviewed(dorp, fixture):
    _signal, exports = handed_over(dorp, fixture)
    assert inspections.settled(exports.json) == reviewed(f"inzage-{fixture}.json", inspections.settled(exports.json))


@pytest.mark.parametrize("fixture", FIXTURES)
def test_page_and_pdf_say_what_the_file_says(dorp, fixture):
    _signal, exports = handed_over(dorp, fixture)
    for form in (exports.html, exports.pdf):
        missing = [words for words in words_of(json.loads(exports.json)) if squeezed(words) not in squeezed(form)]
        assert missing == []


def words_of(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)
    else:
        yield str(value)


def squeezed(text):
    """Without markup, white space and hyphens at the end of a line, and without the difference of case."""
    text = re.sub(r"<[^>]*>", "", text).replace("&#x27;", "'").replace("&quot;", '"')
    return re.sub(r"[\s\-\u00ad\u2010]", "", text).casefold()


def test_no_export_tells_who_reported_in_confidence(dorp):
    _signal, exports = handed_over(dorp, "beschermd")
    assert {form: found_in(text) for form, text in exports.all().items()} == {"html": [], "json": [], "pdf": []}


def test_neither_does_one_of_a_reporter_who_left_no_traces(dorp):
    _signal, exports = handed_over(dorp, "zonder-toestemming")
    for text in exports.all().values():
        assert [WHO[field] for field in ("name", "email", "phone") if WHO[field] in text] == []


def test_the_scan_sees_it_when_nothing_is_withheld(dorp, monkeypatch):
    monkeypatch.setattr(withholding, "is_protected", lambda signal: False)
    monkeypatch.setattr(inspection, "is_protected", lambda signal: False)
    _signal, exports = handed_over(dorp, "beschermd")
    for text in exports.all().values():
        assert set(found_in(text)) >= {"mieke", "vandam", "bakkerijkruimel", "knip", inspections.DIGITS}


def test_whoever_ticks_nothing_still_does_not_give_the_name(dorp):
    request = inspections.asked(dorp, inspections.protected(dorp))
    inspections.drafted(dorp, request, withheld=[])
    inspections.approved(dorp, request)
    exports = inspections.exports_of(dorp, request)
    assert [found_in(text) for text in exports.all().values()] == [[], [], []]
    assert "De buurvrouw weet het ook." in exports.json, "what only points at the reporter is a human's to decide"


def test_contact_data_of_a_reporter_who_agreed_to_be_named_stay_out(dorp):
    _signal, exports = handed_over(dorp, "met-toestemming")
    for text in exports.all().values():
        assert WHO["name"] in text
        assert WHO["email"] not in text
        assert WHO["phone"] not in text


def test_who_reported_themselves_sees_what_they_gave(dorp):
    _signal, exports = handed_over(dorp, "zelf")
    for text in exports.all().values():
        assert WHO["email"] in text
        assert WHO["phone"] in text


@pytest.mark.parametrize("fixture", FIXTURES)
def test_no_name_of_the_staff_is_in_it(dorp, fixture):
    _signal, exports = handed_over(dorp, fixture)
    for text in exports.all().values():
        assert [user.name for user in dorp.people.values() if user.name in text and user.name != "Worker"] == []


def test_every_signal_of_the_dossier_is_in_it_and_guards_the_others(dorp):
    first = inspections.with_consent(dorp)
    second = inspections.protected(dorp)
    with tenant(dorp.municipality.pk):
        first.story = "Mieke vertelde het mij. Zij is alleen."
        first.dossier = second.dossier
        first.note_change(by=dorp.coordinator, reason="bundled", story=first.story, dossier=first.dossier)
    request = inspections.asked(dorp, dorp.fresh(first))
    inspections.drafted(dorp, request, withheld=[])
    inspections.approved(dorp, request)
    text = inspections.exports_of(dorp, request).json
    assert first.reference in text
    assert second.reference in text
    assert "Zij is alleen." in text
    assert found_in(text) == []


def test_a_word_in_the_own_name_of_the_person_is_no_secret(in_dorp):
    signal = in_dorp.signal(**{"wie-bent-u": WHO | {"name": "Bea de Wit"}})
    guard = withholding.Guard.of([signal], signal.dossier.resident)
    assert [guard.spans(text) == [] for text in ("Mevrouw de Wit was thuis.", "Bea was er ook.")] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "0612345678", "06-12345678", "06 1234 5678", "06 - 12 34 56 78", "+31 6 12.34.56.78", "0031612345678",
        "(06) 12 34\n56 78", "MIEKE", "Miéke", "bij Miekes winkel", "mevr. melder", "dam",
        "mieke.vandam@elders.example",
        "www.bakkerijkruimel.example", "bij kapsalon KNIP",
    ],
)  # fmt: skip
def test_every_spelling_of_the_reporter_is_found(dorp, text):
    signal = inspections.protected(dorp)
    guard = withholding.Guard.of([signal], signal.dossier.resident)
    assert guard.spans(f"Zij zei: {text}, en ging weg.") != []


@pytest.mark.parametrize(
    "text", ["Zij woont op nummer 12.", "Zij was op 12-03-1945 geboren.", "Amsterdammer", "Wij damden."]
)
def test_other_words_are_left_alone(dorp, text):
    signal = inspections.protected(dorp)
    assert withholding.Guard.of([signal], signal.dossier.resident).spans(text) == []


@pytest.mark.parametrize(
    "text", [inspections.STORY, inspections.NOTE, "", "\n\n", "Eén. Twee!  Drie?\n\nVier", "…", "a.b.c"]
)
def test_sentences_put_together_are_the_text(text):
    assert "".join(part for _start, part in sentences_of(text)) == text


def test_the_pdf_is_tagged_and_says_its_language(dorp):
    signal = inspections.protected(dorp)
    request = inspections.asked(dorp, signal)
    inspections.drafted(dorp, request)
    inspections.approved(dorp, request)
    answer = dorp.client("coordinator").get(f"/dorp/verzoeken/{request.pk}/document/pdf/")
    pdf = PdfReader(BytesIO(answer.content))
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "nl"
    assert pdf.metadata.title == "Wat Dorp over u bewaart"
