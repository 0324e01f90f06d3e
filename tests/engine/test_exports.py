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
from kanwidget.formula.export.curves import curves_of
from kanwidget.formula.structure import Structure
from kanwidget.symbolic import library
from tests.networks import make_symbolic, mixed_model, points

COMPILER = shutil.which("cc") or shutil.which("gcc")
FLAGS = ("-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1")
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
        [COMPILER, *flags, *FLAGS, "-o", library, written(source, folder, "f.c"), "-lm"],
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
        f"import {{ {name} as f }} from './f.mjs';\nimport {{ readFileSync }} from 'node:fs';\n"
        "const rows = JSON.parse(readFileSync(0)).map((x) => [f(x)].flat().map(String));\n"
        "console.log(JSON.stringify(rows));\n"
    )
    done = subprocess.run(
        [NODE, written(script, folder, "main.mjs")],
        input=json.dumps(x.tolist()), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [
        [float(value.replace("Infinity", "inf")) for value in row]
        for row in json.loads(done.stdout)
    ]
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
    real = [[v.real if v.imag == 0 else math.nan for v in row] for row in rows]
    return torch.tensor(real, dtype=torch.float64)


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


def make_affine(model, rng):
    for layer in model.layers:
        for name in ("subnode_scale", "subnode_bias", "node_scale", "node_bias"):
            size = len(getattr(layer.nodes, name))
            values = [rng.choice([1.0, rng.uniform(-2, 2)]) for _ in range(size)]
            layer.nodes.put(name, torch.tensor(values, dtype=torch.float64))
        layer.nodes.changed()


def symbolic(width, seed=0, **options):
    model = kanwidget.KAN(width, seed=seed, **options)
    make_symbolic(model, points(300, model.width[0]), FUNCTIONS, random.Random(seed))
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


def without_effect():
    """Its hidden node 0 reaches the output through a function that is 0 only."""
    model = kanwidget.KAN([2, 2, 2, 2, 1])
    for l in (1, 2, 3):
        for j in range(model.layers[l].n_out):
            put(model, l, 0, j, "0")
    return model


def put(model, l, i, j, name):
    model.layers[l].set_symbolic(i, j, library.get(name), (1, 0, 1, 0))


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
    "without effect": without_effect,
}


@pytest.fixture(params=NETWORKS)
def model(request):
    return NETWORKS[request.param]()


def low_end(model):
    """Numeric edges go beyond their grids; functions stay where they are defined."""
    return -1.8 if any(bool(layer.numeric.any()) for layer in model.layers) else -1.0


@pytest.mark.parametrize("target", CODE)
def test_code_equals_the_network(model, target, tmp_path):
    x = points(100, model.width[0], low=low_end(model))
    with torch.no_grad():
        assert relative_error(evaluated(target, model, x, tmp_path), model(x)) <= 1e-9


@pytest.mark.parametrize("name", ["one symbolic output", "mixed", "products", "constant"])
def test_sympy_equals_the_network(name, tmp_path):
    model = NETWORKS[name]()
    x = points(4, model.width[0], low=low_end(model))
    with torch.no_grad():
        assert relative_error(run_sympy(model.export("sympy"), x, tmp_path), model(x)) <= 1e-9


def test_sympys_curves_become_polynomials(tmp_path):
    model = kanwidget.KAN([1, 1])
    made = runpy.run_path(written(model.export("sympy"), tmp_path, "expressions.py"))
    (x,), (expression,) = made["variables"], made["expressions"]
    polynomials = expression.rewrite(sympy.Piecewise)
    assert polynomials.has(sympy.Piecewise)
    for value in (-1.5, -0.2, 0.9, 3.0):
        with torch.no_grad():
            truth = model(torch.tensor([[value]], dtype=torch.float64)).item()
        assert abs(polynomials.subs(x, value) - truth) <= 1e-12


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    width=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    arity=st.integers(2, 3),
    seed=st.integers(0, 10**6),
)
def test_random_networks_equal_their_numpy_code(tmp_path_factory, width, arity, seed):
    rng = random.Random(seed)
    between = [[n, rng.randrange(2)] for n in width[1:-1]]
    model = mixed_model([width[0], *between, width[-1]], mult_arity=arity, seed=seed)
    if rng.random() < 0.5:
        make_affine(model, rng)
    x = points(50, width[0], low=-1.5, seed=seed)
    folder = tmp_path_factory.mktemp("random")
    with torch.no_grad():
        assert relative_error(evaluated("numpy", model, x, folder), model(x)) <= 1e-9


