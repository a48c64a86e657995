"""What the provider reports afterwards: believed when signed, harmless when doubled, reversed, early or forged."""

from itertools import permutations

import pytest
from anymail.exceptions import AnymailInsecureWebhookWarning
from django.core.signing import Signer
from django.urls import reverse

from municipalities import outbox
from municipalities.models import Mailbox, OutboxMessage
from municipalities.tenancy import tenant
from municipalities.workflow import Mail
from tests.fake_provider import BACKEND, SIGNING_KEY, report
from tests.post import change, queue, rows, states

URL = reverse("mail_events")
AT = "a@dorp.example"


@pytest.fixture(autouse=True)
def _through_a_provider(settings):
    settings.ANYMAIL = {"MAILGUN_API_KEY": "x", "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}


@pytest.fixture
def offered(dorp, settings):
    """A mail that the provider has."""
    queue(dorp, AT)
    outbox.deliver()
    settings.EMAIL_BACKEND = BACKEND
    return rows(dorp)[AT]


@pytest.fixture
def post(client):
    def post(mail, event, **forged):
        return client.post(URL, report(mail, event, **forged), content_type="application/json").status_code

    return post


def everything(cast):
    with tenant(cast.municipality.pk):
        return [list(model.objects.order_by("pk").values_list()) for model in (OutboxMessage, Mailbox)]


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("delivered", Mail.DELIVERED),
        ("failed", Mail.BOUNCED),
        ("rejected", Mail.BOUNCED),
        ("complained", Mail.BOUNCED),
        ("unsubscribed", Mail.BOUNCED),
        ("temporary failed", Mail.OFFERED),
        ("opened", Mail.OFFERED),
        ("something new", Mail.OFFERED),
    ],
)
def test_a_report_says_what_became_of_the_mail(dorp, offered, post, event, state):
    assert post(offered, event) == 200
    assert states(dorp)[AT] == state


@pytest.mark.parametrize("key", ["", "another key"])
def test_what_is_not_signed_by_the_provider_changes_nothing(dorp, offered, post, key):
    before = everything(dorp)
    assert post(offered, "failed", key=key) == 400
    assert everything(dorp) == before


@pytest.mark.parametrize("body", ["", "[]", "{}", "onzin", '{"signature": {}}'])
def test_what_is_no_report_changes_nothing(dorp, offered, client, body):
    before = everything(dorp)
    client.raise_request_exception = False
    assert client.post(URL, body, content_type="application/json").status_code == 400
    assert everything(dorp) == before


def test_nothing_is_open_without_a_provider(dorp, offered, client, settings, post):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert post(offered, "failed") == 404


def test_a_provider_that_signs_nothing_is_not_heard_without_a_secret(dorp, offered, client, settings):
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    said = {"RecordType": "Bounce", "Type": "HardBounce", "Email": AT, "Metadata": {"mail": offered.token}}
    with pytest.warns(AnymailInsecureWebhookWarning):
        assert client.post(URL, said, content_type="application/json").status_code == 404
    settings.ANYMAIL = {"WEBHOOK_SECRET": "portal:secret"}
    assert client.post(URL, said, content_type="application/json").status_code == 400
    assert states(dorp)[AT] == Mail.OFFERED
    basic = {"Authorization": "Basic cG9ydGFsOnNlY3JldA=="}
    assert client.post(URL, said, content_type="application/json", headers=basic).status_code == 200
    assert states(dorp)[AT] == Mail.BOUNCED


def test_only_a_post_is_a_report(client, db):
    assert client.get(URL).status_code == 405


EVENTS = ("delivered", "failed", "temporary failed", "complained")


@pytest.mark.parametrize("events", list(permutations(EVENTS)), ids=" ".join)
def test_doubled_and_reversed_reports_lead_to_the_same_end(dorp, offered, post, events):
    with tenant(dorp.municipality.pk):
        dorp.municipality.fallback_email = AT
        dorp.municipality.save()
    for event in (*events, *events):
        assert post(offered, event) == 200
    assert states(dorp)[AT] == Mail.BOUNCED
    with tenant(dorp.municipality.pk):
        assert Mailbox.objects.bouncing().count() == 1
        assert OutboxMessage.objects.of(dorp.municipality).exclude(relay_of=None).count() == 1


@pytest.mark.parametrize("state", [Mail.READY, Mail.CLAIMED, Mail.GIVEN_UP])
@pytest.mark.parametrize(("event", "end"), [("delivered", Mail.DELIVERED), ("failed", Mail.BOUNCED)])
def test_a_report_that_overtakes_our_own_note_is_not_lost(dorp, offered, post, state, event, end):
    change(dorp, state=state, sent_at=None, provider_id="")
    assert post(offered, event) == 200
    outbox._settle(dorp.municipality, offered, Mail.OFFERED, provider_id="late")
    row = rows(dorp)[AT]
    assert (row.state, row.provider_id) == (end, "late")
    assert row.sent_at is not None


def test_what_arrived_after_a_cut_connection_is_not_sent_again(dorp, offered, post, settings):
    change(dorp, state=Mail.READY, sent_at=None, provider_id="")
    post(offered, "delivered")
    assert outbox.deliver() == {"sent": 0, "failed": 0}
    assert states(dorp)[AT] == Mail.DELIVERED


# -- a provider knows no tenant


def test_a_forged_token_opens_no_municipality(dorp, stad, offered, post):
    queue(stad, AT)
    theirs = rows(stad)[AT]
    before = everything(stad), everything(dorp)
    sure = f"{stad.municipality.pk}-{theirs.pk}"
    for token in ("", sure, f"{sure}:onzin", Signer(salt="x").sign(sure), offered.token.replace("-", "-1")):
        assert post(theirs, "failed", token=token) == 200
    assert (everything(stad), everything(dorp)) == before


def test_a_token_on_a_report_about_another_mail_is_not_believed(dorp, stad, offered, post):
    queue(stad, AT, "b@stad.example")
    other = rows(stad)["b@stad.example"]
    before = everything(stad), everything(dorp)
    post(offered, "failed", token=rows(stad)[AT].token)
    post(offered, "failed", message_id=other.message_id)
    post(offered, "failed", recipient="somebody@else.example")
    assert (everything(stad), everything(dorp)) == before


def test_a_mail_that_is_gone_is_no_fault(dorp, offered, post):
    with tenant(dorp.municipality.pk):
        OutboxMessage.objects.of(dorp.municipality).delete()
    assert post(offered, "failed") == 200
