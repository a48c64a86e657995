"""What the person at the keyboard reads: one line a step, and sentences instead of tracebacks."""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL_DISK = "The disk is full. Free at least 500 MB and give the same command again; nothing is lost."


class Refusal(Exception):
    """Something the person at the keyboard can put right; its text is the whole message."""


def say(sentence: str) -> None:
    print(sentence, flush=True)


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Say what is being done, and how many seconds it took once it is done."""
    print(f"{doing} ...", end=" ", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        say("not finished.")
        raise
    say(f"{time.monotonic() - began:.1f} s")


def sentence_for(error: OSError) -> str:
    """Return a plain sentence for the operating system's refusals that people meet, or an empty string."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL_DISK
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        where = error.filename or "this machine"
        return f"No permission to use {where}. Work in a folder of your own, or ask its owner for access."
    return ""


def last_lines(text: str, count: int = 15) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])


def tail_of(log: Path, start: int = 0) -> str:
    """Return the end of what a log gained since `start`, indented for reading below a sentence."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(start, log.stat().st_size - 20_000))
        return last_lines(stream.read().decode(errors="replace"))
