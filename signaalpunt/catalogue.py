"""The Dutch catalogue, without system gettext: `python -m signaalpunt.catalogue compile|update`.

Messages are English in the code; `update` finds them and adds the new ones, empty, for somebody to translate; the
suite refuses empty and fuzzy ones.
"""

import ast
import re
import sys
from pathlib import Path

import polib
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
CATALOGUE = BASE_DIR / "signaalpunt" / "locale" / "nl" / "LC_MESSAGES" / "django.po"
PACKAGES = ("signaalpunt", "municipalities", "signals", "followup")
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
HEADER = {
    "Language": "nl",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


def messages():
    """Every message in code and templates: {msgid: plural or ""}."""
    found = {}
    for package in PACKAGES:
        for path in (BASE_DIR / package).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= _in_python(path.read_text())
    for path in (BASE_DIR / "templates").rglob("*"):
        if path.suffix in {".html", ".txt"}:
            found |= _in_python(_as_python(path))
    return found


def _as_python(path):
    """The calls that Django's own extractor makes of a template, one a line, without the text around them."""
    source = templatize(path.read_text(), origin=str(path))
    calls = re.findall(r"""\b(?:n?gettext|_)\((?:[^()"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*\)""", source)
    return "\n".join(re.sub(r"""([(,]\s*)u(?=["'])""", r"\1", call) for call in calls)


def _in_python(source):
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FUNCTIONS:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if texts:
                found[texts[0]] = texts[1] if "ngettext" in node.func.id and len(texts) > 1 else ""
    return found


def update():
    """Add what is new, drop what is gone. Returns how many messages still lack their Dutch."""
    catalogue = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()
    catalogue.metadata, catalogue.wrapwidth = HEADER, 110
    wanted = messages()
    for entry in list(catalogue):
        if entry.msgid not in wanted:
            catalogue.remove(entry)
    known = {entry.msgid for entry in catalogue}
    for msgid in sorted(set(wanted) - known):
        plural = wanted[msgid]
        strings = {"msgid_plural": plural, "msgstr_plural": {0: "", 1: ""}} if plural else {}
        catalogue.append(polib.POEntry(msgid=msgid, **strings))
    catalogue.sort(key=lambda entry: entry.msgid)
    catalogue.save(str(CATALOGUE))
    return len(catalogue.untranslated_entries())


def compile_catalogue():
    polib.pofile(str(CATALOGUE)).save_as_mofile(str(CATALOGUE.with_suffix(".mo")))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["compile"]:
            compile_catalogue()
        case ["update"]:
            print(f"{update()} messages without Dutch")
        case _:
            sys.exit("usage: python -m signaalpunt.catalogue compile|update")
