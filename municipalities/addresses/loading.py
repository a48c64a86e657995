"""Reading the files of Statistics Netherlands (CBS): which postcode and number lie in which municipality.

The file of addresses has a line for each, like `1234AB;12;05990123;059901;0599`, below a line with the names of the
columns; it may be packed by gzip or zip. The years in those names do not matter.
"""

import csv
import gzip
import io
import re
import zipfile
from contextlib import contextmanager
from pathlib import Path

from django.db import connections, transaction

POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Z]{2}")
WEBSITE = re.compile(r"https?://[^\s\"'<>]{3,190}")
ADDRESS_COLUMNS = {"postcode": r"pc6|postcode", "number": r"huisnummer", "area": r"gem(?!.*naam)\w*"}
AREA_COLUMNS = {"code": r"(?:gem|gm)(?!.*naam)\w*|code", "name": r"\w*naam\w*|name"}
EXTRA_COLUMNS = {"phone": r"phone|telefoon\w*", "website": r"website"}
# A table beside the one that is read, put in its place at the end: meanwhile everybody reads the old one.
BEGIN = """
DROP TABLE IF EXISTS {table}_new;
CREATE TABLE {table}_new (LIKE {table} INCLUDING DEFAULTS);
CREATE TEMPORARY TABLE loaded (postcode varchar(6), number integer, area varchar(6)) ON COMMIT DROP;
"""
END = """
INSERT INTO {table}_new (postcode, number, area)
    SELECT postcode, number, min(area) FROM loaded GROUP BY postcode, number;
ALTER TABLE {table}_new ADD PRIMARY KEY (postcode, number);
REVOKE INSERT, UPDATE, DELETE ON {table}_new FROM portal_app;
ANALYZE {table}_new;
DROP TABLE {table};
ALTER TABLE {table}_new RENAME TO {table};
ALTER INDEX {table}_new_pkey RENAME TO {table}_pkey;
"""
TABLE = "municipalities_knownaddress"


class BadFile(Exception):
    """This file cannot be loaded; says where and why. Nothing was changed."""


def load(path):
    """Replace all known addresses by those of this file, as the owner of the tables. Returns how many there are.

    One COPY in one transaction; pages go on reading what was there. Raises BadFile.
    """
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(BEGIN.format(table=TABLE))
        with cursor.copy("COPY loaded (postcode, number, area) FROM STDIN") as copy:
            for row in addresses_in(path):
                copy.write_row(row)
        cursor.execute(END.format(table=TABLE))
        cursor.execute(f"SELECT count(*) FROM {TABLE}")  # noqa: S608 - the names in it are ours
        return cursor.fetchone()[0]


def load_areas(path):
    """Add the municipalities of this file, or change those that are there. Returns how many it has. Raises BadFile."""
    rows = list(areas_in(path))
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.executemany(
            "INSERT INTO municipalities_area (code, name, phone, url) VALUES (%s, %s, %s, %s) ON CONFLICT (code) "
            "DO UPDATE SET name = EXCLUDED.name, phone = EXCLUDED.phone, url = EXCLUDED.url",
            rows,
        )
    return len(rows)


def addresses_in(path):
    """(postcode, number, area) of every line. Raises BadFile."""
    is_empty = True
    for line, row in _rows(path, ADDRESS_COLUMNS):
        postcode, number, area = row["postcode"].replace(" ", "").upper(), row["number"], _area(row["area"])
        if not POSTCODE.fullmatch(postcode):
            raise BadFile(f"{path}, line {line}: {postcode!r} is not a postcode")
        if not (number.isascii() and number.isdecimal() and 0 < int(number) <= 99999):
            raise BadFile(f"{path}, line {line}: {number!r} is not a house number")
        if not area:
            raise BadFile(f"{path}, line {line}: {row['area']!r} is not the code of a municipality")
        is_empty = False
        yield postcode, int(number), area
    if is_empty:
        raise BadFile(f"{path}: there is no address in it")


def areas_in(path):
    """(code, name, phone, website) of every line; the last two may have no column. Raises BadFile."""
    for line, row in _rows(path, AREA_COLUMNS, EXTRA_COLUMNS):
        code, website = _area(row["code"]), row.get("website", "")
        if not code or not row["name"]:
            raise BadFile(f"{path}, line {line}: there is no code of a municipality, or no name")
        if website and not WEBSITE.fullmatch(website):
            raise BadFile(f"{path}, line {line}: {website!r} is not the address of a website")
        yield code, row["name"][:100], row.get("phone", "")[:20], website


def _area(text):
    digits = text.upper().removeprefix("GM")
    return f"GM{digits:0>4}" if digits.isascii() and digits.isdecimal() and len(digits) <= 4 else ""


def _rows(path, columns, more=None):
    """(number of the line, {column: text}) below the heading, by the places that the heading gives them."""
    with _opened(path) as stream:
        try:
            heading = stream.readline()
            lines = csv.reader(stream, delimiter=";" if ";" in heading else ",")
            names = [name.strip().strip('"') for name in re.split("[;,]", heading)]
            places = _places(path, names, columns, more or {})
            for row in lines:
                if row and len(row) <= max(places.values()):
                    raise BadFile(f"{path}, line {lines.line_num + 1}: there are too few columns")
                if row:
                    yield lines.line_num + 1, {name: row[place].strip() for name, place in places.items()}
        except (UnicodeDecodeError, csv.Error, EOFError, OSError, zipfile.BadZipFile) as error:
            raise BadFile(f"{path} cannot be read as text with columns: {type(error).__name__}") from None


def _places(path, names, columns, more):
    found = {
        column: next((place for place, name in enumerate(names) if re.fullmatch(pattern, name, re.IGNORECASE)), None)
        for column, pattern in {**columns, **more}.items()
    }
    missing = [column for column in columns if found[column] is None]
    if missing:
        raise BadFile(f"{path}: the first line names no column for {' and '.join(missing)}, but {', '.join(names)}")
    return {column: place for column, place in found.items() if place is not None}


@contextmanager
def _opened(path):
    """The text of this file, unpacked. Raises BadFile."""
    try:
        with _unpacked(Path(path)) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
            yield stream
    except (OSError, zipfile.BadZipFile) as error:
        raise BadFile(f"{path} cannot be opened: {type(error).__name__}") from None


@contextmanager
def _unpacked(path):
    if path.suffix == ".gz":
        with gzip.open(path) as raw:
            yield raw
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as package:
            inside = [name for name in package.namelist() if re.search(r"pc6hn?[^/]*\.csv$", name, re.IGNORECASE)]
            if len(inside) != 1:
                raise BadFile(f"{path}: there is no one file of addresses in it (pc6hnr….csv)")
            with package.open(inside[0]) as raw:
                yield raw
    else:
        with path.open("rb") as raw:
            yield raw
