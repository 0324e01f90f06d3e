"""sympy's own simplification and proofs, in a process of its own that is ended when its time is over."""

from __future__ import annotations

import atexit
import json
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sympy

from kanwidget import checks
from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.rewriting import length

WORKER = Path(__file__).with_name("proving.py")
START = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "runpy.run_path(sys.argv[2], run_name='__main__')"
)
SECONDS_TO_START = 60.0


class SympyProcess:
    """A Python with sympy that answers questions, and is ended when an answer takes too long.

    It starts with the first question, stays for the next ones, and ends with `close` or with Python.
    Any thread may ask; one question is answered at a time.
    """

    def __init__(self, worker: Path = WORKER) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[Any] = queue.Queue()
        atexit.register(self.close)

    def ask(self, seconds: float, question: str, *arguments: Any) -> Any:
        """The answer, or None where there was none in time or sympy failed.

        Raises
        ------
        RuntimeError
            If the process does not start.
        """
        # expressions travel pickled, from this process to its own child: no text is read as code
        with self._lock:
            questions = self._started()
            try:
                pickle.dump((question, *arguments), questions)
                questions.flush()
                kind, answer = self._answers.get(timeout=seconds)
            except (queue.Empty, OSError):  # the time is over, or the process has ended
                self._end()
                return None
            except BaseException:  # nobody waits for this answer any more
                self._end()
                raise
            if kind == "ended":
                self._end()
            return answer if kind == "answer" else None

    @property
    def pid(self) -> int | None:
        """The number of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._lock:
            self._end()

    def _started(self) -> Any:
        """The pipe that questions go into."""
        if self._process is not None and self._process.poll() is None:
            return self._process.stdin
        self._end()
        self._answers = queue.Queue()
        command = [sys.executable, "-c", START, json.dumps(sys.path), str(self._worker)]
        pipe = subprocess.PIPE
        self._process = process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        threading.Thread(target=_listen, args=(process.stdout, self._answers), daemon=True).start()
        try:
            ready = self._answers.get(timeout=SECONDS_TO_START) == "ready"
        except queue.Empty:
            ready = False
        if not ready:
            process.kill()
            said = process.stderr.read() if process.stderr else b""
            self._end()
            raise RuntimeError(
                f"Python with sympy did not start: {said.decode(errors='replace').strip()[-500:]}"
            )
        return process.stdin

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def _listen(pipe: Any, answers: queue.Queue[Any]) -> None:
    """Put everything that the process says into the queue, and at last that it has ended."""
    try:
        while True:
            answers.put(pickle.load(pipe))
    # it has ended, within an answer or between two, or the pipe was closed here
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        answers.put(("ended", None))


_shared = SympyProcess()


def simplify(
    expression: sympy.Expr, seconds: float = 5.0, process: SympyProcess | None = None
) -> sympy.Expr:
    """What sympy.simplify makes of an expression in so many seconds, if that is shorter.

    Variables are taken as real; φ placeholders and functions of one's own stay as they are, with what
    they are applied to.  Numbers may change in their last digits: measure the result again.

    Parameters
    ----------
    expression : sympy.Expr
    seconds : float
        Time for it; a process that takes longer is ended and the expression comes back as it was.
    process : SympyProcess, optional
        Where to ask; None takes one that all share.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    TypeError
        If expression is none.
    ValueError
        If seconds is not a number above 0.
    """
    seconds = checks.number("seconds", seconds, above=0)
    plain, names = _opaque([expression])
    found = (process or _shared).ask(seconds, "simplest", plain[0])
    if found is None:
        return expression
    found = found.xreplace({new: old for old, new in names.items()})
    return found if length(found) < length(expression) else expression


def prove_equal(
    first: sympy.Expr,
    second: sympy.Expr,
    seconds: float = 5.0,
    ranges: Mapping[sympy.Symbol, tuple[float, float]] | None = None,
    *,
    alike: bool = False,
    process: SympyProcess | None = None,
) -> bool | None:
    """Whether two expressions are equal: proved, refuted by numbers of 50 digits, or undecided.

    Parameters
    ----------
    first, second : sympy.Expr
        Decimal numbers are taken as the fractions that they write.
    seconds : float
        Time for it.
    ranges : mapping of sympy.Symbol to (low, high), optional
        Where the variables are; one that is never below 0 is taken as positive. From -2 to 2 for all
        others.
    alike : bool
        Whether the two were seen to be equal at points throughout these ranges: no numbers are compared
        then, and they may be proved equal from their squares or their derivatives.
    process : SympyProcess, optional
        Where to ask; None takes one that all share.

    Returns
    -------
    bool or None
        True where sympy proves it, False where the values differ, None where neither comes in time.

    Raises
    ------
    TypeError
        If one is no expression.
    ValueError
        If seconds is not a number above 0.
    RuntimeError
        If the process does not start.
    """
    seconds = checks.number("seconds", seconds, above=0)
    bounds = dict(ranges or {})
    plain, names = _opaque([first, second], {each for each, (low, _) in bounds.items() if low >= 0})
    used = plain[0].free_symbols | plain[1].free_symbols
    known = {names.get(each, each): tuple(map(float, pair)) for each, pair in bounds.items()}
    places = {each: known.get(each, (-2.0, 2.0)) for each in used}
    answer: bool | None = (process or _shared).ask(seconds, "equal", *plain, places, alike)
    return answer


def _opaque(
    expressions: list[sympy.Expr], positive: set[sympy.Symbol] | None = None
) -> tuple[list[sympy.Expr], dict[sympy.Expr, sympy.Symbol]]:
    """The expressions with real symbols for variables and for functions that only this process knows."""
    names: dict[sympy.Expr, sympy.Symbol] = {}
    plain = []
    for each in expressions:
        if not isinstance(each, sympy.Expr):
            raise TypeError(f"a sympy expression is needed, not {each!r:.60}")
        unknown = sorted(
            each.atoms(EdgeCurve, sympy.core.function.AppliedUndef), key=length, reverse=True
        )
        for atom in (*unknown, *sorted(each.free_symbols, key=str)):
            sign = {"positive": True} if atom in (positive or ()) else {"real": True}
            names.setdefault(atom, sympy.Symbol(f"v{len(names)}", **sign))
        plain.append(each.xreplace(names))
    return plain, names
