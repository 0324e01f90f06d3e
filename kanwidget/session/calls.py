"""What was done to a model, as the call of its public method: plain data to store, a line of Python to read.

A value is written as JSON has it, or as {"$": kind, …} where JSON does not: a tuple, a dictionary, the
session's data, a number of sympy, NaN.  Nothing that was written is ever run as code when it is read.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from types import NoneType
from typing import TYPE_CHECKING, Any

import torch

from kanwidget.datasets import Dataset, as_dataset
from kanwidget.fitting.options import ARGUMENTS
from kanwidget.model import KAN
from kanwidget.session.fingerprint import fingerprint
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.library import LIBRARY

if TYPE_CHECKING:
    import sympy

METHODS = frozenset(
    {
        *("fit", "refine", "update_grid", "extend_grid"),
        *("prune", "prune_node", "prune_edge", "prune_input"),
        *("remove_edge", "restore_edge", "remove_node", "restore_node", "lock_edge", "unlock_edge"),
        *("remove_edges", "restore_edges", "lock_edges", "unlock_edges"),
        *("fix_symbolic", "unfix_symbolic", "auto_symbolic", "fix_edges", "unfix_edges"),
        *("rename_input", "rename_output"),
        *("tidy_symbolic", "snap", "snap_constant"),
        *("set_constant", "lock_constant", "unlock_constant", "move_point"),
        *("set_mode", "set_function", "set_values"),
        *("expand_width", "expand_depth", "perturb", "swap", "auto_swap_l", "auto_swap"),
    }
)
"""Methods of a model that do the same whenever they are called with the same arguments."""
ARGUMENTS_OF = {
    name: frozenset(inspect.signature(getattr(KAN, name)).parameters) - {"self"} for name in METHODS
} | {"fit": frozenset({"dataset", *ARGUMENTS})}
"""What they may be given."""
DEEPEST = 8
LONGEST_LABEL = 80
LONGEST = 10_000
"""Of what a call is given: lists within lists, and entries in one."""


class NotPlain(ValueError):
    """A value that can be written neither as data nor as code."""


@dataclass(frozen=True)
class Call:
    """A call of one of `METHODS`, with arguments as data.

    Attributes
    ----------
    method : str
    arguments : dict
        By name, each as JSON can hold it.
    """

    method: str
    arguments: Mapping[str, Any]

    @classmethod
    def of(cls, method: str, arguments: Mapping[str, Any], dataset: Dataset) -> Call:
        """The call of a method with these values.

        Raises
        ------
        NotPlain
            If it does not do the same each time, or a value cannot be written.
        """
        if method not in METHODS:
            raise NotPlain(f"{method} does not do the same each time")
        written = {}
        for name, value in arguments.items():
            try:
                written[name] = _written(value, dataset)
            except NotPlain as error:
                raise NotPlain(f"{name} of {method} is {error}") from None
        return cls(method, written)

    def do(self, model: KAN, dataset: Dataset) -> Any:
        """Do it to a model.

        Raises
        ------
        ValueError
            If the method is none of `METHODS`, or its arguments are not as `of` writes them.
        """
        values = self.values(dataset)
        return getattr(model, self.method)(**values)

    def values(self, dataset: Dataset) -> dict[str, Any]:
        """What the method is to be given, by name; raises what `do` does."""
        self._check()
        return {name: _read(value, dataset) for name, value in self.arguments.items()}

    def code(self, model: str = "model", dataset: str = "dataset") -> str:
        """A line of Python that does it, without what is so by default; ValueError as in `do`."""
        self._check()
        usual = inspect.signature(getattr(KAN, self.method)).parameters
        given = {
            name: value
            for name, value in self.arguments.items()
            if name == "seed" or not _same(value, usual[name].default)
        }
        first = []
        for name in _FIRST.get(self.method, ()):
            if name not in given:
                break
            first.append(_code(given.pop(name), dataset))
        rest = [f"{name}={_code(value, dataset)}" for name, value in given.items()]
        return f"{model}.{self.method}({', '.join(first + rest)})"

    def _check(self) -> None:
        """See that it is a call as `of` makes them: it may have come from a file."""
        if self.method not in METHODS:
            raise ValueError(f"{self.method!r:.60} is no action of a model that can be done again")
        for name in self.arguments:
            # a fit writes pictures where it is told a folder: nothing that a file may ask for
            if name not in ARGUMENTS_OF[self.method]:
                raise ValueError(f"{self.method} is given {name!r:.60}, which it does not take")


def short(call: Call) -> str:
    """A call as a label: `refine(10)`."""
    text = call.code("", "data")[1:]
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 2]}…)"


_FIRST = {
    **dict.fromkeys(("remove_edge", "restore_edge", "lock_edge", "unlock_edge"), ("l", "i", "j")),
    **dict.fromkeys(("remove_node", "restore_node"), ("l", "i")),
    **dict.fromkeys(("remove_edges", "restore_edges", "lock_edges", "unlock_edges"), ("edges",)),
    "unfix_edges": ("edges",),
    "fix_edges": ("edges", "fun_name"),
    "rename_input": ("i", "text"),
    "rename_output": ("j", "text"),
    "unfix_symbolic": ("l", "i", "j"),
    "fix_symbolic": ("l", "i", "j", "fun_name"),
    "set_mode": ("l", "i", "j", "mode"),
    "set_function": ("l", "i", "j", "fun_name", "params"),
    "set_values": ("l", "part", "values"),
    "snap_constant": ("l", "i", "j", "constant", "number", "dataset"),
    "set_constant": ("l", "i", "j", "constant", "value"),
    **dict.fromkeys(("lock_constant", "unlock_constant"), ("l", "i", "j", "constant")),
    "move_point": ("l", "i", "j", "index", "value"),
    "fit": ("dataset",),
    "snap": ("dataset",),
    "refine": ("new_grid",),
    **dict.fromkeys(("prune_edge", "prune_node", "prune_input"), ("threshold",)),
    "perturb": ("mag",),
    "swap": ("l", "i1", "i2"),
    "expand_width": ("layer_id", "n_added_nodes"),
    "update_grid": ("x",),
    "extend_grid": ("x",),
}
"""Arguments that a person would write without their names."""


def _written(value: Any, dataset: Dataset, depth: int = 0) -> Any:
    """A value as data."""
    if depth > DEEPEST:
        raise NotPlain("too deep")
    if isinstance(value, NoneType | bool | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and not type(value).__module__.startswith("sympy"):
        return float(value) if math.isfinite(value) else {"$": "float", "text": str(float(value))}
    if isinstance(value, Mapping) and "train_input" in value:
        if not same_data(value, dataset):
            raise NotPlain("other data than the session's")
        return {"$": "dataset"}
    if isinstance(value, SymbolicFunction) and LIBRARY.get(value.name) is value:
        return value.name
    if isinstance(value, type):
        name: str = value.__name__
        if getattr(torch.optim, name, None) is value:
            return name
    if isinstance(value, Mapping):
        items = [[_written(each, dataset, depth + 1) for each in item] for item in value.items()]
        return {"$": "dict", "items": items}
    if isinstance(value, list | tuple):
        if len(value) > LONGEST:
            raise NotPlain(f"a list of {len(value)} entries")
        items = [_written(each, dataset, depth + 1) for each in value]
        return items if isinstance(value, list) else {"$": "tuple", "items": items}
    return _number_written(value)


def same_data(data: Any, dataset: Dataset) -> bool:
    """Whether data, a `Dataset` or pykan's dictionary, are the session's."""
    if data is dataset:
        return True
    try:
        given = as_dataset(data)
    except (TypeError, ValueError):
        return False
    x = dataset.train_input
    return fingerprint(given.to(x.dtype, x.device)) == fingerprint(dataset)


def _number_written(value: Any) -> Any:
    import sympy

    from kanwidget.discovery.guesses import number, parts

    if isinstance(value, sympy.Expr) and value.is_number:
        p, q, base = parts(value)
        try:
            if number(p, q, base) == value:
                return {"$": "number", "p": p, "q": q, "base": base}
        except ValueError:
            pass  # a number of another form
        raise NotPlain(f"{value}, which is not of the form p/q · π")
    raise NotPlain(f"a {type(value).__name__}, which is not plain data")


def _read(value: Any, dataset: Dataset, depth: int = 0) -> Any:
    """The value that was written."""
    if depth > DEEPEST:
        raise ValueError("an argument is nested too deeply")
    if isinstance(value, NoneType | bool | int | float | str):
        return value
    if isinstance(value, list):
        return [_read(each, dataset, depth + 1) for each in value]
    try:
        kind = value["$"]
        if kind == "dataset":
            return dataset
        if kind == "tuple":
            return tuple(_read(each, dataset, depth + 1) for each in value["items"])
        if kind == "dict":
            return {
                _read(key, dataset, depth + 1): _read(each, dataset, depth + 1)
                for key, each in value["items"]
            }
        if kind == "float" and value["text"] in ("nan", "inf", "-inf"):
            return float(value["text"])
        if kind == "number":
            return _number(value)
    except (KeyError, TypeError, IndexError):
        pass  # not as `_written` makes them
    raise ValueError(f"an argument is {value!r:.60}, which is no value that an action takes")


def _number(value: Mapping[str, Any]) -> sympy.Expr:
    from kanwidget.discovery.guesses import number

    return number(value["p"], value["q"], value["base"])


def _same(value: Any, default: Any) -> bool:
    """Whether a written value is a default, one that needs no writing."""
    return type(value) is type(default) and value == default


def _code(value: Any, dataset: str) -> str:
    """A written value as Python."""
    if isinstance(value, list):
        return f"[{', '.join(_code(each, dataset) for each in value)}]"
    if not isinstance(value, Mapping):
        return repr(value)
    kind = value["$"]
    if kind == "dataset":
        return dataset
    if kind == "float":
        return f"float({value['text']!r})"
    if kind == "number":
        return _number_code(value)
    if kind == "dict":
        pairs = (f"{_code(key, dataset)}: {_code(each, dataset)}" for key, each in value["items"])
        return f"{{{', '.join(pairs)}}}"
    items = [_code(each, dataset) for each in value["items"]]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _number_code(value: Mapping[str, Any]) -> str:
    """A number of sympy, ``3*sympy.pi/4`` say; no whole numbers are divided as Python would."""
    import sympy

    number = _number(value)
    text = str(number)
    if re.search("[0-9]/[0-9]", text):  # which Python would divide
        text = sympy.sstr(number, sympy_integers=True)
    return ast.unparse(ast.parse(re.sub("[A-Za-z]+", r"sympy.\g<0>", text)))
