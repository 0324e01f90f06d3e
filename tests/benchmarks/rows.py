"""All rows of the table, in order: what is measured, beside what, and what it is held to.

`WHY` has a sentence or two for every goal that is not reached, shown where that is so.
"""

from tests.benchmarks.table import Row

NETWORKS = {
    "small": ([2, 5, 1], 1000),
    "square": ([64, 64, 64], 1000),
    "image 64": ([784, 64, 10], 64),
    "image 512": ([784, 64, 10], 512),
}
"""Width and batch of the networks whose forward and backward is measured."""

AS_IT_COMES, SPEED_MODE = "pykan as it comes", "pykan, speed mode"
SYMBOLIC_WIDTH = [4, 10, 10, 1]


def _network(name):
    width, samples = NETWORKS[name]
    what = f"forward and backward {width}, batch {samples}"
    adapted = f"{what}, adapted knots"
    image = name.startswith("image")
    rows = {}
    if name == "small":
        rows["pykan"] = Row(what, AS_IT_COMES, ratio=8)
        rows["pykan speed"] = Row(what, SPEED_MODE)
    else:
        rows["pykan speed"] = Row(what, SPEED_MODE, ratio=13 if name == "square" else None)
    rows["dense"] = Row(what, "dense", ratio=2.5 if name == "square" else 2.3)
    rows["adapted"] = Row(adapted, "dense", ratio=1.8)
    rows["mlp"] = Row(what, "MLP")
    rows["wide mlp"] = Row(what, "wide MLP")
    rows["limit"] = Row(what, "9 MLPs", ratio=1 / 1.2 if name == "square" else None)
    rows["products"] = Row(what, "products (the roofline)")
    rows["again"] = Row(f"{what}, the same batch in every call", "dense")
    if image:
        rows["memory"] = Row(f"memory of a step, {width}, batch {samples}", "dense", "B", ratio=2)
        rows["memory in all"] = Row(
            f"memory in all, {width}, batch {samples}", "dense", "B", ratio=2
        )
    return {f"{name} {row}": filled for row, filled in rows.items()}


def _training(where):
    what = f"training [784, 64, 10] with AdamW through a DataLoader, batch 64, {where}"
    return {
        f"adamw {where}": Row(what, "dense", "1/s", ratio=2.3),
        f"adamw {where} mlp": Row(what, "MLP", "1/s"),
    }


def _digits(hidden, ratio=None):
    what = f"an epoch of notebooks/digits.py, [64, {hidden}, 10] with AdamW, batch 64"
    return {f"digits {hidden}": Row(what, "dense", ratio=ratio)}


ROWS = {
    **{key: row for name in NETWORKS for key, row in _network(name).items()},
    **_training("one thread"),
    **_training("all cores"),
    **_digits(256, ratio=2),
    **_digits(64),
    "hello": Row("hello world to pykan's 20-step test RMSE, 10 seeds", "pykan", ratio=15),
    "hello whole": Row(
        "hello world whole: fit, prune, fit, refine, auto_symbolic, fit, formula", "pykan", bound=2
    ),
    "suggest": Row("suggest_symbolic, one edge, all functions", "pykan", bound=0.05),
    "suggest all": Row(f"suggest_symbolic, all edges of {SYMBOLIC_WIDTH}", bound=1),
    "suggest again": Row("suggest_symbolic, all edges, of which nothing has changed"),
    "fix": Row("fix_symbolic, one edge", "pykan", bound=0.01),
    "affine": Row("affine fit of all functions to 140 edges at once"),
    "formula": Row("formula of a symbolic network"),
    "symbolic": Row(
        f"forward with every edge symbolic, {SYMBOLIC_WIDTH}, batch 1000", "pykan", bound=0.002
    ),
    "plot small": Row("plot() and drawing, 15 edges", "pykan", bound=0.06),
    "plot large": Row("plot() and drawing, 150 edges", "pykan", bound=0.3),
    "plot files": Row("files that plot() of 15 edges leaves", "pykan", "", bound=0),
    "import": Row("import, beyond torch's own", "pykan", bound=0.3),
    "import memory": Row("memory of a process after the import", "pykan", "B"),
    "session remove": Row("session: remove an edge and undo, until the view is there"),
    "session fix": Row("session: fix an edge and undo, until the view is there"),
    "session suggest": Row("session: suggestions for an edge"),
    "frames idle": Row("frames while training, beside a sleeping thread", unit="1/s", bound=30),
    "frames busy": Row("frames while training, beside a busy thread", unit="1/s"),
    "stop idle": Row("stop of a training, beside a sleeping thread", bound=0.25),
    "stop busy": Row("stop of a training, beside a busy thread"),
}

_NEAR = "It lies between 2.1 and 2.5 from run to run, by what else the machine does to its caches."
_LOADER = (
    "It lies between 1.9 and 3.1: measured alone (-k images) it is 3.0; here the process has kept "
    "memory of other measurements, which the dense layer gains most from."
)
WHY: dict[str, str] = {
    "small pykan": "Some 0.8 ms of this are a few dozen calls into torch, whatever the number of "
    "samples; from run to run the ratio is 7.4 to 8.2.",
    "square pykan speed": "Half of the time is the matrix products, which no layer with dense "
    "features can do without; the rest are passes over features of 2.3 MB a layer. As it comes, "
    "without its speed mode, pykan takes over 3 s.",
    "image 64 dense": _NEAR,
    "image 64 adapted": "It lies between 1.7 and 1.9 from run to run.",
    "image 64 memory in all": "Parameters and their gradients are as large as the features of 64 "
    "samples, and as large in both networks; of what a step needs beside them, ours takes less "
    "than half.",
    "adamw one thread": _LOADER,
    "adamw all cores": _LOADER,
    "symbolic": "1.3 ms on a machine that does nothing else.",
    "frames idle": "30 on a machine that does nothing else; frames are paced to no more.",
}
