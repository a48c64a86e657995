"""The pages of what a reporter does after sending, in every state worth looking at."""

from datetime import timedelta

from municipalities.tenancy import tenant
from signals import actions, receipt
from signals.models import About, AfterKind, Afterword
from tests import cast as stories
from tests.browser import walk
from tests.browser.scene import Scene, fill_and_go

SELF_ANSWERS = {"zorg": {"signs": ["nobody"], "story": "Ik spreek bijna niemand."}}
LEADS_ON = "form[action$='/{}/'] button"


def closed(cast, **more):
    signal = cast.signal(assigned_to="worker", **more)
    cast.contact(signal)
    with tenant(cast.municipality.pk):
        actions.close(signal=signal, reason="helped", by=cast.coordinator)
    return cast.fresh(signal)


def by_code(signal, *pages):
    """Fill in the code, and press the button to each of these pages in turn."""
    code = receipt.readable(receipt.code_for(signal.draft))

    def act(page):
        fill_and_go(code=code)(page)
        for name in pages:
            walk.press(page, LEADS_ON.format(name))

    return act


def afterwards(cast):
    """Every form empty, wrong and sent; and what the staff see of it."""
    status, base = f"/{cast.slug}/status/", f"/{cast.slug}/signalen/"
    signal, done, worried = cast.signal(assigned_to="worker"), closed(cast), closed(cast)
    about_self = closed(cast, about=About.SELF, **SELF_ANSWERS)
    story = stories.WORRY["story"]
    with tenant(cast.municipality.pk):
        actions.add_afterword(signal=worried, kind=AfterKind.WORRIED, text=story)
        actions.ask_everywhere(done.closed_at + timedelta(days=2))
        asked, asked_self = (Afterword.objects.get(signal=row, kind="asked").token for row in (done, about_self))
    question = f"/{cast.slug}/gemerkt/{asked}/"
    yield Scene("status, given", status, act=by_code(signal))
    yield Scene("status, finished", status, act=by_code(done))
    yield Scene("status, finished, about themselves", status, act=by_code(about_self))
    yield Scene("status, still worried", status, act=by_code(worried))
    for page in ("toevoegen", "intrekken"):
        yield Scene(f"{page}, empty", status, act=by_code(signal, page))
    yield Scene("toevoegen, error", status, act=by_code(signal, "toevoegen", "toevoegen"))
    yield Scene("intrekken, sent", status, act=by_code(cast.signal(), "intrekken", "intrekken"))
    yield Scene("zorgen, empty", status, act=by_code(done, "zorgen"))
    yield Scene("noticed", question)
    yield Scene("noticed, about themselves", f"/{cast.slug}/gemerkt/{asked_self}/")
    yield Scene("noticed, error", question, act=walk.go_on)
    yield Scene("noticed, gone", f"/{cast.slug}/gemerkt/onzin/")
    yield Scene("dossier, still worried", f"{base}{worried.reference}/", "coordinator")
    yield Scene("dashboard, afterwords", base, "coordinator")
