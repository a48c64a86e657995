"""`load_addresses`: the yearly file of Statistics Netherlands, and what is said when it is another."""

import gzip
import time
import zipfile
from threading import Event, Thread

import pytest
from django.core.management import CommandError

from municipalities.addresses import loading
from municipalities.models import Area, KnownAddress
from tests.conftest import connect
from tests.test_commands import run

HEADING = "PC6;Huisnummer;Buurt2025;Wijk2025;Gemeente2025\n"
GOOD = HEADING + "1234AB;12;05990123;059901;0599\n1234AB;14;0363AF01;0363AF;363\n9999ZZ;1;00010000;000100;0001\n"
MANY = 100_000

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def file(tmp_path):
    def write(text, name="pc6hnr20250801_gwb.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def known():
    return {(row.postcode, row.number): row.area for row in KnownAddress.objects.all()}


THREE = {("1234AB", 12): "GM0599", ("1234AB", 14): "GM0363", ("9999ZZ", 1): "GM0001"}


def test_a_good_file_is_loaded(file):
    assert run("load_addresses", str(file(GOOD))) == "3 addresses\n"
    assert known() == THREE


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(";", ","),
        GOOD.replace("1234AB", "1234 ab"),
        GOOD.replace("PC6;Huisnummer", '"PC6";"Huisnummer"').replace("2025", "2031"),
        GOOD.replace("Gemeente2025", "gemeentecode") + "1234AB;12;05990124;059901;0599\n",
    ],
    ids=["mark", "windows", "commas", "spaces", "quotes and another year", "one address in two districts"],
)
def test_small_differences_do_no_harm(file, text):
    run("load_addresses", str(file(text)))
    assert known() == THREE


def test_a_packed_file_is_loaded(file, tmp_path):
    run("load_addresses", str(file(gzip.compress(GOOD.encode()), "pc6hnr.csv.gz")))
    assert known() == THREE
    package = tmp_path / "2025-cbs-pc6huisnr20250801_buurt.zip"
    with zipfile.ZipFile(package, "w") as writing:
        writing.writestr("pc6hnr20250801_gwb.csv", GOOD.replace("9999ZZ", "9999ZY"))
        writing.writestr("gem2025.csv", "Gemcode2025;Gemeentenaam2025\n")
    run("load_addresses", str(package))
    assert ("9999ZY", 1) in known()


def test_loading_again_replaces_all_of_it(file):
    run("load_addresses", str(file(GOOD)))
    run("load_addresses", str(file(GOOD)))
    assert known() == THREE
    run("load_addresses", str(file(HEADING + "1111AA;1;x;x;0599\n")))
    assert known() == {("1111AA", 1): "GM0599"}


BAD = [
    ("", "names no column for postcode and number and area"),
    ("naam;adres\nx;y\n", "names no column for postcode and number and area, but naam, adres"),
    ("PC6;Huisnummer;Buurt2025\n1234AB;12;1\n", "names no column for area"),
    (HEADING, "no address in it"),
    (GOOD + "1234A;1;x;x;0599\n", "line 5: '1234A' is not a postcode"),
    (GOOD + "1234AB;twaalf;x;x;0599\n", "line 5: 'twaalf' is not a house number"),
    (GOOD + "1234AB;0;x;x;0599\n", "line 5: '0' is not a house number"),
    (GOOD + "1234AB;1;x;x;Dorp\n", "line 5: 'Dorp' is not the code of a municipality"),
    (GOOD + "1234AB;1\n", "line 5: there are too few columns"),
    (GOOD.encode() + b"\xff\xfe\xff", "cannot be read as text"),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[said[:50] for _text, said in BAD])
def test_a_bad_file_is_named_and_nothing_is_changed(file, text, said):
    run("load_addresses", str(file(GOOD)))
    with pytest.raises(CommandError, match=r"bad\.csv") as refusal:
        run("load_addresses", str(file(text, "bad.csv")))
    assert said in str(refusal.value)
    assert known() == THREE


