"""The file of a backup reads back whole, or says by name what is wrong with it."""

import os

import pytest

from municipalities.backups import sealed_file
from municipalities.backups.sealed_file import DATA, KEYS, SealedFileError, chunks, written

KEY = bytes(range(32))
BLOCK = 64 + sealed_file.TAG


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(sealed_file, "CHUNK", 64)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data.backup"


def write(path, text, pieces=7, key=KEY, kind=DATA):
    with written(path, key, kind) as add:
        for start in range(0, len(text), pieces):
            add(text[start : start + pieces])
    return path


def read(path, key=KEY, kind=DATA):
    return b"".join(chunks(path, key, kind))


def blocks(path):
    """(the header, the sealed chunks)."""
    raw = path.read_bytes()
    body = raw[sealed_file.HEADER :]
    return raw[: sealed_file.HEADER], [body[at : at + BLOCK] for at in range(0, len(body), BLOCK)]


def put(path, header, pieces):
    path.write_bytes(header + b"".join(pieces))


def assert_refused(path, words, **how):
    with pytest.raises(SealedFileError, match=words) as refused:
        read(path, **how)
    assert path.name in str(refused.value)


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 127, 128, 129, 1000])
@pytest.mark.parametrize("pieces", [1, 64, 1000])
def test_what_was_written_reads_back(path, length, pieces):
    text = os.urandom(length)
    assert read(write(path, text, pieces)) == text


def test_it_is_unreadable_without_the_key_and_for_its_owner_only(path):
    write(path, b"De gordijnen zijn dicht. " * 20)
    assert b"gordijnen" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_text_is_another_file_every_time(path, tmp_path):
    assert write(path, b"x" * 500).read_bytes()[22:] != write(tmp_path / "other", b"x" * 500).read_bytes()[22:]


@pytest.mark.parametrize("cut", range(0, 324, 13))
def test_a_file_that_was_cut_off_is_refused_wherever(path, cut):
    write(path, b"x" * 230)
    whole = path.read_bytes()
    assert len(whole) == 324
    path.write_bytes(whole[:cut])
    assert_refused(path, "cut off")


def test_every_single_byte_counts(path):
    write(path, b"x" * 150)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert_refused(path, "damaged|no backup of Signaalpunt|has format|is .* not a data file")


def test_chunks_in_another_order_are_refused_and_named(path):
    write(path, os.urandom(300))
    header, pieces = blocks(path)
    put(path, header, [pieces[0], pieces[2], pieces[1], *pieces[3:]])
    assert_refused(path, "another order: chunk 2 stands in the place of chunk 1")


def test_a_chunk_twice_or_left_out_is_refused(path):
    write(path, os.urandom(300))
    header, pieces = blocks(path)
    put(path, header, [pieces[0], *pieces])
    assert_refused(path, "another order")
    put(path, header, [pieces[0], *pieces[2:]])
    assert_refused(path, "another order")


def test_something_behind_the_end_is_refused(path):
    write(path, b"x" * 100)
    header, pieces = blocks(path)
    put(path, header, [pieces[0], pieces[1] + b"y" * (BLOCK - len(pieces[1])), b"z"])
    assert_refused(path, "damaged")
    write(path, b"x" * 128)
    header, pieces = blocks(path)
    put(path, header, [*pieces, b"z"])
    assert_refused(path, "something behind its end")


def test_a_chunk_of_another_file_is_refused(path, tmp_path):
    write(path, b"x" * 150)
    _header, others = blocks(write(tmp_path / "other", b"x" * 150))
    header, pieces = blocks(path)
    put(path, header, [pieces[0], others[1], pieces[2]])
    assert_refused(path, "damaged in chunk 1")


def test_another_key_is_named_as_such(path):
    write(path, b"x")
    assert_refused(path, "another BACKUP_KEY", key=bytes(32))


def test_a_keys_file_is_no_data_file(path):
    write(path, b"x", kind=KEYS)
    assert_refused(path, "is a keys file, not a data file")


def test_something_else_is_no_backup(path):
    path.write_bytes(b"PGDMP" + bytes(100))
    assert_refused(path, "no backup of Signaalpunt")


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert_refused(tmp_path / "gone.backup", "cannot be read")


def test_a_file_that_was_not_finished_is_not_there(path):
    def fails(add):
        add(b"x" * 500)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), written(path, KEY, DATA) as add:
        fails(add)
    assert not path.exists()


def test_a_frozen_file_still_opens(path):
    """Never change this to make a test green: a backup of years ago must restore."""
    path.write_bytes(bytes.fromhex(FROZEN))
    assert read(path) == b"De gordijnen zijn dicht. Al een week."


# Written down in 2026 by a program apart from ours.
FROZEN = (
    "5350424b0144c8c9cacbcccdcecfd0d1d2d3d4d5d6d7b71bffd79e860b6df1f4890e1d5245d5dbe3e1e782f2d9573a09d2bc"
    "52109ac941377716e2a2782879dfe459aa006412230a25a30b0bb12a8fefc97648"
)
