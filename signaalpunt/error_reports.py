"""Errors, reported to a GlitchTip or Sentry of one's own: what went wrong and where in the code, and nothing else.

Off without ERROR_REPORT_DSN. The SDK's own ways of looking around are all off: the handler hands it a log record, and
what leaves is built anew from what is named here. When that fails nothing leaves.
"""

import atexit
import logging

from django.core.exceptions import ImproperlyConfigured
from sentry_sdk import Client
from sentry_sdk.utils import BadDsn

from signaalpunt.log_lines import error_of, places, sentence

# Anybody can cause the first with a made-up host; the others are those that send the report.
NOT_REPORTED = ("django.security", "sentry_sdk", "urllib3")
SILENT = {
    "default_integrations": False,
    "auto_enabling_integrations": False,
    "auto_session_tracking": False,
    "send_client_reports": False,
    "enable_backpressure_handling": False,
    "include_local_variables": False,
    "include_source_context": False,
    "max_breadcrumbs": 0,
    "spotlight": False,
    "debug": False,
}


class ErrorReports(logging.Handler):
    """Reports what is logged as an error. Raises ImproperlyConfigured for an address that is none."""

    def __init__(self, dsn="", words=()):
        super().__init__()
        self.words, self.client = frozenset(words), None
        if dsn:
            try:
                self.client = Client(dsn=dsn, before_send=self.whitelisted, **SILENT)
            except BadDsn:
                raise ImproperlyConfigured("ERROR_REPORT_DSN is not the address of a project.") from None
            atexit.register(self.client.close, timeout=2)

    def emit(self, record):
        if self.client is None or record.name.startswith(NOT_REPORTED):
            return
        try:
            report = {"message": sentence(record, self.words)}
            self.client.capture_event(report, hint={"record": record})
        except Exception:
            self.handleError(record)

    def handleError(self, record):
        """Nothing is sent and nothing is printed: the line stands in the log already."""

    def whitelisted(self, event, hint):
        """The event as it leaves. The SDK calls this last, and drops the event when it raises."""
        record = hint["record"]
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        return {
            "event_id": event["event_id"],
            "timestamp": event["timestamp"],
            "platform": "python",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": event["message"],
            "transaction": getattr(match, "url_name", None) or "",
            "exception": {"values": [_exception(kind, steps) for kind, steps in places(error_of(record))]},
        }


def _exception(kind, steps):
    module, _dot, name = kind.rpartition(".")
    frames = [
        {"filename": f"{where.replace('.', '/')}.py", "module": where, "lineno": line, "function": function}
        for where, line, function in steps
    ]
    return {"type": name, "module": module, "stacktrace": {"frames": frames}}
