"""Cells of exports: text stays text, whatever a spreadsheet would like to make of it."""

import io
import re
import zipfile
from xml.sax.saxutils import escape, quoteattr

# Full-width forms too: a spreadsheet takes them for the plain ones.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
# What cannot stand in XML, escaped or not.
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns"
MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="{NAMESPACE}:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"""
CONTENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="{NAMESPACE}:office:1.0" xmlns:table="{NAMESPACE}:table:1.0"
 xmlns:text="{NAMESPACE}:text:1.0" office:version="1.3"><office:body><office:spreadsheet><table:table table:name="%s">
"""
END = "</table:table></office:spreadsheet></office:body></office:document-content>\n"


def plain(value):
    """The value as a cell that is never a formula; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


def spreadsheet(name, rows):
    """An OpenDocument spreadsheet (bytes) of these rows of texts and numbers. No text in it is ever a formula.

    By hand, row by row: a cell says of itself that it is text, and there is no way to say that it is a formula.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        # First and as it is, so that the type can be read off the file's first bytes.
        package.writestr("mimetype", MEDIA_TYPE, zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", MANIFEST)
        with package.open("content.xml", "w", force_zip64=True) as content:
            content.write((CONTENT % escape(name, {'"': "&quot;"})).encode())
            for row in rows:
                cells = "".join(map(_cell, row))
                content.write(f"<table:table-row>{cells}</table:table-row>\n".encode())
            content.write(END.encode())
    return made.getvalue()


def _cell(value):
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", str(value))
    kind = f'office:value-type="string" office:string-value={quoteattr(text)}'
    return f"<table:table-cell {kind}><text:p>{escape(text)}</text:p></table:table-cell>"
