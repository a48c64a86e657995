"""Whether the history is what was recorded: ledger, anchors, rows and the signals themselves, all worked out anew here.

Asks the database for bytes and for the names of columns, never for a digest or a comparison: none of its functions
that an administrator could have replaced is believed.
"""

from followup.verification.checks import CHECKS, Fault
from followup.verification.report import Report, verify
from followup.verification.rows import CHAINED

__all__ = ["CHAINED", "CHECKS", "Fault", "Report", "verify"]
