"""Doing a session again: from its own file, from the script, or from the notebook that it became.

A file ``*.kan`` is only read: what it says was done is looked up among the methods of a network, and
nothing in it is run as code.  A script or a notebook is a person's program, and runs as such in a Python
of its own.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kanwidget.datasets import Dataset
from kanwidget.fitting import root_mean_squares
from kanwidget.model import KAN
from kanwidget.session.history import Node
from kanwidget.session.retelling.chapters import clean, formulas_of
from kanwidget.session.states import same_state
from kanwidget.session.view import LOSSES

Show = Callable[[str], None]
KINDS = (".kan", ".py", ".ipynb")
CLOSE = 1e-9
"""Relative difference of losses that are the same."""
NOTHING = 1e-14
"""Losses that differ by no more are the same, too."""


@dataclass(frozen=True)
class Step:
    """A step that was done again.

    Attributes
    ----------
    number : int
        Of the node.
    label : str
    stored, replayed : float or None
        Validation losses: then and now.
    same : bool
        Whether all three losses are the same.
    from_file : str
        Why the state was taken from the file, where no call does the same again; else empty.
    """

    number: int
    label: str
    stored: float | None
    replayed: float | None
    same: bool
    from_file: str = ""

    def __str__(self) -> str:
        compared = self.same and self.stored is not None
        now = "the same" if compared else f"now {_short(self.replayed)}"
        taken = f"; taken from the file: {self.from_file}" if self.from_file else ""
        return (
            f"{self.number:>4}  {self.label}: validation loss {_short(self.stored)}, {now}{taken}"
        )


@dataclass(frozen=True)
class Replayed:
    """What came of doing it again.

    Attributes
    ----------
    source : Path
    ok : bool
        Whether a program ended well; of a session, whether all losses and the formula are the same.
    steps : tuple of Step
        Of a session.
    formula : str
        At its end, a line an output; empty where the network is too large for one.
    same_bits : bool or None
        Whether the last state is the stored one to the last bit; None of a program.
    output : str
        What a program printed.
    """

    source: Path
    ok: bool
    steps: tuple[Step, ...] = ()
    formula: str = ""
    same_bits: bool | None = None
    output: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """A line a step, and what came of it."""
        end = self.formula.splitlines()
        return "\n".join([*map(str, self.steps), *end, self.sentence])

    @property
    def sentence(self) -> str:
        """What came of it."""
        name = self.source.name
        if self.same_bits is None:
            return f"{name} ran to its end." if self.ok else f"{name} ended with an error."
        if self.ok:
            bits = ", to the last bit" if self.same_bits else ""
            return f"{name} was done again and came out the same{bits}."
        others = [step.number for step in self.steps if not step.same]
        if not others:
            return f"{name} was done again; its losses came out the same, but not its formula."
        return f"{name} was done again and came out differently, first at step {others[0]}."


def replay(
    source: str | os.PathLike[str], dataset: Any = None, show: Show | None = None
) -> Replayed:
    """Do again what a file says.

    Parameters
    ----------
    source : str or path
        A session ``*.kan``, whose steps are done from its start to where it is, each beside what is
        stored; a script ``*.py`` or a notebook ``*.ipynb``, which is run in a new Python, in the
        folder where it lies; of a notebook all cells, without Jupyter and its magics.
    dataset : Dataset or dict, optional
        The data of a session whose file does not hold them.
    show : callable, optional
        Called with every line of text as soon as it is there.

    Returns
    -------
    Replayed

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is of another kind, cannot be read, or has a step that cannot be done again.
    """
    path, shown = Path(source), show or (lambda line: None)
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"source is {path.name!r:.80}; a file {', '.join(KINDS)} is needed")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    if kind == ".kan":
        done = _session(path, dataset, shown)
    else:
        done = _script(path, shown) if kind == ".py" else _notebook(path, shown)
    for line in [*done.formula.splitlines(), done.sentence]:
        shown(line)
    return done


# ---------------------------------------------------------------------- a session


def _session(path: Path, dataset: Any, show: Show) -> Replayed:
    from kanwidget.session.storage import read

    saved = read(path, dataset)
    return _again(path, saved.model, saved.dataset, saved.history.path(), show)


def _again(path: Path, model: KAN, dataset: Dataset, nodes: list[Node], show: Show) -> Replayed:
    steps = []
    for node in nodes:
        step = _step(model, dataset, node)
        show(str(step))
        steps.append(step)
    formulas, now, stored = formulas_of(model), model.snapshot(), nodes[-1].state
    assert stored is not None  # a history keeps the state it is at
    bits = same_state(replace(now, calibration=None), replace(stored, calibration=None))
    if not bits:
        model.restore(stored)
    ok = all(step.same for step in steps) and formulas == formulas_of(model)
    return Replayed(path, ok, tuple(steps), "\n".join(formulas), bits)


def _step(model: KAN, dataset: Dataset, node: Node) -> Step:
    """Do one step to the model, or be in its stored state where nothing does it."""
    calls, because = node.action.calls, clean(node.action.because) or "no call does the same again"
    if node.parent is None or calls is None:
        if node.state is None:
            raise ValueError(
                f"step {node.id} ({clean(node.label)}) cannot be done again, and its state was let go"
            )
        model.restore(node.state)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a fit warned of then
            try:
                for call in calls:
                    call.do(model, dataset)
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                raise ValueError(
                    f"step {node.id} ({clean(node.label)}) cannot be done again: {clean(str(error)):.300}"
                ) from error
    losses = root_mean_squares(model, dataset)
    stored = _stored(model, dataset, node)
    same = all(_same(stored[name], losses[name]) for name in stored)
    taken = because if calls is None and node.parent is not None else ""
    return Step(node.id, clean(node.label), stored.get("val_loss"), losses["val_loss"], same, taken)


def _stored(model: KAN, dataset: Dataset, node: Node) -> dict[str, Any]:
    """The losses of a node, measured where nobody did; none where there is nothing to measure."""
    known = {name: node.metrics[name] for name in LOSSES if name in node.metrics}
    if known or node.state is None:
        return known
    now = model.snapshot()
    model.restore(node.state)
    measured: dict[str, Any] = root_mean_squares(model, dataset)
    model.restore(now)
    return measured


def _same(stored: Any, loss: float) -> bool:
    if stored is None or not math.isfinite(stored):  # which JSON cannot carry
        return not math.isfinite(loss)
    return math.isclose(stored, loss, rel_tol=CLOSE, abs_tol=NOTHING)


def _short(loss: float | None) -> str:
    return "unknown" if loss is None else f"{loss:.4g}"


# ---------------------------------------------------------------------- a program


def _script(path: Path, show: Show) -> Replayed:
    return _run(path, [str(path.resolve())], "", show)


def _notebook(path: Path, show: Show) -> Replayed:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [_source(cell) for cell in content["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is no notebook: {error!r:.100}") from None
    return _run(path, ["-c", RUN_CELLS], json.dumps(cells), show)


def _source(cell: Any) -> str:
    """The text of a cell, which a file may hold as one or line by line."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


