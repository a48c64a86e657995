"""gunicorn's configuration for `make run`."""

import os
import signal
from typing import Any

from signaalpunt.stack.guard import LIBC, PR_SET_PDEATHSIG

workers = 2
loglevel = "warning"
control_socket_disable = True


def post_fork(_arbiter: Any, worker: Any) -> None:
    """End with the arbiter at once: by itself a worker looks for it every 15 s, and keeps the port until then."""
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != worker.ppid:
        os._exit(1)
