"""Another language is one more folder: found, kept up to date in its own plural forms, and compiled."""

import polib
import pytest

from signaalpunt import catalogue

ARABIC = {
    "Language": "ar",
    "Content-Type": "text/plain; charset=UTF-8",
    "Plural-Forms": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100<11 ? 3 : n%100<99 ? 4 : 5);",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of languages: Dutch, not there yet, and Arabic with nothing in it."""
    for code in ("nl", "ar"):
        (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
    monkeypatch.setattr(catalogue, "CATALOGUE", tmp_path / "nl" / "LC_MESSAGES" / "django.po")
    empty = polib.POFile()
    empty.metadata = ARABIC
    empty.save(str(tmp_path / "ar" / "LC_MESSAGES" / "django.po"))
    return tmp_path


def test_every_language_gets_every_message_in_its_own_plural_forms(folder):
    missing = catalogue.update()
    found = {code: polib.pofile(str(folder / code / "LC_MESSAGES" / "django.po")) for code in ("nl", "ar")}
    wanted = catalogue.messages()
    assert [code for code, each in found.items() if {entry.msgid for entry in each} != set(wanted)] == []
    forms = {code: {len(entry.msgstr_plural) for entry in each if entry.msgid_plural} for code, each in found.items()}
    assert forms == {"nl": {2}, "ar": {6}}
    assert missing == 2 * len(wanted)
    assert found["ar"].metadata["Language"] == "ar"


def test_what_was_translated_stays_and_is_compiled(folder):
    catalogue.update()
    path = folder / "ar" / "LC_MESSAGES" / "django.po"
    arabic = polib.pofile(str(path))
    arabic.find("Privacy").msgstr = "الخصوصية"
    arabic.save()
    catalogue.update()
    catalogue.compile_catalogues()
    assert polib.mofile(str(path.with_suffix(".mo"))).find("Privacy").msgstr == "الخصوصية"
