"""What stands in a log: what happened, where in the code and to which row. Never what somebody wrote.

Every line of every program passes `LogLine`. An exception is told by its type and the places in the code, since its
text and the values around it may be about somebody: PostgreSQL repeats the row that it refuses. A sentence counts as
safe when it stands in the code that logs it; what was composed on the way is left out, and so is every path, as the
key of a draft is a secret in an address.
"""

import logging
import logging.config
import re
import sys
import threading
import traceback

from django.core.exceptions import ImproperlyConfigured

OURS = "portal"
HIDDEN = "…"
WORD = re.compile(r"[A-Za-z0-9_.:-]{1,60}")
# Whose text names settings and never holds their values.
SPEAKING = (ImproperlyConfigured,)


class LogLine(logging.Formatter):
    """One line, and under it the exception. `words` are names that any message may fill in, such as those of tasks.

    A record that cannot be written this way is reduced to the name of its logger and its level.
    """

    def __init__(self, words=()):
        super().__init__("%(asctime)s %(levelname)s %(name)s")
        self.words = frozenset(words)

    def format(self, record):
        try:
            said = [super().formatMessage(self._stamped(record)), sentence(record, self.words), *facts(record)]
            return "\n".join([" ".join(filter(None, said)), *_told(error_of(record))])
        except Exception:
            return f"{record.name} {record.levelname}"

    def _stamped(self, record):
        record.asctime = self.formatTime(record)
        return record


def sentence(record, words=frozenset()):
    """The message as a programmer wrote it, with numbers and known words filled in; empty when it was composed."""
    if not _stands_in_code(record.msg):
        return ""
    is_ours = record.name.split(".")[0] == OURS
    try:
        return record.msg % _shown(record.args, words, is_ours) if record.args else record.msg
    except (TypeError, ValueError, KeyError):
        return record.msg


def facts(record):
    """What Django adds to its records that is about nobody: the status, and the name of the page."""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    status, page = getattr(record, "status_code", None), getattr(match, "url_name", None)
    return [f"{name}={value}" for name, value in (("status", status), ("page", page)) if value]


def error_of(record):
    """The exception that a record is about, if any."""
    return record.exc_info[1] if isinstance(record.exc_info, tuple) else None


def places(error):
    """[(type, [(module, line, function)])] of an exception and of those that led to it, the first cause first."""
    chain = []
    while error is not None and len(chain) < 10:
        steps = [_place(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)]
        chain.insert(0, (f"{type(error).__module__}.{type(error).__qualname__}", steps))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def configure(config):
    """Set logging up, and have whatever else writes to stderr by itself write through it too: LOGGING_CONFIG."""
    logging.config.dictConfig(config)
    logging.captureWarnings(True)
    # A handler that fails would print the record with all that was to be left out.
    logging.raiseExceptions = False
    sys.excepthook = _uncaught
    threading.excepthook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _uncaught(kind, error, trace):
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    elif error is not None:
        logging.getLogger("portal.uncaught").critical("nothing caught this", exc_info=(kind, error, trace))


def _stands_in_code(template):
    """Whether one of the functions that are at work now has exactly this text in it, or its module as a constant."""
    frame = sys._getframe(1)
    while isinstance(template, str) and frame is not None:
        constants = [value for name, value in frame.f_globals.items() if name.isupper() and isinstance(value, str)]
        if template in frame.f_code.co_consts or template.strip() in map(str.strip, constants):
            return True
        frame = frame.f_back
    return False


def _shown(value, words, is_ours):
    if isinstance(value, dict):
        return {name: _shown(part, words, is_ours) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_shown(part, words, is_ours) for part in value)
    if value is None or type(value) in {int, float, bool}:
        return value
    is_word = type(value) is str and (value in words or (is_ours and WORD.fullmatch(value)))
    return value if is_word else HIDDEN


def _place(frame, line):
    return frame.f_globals.get("__name__", "?"), line, getattr(frame.f_code, "co_qualname", frame.f_code.co_name)


def _told(error):
    """The lines under a record: types and places, oldest first, as in a traceback."""
    lines = []
    for kind, steps in places(error):
        lines += [f"    {module}:{line} {function}" for module, line, function in steps]
        lines.append(f"  {kind}")
    return [*lines, f"  {error}"] if isinstance(error, SPEAKING) else lines
