"""What is sealed opens in its own row, field and municipality only; what cannot be opened is neither shown nor lost."""

import ast
import base64
import json
import os

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.db import connection
from django.db.models import BinaryField
from django.urls import reverse
from simple_history.models import HistoricalChanges

from followup.actions.rectifying import record_rectification
from followup.models import ContactEntry
from municipalities import vault
from municipalities.models import VaultKey
from municipalities.tenancy import tenant
from municipalities.vault import VaultError
from signals.actions import add_afterword, change_reporter
from signals.models import Draft
from tests.cast import WHO
from tests.test_architecture import app_files, module_of
from tests.test_conventions import OURS

NOTE = "De buurvrouw belde na vieren."
# Where text or keys are sealed directly below a municipality's or the portal's key; a change of keys reaches each.
SEALS_DIRECTLY = {
    "municipalities.models.keys": "VaultKey",
    "municipalities.accounts": "second factors",
    "municipalities.sessions": "what was typed on an ended session",
    "signals.models.draft": "Draft",
    "municipalities.models.sign_on": "SignOn",
    "municipalities.password_actions": "an address for a minute; what cannot be opened is dropped",
}


def other_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def append_only_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only_rows'")
        return {table for (table,) in cursor.fetchall()}


def test_every_personal_field_that_cannot_be_erased_is_sealed(db):
    """Derived: whatever table is append-only in the database, by whichever floor."""
    models = {model._meta.db_table: model for model in OURS}
    assert "followup_contactentry" in append_only_tables() <= set(models)
    for model in (models[table] for table in append_only_tables()):
        if issubclass(model, HistoricalChanges):
            continue  # nothing personal in it: tests/test_conventions.py
        for name in model.personal_fields:
            assert isinstance(model._meta.get_field(name), BinaryField), f"{model}.{name} is readable for ever"
            assert name in model.sealed_by_a_subject, f"{model}.{name} has no key that can be destroyed"


def test_what_is_said_to_be_sealed_is(in_dorp):
    """For every such field: what is stored holds nothing of the text, and opens by the property that it names."""
    signal = in_dorp.signal(assigned_to="worker")
    rows = [
        in_dorp.contact(signal, note=NOTE),
        record_rectification(signal=signal, about="reported", wrong=NOTE, right="Nee.", by=in_dorp.worker),
        change_reporter(signal=signal, by=in_dorp.coordinator, name="Nora", phone=""),
        add_afterword(signal=signal, kind="added", text=NOTE),
    ]
    assert {type(row) for row in rows} == {model for model in OURS if getattr(model, "sealed_by_a_subject", {})}
    opened = []
    for row in rows:
        for field, name in row.sealed_by_a_subject.items():
            opened.append(getattr(row, name))
            assert NOTE.encode() not in bytes(getattr(row, field))
            assert WHO["name"].encode() not in bytes(getattr(row, field))
    assert opened == [NOTE, (NOTE, "Nee."), {"name": WHO["name"], "phone": WHO["phone"], "may_call": True}, NOTE]


def test_whatever_seals_directly_below_a_municipality_is_found_by_a_change_of_keys():
    calling = {
        module_of(path)
        for path in app_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"seal_for", "wrap"} and node.value.id == "vault"
    }
    assert calling == set(SEALS_DIRECTLY)
    declared = {model.__module__ for model in apps.get_models() if getattr(model, "sealed_by_the_municipality", "")}
    assert declared == {module for module in SEALS_DIRECTLY if ".models." in module}


# -- swapped rows, fields and municipalities


@pytest.fixture
def signal(in_dorp):
    return in_dorp.signal(assigned_to="worker")


def test_a_note_does_not_open_in_the_entry_of_another_signal(in_dorp, signal):
    first = in_dorp.contact(signal, note=NOTE)
    second = in_dorp.contact(in_dorp.signal(assigned_to="worker"), note=NOTE)
    second.sealed_note = first.sealed_note
    with pytest.raises(VaultError):
        assert second.note


def test_a_note_does_not_open_as_another_field_or_table(in_dorp, signal):
    entry = in_dorp.contact(signal, note=NOTE)
    for context in (f"followup_contactentry|{entry.pk}|other", f"signals_draft|{entry.pk}|note"):
        with pytest.raises(VaultError):
            vault.unseal(signal.vault_key, entry.sealed_note, context=context)


def test_the_key_of_one_signal_does_not_open_as_that_of_another(in_dorp, signal):
    keys = VaultKey.objects.of(in_dorp.municipality)
    in_dorp.contact(signal, note=NOTE)
    row = keys.get(subject=signal.pk)
    row.subject = in_dorp.signal().pk
    with pytest.raises(VaultError):
        row.unwrapped()


