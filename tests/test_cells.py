"""No cell of an export is a formula, whatever somebody is called; read back by something that is not ours."""

import csv
import io
import random
import zipfile
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.db.models import CharField, TextField
from django.urls import reverse
from python_calamine import CalamineWorkbook

from followup.access_report import COLUMNS
from municipalities.cells import FORMULA, plain, spreadsheet
from municipalities.models import AccessLogEntry
from municipalities.tenancy import tenant

TEXTS = ["=1+1", "+31", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠x"]  # noqa: RUF001
HARMLESS = ["Jan", "", "a=1", "3-5", "o'Neill", '"citaat"', "<b>&amp;</b>", "é 😀"]
NUMBERS = [-5, 2.5, 0, 12345678901]
# What a text may be made of: everything that starts a formula, and what would end a cell.
ALPHABET = [*FORMULA, *" \"'<>&;,|a1\x00\x1f\u2028é😀"]


@pytest.mark.parametrize("text", TEXTS)
def test_no_cell_is_a_formula(text):
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("value", [*HARMLESS, *NUMBERS, None])
def test_other_cells_stay_as_they_are(value):
    assert plain(value) == value


def read(made):
    """What another reader than ours finds in the spreadsheet."""
    return CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()


def formulas(made):
    """Everything in the file that a spreadsheet would calculate."""
    content = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(made)).read("content.xml"))
    return [name for node in content.iter() for name in node.attrib if name.endswith("}formula")]


def test_a_spreadsheet_says_the_same_as_what_was_put_in():
    rows = [TEXTS, HARMLESS, NUMBERS]
    made = spreadsheet("leeslog", rows)
    assert [row[: len(wanted)] for row, wanted in zip(read(made), rows, strict=True)] == rows
    assert formulas(made) == []


def test_a_spreadsheet_is_one_by_its_first_bytes():
    made = spreadsheet("leeslog", [["x"]])
    assert made[30:38] == b"mimetype"
    assert made[38:84].decode() == "application/vnd.oasis.opendocument.spreadsheet"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_typed_comes_out_as_text(seed):
    dice = random.Random(seed)
    texts = ["".join(dice.choices(ALPHABET, k=dice.randint(1, 12))) for _ in range(50)]
    made = spreadsheet("x", [[text] for text in texts])
    shown = [text.replace("\x00", "\ufffd").replace("\x1f", "\ufffd") for text in texts]
    assert [row[0] for row in read(made)] == shown
    assert formulas(made) == []
    assert [text for text in map(plain, texts) if text.lstrip(" ").startswith(FORMULA)] == []


TEXT_FIELDS = [
    (model, field)
    for label in ("municipalities", "signals", "followup")
    for model in apps.get_app_config(label).get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, CharField | TextField)
]


@pytest.mark.parametrize(
    ("model", "field"), TEXT_FIELDS, ids=[f"{model._meta.label}.{field.name}" for model, field in TEXT_FIELDS]
)
def test_no_text_of_ours_becomes_one(model, field):
    """Whatever a row of ours may hold in this field, exported it is text."""
    rows = [model(**{field.attname: text}) for text in TEXTS]
    values = [getattr(row, field.attname) for row in rows]
    made = spreadsheet(field.name, [[value] for value in values])
    assert [row[0] for row in read(made)] == values
    assert formulas(made) == []
    assert [value for value in map(plain, values) if not value.startswith("'")] == []


# -- the export itself


@pytest.fixture
def exported(dorp):
    """What the privacy officer gets as a file of this kind, when a colleague bears a formula for a name."""
    dorp.coordinator.name = '=HYPERLINK("x")'
    dorp.coordinator.save()
    signal = dorp.signal()
    dorp.client("coordinator").get(reverse("dossier", args=[dorp.slug, signal.reference]))

    def export(ending):
        asked = {"als": ending, "reference": signal.reference}
        return dorp.client("privacy_officer").get(reverse("access_log_export", args=[dorp.slug]), asked)

    return export


def test_the_log_as_a_spreadsheet(dorp, exported):
    answer = exported("ods")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="leeslog-dorp.ods"'
    heading, *rows = read(answer.content)
    assert tuple(heading) == COLUMNS
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    (row,) = [row for row in named if row["action"] == "dossier"]
    assert (row["user_name"], row["user_id"]) == ('=HYPERLINK("x")', dorp.coordinator.pk)
    assert formulas(answer.content) == []


def test_the_log_as_csv(exported):
    rows = list(csv.DictReader(io.StringIO(exported("csv").content.decode())))
    assert '\'=HYPERLINK("x")' in {row["user_name"] for row in rows}


@pytest.mark.parametrize("ending", ["csv", "ods"])
def test_both_are_on_record(ending, dorp, exported):
    exported(ending)
    with tenant(dorp.municipality.pk):
        assert AccessLogEntry.objects.filter(action="access_log_export", user=dorp.privacy_officer).count() == 1


@pytest.mark.parametrize("ending", ["csv", "ods"])
def test_both_ask_for_the_password_once_more(ending, dorp, exported, settings):
    dorp.privacy_officer.set_password("een lang wachtwoord voor de proef")
    dorp.privacy_officer.save()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert exported(ending).status_code == 302
