"""The table of RESULTS.md: rows that wait to be filled, and the page they are written on."""

import datetime
import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch

PAGE = Path(__file__).with_name("RESULTS.md")

HEAD = """# Measurements

`make bench` wrote this on {date}, on {machine}.
Over its last five minutes the machine had a load of {load}, of which 1 is this.

Times are medians: of processor time where the work computes on one thread, so that what else the machine
does counts little, and of the clock on the wall for sessions, plots, imports and several threads. The works
of a group are done one after the other in every round, in an order that changes; small works are repeated to
blocks of 10 ms. A ratio is one of medians, above 1 where ours is the better one, with the quartiles of the
single rounds' ratios behind it. One torch thread and float32, unless said. "forward and backward" is
`zero_grad`, the mean squared error, and the gradients of all parameters; every call gets another batch.

- **pykan** is {pykan} from PyPI, in float32. "speed mode" is its `model.speed()`; as it comes it loops over
  the edges in Python, which takes many seconds for the larger networks.
- **dense** is `dense.py`: the way efficient-kan evaluates, written for this comparison, and tested to give
  efficient-kan's outputs. Its large temporary tensors cost more or less time from process to process, as the
  system hands out memory.
- **MLP** has the same widths; **wide MLP** has a hidden layer 9 times as wide, and so the multiply-adds of
  the KAN, which turns every input into G + k + 1 = 9 features. **9 MLPs** is 9 times the time of the MLP.
- **products** are the matrix products alone that a KAN with dense features cannot do without: features by
  weights, and for the gradients those of the weights in all layers and of the features in all but the first.
- **memory** is the peak of what torch's CPU allocator hands out during forward and backward, from the
  profiler's record of every allocation and release. "of a step" counts neither parameters nor their
  gradients, "in all" counts both.
"""


@dataclass(frozen=True)
class Row:
    """A line of the table, and what it is held to.

    Attributes
    ----------
    what : str
    beside : str
        What ours is measured beside; '' where nothing is.
    unit : {'s', 'B', '1/s', ''}
        Of the numbers; a rate is the better the larger, everything else the smaller.
    ratio : float, optional
        The goal is a ratio of at least this.
    bound : float, optional
        The goal is this number of ours, at most, or at least for a rate.
    """

    what: str
    beside: str = ""
    unit: str = "s"
    ratio: float | None = None
    bound: float | None = None

    @property
    def goal(self):
        rate = self.unit == "1/s"
        parts = []
        if self.ratio is not None:
            parts.append(f"≥ {self.ratio:.3g}×")
        if self.bound is not None:
            parts.append(f"{'≥' if rate else '≤'} {quantity(self.bound, self.unit)}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Filled:
    """What was measured for a row; ``low`` and ``high`` are the quartiles of the ratio."""

    ours: float
    beside: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""

    def holds(self, row):
        """Whether the row's goal is reached."""
        if row.ratio is not None and not self.ratio >= row.ratio:
            return False
        if row.bound is None:
            return True
        return self.ours >= row.bound if row.unit == "1/s" else self.ours <= row.bound


class Table:
    """Rows by name, and what has been measured of them."""

    def __init__(self, rows, why):
        self.rows, self.why, self.filled = rows, why, {}

    def times(self, name, times, beside=None, ours="ours", note=""):
        """Fill a row from interleaved times."""
        if beside is None:
            self.fill(name, times.median(ours), note=note)
            return
        ratio = times.ratio(ours, beside)
        self._put(
            name,
            Filled(
                times.median(ours), times.median(beside), ratio.middle, ratio.low, ratio.high, note
            ),
        )

    def rate(self, name, times, number, beside):
        """Fill a row with how much is done a second, when every work does so much of it."""
        ratio = times.ratio("ours", beside)
        rates = number / times.median("ours"), number / times.median(beside)
        self._put(name, Filled(*rates, ratio.middle, ratio.low, ratio.high))

    def fill(self, name, ours, beside=None, note=""):
        """Fill a row with one number, or with two and their ratio."""
        ratio = None
        if beside is not None and ours and beside:
            ratio = ours / beside if self.rows[name].unit == "1/s" else beside / ours
        self._put(name, Filled(ours, beside, ratio, note=note))

    def _put(self, name, filled):
        row = self.rows[name]
        self.filled[name] = filled
        print(f"\n{' · '.join(cell for cell in self._cells(row, filled) if cell)}", end="")

    @property
    def missing(self):
        """What has not been measured."""
        return [row.what for name, row in self.rows.items() if name not in self.filled]

    def _cells(self, row, filled):
        ours = quantity(filled.ours, row.unit) + (f" ({filled.note})" if filled.note else "")
        beside = row.beside
        if filled.beside is not None:
            beside = f"{row.beside} {quantity(filled.beside, row.unit)}"
        ratio = "" if filled.ratio is None else f"{filled.ratio:.3g}"
        if filled.low is not None:
            ratio += f" ({filled.low:.3g} to {filled.high:.3g})"
        held = ("yes" if filled.holds(row) else "**no**") if row.goal else ""
        return row.what, ours, beside, ratio, row.goal, held

    def page(self):
        """The rows that have been measured, as Markdown."""
        lines = ["| what | ours | beside it | ratio | goal | held |", "|---|---|---|---|---|---|"]
        missed = []
        for name, row in self.rows.items():
            if name not in self.filled:
                continue
            filled = self.filled[name]
            lines.append(f"| {' | '.join(self._cells(row, filled))} |")
            if row.goal and not filled.holds(row):
                missed.append((name, row, filled))
        if missed:
            lines += ["", "## Not held: how close, and why", ""]
        for name, row, filled in missed:
            close = f"{filled.ratio:.3g}×" if row.ratio else quantity(filled.ours, row.unit)
            beside = f" beside {row.beside}" if row.beside else ""
            reason = self.why.get(name, "No reason is written down yet.")
            lines.append(f"- **{row.what}{beside}**: {close}, goal {row.goal}. {reason}")
        return "\n".join(lines) + "\n"

    def write(self):
        """Write the page, with the machine and the date on top."""
        head = HEAD.format(
            date=datetime.date.today().isoformat(),
            machine=machine(),
            load=f"{os.getloadavg()[1]:.1f}" if hasattr(os, "getloadavg") else "unknown",
            pykan=version("pykan"),
        )
        PAGE.write_text(f"{head}\n{self.page()}", encoding="utf-8")


def quantity(number, unit):
    """A number with its unit, to three digits."""
    if unit == "s":
        for size, name in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
            if abs(number) >= size or name == "µs":
                return f"{_digits(number / size)} {name}"
    if unit == "B":
        return f"{_digits(number / 1e6)} MB"
    return f"{_digits(number)} a second" if unit == "1/s" else _digits(number)


def _digits(number):
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def processors():
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine():
    """What these figures were measured on, in a line."""
    return (
        f"{_processor()} ({processors()} cores, {torch.backends.cpu.get_cpu_capability()}), "
        f"{platform.system()}, Python {platform.python_version()}, torch {torch.__version__}, "
        f"NumPy {version('numpy')}"
    )


def _processor():
    described = Path("/proc/cpuinfo")
    if sys.platform == "linux" and described.exists():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
