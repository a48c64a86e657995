"""The reporter's page: how far it is, whether the promise was kept, and the receipt on paper."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from municipalities.tenancy import tenant
from signals import actions, milestones, receipt
from signals.milestones import Promise, promise_of
from signals.models import About
from tests.inspections import pdf_text

SELF = {"signs": ["nobody"], "story": "Ik spreek bijna niemand."}
DUE = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)


def page(signal):
    return Client().post("/dorp/status/", {"code": receipt.code_for(signal.draft)}).content.decode()


@pytest.mark.parametrize(
    ("visited_at", "now", "expected"),
    [
        (None, DUE - A_MOMENT, Promise.RUNNING),
        (None, DUE, Promise.MISSED),
        (DUE - A_MOMENT, DUE + timedelta(days=9), Promise.MET),
        (DUE, DUE, Promise.MISSED),
        (DUE + A_MOMENT, DUE + timedelta(days=9), Promise.MISSED),
    ],
)
def test_the_promise_is_kept_before_the_moment_and_not_at_it(visited_at, now, expected):
    assert promise_of(DUE, visited_at, now) == expected


def done(text):
    return text.count("milestones__done")


@pytest.mark.parametrize("about", About)
def test_each_milestone_is_told_when_it_is_reached(dorp, about):
    signal = dorp.signal(about=about, **({"zorg": SELF} if about == About.SELF else {}))
    counts = [done(page(signal))]
    with tenant(dorp.municipality.pk):
        actions.assign(signal=signal, worker=dorp.worker, by=dorp.coordinator)
    counts.append(done(page(signal)))
    dorp.contact(signal, "reporter_contact", "spoken")
    counts.append(done(page(signal)))
    dorp.contact(signal, "letter", "left_message")
    counts.append(done(page(signal)))
    dorp.contact(signal, "home_visit", "no_answer")
    counts.append(done(page(signal)))
    with tenant(dorp.municipality.pk):
        actions.close(signal=signal, reason="no_contact", by=dorp.coordinator)
    counts.append(done(page(signal)))
    assert counts == [1, 2, 2, 3, 4, 5]
    assert ("bij u thuis" in page(signal)) == (about == About.SELF)


def test_the_page_says_whether_we_kept_our_promise(dorp):
    signal = dorp.signal(assigned_to="worker")
    assert "Hiervoor is nog tijd." in page(signal)
    with time_machine.travel(signal.due_at + timedelta(hours=1), tick=False):
        assert "Er is niet op tijd iemand langsgekomen." in page(signal)
    dorp.contact(signal)
    assert "Er kwam op tijd iemand langs." in page(signal)


def test_a_visit_that_came_too_late_is_said_to_be_too_late(db, make_cast):
    hasty = make_cast("dorp", response_window=timedelta(milliseconds=1))
    signal = hasty.signal(assigned_to="worker")
    hasty.contact(signal)
    assert "Er kwam iemand langs, maar te laat." in page(signal)


def test_a_pause_moves_our_clock_and_not_what_was_promised(dorp):
    signal = dorp.signal(assigned_to="worker")
    before = page(signal)
    with tenant(dorp.municipality.pk):
        until = actions.now() + timedelta(days=2)
        actions.pause(signal=signal, reason="hospital", until=until, by=dorp.coordinator)
    assert page(signal) == before


def test_a_visit_that_never_was_is_taken_back_here_as_well(dorp):
    signal = dorp.signal(assigned_to="worker")
    with tenant(dorp.municipality.pk):
        signal.note_change(by=None, reason="contact", visited_at=timezone.now())
        visited = milestones.of(signal, timezone.now())
        signal.note_change(by=None, reason="corrected", visited_at=None)
        corrected = milestones.of(signal, timezone.now())
    assert (visited.promise, corrected.promise) == (Promise.MET, Promise.RUNNING)


# -- on paper


def paper(signal):
    return Client().get(f"/dorp/signaal/{signal.draft}/bedankt/pdf/")


@pytest.mark.parametrize("about", About)
def test_the_receipt_is_a_tagged_pdf_with_what_the_page_says(dorp, about):
    signal = dorp.signal(about=about, **({"zorg": SELF} if about == About.SELF else {}))
    answer = paper(signal)
    reader = PdfReader(io.BytesIO(answer.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "nl"
    assert b"pdfuaid:part" in answer.content
    text = pdf_text(answer.content)
    code = receipt.readable(receipt.code_for(signal.draft))
    assert [word for word in (signal.reference, code, "/dorp/status/") if word not in text] == []
    assert ("Wij komen bij u" in " ".join(text.split())) == (about == About.SELF)
    assert [word for word in ("Nora", "Lindelaan", "gordijnen") if word in text] == []
    assert "no-store" in answer.headers["Cache-Control"]


def test_there_is_no_receipt_of_what_was_never_sent(dorp, stad):
    draft = dorp.draft()
    assert Client().get(f"/dorp/signaal/{draft.pk}/bedankt/pdf/").status_code == 410
    signal = dorp.signal()
    assert Client().get(f"/stad/signaal/{signal.draft}/bedankt/pdf/").status_code == 410


def test_the_thank_you_page_leads_to_it(dorp):
    signal = dorp.signal()
    text = Client().get(f"/dorp/signaal/{signal.draft}/bedankt/").content.decode()
    assert f'href="/dorp/signaal/{signal.draft}/bedankt/pdf/"' in text
