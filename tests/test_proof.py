"""Work and waiting: each about one thing, for a short time, good for one use, and nothing that was typed is lost."""

import base64
import json

import pytest
import time_machine
from django.test import RequestFactory
from django.urls import reverse

from municipalities import limits, proof
from municipalities.limits import WAITED
from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals import actions, intake
from signals.models import Doubt, Signal
from tests.cast import WORRY
from tests.crowded import HERE, fill_up, solved, ticket
from tests.test_limits import dorp, is_refused, send, start, step  # noqa: F401

NOON = 1_800_000_000 // 3600 * 3600


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def crowded(dorp):  # noqa: F811
    """A municipality where this network has sent, begun and answered as much as it may."""
    for endpoint in ("signal_start", "signal_step", "signal_check"):
        fill_up(endpoint, dorp)
    return dorp


def receipts(cast):
    with tenant(cast.municipality.pk):
        return Signal.objects.of(cast.municipality).count()


def test_whoever_does_the_work_gets_through_while_the_flood_goes_on(crowded):
    draft = crowded.draft()
    refused = send(crowded, HERE, draft)
    for _flood in range(30):
        assert is_refused(send(crowded, HERE))
    assert send(crowded, HERE, draft, **solved(refused))["Location"].endswith("/bedankt/")
    assert receipts(crowded) == 1


def test_work_is_good_for_one_use(crowded):
    first = start(crowded, HERE)
    done = solved(first)
    assert start(crowded, HERE, **done).status_code == 302
    assert is_refused(start(crowded, HERE, **done))


def test_work_for_one_draft_sends_no_other(crowded):
    one, other = crowded.draft(), crowded.draft()
    done = solved(send(crowded, HERE, one))
    assert is_refused(send(crowded, HERE, other, **done))
    assert is_refused(start(crowded, HERE, **done))
    assert not is_refused(send(crowded, HERE, one, **done))


def test_work_is_short_lived(crowded, clock):
    draft = crowded.draft()
    done = solved(send(crowded, HERE, draft))
    clock.shift(proof.LIFETIME + 1)
    fill_up("signal_check", crowded)
    assert is_refused(send(crowded, HERE, draft, **done))


def forged(done, **changes):
    payload = json.loads(base64.b64decode(done[proof.PROOF]))
    payload["challenge"]["parameters"].update(changes)
    return {proof.PROOF: base64.b64encode(json.dumps(payload).encode()).decode()}


@pytest.mark.parametrize("changes", [{"keyPrefix": ""}, {"cost": 1}, {"expiresAt": NOON * 2}, {"data": {}}])
def test_work_that_was_made_easier_is_no_work(crowded, changes):
    draft = crowded.draft()
    done = solved(send(crowded, HERE, draft))
    assert is_refused(send(crowded, HERE, draft, **forged(done, **changes)))


@pytest.mark.parametrize("sent", ["", "x", "e30=", "bnVsbA==", "W10=", "é", "A" * 5000, "\x00"])
@pytest.mark.parametrize("field", [proof.PROOF, proof.TICKET])
def test_nonsense_is_no_proof_and_no_fault_of_ours(crowded, field, sent):
    assert is_refused(send(crowded, HERE, **{field: sent}))


def test_an_unsolved_puzzle_is_no_proof(crowded):
    refused = send(crowded, HERE)
    challenge = json.loads(refused.context["challenge"])
    solution = {"counter": 0, "derivedKey": "00" * 32}
    lazy = base64.b64encode(json.dumps({"challenge": challenge, "solution": solution}).encode()).decode()
    draft_id = refused.request["PATH_INFO"].split("/")[3]
    assert is_refused(send(crowded, HERE, type("Draft", (), {"pk": draft_id}), **{proof.PROOF: lazy}))


# -- without JavaScript


def test_whoever_waits_gets_through_and_the_signal_is_marked(crowded, clock):
    draft = crowded.draft()
    refused = send(crowded, HERE, draft)
    assert int(refused.headers["Retry-After"]) == proof.WAIT_SECONDS
    clock.shift(proof.WAIT_SECONDS)
    assert send(crowded, HERE, draft, **ticket(refused))["Location"].endswith("/bedankt/")
    with tenant(crowded.municipality.pk):
        assert Signal.objects.of(crowded.municipality).get().doubts == [Doubt.WAITED]


def test_whoever_presses_too_soon_waits_on_and_not_anew(crowded, clock):
    draft = crowded.draft()
    first = send(crowded, HERE, draft)
    clock.shift(12)
    second = send(crowded, HERE, draft, **ticket(first))
    assert is_refused(second)
    assert second.context["ticket"] == first.context["ticket"]
    assert int(second.headers["Retry-After"]) == second.context["seconds"] == proof.WAIT_SECONDS - 12
    clock.shift(proof.WAIT_SECONDS - 12)
    assert not is_refused(send(crowded, HERE, draft, **ticket(second)))


