"""`make faultlab`: the portal broken on purpose, on servers that the lab makes, breaks and throws away itself."""

import os

from signaalpunt.stack.environment import Environment
from signaalpunt.stack.manage import split
from signaalpunt.stack.passing import pass_through
from signaalpunt.stack.prepare import compile_texts
from signaalpunt.stack.surroundings import environment_with, python_command


def fault_lab(arguments: list[str]) -> int:
    """Run the lab and return its exit code: 1 when anything is red. It brings every setting itself."""
    Environment().ensure("test.txt")
    environment = environment_with({})
    compile_texts(environment)
    arguments = arguments or split(os.environ.get("ARGS", ""))
    return pass_through(python_command("-m", "tests.faultlab", *arguments), environment)