@pytest.mark.parametrize("target", CODE)
def test_code_has_nan_where_the_network_has(target, tmp_path):
    model = kanwidget.KAN([6, 1])
    for i, name in enumerate(["log", "1/x", "sqrt", "1/sqrt(x)", "arctanh", "arcsin"]):
        put(model, 0, i, 0, name)
    rows = [[0.5] * 6]
    for i in range(6):
        for value in (-2.0, -1.0, 0.0, 1.0, 2.0, math.nan):
            rows.append([0.5] * i + [value] + [0.5] * (5 - i))
    x = torch.tensor(
        [row for row in rows if target != "javascript" or not any(map(math.isnan, row))]
    )
    x = x.double()
    with torch.no_grad():
        truth = model(x)
    assert 0 < int(truth.isnan().sum()) < len(truth)
    found = evaluated(target, model, x, tmp_path)
    assert torch.equal(found.isnan(), truth.isnan())
    assert relative_error(found, truth) <= 1e-12


@pytest.mark.parametrize("target", CODE)
def test_powers_below_0_have_a_hole_at_0(target, tmp_path):
    u = sympy.Symbol("u")
    x = torch.tensor([[-0.5], [0.0], [4.0]], dtype=torch.float64)
    for exponent, below in [(-1.7, math.nan), (-2.0, 4.0), (-sympy.Rational(1, 2), math.nan)]:
        source = export.export(([u**exponent], [u]), target)
        more = {"outputs": 1} if target == "c" else {}
        found = RUN[target](source, x, tmp_path, **more)[:, 0].tolist()
        assert found == pytest.approx([below, math.nan, 4.0 ** float(exponent)], nan_ok=True)


@pytest.mark.parametrize("target", CODE)
def test_a_hole_is_not_cancelled(target, tmp_path):
    model = kanwidget.KAN([1, [0, 1], 1])  # x · 1/x is no 1 at 0, and √x · √x no x below
    put(model, 0, 0, 0, "x")
    put(model, 0, 0, 1, "1/x")
    put(model, 1, 0, 0, "x")
    x = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
    found = evaluated(target, model, x, tmp_path)
    assert bool(found[0].isnan())
    assert found[1] == 1.0


@pytest.mark.parametrize("target", CODE)
def test_the_sign_of_a_number_that_is_none_is_none(target, tmp_path):
    model = kanwidget.KAN([2, 1, 1])
    put(model, 0, 0, 0, "log")
    put(model, 0, 1, 0, "abs")
    put(model, 1, 0, 0, "sgn")
    x = torch.tensor([[-1.0, 0.0], [1.0, 0.5], [0.5, 0.0], [1.0, 0.0]], dtype=torch.float64)
    found = evaluated(target, model, x, tmp_path)[:, 0].tolist()
    assert math.isnan(found[0])
    assert found[1:] == [1.0, -1.0, 0.0]


@pytest.mark.parametrize("extrapolation", ["linear", "zero"])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_curves_are_the_splines(k, extrapolation):
    model = kanwidget.KAN([1, 2], k=k, grid=6, noise_scale=2.0, extrapolation=extrapolation)
    layer = model.layers[0]
    for _ in range(2):
        grid = layer.knots[0]
        u = torch.cat(
            [torch.linspace(-4, 4, 2001, dtype=torch.float64), grid, (grid[1:] + grid[:-1]) / 2]
        )
        with torch.no_grad():
            assert (
                relative_error(curves_of(layer, 0, 0, [1])[0](u), layer.edge_output(0, 1, u))
                <= 1e-12
            )
        layer.update_grid(torch.randn(80, 1, generator=torch.Generator().manual_seed(k)).double())


