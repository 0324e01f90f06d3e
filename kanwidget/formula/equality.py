"""Whether sympy can prove two expressions equal, in a process of its own that is stopped in time."""

from __future__ import annotations

import pickle
import subprocess
import sys

import sympy

# expressions travel pickled from this process to its own child; no text is read as code
_CHILD = """
import pickle, sys, sympy
a, b = pickle.load(sys.stdin.buffer)
def arguments(a, b):
    while a.func == b.func and len(a.args) == len(b.args) == 1:
        a, b = a.args[0], b.args[0]
    return a - b
for difference in (a - b, arguments(a, b), sympy.log(a) - sympy.log(b)):
    for attempt in (
        lambda d: d,
        sympy.expand,
        lambda d: sympy.expand(d, trig=True),
        lambda d: sympy.expand(sympy.expand_log(d)),
        lambda d: sympy.expand(d.rewrite(sympy.exp)),
        lambda d: sympy.cancel(sympy.together(sympy.expand(d, trig=True))),
        sympy.logcombine,
        sympy.simplify,
        lambda d: sympy.simplify(d.rewrite(sympy.exp)),
    ):
        try:
            if attempt(difference) == 0:
                print("equal")
                sys.exit()
        except (ArithmeticError, AttributeError, NotImplementedError, TypeError, ValueError):
            continue
"""


def prove_equal(a: sympy.Expr, b: sympy.Expr, seconds: float) -> bool:
    """Whether sympy proves a = b within so many seconds."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=pickle.dumps((a, b)),
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.stdout.strip() == b"equal"
