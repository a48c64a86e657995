"""Cells of exports: text stays text, whatever a spreadsheet would like to make of it."""

# Full-width forms too: a spreadsheet takes them for the plain ones.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001


def plain(value):
    """The value as a cell that is never a formula; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value
