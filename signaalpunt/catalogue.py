"""The catalogues, without system gettext: `python -m signaalpunt.catalogue compile|update`.

Messages are English in the code; `update` finds them and adds the new ones, empty, for somebody to translate; the
suite refuses empty and fuzzy ones. Another language is one more folder in `locale`, with a django.po whose header names
it and its plural forms, and one more entry in LANGUAGES.
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


def catalogues():
    """Where the catalogue of every language is."""
    return sorted({CATALOGUE, *CATALOGUE.parents[2].glob("*/LC_MESSAGES/django.po")})


def update():
    """Add what is new, drop what is gone, in every language. Returns how many messages still lack a translation."""
    return sum(_update(path) for path in catalogues())


def _update(path):
    catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
    catalogue.metadata, catalogue.wrapwidth = HEADER if path == CATALOGUE else catalogue.metadata, 110
    wanted, plurals = messages(), _plural_forms(catalogue)
    for entry in list(catalogue):
        if entry.msgid not in wanted:
            catalogue.remove(entry)
    known = {entry.msgid for entry in catalogue}
    for msgid in sorted(set(wanted) - known):
        plural = wanted[msgid]
        strings = {"msgid_plural": plural, "msgstr_plural": dict.fromkeys(range(plurals), "")} if plural else {}
        catalogue.append(polib.POEntry(msgid=msgid, **strings))
    catalogue.sort(key=lambda entry: entry.msgid)
    catalogue.save(str(path))
    return len(catalogue.untranslated_entries())


def _plural_forms(catalogue):
    """How many forms of "one or more" the language has; Arabic has six."""
    return int(re.search(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"]).group(1))


def compile_catalogues():
    for path in catalogues():
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["compile"]:
            compile_catalogues()
        case ["update"]:
            print(f"{update()} messages without a translation")
        case _:
            sys.exit("usage: python -m signaalpunt.catalogue compile|update")