def test_nothing_opens_in_another_municipality(dorp, stad):
    signal = dorp.signal(assigned_to="worker")
    dorp.contact(signal, note=NOTE)
    draft = dorp.draft()
    with tenant(dorp.municipality.pk):
        row = VaultKey.objects.get(subject=signal.pk)
    row.municipality_id = draft.municipality_id = stad.municipality.pk
    with pytest.raises(VaultError):
        row.unwrapped()
    with pytest.raises(VaultError):
        assert draft.answers


def test_a_draft_does_not_open_in_another_row(dorp):
    first, second = dorp.draft(), dorp.draft()
    second.sealed = first.sealed
    with pytest.raises(VaultError):
        assert second.answers


# -- a wrong or a missing key: a clear page without data, and nothing is written over what is sealed


@pytest.fixture(params=["wrong", "missing"])
def no_key(request, settings):
    """From when it is called the key is not the one that things were sealed under."""

    def take():
        (version,) = settings.VAULT_KEYS
        settings.VAULT_KEYS = {version: other_key()} if request.param == "wrong" else {"77": other_key()}

    return take


def quiet(client):
    client.raise_request_exception = False
    return client


def assert_closed(answer, *secrets):
    text = answer.content.decode()
    assert answer.status_code == 503
    assert "Dit kan nu niet worden geopend" in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert [secret for secret in secrets if secret in text] == []


def test_a_dossier_without_its_key_says_so_and_shows_nothing(dorp, no_key, caplog):
    signal = dorp.signal(assigned_to="worker")
    entry = dorp.contact(signal, note=NOTE)
    no_key()
    worker = quiet(dorp.client("worker"))
    for path in (
        reverse("dossier", args=[dorp.slug, signal.reference]),
        reverse("correct_contact", args=[dorp.slug, signal.reference, entry.pk]),
    ):
        assert_closed(worker.get(path), signal.reference, NOTE, "Jan de Wit", bytes(entry.sealed_note).hex())
    assert NOTE not in caplog.text


def test_a_note_without_its_key_is_not_written_over(dorp, no_key, settings):
    signal = dorp.signal(assigned_to="worker")
    entry = dorp.contact(signal, note=NOTE)
    right = settings.VAULT_KEYS
    no_key()
    with pytest.raises(VaultError):
        dorp.contact(signal, note="Over de eerste heen.")
    settings.VAULT_KEYS = right
    with tenant(dorp.municipality.pk):
        (kept,) = ContactEntry.objects.for_signal(signal)
        assert (kept.pk, kept.note) == (entry.pk, NOTE)


def test_a_draft_without_its_key_is_neither_shown_nor_written_over(dorp, no_key, settings):
    draft = dorp.draft()
    right = settings.VAULT_KEYS
    no_key()
    visitor = quiet(dorp.client())
    path = f"/dorp/signaal/{draft.pk}"
    assert_closed(visitor.get(f"{path}/adres/"), "Jan de Wit", "Lindelaan")
    assert_closed(visitor.post(f"{path}/zorg/", {"signs": ["post"], "story": "Iets anders"}), "gordijnen")
    assert_closed(visitor.post(f"{path}/controleren/"), "gordijnen")
    settings.VAULT_KEYS = right
    with tenant(dorp.municipality.pk):
        assert Draft.objects.get(pk=draft.pk).answers == draft.answers


def test_a_second_factor_without_its_key_is_no_way_in_and_stays(dorp, no_key, settings):
    TOTP.activate(dorp.worker, "JBSWY3DPEHPK3PXP")
    instance = dorp.worker.authenticator_set.get()
    before = dict(instance.data)
    no_key()
    with pytest.raises(VaultError):
        TOTP(instance).validate_code("123456")
    instance.refresh_from_db()
    assert instance.data == before


def test_what_was_typed_on_an_ended_session_waits_for_the_key(dorp, no_key, settings):
    client = quiet(dorp.client("worker"))
    kept = {"user": dorp.worker.pk, "path": "/dorp/vandaag/", "fields": {"note": [NOTE]}}
    session = client.session
    session["unsent"] = base64.b64encode(vault.seal_for(0, json.dumps(kept), context="unsent")).decode()
    session.save()
    right = settings.VAULT_KEYS
    no_key()
    assert_closed(client.get(reverse("unsent")), NOTE)
    settings.VAULT_KEYS = right
    assert NOTE in client.get(reverse("unsent")).content.decode()
    assert NOTE in client.get(reverse("unsent")).content.decode(), "until it is sent or dropped"
