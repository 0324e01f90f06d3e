import ast
import ctypes
import json
import math
import random
import runpy
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.formula import export, symbolic_formula
from kanwidget.formula.evaluate import relative_error
from kanwidget.formula.export.curves import curve_of
from kanwidget.symbolic import library
from tests.networks import mixed_model, points

COMPILER = shutil.which("cc") or shutil.which("gcc")
NODE = shutil.which("node")
CODE = ("c", "javascript", "numpy", "torch")
FUNCTIONS = [
    function
    for function in library.resolve(None)
    if function.name not in ("sgn", "0", "tan") and not function.name.startswith("1/x^")
]

# ---------------------------------------------------------------------- running what was exported


def run_numpy(source, x, folder, name="f"):
    return torch.from_numpy(runpy.run_path(written(source, folder, "f.py"))[name](x.numpy()))


def run_torch(source, x, folder, name="Formula"):
    with torch.no_grad():
        return runpy.run_path(written(source, folder, "module.py"))[name]()(x)


def run_c(source, x, folder, name="f", outputs=1, flags=("-std=c99", "-pedantic")):
    if COMPILER is None:
        pytest.skip("no C compiler")
    library = folder / f"{random.randrange(10**12)}.so"  # a loaded one must not be written again
    done = subprocess.run(
        [COMPILER, *flags, "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1"]
        + ["-o", library, written(source, folder, "f.c"), "-lm"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    function = ctypes.CDLL(library)[name]
    function.restype = ctypes.c_double if outputs == 1 else None
    rows = []
    for row in x.tolist():
        values, y = (ctypes.c_double * len(row))(*row), (ctypes.c_double * outputs)()
        rows.append([function(values)] if outputs == 1 else list(function(values, y) or y))
    return torch.tensor(rows, dtype=torch.float64)


def run_javascript(source, x, folder, name="f"):
    if NODE is None:
        pytest.skip("no node")
    written(source, folder, "f.mjs")
    script = (
        f"import {{ {name} }} from './f.mjs';"
    )
    script = (
        f"import {{ {name} as f }} from './f.mjs';\nimport {{ readFileSync }} from 'node:fs';\n"
        "const rows = JSON.parse(readFileSync(0)).map((x) => [f(x)].flat().map(String));\n"
        "console.log(JSON.stringify(rows));\n"
    )
    done = subprocess.run(
        [NODE, written(script, folder, "main.mjs")],
        input=json.dumps(x.tolist()), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [[float(value.replace("Infinity", "inf")) for value in row] for row in json.loads(done.stdout)]
    return torch.tensor(rows, dtype=torch.float64)


def run_sympy(source, x, folder):
    made = runpy.run_path(written(source, folder, "expressions.py"))
    rows = [
        [
            complex(each.subs(dict(zip(made["variables"], row, strict=True))).doit())
            for each in made["expressions"]
        ]
        for row in x.tolist()
    ]
    return torch.tensor([[v.real if v.imag == 0 else math.nan for v in row] for row in rows])


def written(source, folder, name):
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return str(path)


RUN = {"c": run_c, "javascript": run_javascript, "numpy": run_numpy, "torch": run_torch}


def evaluated(target, model, x, folder, **options):
    source = model.export(target, **options)
    more = {"outputs": model.width[-1]} if target == "c" else {}
    return RUN[target](source, x, folder, **more)


# ---------------------------------------------------------------------- networks


def make_symbolic(model, x, rng):
    """Turn every edge into a function whose domain holds on the data."""
    for l, layer in enumerate(model.layers):
        for i in range(layer.n_in):
            values = model.node_values(x)[l][:, i]
            middle = (values.max() + values.min()).item() / 2
            half = max((values.max() - values.min()).item() / 2, 1e-3)
            for j in range(layer.n_out):
                function = rng.choice(FUNCTIONS)
                low, high = max(function.interval[0], -2.0), min(function.interval[1], 2.0)
                a = rng.uniform(0.2, 1.0) * 0.45 * (high - low) / half
                affine = (a, (low + high) / 2 - a * middle, rng.uniform(-2, 2), rng.uniform(-1, 1))
                layer.set_symbolic(i, j, function, affine)


def make_affine(model, rng):
    for layer in model.layers:
        for name in ("subnode_scale", "subnode_bias", "node_scale", "node_bias"):
            size = len(getattr(layer.nodes, name))
            values = [rng.choice([1.0, rng.uniform(-2, 2)]) for _ in range(size)]
            layer.nodes.put(name, torch.tensor(values, dtype=torch.float64))
        layer.nodes.changed()


def symbolic(width, seed=0, **options):
    model = kanwidget.KAN(width, seed=seed, **options)
    make_symbolic(model, points(300, model.width[0]), random.Random(seed))
    return model


def of_products():
    model = mixed_model((3, [1, 2], [1, 1], 2), mult_arity=[2, [2, 3], 2, 2], seed=4)
    make_affine(model, random.Random(4))
    return model


def constant():
    model = kanwidget.KAN([2, 2, 2])
    model.layers[1].remove(torch.ones(2, 2, dtype=torch.bool), torch.tensor([[0.3, 0.2], [0.1, 0]]))
    model.layers[1].restore(torch.tensor([[False, False], [False, True]]))
    return model


NETWORKS = {
    "one symbolic output": lambda: symbolic([2, 3, 1]),
    "several symbolic outputs": lambda: symbolic([3, 2, 3], seed=1),
    "deep and symbolic": lambda: symbolic([2, 2, 2, 2, 2, 2, 2, 1], seed=2),
    "large and symbolic": lambda: symbolic([4, 6, 6, 2], seed=3),
    "mixed": lambda: mixed_model((3, 4, 2), seed=1),
    "deep and mixed": lambda: mixed_model((2, 3, 3, 3, 3, 3, 3, 3, 1), seed=2),
    "products": of_products,
    "splines that decay": lambda: mixed_model((2, 3, 1), seed=3, extrapolation="zero"),
    "straight splines": lambda: mixed_model((2, 3, 1), seed=3, k=1, base_fun="zero"),
    "identity": lambda: mixed_model((2, 3, 1), seed=5, k=2, base_fun="identity"),
    "constant": constant,
}


@pytest.fixture(params=NETWORKS)
def model(request):
    return NETWORKS[request.param]()


@pytest.mark.parametrize("target", CODE)
def test_code_equals_the_network(model, target, tmp_path):
    # also outside the grid of the splines
    x = points(100, model.width[0], low=-1.0 if "symbolic" in str(model) else -1.8, high=1.0)
    with torch.no_grad():
        assert relative_error(evaluated(target, model, x, tmp_path), model(x)) <= 1e-9