@pytest.mark.parametrize("extrapolation", ["linear", "zero"])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_torch_splines_are_the_splines(k, extrapolation, tmp_path):
    model = kanwidget.KAN([1, 2], k=k, grid=6, noise_scale=2.0, extrapolation=extrapolation)
    model.layers[0].update_grid(
        torch.randn(80, 1, generator=torch.Generator().manual_seed(k)).double()
    )
    grid = model.layers[0].knots[0]
    x = torch.cat([torch.linspace(-9, 9, 2001, dtype=torch.float64), grid])[:, None]
    with torch.no_grad():
        assert relative_error(evaluated("torch", model, x, tmp_path), model(x)) <= 1e-9


def test_a_grid_with_equal_knots_is_exported(tmp_path):
    model = kanwidget.KAN([1, 1], grid_eps=0.0, noise_scale=2.0)
    values = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])[:, None].double()
    model.layers[0].update_grid(values)
    assert bool((model.layers[0].knots.diff() <= 0).any())
    x = torch.linspace(-0.5, 1.5, 101, dtype=torch.float64)[:, None]
    with torch.no_grad():
        truth = model(x)
    for target in CODE:
        assert relative_error(evaluated(target, model, x, tmp_path), truth) <= 1e-9


@pytest.mark.parametrize("target", CODE)
@pytest.mark.parametrize("digits", [None, 8])
def test_code_speaks_the_units_of_the_data(target, digits, tmp_path):
    model = mixed_model((2, 3, 2), seed=1)
    normalised = points(50, 2)
    model.get_act(normalised)
    model.input_scale = (10.0, -3.0), (2.0, 0.5)
    model.output_scale = (1.0, 2.0), (3.0, 400.0)
    x = torch.tensor([10.0, -3.0]) + torch.tensor([2.0, 0.5]) * normalised
    with torch.no_grad():
        truth = torch.tensor([1.0, 2.0]) + torch.tensor([3.0, 400.0]) * model(normalised)
    error = relative_error(evaluated(target, model, x, tmp_path, digits=digits), truth)
    assert error <= (1e-9 if digits is None else 1e-6)


# ---------------------------------------------------------------------- each source by itself


def imported(source):
    tree = ast.parse(source)
    names = [each.names[0].name for each in ast.walk(tree) if isinstance(each, ast.Import)]
    assert not any(isinstance(each, ast.ImportFrom) for each in ast.walk(tree))
    return names


@pytest.mark.parametrize("target", ["numpy", "torch", "sympy"])
def test_python_source_needs_its_own_library_only(target, tmp_path):
    model = mixed_model((2, 3, 1), seed=1)
    source = model.export(target)
    assert imported(source) == [target]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source + "\nimport sys\nassert 'kanwidget' not in sys.modules"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_numpy_code_takes_any_leading_shape(tmp_path):
    model = mixed_model((2, 3, 2), seed=1)
    x = points(24, 2)
    source = model.export("numpy")
    flat = run_numpy(source, x, tmp_path)
    assert torch.equal(run_numpy(source, x.reshape(2, 3, 4, 2), tmp_path), flat.reshape(2, 3, 4, 2))
    assert run_numpy(source, x[0], tmp_path).shape == (2,)
    with np.errstate(all="raise"):  # what overflows inside is nobody's business
        run_numpy(source, 1e5 * x, tmp_path)


