"""A new version of the vault's key: everything that lasts is brought along, and a missing one is named."""

import base64
import json
import os
import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.db import connection

from followup import watchdog
from followup.models import ContactEntry
from municipalities import vault, vault_versions
from municipalities.accounts import StaffMFAAdapter
from municipalities.models import KeyVersion, VaultKey
from municipalities.tenancy import tenant
from municipalities.vault import VaultError
from signals.models import Draft

NOTE = "De buurvrouw belde na vieren."
SECRET = "JBSWY3DPEHPK3PXP"


def other_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def rotate(*arguments):
    output = StringIO()
    call_command("rotate_vault_keys", *arguments, stdout=output)
    assert output.getvalue().count("\n") == 1
    return json.loads(output.getvalue())


def new_version(settings):
    settings.VAULT_KEYS = settings.VAULT_KEYS | {"2": other_key()}


def noted(cast):
    """A signal of this cast with a note."""
    signal = cast.signal(assigned_to="worker")
    cast.contact(signal, note=NOTE)
    return signal


def stored(cast):
    """{subject: wrapped} and what is sealed under these keys."""
    with tenant(cast.municipality.pk):
        keys = {key.subject: bytes(key.wrapped) for key in VaultKey.objects.of(cast.municipality)}
        texts = {entry.pk: bytes(entry.sealed_note) for entry in ContactEntry.objects.of(cast.municipality)}
    return keys, texts


def notes(cast):
    with tenant(cast.municipality.pk):
        return [entry.note for entry in ContactEntry.objects.of(cast.municipality)]


def test_keys_are_brought_along_and_the_sealed_rows_stay_as_they_are(dorp, stad, settings):
    noted(dorp), noted(dorp), noted(stad)
    (old_keys, texts), old = stored(dorp), settings.VAULT_KEYS
    new_version(settings)
    told = rotate()
    assert (told["newest"], told["brought_along"], told["failed"]) == (2, 3, 0)
    assert told["under"]["2"] == {"municipalities.VaultKey": 3}
    keys, texts_after = stored(dorp)
    assert {wrapped[0] for wrapped in keys.values()} == {2}
    assert keys.keys() == old_keys.keys()
    assert texts_after == texts
    settings.VAULT_KEYS = {"2": settings.VAULT_KEYS["2"]}
    assert notes(dorp) == [NOTE, NOTE]
    settings.VAULT_KEYS = old
    with pytest.raises(VaultError):
        notes(dorp)


def test_repeating_it_changes_nothing(dorp, settings):
    noted(dorp)
    new_version(settings)
    rotate()
    before = stored(dorp)
    assert rotate()["brought_along"] == 0
    assert stored(dorp) == before


def test_one_municipality_at_a_time(dorp, stad, settings):
    noted(dorp), noted(stad)
    new_version(settings)
    told = rotate("--municipality", "dorp")
    assert told["brought_along"] == 1
    assert {version: counts["municipalities.VaultKey"] for version, counts in told["under"].items()} == {
        "1": 1,
        "2": 1,
    }
    with pytest.raises(CommandError, match="/elders/"):
        rotate("--municipality", "elders")


def test_an_inactive_municipality_is_not_forgotten(dorp, settings):
    noted(dorp)
    dorp.municipality.is_active = False
    with tenant(dorp.municipality.pk):
        dorp.municipality.save()
    new_version(settings)
    assert rotate()["brought_along"] == 1


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_same_address_is_found_after_it(dorp, settings):
    signal = dorp.signal()
    new_version(settings)
    assert rotate()["addresses"] == 1
    assert rotate()["addresses"] == 0
    settings.VAULT_KEYS = {"2": settings.VAULT_KEYS["2"]}
    residents = [dorp.fresh(row).dossier.resident for row in (signal, dorp.signal())]
    assert len({resident.address_fingerprint for resident in residents}) == 1


