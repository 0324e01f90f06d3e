"""plot(): from the model to a drawn canvas, and what it leaves on the disk."""

import time

import matplotlib as mpl
import pytest

from tests.benchmarks import contestants
from tests.benchmarks.contestants import quiet
from tests.benchmarks.measure import interleave
from tests.networks import points

CASES = {"small": ([2, 5, 1], 5), "large": ([4, 10, 10, 1], 1)}
"""Width, and rounds: pykan makes a file an edge."""


@pytest.mark.parametrize("name", CASES)
def test_plot(table, name, folder):
    mpl.use("agg")
    import matplotlib.pyplot as plt

    width, rounds = CASES[name]
    x = points(1000, width[0])
    model, theirs = contestants.ours(width), contestants.pykan(width, auto_save=False)
    model.get_act(x)
    with quiet():
        theirs.get_act(x.float())

    def plot_ours():
        figure = model.plot()
        figure.canvas.draw()
        plt.close(figure)

    def plot_theirs():
        with quiet():
            theirs.plot(folder=str(folder / "figures"))
            plt.gcf().canvas.draw()
            plt.close("all")

    before = files(folder)
    plot_ours()
    mine = files(folder) - before
    works = {"ours": plot_ours, "pykan": plot_theirs}
    clock = time.perf_counter
    times = interleave(works, seconds=0, least=rounds, warm=rounds > 1, clock=clock)
    beside = times.median("pykan")
    own = interleave({"ours": plot_ours}, seconds=3, clock=clock).median("ours")
    table.fill(f"plot {name}", own, beside)
    if name == "small":
        table.fill("plot files", len(mine), len(files(folder) - before))


def files(folder):
    return {path for path in folder.rglob("*") if path.is_file()}