def test_the_torch_module_can_be_trained_on(tmp_path):
    model = mixed_model((2, 3, 1), seed=3)
    module = runpy.run_path(written(model.export("torch"), tmp_path, "module.py"))["Formula"]()
    parameters = dict(module.named_parameters())
    edges = {name for name in parameters if name.startswith("coefficients_")}
    kinds = Structure(model).kinds
    numeric = {f"coefficients_{l}_{i}_{j}" for l, i, j in model.edges() if kinds[l][j][i] & 1}
    assert edges == numeric
    assert len(numeric) > 1
    x, target = points(200, 2), points(200, 1, seed=1)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    before = {name: value.detach().clone() for name, value in parameters.items()}
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = (module(x) - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert all(not torch.equal(value, before[name]) for name, value in parameters.items())
    assert module.float()(x.float()).dtype == torch.float32


@pytest.mark.parametrize("target", CODE)
def test_a_curve_of_a_constant_is_exported(target, tmp_path):
    model = kanwidget.KAN([1, 1, 1])
    model.layers[0].remove(torch.ones(1, 1, dtype=torch.bool), torch.zeros(1, 1).double())
    x = points(3, 1)
    with torch.no_grad():
        truth = model(x)
    assert float(truth[0].abs()) > 1e-3
    assert relative_error(evaluated(target, model, x, tmp_path), truth) <= 1e-9


def test_trained_curves_stay_smooth(tmp_path):
    model = kanwidget.KAN([1, 1], k=3)
    module = runpy.run_path(written(model.export("torch"), tmp_path, "module.py"))["Formula"]()
    with torch.no_grad():
        module.coefficients_0_0_0.add_(torch.randn(6, generator=torch.Generator().manual_seed(0)))
    knots = model.layers[0].knots[0]
    for at in knots[3:-3].tolist():
        x = torch.tensor([[at - 1e-7], [at + 1e-7]], dtype=torch.float64, requires_grad=True)
        y = module(x)
        assert float((y[0] - y[1]).detach().abs()) < 1e-5
        (slope,) = torch.autograd.grad(y.sum(), x)
        assert abs(float(slope[0] - slope[1])) < 1e-4


def test_c_code_compiles_as_newer_c(tmp_path):
    model = mixed_model((2, 3, 2), seed=1)
    x = points(5, 2)
    found = run_c(model.export("c"), x, tmp_path, outputs=2, flags=("-std=c11",))
    with torch.no_grad():
        assert relative_error(found, model(x)) <= 1e-9


def test_functions_may_have_names(tmp_path):
    model, x = symbolic([2, 1]), points(5, 2)
    with torch.no_grad():
        truth = model(x)
    named = {"numpy": run_numpy, "javascript": run_javascript, "c": run_c, "torch": run_torch}
    for target, run in named.items():
        found = run(model.export(target, name="Force_2"), x, tmp_path, name="Force_2")
        assert relative_error(found, truth) <= 1e-9


@pytest.mark.parametrize("name", ["", "2f", "f g", "f();x", "é", None, "class", "phi_0_0_0", "x1"])
def test_names_that_are_no_names_are_refused(name):
    model = kanwidget.KAN([2, 1])
    with pytest.raises(ValueError, match=r"^name is "):
        model.export("numpy", name=name)


@pytest.mark.parametrize(
    ("target", "name"), [("c", "sin"), ("c", "int"), ("javascript", "new"), ("torch", "torch")]
)
def test_names_that_mean_something_are_refused(target, name):
    with pytest.raises(ValueError, match="has a meaning already"):
        kanwidget.KAN([2, 1]).export(target, name=name)


# ---------------------------------------------------------------------- size and digits


def test_deep_networks_are_written_layer_by_layer():
    source = NETWORKS["deep and mixed"]().export("numpy")
    assert "h_1_0 = " in source
    assert "h_7_0 = " in source
    assert max(map(len, source.splitlines())) < 2000


def test_what_is_used_twice_is_computed_once(tmp_path):
    model = kanwidget.KAN([1, 1, 2])
    put(model, 0, 0, 0, "sin")
    put(model, 1, 0, 0, "exp")
    put(model, 1, 0, 1, "x^2")
    assert model.export("javascript").count("Math.sin") == 1


def test_a_large_network_is_exported_in_a_moment(tmp_path):
    model = mixed_model((10, 10, 10, 1), seed=0)
    x = points(10, 10)
    with torch.no_grad():
        assert relative_error(evaluated("numpy", model, x, tmp_path), model(x)) <= 1e-9


def test_networks_that_are_too_large_are_refused():
    model = kanwidget.KAN([200, 60, 1])
    with pytest.raises(ValueError, match="12060 edges; at most 10000"):
        model.export("c")


def test_numbers_are_exact_unless_digits_are_asked_for():
    model = kanwidget.KAN([1, 1])
    a, c = 0.3456789123456789, 0.7654321987654321
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (a, 0.1, c, 0.0))
    model.get_act(points(50, 1))
    for target in (*CODE, "sympy"):
        source = model.export(target)
        assert repr(a) in source
        assert repr(c) in source
        few = model.export(target, digits=4)
        assert "0.3457" in few
        assert "0.34567" not in few
    assert repr(a) in model.export("latex", digits=None)
    assert "0.3457" in model.export("latex")


