"""`python3 -m signaalpunt.stack run|test|manage|…`: what the Makefile calls."""

import os
import signal
import sys
from pathlib import Path

from signaalpunt.stack.backups import backup, restore, restore_drill
from signaalpunt.stack.bench import bench
from signaalpunt.stack.faultlab import fault_lab
from signaalpunt.stack.guard import LIBC, PR_SET_PDEATHSIG
from signaalpunt.stack.manage import manage
from signaalpunt.stack.processes import interruption
from signaalpunt.stack.proof import prove
from signaalpunt.stack.run import run
from signaalpunt.stack.say import Refusal, sentence_for
from signaalpunt.stack.state import CHECKOUT, State, folder_for, refuse_when_nearly_full

INTERRUPTED = 130
BENCHES = {"bench-sweep", "bench-flood", "bench-login", "bench-ledger", "bench-submit"}
USAGE = """usage: python3 -m signaalpunt.stack run
       python3 -m signaalpunt.stack test [pytest arguments]
       python3 -m signaalpunt.stack manage [command and arguments]
       python3 -m signaalpunt.stack backup
       python3 -m signaalpunt.stack restore [--data file] [--keys file] [--replace]
       python3 -m signaalpunt.stack restore-drill
       python3 -m signaalpunt.stack bench-sweep|bench-flood|bench-login|bench-ledger|bench-submit [arguments]
       python3 -m signaalpunt.stack faultlab [scenarios]"""


def main(arguments: list[str]) -> int:
    """Carry out one command; what people can put right ends in a sentence and exit code 1."""
    interruption.listen()
    stop_with_make()
    os.umask(0o022)
    try:
        return carry_out(arguments)
    except Refusal as refusal:
        print(f"\n{refusal}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped; nothing is left running.", file=sys.stderr)
        return 0 if arguments == ["run"] else INTERRUPTED
    except OSError as error:
        if not (sentence := sentence_for(error)):
            raise
        print(f"\n{sentence}", file=sys.stderr)
    return 1


def carry_out(arguments: list[str]) -> int:
    match arguments:
        case ["run"]:
            return run(open_state())
        case ["test", *rest]:
            refuse_when_nearly_full(CHECKOUT)
            return prove(rest)
        case [command, *rest] if command in BENCHES:
            refuse_when_nearly_full(CHECKOUT)
            return bench(command.removeprefix("bench-"), rest)
        case ["faultlab", *rest]:
            refuse_when_nearly_full(CHECKOUT)
            return fault_lab(rest)
        case ["backup"]:
            return backup(open_state())
        case ["restore", *rest]:
            return restore(open_state(), rest)
        case ["restore-drill"]:
            return restore_drill(open_state())
        case ["manage", *rest]:
            return manage(open_state(), rest)
    raise Refusal(USAGE)


def open_state() -> State:
    refuse_when_nearly_full(CHECKOUT)
    return State(folder_for(CHECKOUT, os.geteuid() == 0)).open()


def stop_with_make() -> None:
    """Stop when the make that started us is killed: who kills that one means us."""
    if Path(f"/proc/{os.getppid()}/comm").read_text().strip() in ("make", "gmake"):
        LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
