"""Sending: one draft becomes one signal, in one transaction, however often it is sent."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from municipalities.models import OutboxMessage
from municipalities.tenancy import tenant
from signals import actions, receipt
from signals.models import Draft, Reporter, Resident, Signal
from tests.cast import ADDRESS, WHO, WORRY
from tests.conftest import connect

AT_ONCE = 20
# The transaction's own BEGIN and COMMIT included; it has no savepoints.
STATEMENTS = 16


def page(draft, name):
    return f"/dorp/signaal/{draft.pk}/{name}/"


def count(cast, model):
    with tenant(cast.municipality.pk):
        return model.objects.of(cast.municipality).count()


def stored(cast):
    return {model.__name__: count(cast, model) for model in (Draft, Signal, Reporter, Resident, OutboxMessage)}


ONE_SIGNAL = {"Draft": 0, "Signal": 1, "Reporter": 1, "Resident": 1, "OutboxMessage": 1}
ONE_DRAFT = {"Draft": 1, "Signal": 0, "Reporter": 0, "Resident": 0, "OutboxMessage": 0}


def test_twenty_sends_at_the_same_moment_give_one_signal(transactional_db, dorp):
    draft = dorp.draft()
    together = Barrier(AT_ONCE)

    def send(_number):
        try:
            connection.ensure_connection()
            together.wait(20)
            return Client().post(page(draft, "controleren"))
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, range(AT_ONCE)))
    assert Counter((answer.status_code, answer.get("Location")) for answer in answers) == {
        (302, page(draft, "bedankt")): AT_ONCE
    }
    assert stored(dorp) == ONE_SIGNAL


def test_sending_once_more_leads_to_the_same_receipt(dorp, client):
    draft = dorp.draft()
    first, second = (client.post(page(draft, "controleren")) for _ in range(2))
    assert first["Location"] == second["Location"] == page(draft, "bedankt")
    assert stored(dorp) == ONE_SIGNAL


def test_sending_takes_one_transaction_and_so_many_statements(transactional_db, dorp, client):
    draft = dorp.draft()
    with CaptureQueriesContext(connection) as captured:
        assert client.post(page(draft, "controleren")).status_code == 302
    statements = [query["sql"] for query in captured]
    writing = [sql for sql in statements if re.match(r"(INSERT|UPDATE|DELETE|SELECT .* FOR UPDATE)", sql)]
    first, last = statements.index(writing[0]), statements.index(writing[-1])
    assert [sql for sql in statements if sql in ("BEGIN", "COMMIT")] == ["BEGIN", "COMMIT"]
    assert statements.index("BEGIN") < first < last < statements.index("COMMIT")
    assert len(statements) == STATEMENTS, "\n".join(sql[:90] for sql in statements)


@pytest.fixture
def mail_cannot_be_queued(transactional_db, dorp):
    """A fault at the very end of the transaction."""
    with connect("owner") as owner:
        owner.execute(
            """
            CREATE FUNCTION break_for_a_test() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
            CREATE CONSTRAINT TRIGGER break_for_a_test AFTER INSERT ON municipalities_outboxmessage
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_for_a_test();
            """
        )
    yield
    with connect("owner") as owner:
        owner.execute("DROP FUNCTION break_for_a_test CASCADE")


def test_a_fault_at_commit_leaves_the_draft_and_promises_nothing(mail_cannot_be_queued, dorp, client):
    draft = dorp.draft()
    with pytest.raises(DatabaseError):
        client.post(page(draft, "controleren"))
    assert stored(dorp) == ONE_DRAFT
    assert client.get(page(draft, "bedankt")).status_code == 410
    assert client.get(page(draft, "controleren")).status_code == 200


def test_no_thanks_before_sending(dorp, client):
    draft = dorp.draft()
    answer = client.get(page(draft, "bedankt"))
    assert answer.status_code == 410
    assert "code" not in answer.context


@pytest.mark.parametrize("step", ["zorg", "wie-bent-u", "adres"])
def test_an_incomplete_draft_is_not_sent_but_completed(dorp, client, step):
    draft = dorp.draft(**{step: {}})
    answer = client.post(page(draft, "controleren"))
    assert answer["Location"] == page(draft, step)
    assert stored(dorp) == ONE_DRAFT


def test_the_receipt_code_is_sixteen_digits_and_stays_the_same(dorp, client):
    draft = dorp.draft()
    client.post(page(draft, "controleren"))
    codes = {client.get(page(draft, "bedankt")).context["code"] for _ in range(3)}
    assert len(codes) == 1
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", codes.pop())


def test_every_draft_has_a_code_of_its_own(dorp):
    assert len({receipt.code_for(dorp.draft().pk) for _ in range(5)}) == 5


def test_of_the_receipt_code_only_the_fingerprint_is_stored(transactional_db, dorp):
    signal = dorp.signal()
    code = receipt.code_for(signal.draft)
    assert whereabouts(receipt.fingerprint(code)) == ["signals_signal"]
    assert whereabouts(code) == whereabouts(receipt.readable(code)) == []


def whereabouts(text):
    """The tables in which any column of any row holds this text."""
    with connect("superuser") as everything:
        tables = everything.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [
            table
            for (table,) in tables
            if everything.execute(
                f"SELECT count(*) FROM {table} AS row WHERE to_jsonb(row)::text LIKE %s", [f"%{text}%"]
            ).fetchone()[0]
        ]


def test_references_are_unique_and_can_be_read_aloud(dorp):
    references = [dorp.signal().reference for _ in range(10)]
    assert len(set(references)) == 10
    assert all(re.fullmatch(r"SP-20\d\d-[2-9B-DF-HJ-NP-TV-XZ]{6}", reference) for reference in references)


def receipts(cast):
    with tenant(cast.municipality.pk):
        return list(OutboxMessage.objects.of(cast.municipality))


def test_the_receipt_mail_goes_to_the_reporter_and_holds_no_personal_data(dorp):
    signal = dorp.signal()
    (mail,) = receipts(dorp)
    assert (mail.template, mail.recipient, mail.context["reference"]) == ("receipt", WHO["email"], signal.reference)
    personal = [WORRY["story"], *(WHO[field] for field in ("name", "email", "phone"))]
    personal += [ADDRESS[field] for field in ("postcode", "street", "person_name")]
    assert not [text for text in personal if text in str(mail.context)]


def test_without_an_address_there_is_no_mail(dorp):
    dorp.signal(**{"wie-bent-u": WHO | {"email": ""}})
    assert receipts(dorp) == []


def test_reporter_and_resident_are_kept_apart(dorp):
    signal = dorp.signal()
    with tenant(dorp.municipality.pk):
        reporter = Reporter.objects.of(dorp.municipality).get()
        resident = Resident.objects.of(dorp.municipality).get()
    assert (reporter.name, reporter.phone, reporter.kind) == (WHO["name"], WHO["phone"], WHO["kind"])
    assert (resident.name, resident.postcode, resident.street) == ("Jan de Wit", "1234 AB", "Lindelaan")
    assert (signal.reporter, signal.dossier.resident) == (reporter, resident)


def test_who_reports_about_themselves_is_both(dorp):
    answers = {"name": "Tineke", "email": "", "phone": "06 00000002", "may_call": False}
    address = {key: value for key, value in ADDRESS.items() if key != "person_name"}
    worry = {"signs": ["nobody"], "story": ""}
    signal = dorp.signal(about="self", **{"zorg": worry, "wie-bent-u": answers, "adres": address})
    assert (signal.reporter.kind, signal.reporter.may_be_named) == ("self", True)
    assert signal.reporter.name == signal.dossier.resident.name == "Tineke"


def test_the_moments_are_those_of_the_database(dorp):
    with tenant(dorp.municipality.pk):
        before = actions.now()
        signal = dorp.signal()
        assert before < signal.received_at < actions.now()