def test_the_error_that_is_told_is_that_of_the_code(tmp_path):
    model = symbolic([2, 3, 1], seed=4)
    x = points(200, 2, seed=5)
    model.get_act(x)
    source = model.export("numpy", digits=2)
    with torch.no_grad():
        error = relative_error(run_numpy(source, x, tmp_path), model(x))
    assert 1e-6 < error < 0.1
    assert f"on its 200 training inputs: {error:.2g} of its" in source


# ---------------------------------------------------------------------- names and functions

HOSTILE = [
    '"""\nimport os; os.abort()\n"""',
    "*/ int main() { abort(); } /*",
    "\nprocess.exit(3);//",
    "\u2028process.exit(3);",
    "</script><!-- -->",
    "mass [kg] \\",
    "\\u000a \\N{BULLET} \\x",
    "Größe 大小 ${1} `x` %s {0}",
    "\u202e gnihton",
    "'); raise SystemExit(3) #",
    "__import__('os').abort()",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("target", [*CODE, "sympy"])
def test_names_of_columns_never_become_code(target, name, tmp_path):
    model = symbolic([2, 1, 1], seed=6)
    model.input_names, model.output_names = [name, name + "2"], [name]
    x = points(5, 2)
    with torch.no_grad():
        truth = model(x)
    source = model.export(target)
    if target == "sympy":
        assert relative_error(run_sympy(source, x, tmp_path), truth) <= 1e-9
        made = runpy.run_path(written(source, tmp_path, "again.py"))
        assert [each.name for each in made["variables"]] == model.input_names
    else:
        assert relative_error(RUN[target](source, x, tmp_path), truth) <= 1e-9
    assert "\u202e" not in source
    assert "\u2028" not in source
    assert target != "javascript" or "</script" not in source


def test_names_of_columns_stand_in_the_docstring(tmp_path):
    model = symbolic([2, 1], seed=6)
    model.input_names, model.output_names = ['mass [kg] \\ "m"', "µ"], ["F"]
    text = runpy.run_path(written(model.export("numpy"), tmp_path, "f.py"))["f"].__doc__
    assert 'x[0]: mass [kg] \\ "m"\n' in text
    assert "x[1]: µ\n" in text
    assert "y[0]: F\n" in text


def test_two_columns_of_one_name_stay_two(tmp_path):
    model = symbolic([2, 1], seed=6)
    model.input_names = ["a", "a"]
    x = points(5, 2)
    with torch.no_grad():
        assert relative_error(run_sympy(model.export("sympy"), x, tmp_path), model(x)) <= 1e-9


def bessel(sympy_function=None, name="J0"):
    function = library.own_function(name, torch.special.bessel_j0, sympy_function)
    model = kanwidget.KAN([1, 1])
    model.layers[0].set_symbolic(0, 0, function, (1.5, 0.2, 2.0, 0.1))
    return model


@pytest.mark.parametrize("target", [*CODE, "sympy"])
def test_an_own_function_without_a_sympy_form_is_named(target):
    for name in ("J0", "sin", "Mul"):  # also where sympy has a function of this name
        with pytest.raises(ValueError, match=rf"the function '{name}' has no sympy form"):
            bessel(name=name).export(target)
    assert "J_{0}" in bessel().export("latex")


@pytest.mark.parametrize("target", ["c", "numpy", "torch"])
def test_an_own_function_with_a_sympy_form_is_exported(target, tmp_path):
    model, x = bessel(lambda u: sympy.besselj(0, u)), points(20, 1)
    with torch.no_grad():
        assert relative_error(evaluated(target, model, x, tmp_path), model(x)) <= 1e-9


def test_what_a_language_does_not_know_is_said():
    model = bessel(lambda u: sympy.besselj(0, u))
    with pytest.raises(ValueError, match=r"JavaScript cannot express .*besselj"):
        model.export("javascript")
    with pytest.raises(ValueError, match=r"torch cannot express .*besselj"):
        bessel(lambda u: sympy.besselj(2, u)).export("torch")


@pytest.mark.parametrize(
    ("target", "language"),
    [("c", "C"), ("javascript", "JavaScript"), *((t, t) for t in ("numpy", "sympy", "torch"))],
)
def test_any_function_of_sympy_is_written_or_refused_in_a_sentence(target, language):
    x, y = sympy.symbols("x y", real=True)
    written = 0
    for expression in (
        *(sympy.Max(x, y), sympy.Mod(x, 2), sympy.zeta(x), sympy.LambertW(x), sympy.Ci(x)),
        *(
            sympy.Piecewise((x, x > 0), (y, True)),
            sympy.hyper([1], [2], x),
            sympy.gamma(x),
            sympy.erf(x),
        ),
    ):
        try:
            written += bool(export.export(([expression], [x, y]), target))
        except ValueError as error:
            assert str(error).startswith(f"{language} cannot express")
    assert written


def test_an_own_base_function_is_named():
    model = kanwidget.KAN([1, 1], base_fun=torch.cos)
    with pytest.raises(ValueError, match=r"edge \(0, 0, 0\) has the base function 'cos'"):
        model.export("numpy")


def test_a_base_function_that_is_torchs_silu_is_known(tmp_path):
    model, x = kanwidget.KAN([1, 1], base_fun=torch.nn.SiLU()), points(20, 1)
    with torch.no_grad():
        assert relative_error(evaluated("c", model, x, tmp_path), model(x)) <= 1e-9


# ---------------------------------------------------------------------- expressions, arguments


def test_expressions_are_exported_like_networks(tmp_path):
    m, v = sympy.symbols("m v")
    energy, snapped = m * v**2 / 2, sympy.sqrt(2) * sympy.sin(sympy.pi * v) + sympy.Rational(1, 3)
    x = points(20, 2, low=0.1)
    truth = torch.stack(
        [x[:, 0] * x[:, 1] ** 2 / 2, 2**0.5 * torch.sin(math.pi * x[:, 1]) + 1 / 3], 1
    )
    source = ([energy, snapped], [m, v])
    assert relative_error(run_numpy(export.numpy(source), x, tmp_path), truth) <= 1e-12
    assert relative_error(run_torch(export.torch(source), x, tmp_path), truth) <= 1e-12
    assert relative_error(run_javascript(export.javascript(source), x, tmp_path), truth) <= 1e-12
    assert relative_error(run_c(export.c(source), x, tmp_path, outputs=2), truth) <= 1e-12
    made = runpy.run_path(written(export.sympy(source), tmp_path, "s.py"))
    assert made["variables"] == [m, v]
    assert [each.doit() for each in made["expressions"]] == [energy, snapped]
    assert export.latex((energy, [m, v])) == r"\frac{m v^{2}}{2}"
    assert export.latex(source).startswith("\\begin{aligned}\ny_{1} &= ")


def test_expressions_that_cannot_stand_alone_are_refused():
    x, z = sympy.symbols("x z")
    with pytest.raises(ValueError, match="hold z, which is no variable"):
        export.c((x + z, [x]))
    numeric = symbolic_formula(kanwidget.KAN([1, 1]))
    with pytest.raises(ValueError, match="export the network itself"):
        export.c(numeric)
    assert "varphi" in export.latex(numeric)
    with pytest.raises(ValueError, match="digits is for a network"):
        export.c((x, [x]), digits=3)
    with pytest.raises(TypeError, match="expressions must hold sympy Exprs, not 'x \\+ 1'"):
        export.numpy((["x + 1"], [x]))
    with pytest.raises(TypeError, match="source is a str; a network, or"):
        export.numpy("x + 1")
    with pytest.raises(ValueError, match="JavaScript cannot express"):
        export.javascript((sympy.I * x, [x]))


def test_targets_and_options_are_checked():
    model = kanwidget.KAN([1, 1])
    for target in ("python", "__init__", "numpy_code", None, ["c"]):
        with pytest.raises(ValueError, match=r"^target is .*one of c, javascript, latex, numpy"):
            model.export(target)
    with pytest.raises(TypeError, match="colour"):
        model.export("c", colour="red")
    for digits in (0, 13):
        with pytest.raises(ValueError, match="digits must be from 1 to 12"):
            model.export("c", digits=digits)
    with pytest.raises(TypeError, match="digits must be an int"):
        model.export("latex", digits="3")


# ---------------------------------------------------------------------- LaTeX


def test_latex_has_the_digits_asked_for():
    model = kanwidget.KAN([1, 1])
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (1.23456, 0.0, 2.34567, 0.0))
    model.get_act(points(50, 1))
    assert model.export("latex", digits=2) == r"2.35 \sin{\left(1.23 x_{1} \right)}"
    assert model.export("latex", digits=None) == r"2.34567 \sin{\left(1.23456 x_{1} \right)}"


