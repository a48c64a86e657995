"""Anchors: where a ledger stood, signed, in a file that is never changed and in a mail that is kept elsewhere."""

import base64
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from followup.verification import verify
from municipalities import outbox, tasks
from municipalities.anchor_actions import anchor_all
from municipalities.models import LedgerEntry, Membership, OutboxMessage
from municipalities.tenancy import tenant

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINE = re.compile(
    r"(signaalpunt-anchor 1 municipality=\d+ slug=dorp number=\d+ hash=[0-9a-f]{64} at=2026-11-24T12:00:00Z "
    r"key=[0-9a-f]{16}) signature=([\w-]{86})\n"
)


@pytest.fixture(autouse=True)
def _anchors(settings, tmp_path):
    settings.ANCHOR_DIR = str(tmp_path)


@pytest.fixture
def recorded(transactional_db, dorp):
    """A municipality of which something is on record."""
    dorp.signal(assigned_to="worker")
    return dorp


def files():
    return sorted(Path(configured.ANCHOR_DIR).rglob("*.txt"))


def mails(cast):
    with tenant(cast.municipality.pk):
        found = OutboxMessage.objects.of(cast.municipality).filter(template="anchor").order_by("pk")
        return list(found.values_list("recipient", "context"))


def head(cast):
    with tenant(cast.municipality.pk):
        return LedgerEntry.objects.of(cast.municipality).order_by("-number").first()


def test_the_end_of_the_ledger_is_signed_in_a_file(recorded, capsys):
    assert anchor_all(now=NOON).as_dict() == {"anchored": 1, "unchanged": 0, "contradicted": []}
    (file,) = files()
    signed, signature = LINE.fullmatch(file.read_text()).groups()
    assert f"number={head(recorded).number} hash={bytes(head(recorded).hash).hex()}" in signed
    call_command("anchor_public_key")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(capsys.readouterr().out.strip()))
    public.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode())
    with pytest.raises(InvalidSignature):
        public.verify(base64.urlsafe_b64decode(signature + "=="), signed.replace("slug=dorp", "slug=stad").encode())


def test_what_did_not_move_gets_no_second_file(recorded):
    anchor_all(now=NOON)
    before = {file: (file.read_text(), file.stat().st_mtime_ns) for file in files()}
    assert anchor_all(now=NOON + HOUR).as_dict() == {"anchored": 0, "unchanged": 1, "contradicted": []}
    recorded.signal()
    tasks.anchor_history()
    assert len(files()) == 2
    assert {file: (file.read_text(), file.stat().st_mtime_ns) for file in before} == before
    assert verify().anchors == 2


def test_a_file_that_was_cut_off_is_left_as_it_is(recorded):
    anchor_all(now=NOON)
    (whole,) = files()
    os.chmod(whole, 0o600)
    whole.write_text(whole.read_text()[:50])
    anchor_all(now=NOON)
    cut, second = files()
    assert (cut, len(cut.read_text())) == (whole, 50)
    assert LINE.fullmatch(second.read_text())
    report = verify()
    assert (report.anchors, report.faults) == (1, [])


def test_the_privacy_officers_get_it_once_a_day(recorded):
    for hours in (0, 1, 11, 12, 13):
        anchor_all(now=NOON + hours * HOUR)
    told = mails(recorded)
    assert [address for address, _context in told] == ["privacy_officer@dorp.example"] * 2
    assert told[0][1] == {"line": files()[0].read_text().strip()}


def test_the_mail_says_what_the_file_says_and_nothing_about_anybody(recorded):
    anchor_all(now=NOON)
    with tenant(recorded.municipality.pk):
        mail = OutboxMessage.objects.get(template="anchor")
        email = outbox.rendered(recorded.municipality, mail)
    line = files()[0].read_text().strip()
    assert line in email.body
    assert line in email.alternatives[0].content
    assert set(mail.context) == {"line"}


def test_without_a_privacy_officer_the_last_resort_gets_it(recorded):
    with tenant(recorded.municipality.pk):
        Membership.objects.privacy_officers().update(is_active=False)
        last_resort = outbox.last_resort(recorded.municipality)
    anchor_all(now=NOON)
    assert [address for address, _context in mails(recorded)] == last_resort


def test_a_ledger_that_went_back_is_told_within_the_hour(recorded, capsys):
    anchor_all(now=NOON)
    (file,) = files()
    ahead = file.with_name(f"{head(recorded).number + 1:012}-1.txt")
    file.rename(ahead)
    with pytest.raises(SystemExit) as ended:
        call_command("anchor_history")
    assert ended.value.code == 1
    assert '"contradicted": ["dorp"]' in capsys.readouterr().out
    assert files() == [ahead]


def test_another_hash_under_an_anchored_number_is_told_as_well(recorded):
    anchor_all(now=NOON)
    (file,) = files()
    os.chmod(file, 0o600)
    text = file.read_text().replace("hash=", "hash=0")
    file.write_text(re.sub(r"(hash=\w{64})\w", r"\1", text))
    assert anchor_all(now=NOON + HOUR).contradicted == ["dorp"]
    assert len(files()) == 1


@pytest.mark.parametrize("name", ["ANCHOR_KEY", "ANCHOR_DIR"])
def test_without_key_or_directory_nothing_is_anchored_and_it_is_said(name, recorded, settings):
    setattr(settings, name, "")
    with pytest.raises(ImproperlyConfigured, match=name):
        anchor_all(now=NOON)


def test_a_municipality_without_records_has_nothing_to_anchor(transactional_db, dorp):
    assert anchor_all(now=NOON).as_dict() == {"anchored": 0, "unchanged": 0, "contradicted": []}
    assert files() == []


def test_an_earlier_key_still_counts_when_it_is_named(recorded, settings, capsys):
    anchor_all(now=NOON)
    call_command("anchor_public_key")
    earlier = capsys.readouterr().out.strip()
    settings.ANCHOR_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
    assert verify().fault_count == 1
    assert verify(keys=[earlier]).fault_count == 0
    settings.ANCHOR_PUBLIC_KEYS = [earlier]
    assert verify().fault_count == 0