@pytest.mark.parametrize("name", ["bad.zip", "bad.csv.gz", "missing.csv"])
def test_a_file_that_cannot_be_opened_is_named(file, tmp_path, name):
    if name != "missing.csv":
        file(GOOD, name)
    with pytest.raises(CommandError, match=name):
        run("load_addresses", str(tmp_path / name))


def test_without_a_file_or_an_owner_it_says_what_it_needs(file, monkeypatch):
    with pytest.raises(CommandError, match="--areas"):
        run("load_addresses")
    monkeypatch.setattr("municipalities.management.commands.load_addresses.connections", {})
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        run("load_addresses", str(file(GOOD)))


def test_a_hundred_thousand_lines_take_seconds(file):
    lines = (f"{1000 + n // 100}{'AB' if n % 2 else 'CD'};{n % 100 + 1};x;x;0599\n" for n in range(MANY))
    before = time.monotonic()
    assert run("load_addresses", str(file(HEADING + "".join(lines)))) == f"{MANY} addresses\n"
    assert time.monotonic() - before < 20, "a guard against a statement for each line, not a measurement"


def test_pages_read_the_old_table_while_the_new_one_is_loaded(file, monkeypatch):
    run("load_addresses", str(file(GOOD)))
    halfway, goes_on, rows = Event(), Event(), loading.addresses_in

    def slowly(path):
        yield from rows(path)
        halfway.set()
        goes_on.wait(20)

    monkeypatch.setattr(loading, "addresses_in", slowly)
    loads = Thread(target=loading.load, args=[file(HEADING + "1111AA;1;x;x;0599\n")])
    loads.start()
    assert halfway.wait(20)
    with connect("default") as serving:
        assert serving.execute("SELECT count(*) FROM municipalities_knownaddress").fetchone() == (3,)
    goes_on.set()
    loads.join()
    assert known() == {("1111AA", 1): "GM0599"}


def test_after_loading_who_serves_still_only_reads(file):
    run("load_addresses", str(file(GOOD)))
    with connect("default") as serving:
        may = "SELECT has_table_privilege('municipalities_knownaddress', %s)"
        assert serving.execute(may, ["SELECT"]).fetchone() == (True,)
        assert serving.execute(may, ["INSERT, UPDATE, DELETE, TRUNCATE"]).fetchone() == (False,)
    with connect("owner") as owner:
        indexes = owner.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'municipalities_knownaddress'")
        assert indexes.fetchall() == [("municipalities_knownaddress_pkey",)]


# -- municipalities


def test_municipalities_and_how_they_are_reached_are_loaded(file):
    text = "code;name;phone;website\nGM0599;Dorp;010 123;https://www.dorp.example/melden\n363;Stad;;\n"
    assert run("load_addresses", "--areas", str(file(text, "areas.csv"))) == "2 municipalities\n"
    run("load_addresses", "--areas", str(file(text.replace("010 123", "14 010"), "areas.csv")))
    rows = Area.objects.order_by("code").values_list("code", "name", "phone", "url")
    assert list(rows) == [("GM0363", "Stad", "", ""), ("GM0599", "Dorp", "14 010", "https://www.dorp.example/melden")]


def test_the_list_of_names_of_statistics_netherlands_is_loaded(file):
    run("load_addresses", "--areas", str(file("Gemcode2025;Gemeentenaam2025\n599;Súdwest-Dorp\n", "gem2025.csv")))
    assert Area.objects.get().name == "Súdwest-Dorp"


@pytest.mark.parametrize("website", ["javascript:alert(1)", "www.dorp.example", 'https://x.example/"><b>'])
def test_what_is_no_website_is_refused(file, website):
    path = file(f"code;name;phone;website\nGM0599;Dorp;;{website}\n", "areas.csv")
    with pytest.raises(CommandError, match=r"line 2: .* is not the address of a website"):
        run("load_addresses", "--areas", str(path))
