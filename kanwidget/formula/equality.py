"""Whether sympy can prove two expressions equal, in a process of its own that is stopped in time."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import sympy

# run as a file: a child that imported kanwidget would wait for torch
_RUN = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
_FILE = str(Path(__file__).with_name("proving.py"))


def prove_equal(a: sympy.Expr, b: sympy.Expr, seconds: float, alike: bool = False) -> bool:
    """Whether sympy proves a = b within so many seconds of a process of its own.

    Parameters
    ----------
    a, b : sympy.Expr
        Their variables are what sympy is told of them: real, positive.
    seconds : float
    alike : bool
        Whether the two were seen to be equal at points throughout where they are looked at; they may
        then be proved so from their squares or their derivatives.

    Returns
    -------
    bool
        False says that there is no proof, not that they differ.

    Raises
    ------
    RuntimeError
        If the process ends in an error of its own.
    """
    # expressions travel pickled, from this process to its own child: no text is read as code
    try:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, _FILE],
            input=pickle.dumps((a, b, alike)),
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode != 0:
        raise RuntimeError(
            f"the proof ended with exit code {done.returncode}: "
            f"{done.stderr.decode(errors='replace').strip()[-500:]}"
        )
    return done.stdout.split() == [b"equal"]