def test_a_wait_is_good_for_one_use_and_for_one_draft(crowded, clock):
    refused = start(crowded, HERE)
    clock.shift(proof.WAIT_SECONDS)
    assert is_refused(send(crowded, HERE, **ticket(refused)))
    assert not is_refused(start(crowded, HERE, **ticket(refused)))
    assert is_refused(start(crowded, HERE, **ticket(refused)))


def test_past_too_many_waits_there_is_the_telephone(crowded, clock):
    draft = crowded.draft()
    refused = send(crowded, HERE, draft)
    clock.shift(proof.WAIT_SECONDS)
    fill_up(WAITED, crowded)
    again = send(crowded, HERE, draft, **ticket(refused))
    assert is_refused(again)
    assert not again.context["can_wait"]
    # The browser that can work still gets through.
    assert not is_refused(send(crowded, HERE, draft, **solved(again)))


def test_two_who_wait_at_the_same_moment_have_tickets_of_their_own(crowded, clock):
    tickets = [ticket(start(crowded, HERE)) for _visitor in range(2)]
    clock.shift(proof.WAIT_SECONDS)
    assert [start(crowded, HERE, **each).status_code for each in tickets] == [302, 302]


# -- nothing is lost


def test_what_was_typed_on_a_step_is_kept_and_goes_on_with_the_button(crowded):
    with tenant(crowded.municipality.pk):
        draft = intake.start(crowded.municipality, "other")
    story = 'Zij zei: "kom & kijk" <b>\nen deed niet open.'
    refused = step(crowded, HERE, draft, story=story)
    fields = refused.context["fields"]
    assert ("story", story) in fields
    assert "kom &amp; kijk&quot; &lt;b&gt;" in refused.content.decode()
    again = step(crowded, HERE, draft, **dict(fields), **solved(refused))
    assert again.status_code == 302
    with tenant(crowded.municipality.pk):
        assert intake.find(crowded.municipality, draft.pk).answers["zorg"] == {
            **{"signs": WORRY["signs"], "story": story},
            "is_minor": False,
        }


def test_every_tick_of_a_list_is_kept(crowded):
    refused = step(crowded, HERE, signs=["curtains", "post"])
    assert [pair for pair in refused.context["fields"] if pair[0] == "signs"] == [
        ("signs", "curtains"),
        ("signs", "post"),
    ]


def test_a_refused_send_leaves_the_draft_as_it_was(crowded):
    draft = crowded.draft()
    answers = draft.answers
    assert is_refused(send(crowded, HERE, draft))
    with tenant(crowded.municipality.pk):
        assert intake.find(crowded.municipality, draft.pk).answers == answers
        assert not OutboxMessage.objects.of(crowded.municipality).exists()


def test_a_password_is_not_put_back_into_a_page(dorp, client):  # noqa: F811
    fill_up("accept_invitation", dorp)
    path = reverse("accept_invitation", args=[dorp.slug, "onzin"])
    refused = client.post(path, {"password": "Geheim-woord-48", "name": "Nora"}, REMOTE_ADDR=HERE)
    assert is_refused(refused)
    assert ("name", "Nora") in refused.context["fields"]
    assert "Geheim-woord-48" not in refused.content.decode()


def test_sent_already_and_pressed_again_in_a_crowd_leads_to_the_same_receipt(crowded):
    draft = crowded.draft()
    with tenant(crowded.municipality.pk):
        actions.submit(municipality=crowded.municipality, draft_id=draft.pk)
    refused = send(crowded, HERE, draft)
    again = send(crowded, HERE, draft, **solved(refused))
    assert again["Location"] == f"/dorp/signaal/{draft.pk}/bedankt/"
    assert receipts(crowded) == 1


def test_a_refusal_leaves_no_address_in_the_log(crowded, caplog):
    draft = crowded.draft()
    assert is_refused(send(crowded, HERE, draft))
    assert caplog.messages == []


def test_a_send_in_a_crowd_costs_one_statement_more(dorp, django_assert_num_queries):  # noqa: F811
    request = RequestFactory().post("/", REMOTE_ADDR=HERE)
    request.municipality = dorp.municipality
    with django_assert_num_queries(1):
        assert not limits.admit(request, "signal_check", "draft").is_refused
    fill_up("signal_check", dorp)
    with django_assert_num_queries(1):
        assert limits.admit(request, "signal_check", "draft").is_refused