def test_latex_of_several_outputs_and_of_layers_is_aligned():
    model = NETWORKS["several symbolic outputs"]()
    text = model.export("latex", digits=2)
    assert text.startswith("\\begin{aligned}\ny_{1} &= ")
    assert text.count("&=") == 3


def test_latex_of_what_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="numeric: too many for a formula"):
        kanwidget.KAN([10, 10, 1]).export("latex")


def test_a_pareto_front_is_a_table():
    x = sympy.Symbol("semi_major axis")
    rows = [
        (1, 0.25, sympy.Integer(2)),
        SimpleNamespace(complexity=3, val_loss=1.23456e-7, expression=2.123456 * x),
        SimpleNamespace(complexity=5.5, loss=1e-12, expressions=[x**2, sympy.sin(x)]),
        {"complexity": 7, "val_loss": 0, "expression": x / 3 - 0.16642},
    ]
    table = export.pareto_table(rows, digits=3)
    assert table.splitlines() == [
        r"\begin{tabular}{rrl}",
        r"\toprule",
        r"Complexity & Loss & Formula \\",
        r"\midrule",
        r"1 & $0.25$ & $2$ \\",
        r"3 & $1.23 \times 10^{-7}$ & $2.12 \text{semi\_major axis}$ \\",
        r"5.5 & $1 \times 10^{-12}$ & $\text{semi\_major axis}^{2}$, $\sin{\left(\text{semi\_major axis}"
        r" \right)}$ \\",
        r"7 & $0$ & $\frac{\text{semi\_major axis}}{3} - 0.166$ \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
    assert "2.123456" in export.pareto_table(rows, digits=None)


def test_rows_of_a_table_are_checked():
    x = sympy.Symbol("x")
    with pytest.raises(ValueError, match="rows is empty"):
        export.pareto_table([])
    with pytest.raises(ValueError, match=r"rows\[1\] is \(1, 2\)"):
        export.pareto_table([(1, 2, x), (1, 2)])
    with pytest.raises(ValueError, match=r"rows\[0\] has the loss nan"):
        export.pareto_table([(1, math.nan, x)])
    with pytest.raises(TypeError, match=r"rows\[0\] has the expression 'x \+ 1'"):
        export.pareto_table([(1, 0.1, "x + 1")])
    with pytest.raises(ValueError, match="digits is"):
        export.pareto_table([(1, 0.1, x)], digits=0)