RUN_CELLS = r"""
import ast, json, sys
cells, known = json.load(sys.stdin), {"__name__": "__main__", "display": print}
sys.argv[:] = ["notebook"]
for number, source in enumerate(cells, 1):
    lines = source.split("\n")
    source = "\n".join("" if line.startswith(("%", "!")) else line for line in lines)
    tree, name = ast.parse(source, f"<code cell {number}>"), f"<code cell {number}>"
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), known)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), name, "eval"), known)
        if value is not None and not source.rstrip().endswith(";"):
            print(repr(value))
"""
"""Runs code cells as a notebook does, without Jupyter: one after the other, the last value printed."""


def _run(path: Path, arguments: list[str], text: str, show: Show) -> Replayed:
    """Run Python in the folder of a file, with this kanwidget."""
    package = str(Path(str(sys.modules["kanwidget"].__file__)).resolve().parents[1])
    known = os.environ.get("PYTHONPATH")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([package, known] if known else [package]),
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": os.environ.get("MPLBACKEND", "agg"),
        "PYTHONIOENCODING": "utf-8",
    }
    lines = []
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=path.resolve().parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(text)
            process.stdin.close()
            for line in process.stdout:
                lines.append(line)
                show(line.rstrip("\n"))
        except BaseException:
            process.kill()
            raise
    return Replayed(path, process.returncode == 0, output="".join(lines))
