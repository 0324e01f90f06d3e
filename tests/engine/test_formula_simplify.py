import math
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import sympy

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.simplify import SympyProcess, prove_equal, simplify

x, y = sympy.symbols("x y")


@pytest.fixture(scope="module")
def process():
    process = SympyProcess()
    yield process
    process.close()


def hard():
    """What sympy.simplify needs minutes for."""
    u = x
    for n in range(1, 9):
        u = sympy.sin(u * sympy.Rational(n, 7) + y) ** n + sympy.cos(u + n) * sympy.tan(u / (n + y))
    return u


def test_what_sympy_makes_shorter_comes_back(process):
    assert simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2, 20, process) == 1
    assert simplify((x**2 - 1) / (x - 1), 20, process) == x + 1


def test_what_gets_no_shorter_stays_as_it_was(process):
    expression = sympy.exp(sympy.sin(sympy.pi * x) + y**2)
    assert simplify(expression, 20, process) is expression


def test_placeholders_and_own_functions_stay(process):
    curve, bessel = EdgeCurve(2 * x, 0, 1, 0), sympy.Function("J0")(x)
    expression = curve * sympy.sin(x) ** 2 + curve * sympy.cos(x) ** 2 + bessel
    assert simplify(expression, 20, process) == curve + bessel


def test_one_process_answers_many_questions(process):
    simplify(x + x * y / y, 20, process)
    pid = process.pid
    start = time.perf_counter()
    for _ in range(5):
        simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2, 20, process)
    assert process.pid == pid
    assert time.perf_counter() - start < 10


def test_time_is_limited_and_the_process_ends():
    process = SympyProcess()
    assert prove_equal(x, x, 30, process=process) is True
    pid = process.pid
    start, expression = time.perf_counter(), hard()
    assert simplify(expression, 0.5, process) is expression
    assert time.perf_counter() - start < 20
    assert process.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2, 30, process) == 1
    assert process.pid != pid
    process.close()
    assert process.pid is None


@pytest.mark.parametrize(
    ("first", "second", "ranges"),
    [
        (sympy.sin(x + y) + sympy.sin(x - y), 2 * sympy.sin(x) * sympy.cos(y), None),
        ((x + y) ** 2 / 4 - (x - y) ** 2 / 4, x * y, None),
        (sympy.Float("0.25") * (x + y) ** 2, (x + y) ** 2 / 4, None),
        (sympy.exp(sympy.log(x) - sympy.log(y)), x / y, {x: (0.5, 2), y: (0.5, 2)}),
        (sympy.sqrt(x**2), x, {x: (0, 3)}),
        (sympy.sqrt(x**2), sympy.Abs(x), None),
        (sympy.tanh(x + y) * sympy.cosh(x + y), sympy.sinh(x + y), None),
    ],
)  # fmt: skip
def test_equal_expressions_are_proved_equal(process, first, second, ranges):
    assert prove_equal(first, second, 40, ranges, process=process) is True


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (sympy.Float(math.pi) * x, sympy.pi * x),
        (sympy.exp(x), sympy.exp(x) + sympy.Rational(1, 10**30)),
        (sympy.sqrt(x**2), x),
        (x, y),
    ],
)
def test_what_differs_is_never_equal(process, first, second):
    assert prove_equal(first, second, 40, process=process) is False


def test_what_takes_too_long_is_undecided():
    process = SympyProcess()
    assert prove_equal(x, x, 30, process=process) is True
    assert prove_equal(hard(), hard() + sympy.sin(x) * 0 + y - y, 0.0001, process=process) is None
    process.close()


def test_an_answer_that_nobody_waits_for_any_more_is_none_to_the_next_question():
    process = SympyProcess()
    assert prove_equal(x, x, 30, process=process) is True
    expression = hard()
    main = threading.main_thread().ident
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    try:
        threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            process.ask(60, "simplest", expression)
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.pid is None
    assert prove_equal(x, x + 1, 30, process=process) is False
    process.close()


def test_a_process_that_cannot_start_says_why(tmp_path):
    with pytest.raises(RuntimeError, match=r"(?s)did not start: .*No such file"):
        prove_equal(x, x, 60, process=SympyProcess(tmp_path / "nowhere.py"))


def test_several_threads_may_ask(process):
    found = []

    def ask(n):
        found.append(simplify(n * sympy.sin(x) ** 2 + n * sympy.cos(x) ** 2, 60, process) == n)

    threads = [threading.Thread(target=ask, args=(n,)) for n in (2, 3, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 3


def test_the_process_ends_with_python(tmp_path):
    code = (
        "import sympy\nfrom kanwidget.formula.simplify import simplify, _shared\n"
        "x = sympy.Symbol('x')\nassert simplify(sympy.sin(x)**2 + sympy.cos(x)**2, 60) == 1\n"
        "print(_shared.pid)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(printed.stdout), 0)


def test_wrong_questions_are_explained():
    with pytest.raises(ValueError, match="seconds is 0"):
        simplify(x, 0)
    with pytest.raises(TypeError, match="a sympy expression is needed, not 'x'"):
        simplify("x")