def test_second_factors_come_along_and_used_recovery_codes_stay_used(dorp, settings):
    TOTP.activate(dorp.worker, SECRET)
    codes = RecoveryCodes.activate(dorp.worker)
    first = codes.get_unused_codes()[0]
    assert codes.validate_code(first)
    left = codes.get_unused_codes()
    new_version(settings)
    assert rotate()["under"] == {"2": {"second_factors": 2}}
    settings.VAULT_KEYS = {"2": settings.VAULT_KEYS["2"]}
    kept = {instance.type: instance for instance in Authenticator.objects.filter(user=dorp.worker)}
    assert TOTP(kept["totp"]).validate_code(code_of(SECRET))
    after = RecoveryCodes(kept["recovery_codes"])
    assert after.get_unused_codes() == left
    assert not after.validate_code(first)


def test_a_code_used_while_its_secret_is_brought_along_stays_used(dorp, settings, monkeypatch):
    codes = RecoveryCodes.activate(dorp.worker)
    first = codes.get_unused_codes()[0]
    reseal = vault_versions.reseal

    def used_meanwhile(sealed):
        assert RecoveryCodes(codes.instance).validate_code(first)
        return reseal(sealed)

    monkeypatch.setattr(vault_versions, "reseal", used_meanwhile)
    new_version(settings)
    assert rotate()["failed"] == 0
    assert first not in RecoveryCodes(Authenticator.objects.get()).get_unused_codes()


def test_a_secret_that_is_replaced_meanwhile_is_not_put_back(dorp, settings, monkeypatch):
    TOTP.activate(dorp.worker, SECRET)
    reseal, newer = vault_versions.reseal, StaffMFAAdapter().encrypt("NEWERNEWERNEWERN")

    def replaced_meanwhile(sealed):
        Authenticator.objects.update(data={"secret": newer})
        return reseal(sealed)

    monkeypatch.setattr(vault_versions, "reseal", replaced_meanwhile)
    new_version(settings)
    assert rotate()["under"]["1"] == {"second_factors": 1}
    assert Authenticator.objects.get().data == {"secret": newer}


def test_what_goes_by_itself_is_counted_and_new_texts_are_under_the_newest(dorp, settings):
    draft = dorp.draft()
    client = dorp.client("worker")
    session = client.session
    session["unsent"] = base64.b64encode(vault.seal_for(0, "{}", context="unsent")).decode()
    session.save()
    new_version(settings)
    assert rotate()["under"] == {"1": {"signals.Draft": 1, "unsent_forms": 1}}
    with tenant(dorp.municipality.pk):
        draft.answers = draft.answers
        draft.save()
        assert Draft.objects.get().sealed[0] == 2
    assert rotate()["under"]["1"] == {"unsent_forms": 1}


def test_what_cannot_be_opened_stays_as_it_is_and_is_said(dorp, stad, settings):
    noted(dorp), noted(stad)
    before = stored(dorp)
    settings.VAULT_KEYS = {"2": other_key()}
    with pytest.raises(CommandError, match="2 could not be opened"):
        rotate()
    assert stored(dorp) == before


# -- a version that is missing is named


def swept():
    call_command("sweep", stdout=StringIO())


def test_the_watchdog_names_a_version_that_something_still_needs(dorp, settings):
    noted(dorp)
    TOTP.activate(dorp.worker, SECRET)
    swept()
    assert watchdog.look().failures() == []
    new_version(settings)
    settings.VAULT_KEYS = {"2": settings.VAULT_KEYS["2"]}
    assert watchdog.look().missing_vault_versions == [1]
    assert "missing_vault_versions" in watchdog.look().failures()


def test_second_factors_alone_are_reason_enough(dorp, settings):
    TOTP.activate(dorp.worker, SECRET)
    settings.VAULT_KEYS = {"2": other_key()}
    assert watchdog.look().missing_vault_versions == [1]


def test_after_the_change_the_old_version_is_missed_by_nobody(dorp, settings):
    noted(dorp)
    TOTP.activate(dorp.worker, SECRET)
    new_version(settings)
    rotate()
    settings.VAULT_KEYS = {"2": settings.VAULT_KEYS["2"]}
    assert watchdog.look().missing_vault_versions == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT version FROM municipalities_keyversion ORDER BY 1")
        assert cursor.fetchall() == [(1,), (2,)]


def test_the_database_itself_notes_the_version_of_whatever_key_is_written(in_dorp):
    VaultKey.objects.create(municipality=in_dorp.municipality, wrapped=b"\x09" + bytes(60))
    assert [noted.version for noted in KeyVersion.objects.of(in_dorp.municipality)] == [9]
