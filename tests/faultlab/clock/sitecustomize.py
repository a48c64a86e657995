"""Python reads this when a program starts whose clock the lab shifts: each of its processes says what time it is to it.

The kernel stamps the file with the true time, which nothing in the process can shift; the difference is the fault.
"""

import os
import time


def tell():
    with open(os.path.join(os.environ["LAB_CLOCKS"], str(os.getpid())), "w") as stream:
        stream.write(str(time.time()))


if "LAB_CLOCKS" in os.environ:
    tell()
    # A child of gunicorn or of the pool never starts Python anew.
    os.register_at_fork(after_in_child=tell)
