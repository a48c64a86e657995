"""A municipality with a row in every table of its own, and connections that come to the database by themselves."""

from contextlib import contextmanager
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from followup.actions import erasing, requests
from followup.actions.acknowledging import acknowledge
from followup.actions.escalation import sweep
from followup.actions.informing import record_informed
from followup.actions.rectifying import record_rectification
from followup.actions.warning import warn_everywhere
from followup.models import Ground, RetentionTerm
from municipalities.models import Holiday, Invitation, Ladder, Mailbox, Partner, SignOn, UnreachedMail
from municipalities.tenancy import tenant
from signals import actions
from signals.models import ReporterLink, Resident
from tests.conftest import connect


def live_in(cast):
    """One row at least in every table of this municipality, by the product's own verbs."""
    with tenant(cast.municipality.pk):
        Partner.objects.create(municipality=cast.municipality, name="Kapper", code=f"kapper-{cast.slug}")
        sign_on = SignOn(municipality=cast.municipality, issuer="https://inloggen.example", client_id="portaal")
        sign_on.seal("geheim van het portaal")
        sign_on.save()
        Mailbox.objects.create(municipality=cast.municipality, fingerprint="0" * 64, mail=1)
        UnreachedMail.objects.create(municipality=cast.municipality, pk=cast.municipality.pk, since=actions.now())
        Invitation.objects.create(
            municipality=cast.municipality,
            email="komt@dorp.example",
            name="Komt Nog",
            role="manager",
            by=cast.manager,
            expires_at=actions.now() + timedelta(days=7),
        )
        Resident.objects.create(municipality=cast.municipality, place="Nog zonder dossier")
        Holiday.objects.create(municipality=cast.municipality, date="2026-12-25", name="Kerst", by=cast.manager)
    cast.draft()
    signal = cast.signal(assigned_to="worker")
    with tenant(cast.municipality.pk):
        until = actions.now() + timedelta(minutes=1)
        actions.pause(signal=signal, reason="agreed", until=until, by=cast.coordinator)
    cast.contact(signal, kind="phone", result="no_answer", note="Belt na vieren terug.")
    live_with_rights(cast, signal)
    cast.client("coordinator").get(reverse("dossier", args=[cast.slug, signal.reference]))
    with tenant(cast.municipality.pk):
        actions.protect(signal=signal, reason="colleague", by=cast.coordinator)
    sweep(caller="test", now=cast.fresh(signal).clock_due_at + timedelta(hours=1))
    with tenant(cast.municipality.pk):
        Ladder.objects.create(municipality=cast.municipality)
        acknowledge(signal=signal, until=actions.now() + timedelta(hours=1), by=cast.coordinator)
        _keep_and_erase(cast)
    return cast


def _keep_and_erase(cast):
    """A term of its own, a hold that was lifted, and one dossier that is gone."""
    RetentionTerm.objects.create(municipality=cast.municipality, result_class="helped", days=90)
    erasing.hold(dossier=cast.signal().dossier, reason="procedure", by=cast.privacy_officer)
    signal = cast.signal()
    cast.contact(signal, by="coordinator")
    actions.close(signal=signal, reason="helped", by=cast.coordinator)
    erasing.hold(dossier=signal.dossier, reason="complaint", by=cast.coordinator)
    erasing.lift_hold(dossier=signal.dossier, by=cast.coordinator)
    warn_everywhere(cast.fresh(signal).closed_at + timedelta(days=80))
    dossiers, ground = [signal.dossier_id], Ground.REQUEST
    disposal = erasing.propose(municipality=cast.municipality, dossiers=dossiers, ground=ground, by=cast.coordinator)
    erasing.approve(disposal=disposal, by=cast.privacy_officer)


def live_with_rights(cast, signal, text="Nee."):
    """A row about this signal in every table of what people may ask about their data; `text` is what is said."""
    today = timezone.localdate()
    with tenant(cast.municipality.pk):
        said = {"said_by": "person", "said_on": today, "by": cast.coordinator}
        # Taken back in the end, or nobody would be sent to this address any more.
        wish = actions.record_wish(signal=signal, kind="objection", **said)
        actions.decide_wish(signal=signal, wish=wish, choice="go", reason="danger", by=cast.coordinator)
        actions.withdraw_wish(signal=signal, wish=wish, **said)
        ReporterLink.objects.create(municipality=cast.municipality, signal=signal)
        word = actions.add_afterword(signal=signal, kind="added", text=text)
        actions.note_seen(word=word, by=cast.coordinator)
        actions.change_reporter(
            signal=signal, by=cast.coordinator, phone="06 00000002", email=f"{text.strip('.')}@nieuw.example"
        )
        record_rectification(signal=signal, about="reported", wrong=text, right="Ja.", by=cast.coordinator)
        record_informed(signal=signal, way="letter", informed_on=today, by=cast.coordinator)
        asked = {"channel": "letter", "identity": "known", "asked_on": today}
        request = requests.ask(signal=signal, by=cast.coordinator, **asked)
        requests.draft(request=request, withheld=[], by=cast.coordinator)


@contextmanager
def as_role(role, cast=None):
    """A connection of this role in one transaction, in the tenant of this cast, rolled back at the end."""
    with connect(role) as connection, connection.transaction(force_rollback=True):
        if cast:
            enter(connection, cast)
        yield connection


def enter(connection, cast):
    connection.execute("SELECT set_config('app.municipality', %s, true)", [str(cast.municipality.pk)])


def one(connection, sql, *parameters):
    """The one value that this statement gives."""
    return connection.execute(sql, parameters).fetchone()[0]


def copy(connection, table, **changes):
    """Insert a second row like the first one that is visible, with these columns changed (SQL expressions)."""
    columns = ", ".join(_given(connection, table))
    values = ", ".join(f"'{column}', {expression}" for column, expression in changes.items())
    return connection.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM (SELECT "
        f"(jsonb_populate_record(row, jsonb_build_object({values}))).* FROM {table} AS row LIMIT 1) AS made RETURNING *"
    )


def _given(connection, table):
    """The columns that are not worked out by the database."""
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = ''",
        [table],
    )
    return [column for (column,) in rows]
