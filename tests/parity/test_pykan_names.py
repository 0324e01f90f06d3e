"""Every public name of pykan is in the migration page's tables, and what is said of it there is so."""

import ast
import importlib
import inspect
import random
import re
import sys
import textwrap
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import kanwidget
from kanwidget.compat import pykan as ours
from tests.parity.names import CHECKS, networks, taking

PAGE = Path(__file__).parents[2] / "notebooks" / "docs" / "pykan.md"
VERDICTS = ("same", "better", "left out")
MODULES = ("utils", "spline", "hypothesis", "compiler", "feynman", "experiment", "LBFGS", "MLP")
CLASSES = {"KAN": "MultKAN", "KANLayer": "KANLayer", "Symbolic_KANLayer": "Symbolic_KANLayer"}
CLASSES |= {"MLP": "MLP"}
for checks in ("changing", "functions", "hypotheses_and_more", "layers", "perceptron", "reading"):
    importlib.import_module(f"tests.parity.names.{checks}")

pytestmark = [
    # not our warnings to heed: pykan's own, and matplotlib's of the pictures it opens
    pytest.mark.filterwarnings("ignore::Warning:kan"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def rows():
    """(section, name, verdict, remark) of every row of the page's tables; a row may name several."""
    section, found = "", []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"### (?:.*?)`([^`]+)`", line):
            section = heading[1]
        elif line.startswith("##"):
            section = ""
        elif section and line.startswith("| `"):
            names, verdict, remark = (cell.strip() for cell in line.strip("|").split("|"))
            found += [(section, name, verdict, remark) for name in re.findall(r"`([^`]+)`", names)]
    return found


ROWS = rows()
NAMES = [row for row in ROWS if not row[0].endswith(")")]
ARGUMENTS = [row for row in ROWS if row[0].endswith(")")]


@pytest.fixture(scope="module")
def kan(tmp_path_factory):
    """pykan's modules by their short names, in float64, away from our files and random numbers."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.chdir(tmp_path_factory.mktemp("pykan"))
        warnings.simplefilter("ignore")
        dtype, torch_state = torch.get_default_dtype(), torch.get_rng_state()
        numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
        importlib.import_module("kan")
        found = {}
        for name in (*MODULES, "MultKAN", "KANLayer", "Symbolic_KANLayer"):
            importlib.import_module(f"kan.{name}")
            found[name] = sys.modules[f"kan.{name}"]
        torch.set_default_dtype(torch.float64)
        yield SimpleNamespace(**found)
        torch.set_default_dtype(dtype)
        torch.set_rng_state(torch_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


# ---------------------------------------------------------------------- which names there are


def names_of_module(module):
    """Public functions, classes and values that are a module's own, by what it says of itself."""
    assigned = {
        target.id
        for statement in ast.parse(inspect.getsource(module)).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    own = {n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__}
    return {name for name in own | assigned if not name.startswith("_")}


def names_of_class(kind, *arguments, **options):
    """Public methods and attributes: defined, assigned to ``self`` anywhere, or there once it is made."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    assigned = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    made = kind(*arguments, **options)
    found = (
        assigned | set(vars(kind)) | set(vars(made)) | set(made._parameters) | set(made._modules)
    )
    plain = set(vars(nn.Module())) | {"forward", "to"}
    return {name for name in found - plain if not name.startswith("_")} | {"forward", "to"}


def every_name(kan):
    found = {f"kan.{name}": names_of_module(getattr(kan, name)) for name in MODULES}
    found["MLP"] = names_of_class(kan.MLP.MLP, [2, 2, 1])
    found["KAN"] = names_of_class(kan.MultKAN.KAN, [2, 2, 1], auto_save=False)
    for name in ("KANLayer", "Symbolic_KANLayer"):
        found[name] = names_of_class(getattr(getattr(kan, name), name), 2, 2)
    return found


def test_every_public_name_of_pykan_is_in_a_table(kan):
    told = {}
    for section, name, _, _ in NAMES:
        assert name not in told.setdefault(section, set()), f"{section}: {name} is there twice"
        told[section].add(name)
    assert told == every_name(kan)
    assert sum(map(len, told.values())) > 200


def test_nearly_all_names_work():
    assert {verdict for _, _, verdict, _ in ROWS} == set(VERDICTS)
    works = [verdict != "left out" for _, _, verdict, _ in NAMES]
    assert sum(works) / len(works) >= 0.95
    assert all(remark for _, _, verdict, remark in ROWS if verdict != "same"), (
        "how, or why, is said"
    )


# ---------------------------------------------------------------------- each of them


@pytest.mark.parametrize(
    ("section", "name"), [row[:2] for row in NAMES if row[2] != "left out"], ids=str
)
def test_a_name_works(kan, section, name):
    with torch.random.fork_rng(devices=[]):
        CHECKS[section, name](kan, ours, name)


def test_there_is_no_check_without_a_row():
    assert set(CHECKS) == {row[:2] for row in NAMES if row[2] != "left out"}


@pytest.mark.parametrize(
    ("section", "name"), [row[:2] for row in NAMES if row[2] == "left out"], ids=str
)
def test_a_name_that_is_left_out_is_not_there_or_says_why(kan, section, name):
    place = {
        "KAN": lambda: networks.seen(ours),
        "MLP": lambda: ours.MLP([2, 1]),
        "KANLayer": lambda: ours.KANLayer(2, 1),
        "Symbolic_KANLayer": lambda: ours.Symbolic_KANLayer(2, 1),
    }.get(section, lambda: ours)()
    with pytest.raises((AttributeError, TypeError, ValueError), match=name):
        getattr(place, name)()


# ---------------------------------------------------------------------- arguments


def arguments(function):
    return set(inspect.signature(function).parameters) - {"self"}


def test_other_methods_take_all_arguments_but_those_that_are_left_out(kan):
    refused = set()
    for method, required in taking.REQUIRED.items():
        signature = inspect.signature(getattr(kan.MultKAN.KAN, method))
        optional = list(signature.parameters.items())[1 + len(required) :]
        for name, parameter in optional:
            call = getattr(networks.seen(ours), method)
            try:
                call(*required, **{name: parameter.default})
            except TypeError as error:
                assert name in str(error)
                refused.add(f"{method}({name})")
    ours.plt.close("all")
    assert refused == {row[1] for row in ARGUMENTS if row[0] == "other methods()"}


@pytest.mark.filterwarnings("ignore:singularity_avoiding and y_th")
@pytest.mark.parametrize("section", ["KAN()", "fit()", "plot()"])
def test_every_argument_of_pykan_is_in_a_table_and_is_taken_or_refused(kan, section):
    theirs = {
        "KAN()": kan.MultKAN.KAN,
        "fit()": kan.MultKAN.KAN.fit,
        "plot()": kan.MultKAN.KAN.plot,
    }
    told = {name: verdict for place, name, verdict, _ in ARGUMENTS if place == section}
    assert set(told) == arguments(theirs[section])
    for name, verdict in told.items():
        take = taking.taking(ours, section, name, theirs[section])
        if verdict == "left out":
            with pytest.raises((TypeError, ValueError), match=name):
                take()
        else:
            take()


# ---------------------------------------------------------------------- the whole


def test_a_star_brings_what_notebooks_use_without_importing_it():
    names = {}
    exec("from kanwidget.compat.pykan import *", names)
    for section, name, verdict, _ in NAMES:
        if section.startswith("kan.") and verdict != "left out":
            assert names[name] is getattr(ours, name)
    assert names["KAN"] is names["MultKAN"] is kanwidget.KAN
    assert names["torch"] is torch
    assert names["np"] is np
    assert str(names["nsimplify"](0.5)) == "1/2"
    assert {"plt", "nn", "tqdm", "sin", "symbols", "random", "KANLayer"} <= set(names)
    assert not hasattr(ours, "no_such_name")
    assert {"KAN", "MLP", "torch"} <= set(dir(ours))
