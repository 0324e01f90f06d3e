"""What importing and working loads and writes, and that modules import only downwards."""

import ast
import graphlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

import kanwidget

PACKAGE = Path(kanwidget.__file__).parent

# Rooms from high to low; one imports only those in rows below its own.  The package itself is what
# users import: nothing inside it does.
ROOMS = [
    ["kanwidget"],
    ["__main__"],
    ["shell"],
    ["widget"],
    ["session"],
    ["compat"],
    ["adding"],
    ["compiler"],
    ["model"],
    ["interop"],
    ["familiar", "grouping"],
    ["inspecting", "views"],
    ["constants", "fixing", "shaping"],
    [
        *("activations", "discovering", "editing", "growing", "naming", "refitting", "saving"),
        *("scoring", "tidying", "training", "versions", "writing"),
    ],
    ["film"],
    ["discovery"],
    ["fitting", "formula", "plotting"],
    ["arrangement", "attribution", "picture", "symbolic"],
    ["costs"],
    ["foreseeing"],
    ["agreement", "expansion", "importance", "pruning", "transfer"],
    ["sources", "trees"],
    ["datasets", "network"],
    ["reshaping"],
    ["exclusive", "hypotheses", "layer"],
    ["edges"],
    ["derivatives", "grids", "nodes", "numeric"],
    ["features"],
    ["planes"],
    ["accepting", "checks", "given", "scales", "splines", "spread"],
    ["ipynb", "ordinary", "texts", "version"],
]
HEIGHT = {room: -row for row, rooms in enumerate(ROOMS) for room in rooms}
JUPYTER = {
    *("IPython", "anywidget", "comm", "ipykernel", "ipympl", "ipywidgets"),
    *("jupyter_client", "jupyter_core", "jupyterlab", "traitlets"),
}
SLOW = {"PIL", "kan", "matplotlib", "mpmath", "pandas", "scipy", "sklearn", "sympy"}

MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def room(module):
    return module.split(".")[1] if "." in module else module


def imports(module, everywhere=True):
    """Modules that a module names in imports: all, or only those that run when it is imported."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    waiting, found = list(ast.parse(path.read_text(encoding="utf-8")).body), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            source = importlib.util.resolve_name(source, package)
            names = {f"{source}.{name.name}" for name in node.names}
            found |= {name if name in MODULES else source for name in names}
        elif everywhere or not (
            isinstance(node, ast.FunctionDef)
            or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        ):
            waiting += ast.iter_child_nodes(node)
    return found


def run(code, folder, **environment):
    """What a new Python prints that runs the code in a folder."""
    environment = {"PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, env=os.environ | environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---------------------------------------------------------------------- by reading the code


def test_every_module_is_in_a_room():
    assert {room(module) for module in MODULES} <= set(HEIGHT)
    assert len(MODULES) > 20


@pytest.mark.parametrize("module", MODULES)
def test_modules_import_only_downwards(module):
    inside = {each for each in imports(module) if each.split(".")[0] == "kanwidget"}
    upwards = {
        each
        for each in inside
        if room(each) != room(module) and HEIGHT[room(each)] >= HEIGHT[room(module)]
    }
    assert not upwards


def test_no_modules_import_each_other_in_a_circle():
    graph = {module: imports(module, everywhere=False) & set(MODULES) for module in MODULES}
    assert graph["kanwidget.layer"]
    graphlib.TopologicalSorter(graph).prepare()


def test_only_the_widget_knows_jupyter():
    users = {room(m) for m in MODULES for each in imports(m) if each.split(".")[0] in JUPYTER}
    assert users == {"widget"}


# ---------------------------------------------------------------------- by running it

LOADED = """
import sys
def loaded():
    print(*sorted({name.split(".")[0] for name in sys.modules}))
"""

WORK = """
import kanwidget, torch
data = kanwidget.create_dataset(lambda x: torch.sin(3 * x[:, [0]]) + x[:, [1]], train_num=60, test_num=60)
model = kanwidget.KAN([2, 2, 1], auto_save=True)
model.fit(data, steps=2, lamb=0.001)
model.fit(data, opt="Adam", steps=2)
model.prune(0.0, 0.0)
model.remove_edge(0, 0, 0)
model.restore_edge(0, 0, 0)
model.fix_symbolic(0, 0, 0, "sin")
model.suggest_symbolic(0, 1, 0)
model.auto_symbolic(lib=["x", "x^2", "sin"])
"""

SESSION = """
session = kanwidget.Session(kanwidget.KAN([2, 2, 1]), data)
session.train(steps=2)
session.prune(0.01)
session.undo()
session.close()
"""

SHOW = """
import matplotlib
matplotlib.use("agg")
(formula,), _ = model.symbolic_formula()
assert formula.free_symbols
model.plot().canvas.draw()
"""


def test_importing_loads_nothing_that_is_not_needed_yet(tmp_path):
    printed = run(f"{LOADED}\nimport kanwidget\nloaded()\nkanwidget.KAN\nloaded()", tmp_path)
    package, engine = (set(line.split()) for line in printed.splitlines())
    assert "torch" in engine - package
    assert not engine & (SLOW | JUPYTER)


def test_every_public_name_and_room_is_there_without_being_imported(tmp_path):
    names = [*kanwidget.__all__, "formula", "symbolic", "fitting"]
    code = f"import kanwidget\nprint(*(name for name in {names} if not hasattr(kanwidget, name)))"
    assert run(code, tmp_path) == "\n"
    assert set(kanwidget.__all__) <= set(dir(kanwidget))
    assert not hasattr(kanwidget, "no_such_name")
    assert not hasattr(kanwidget, "_no_such_name")


def test_the_shell_answers_without_loading_torch(tmp_path):
    names = set(run(f"{LOADED}\nimport kanwidget.shell\nloaded()", tmp_path).split())
    assert "kanwidget" in names
    assert not names & (SLOW | JUPYTER | {"torch", "numpy"})


def test_engine_and_session_work_without_loading_jupyter_or_matplotlib(tmp_path):
    printed = run(f"{LOADED}{WORK}\nloaded()\n{SESSION}\nloaded()", tmp_path)
    engine, session = (set(line.split()) for line in printed.splitlines())
    assert not engine & (SLOW | JUPYTER)
    assert not session & (SLOW - {"sympy", "mpmath"} | JUPYTER)
    assert "sympy" in session - engine


def test_nothing_is_written_unasked(tmp_path):
    names = (
        "HOME",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "TMPDIR",
    )
    places = {name: tmp_path / name.lower() for name in names}
    work = tmp_path / "work"
    for place in (work, *places.values()):
        place.mkdir()
    # matplotlib keeps a cache of fonts, wherever it is used
    run(WORK + SESSION + SHOW, work, MPLCONFIGDIR=mpl.get_cachedir(), **places)
    assert sorted(tmp_path.rglob("*")) == sorted([work, *places.values()])
