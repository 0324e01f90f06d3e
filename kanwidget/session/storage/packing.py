"""A session's history as a document and tensors, each of which is there once."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from torch import Tensor

from kanwidget.datasets import Dataset
from kanwidget.edges import EdgeFunction
from kanwidget.features import name_of_base
from kanwidget.model import KAN
from kanwidget.network import Snapshot
from kanwidget.saving import OWN
from kanwidget.scales import Scale
from kanwidget.session.fingerprint import fingerprint
from kanwidget.session.history import LONGEST_NAME, LONGEST_NOTE, History, Node
from kanwidget.session.states import same_bits
from kanwidget.session.storage import making, schema
from kanwidget.session.storage.schema import (
    FORMAT,
    LAYER_TENSORS,
    LONGEST_FORMULA,
    LONGEST_LABEL,
    NODE_TENSORS,
)
from kanwidget.session.storage.validity import MOST_SELECTIONS
from kanwidget.symbolic.library import LIBRARY
from kanwidget.version import __version__


@dataclass(frozen=True, eq=False)
class Contents:
    """What is stored of a session, as it was at one moment: nothing that is done to it later is seen here."""

    nodes: tuple[Node, ...]
    current: int
    limit: int
    dtype: torch.dtype
    made: Mapping[str, Any]
    trained: tuple[schema.Trained, ...]
    dataset: Dataset
    settings: Any
    data: bool
    saved: float


def collect(
    model: KAN,
    dataset: Dataset,
    history: History,
    settings: Mapping[str, Any] | None = None,
    data: bool = True,
) -> Contents:
    """What `put` is to store, in about a microsecond a node; nobody may change the model meanwhile.

    Parameters
    ----------
    model : KAN
        Of which is kept what is trained; all else is in the history.
    dataset : Dataset
    history : History
    settings : mapping, optional
        Anything that JSON can hold.
    data : bool
        Whether the data are stored too, or only what they are known by.

    Raises
    ------
    ValueError
        If a setting is none that JSON can hold.
    """
    try:
        plain = schema.plain(dict(settings or {}))
    except ValueError as error:
        raise ValueError(f"settings cannot be stored: {error}") from None
    return Contents(
        tuple(map(copy.copy, history.nodes)),
        history.current.id,
        history.limit,
        model.dtype,
        dict(model.made),
        tuple(
            schema.Trained(layer.nodes.affine_trainable, _trained(layer)) for layer in model.layers
        ),
        dataset,
        plain,
        data,
        time.time(),
    )


def _trained(layer: torch.nn.Module) -> list[schema.Parameter]:
    parameters = dict(layer.named_parameters())
    return [name for name in schema.PARAMETERS if parameters[name].requires_grad]


def pack(contents: Contents) -> tuple[schema.Document, list[Tensor]]:
    """The document, and the tensors by the numbers it gives them.

    Raises
    ------
    ValueError
        If two functions that are not the library's have one name.
    """
    packed = Packed(contents)
    nodes = [packed.step(node) for node in contents.nodes]
    document = schema.Document(
        format=FORMAT,
        kanwidget=__version__,
        saved=contents.saved,
        settings=contents.settings,
        data=packed.data(),
        dtype="float32" if contents.dtype == torch.float32 else "float64",
        made=_made(contents),
        trained=list(contents.trained),
        limit=contents.limit,
        current=contents.current,
        functions=packed.functions.entries,
        structures=packed.structures.entries,
        ends=packed.ends.entries,
        losses=packed.losses(),
        nodes=nodes,
    )
    return document, packed.tensors.entries


def _made(contents: Contents) -> schema.Made | None:
    start = contents.nodes[0].state
    assert start is not None
    shapes = []
    for layer in start.layers:
        _, n_in, size = layer["coef"].shape
        shapes.append(making.Shape(n_in, layer["nodes"]["arity"], size - layer["k"], layer["k"]))
    return making.packed(contents.made, shapes)


class Numbered:
    """Entries in order, each with a number; those with one key are one entry."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, entry: Any, key: Any) -> int:
        """The number of an entry, new or not."""
        if key not in self._numbers:
            self._numbers[key] = len(self.entries)
            self.entries.append(entry)
        return self._numbers[key]

    def record(self, entry: msgspec.Struct) -> int:
        """The number of a record; equal ones are one."""
        return self.number(entry, msgspec.json.encode(entry))


class Packed:
    """What nodes share, growing with every node that is packed."""

    def __init__(self, contents: Contents) -> None:
        self._dataset, self._with_data = contents.dataset, contents.data
        self.tensors, self.functions = Numbered(), Numbered()
        self.structures, self.ends = Numbered(), Numbered()
        self._named: dict[tuple[str, bool], EdgeFunction] = {}
        self._seen: dict[int, list[int] | None] = {}
        self._selections: set[tuple[int, ...]] = set()
        self._losses: list[float] = []

    def data(self) -> schema.Data:
        """The data, or only what they are known by; parts that are the same are stored once."""
        given, parts = self._dataset, None
        if self._with_data:
            different: list[Tensor] = []
            parts = []
            for values in given.values():
                known = [each for each in different if same_bits(each, values)]
                different += [] if known else [values]
                one = known[0] if known else values
                parts.append(self.tensors.number(one, ("data", id(one))))
        return schema.Data(
            fingerprint(given),
            list(map(_text, given.input_names)),
            list(map(_text, given.output_names)),
            _scale(given.input_scale),
            _scale(given.output_scale),
            parts,
        )

    def losses(self) -> int | None:
        """The number of the tensor with all losses, after the last node."""
        values = torch.tensor(self._losses, dtype=torch.float64)
        return self.tensors.number(values, "losses") if len(values) else None

    def step(self, node: Node) -> schema.Step:
        """A node of the history."""
        action, curve, metrics = node.action, node.curve, dict(node.metrics)
        formula = metrics.pop("formula", None)
        self._losses += [*curve.train, *curve.val, *curve.penalty]
        calls = None
        if action.calls is not None:
            calls = [schema.Calling(call.method, dict(call.arguments)) for call in action.calls]
        return schema.Step(
            parent=node.parent,
            label=_text(action.label, LONGEST_LABEL),
            command=_text(action.command, LONGEST_LABEL),
            calls=calls,
            because=_text(action.because, LONGEST_LABEL),
            state=None if node.state is None else self._state(node.state),
            metrics=metrics,
            formula=None if formula is None else _text(formula, LONGEST_FORMULA),
            losses=len(curve.train),
            made=node.made,
            seconds=max(0.0, node.seconds),
            redo=node.redo,
            name=_text(node.name, LONGEST_NAME),
            note=_text(node.note, LONGEST_NOTE),
            pinned=node.pinned,
            penalty=bool(curve.penalty),
        )

    def _state(self, state: Snapshot) -> schema.State:
        ends = schema.Ends(
            list(map(_text, state.input_names)),
            list(map(_text, state.output_names)),
            _scale(state.input_scale),
            _scale(state.output_scale),
            [(count, list(columns)) for count, columns in state.columns.items()],
            self._what_it_saw(state),
        )
        layers = [self._layer(l, layer) for l, layer in enumerate(state.layers)]
        return schema.State(self.ends.record(ends), layers)

    def _layer(self, l: int, layer: Mapping[str, Any]) -> schema.LayerState:
        structure: Any = {
            **{name: layer[name] for name in ("k", "grid_eps", "extrapolation")},
            "base_fun": name_of_base(layer["base_fun"]) or OWN,
            "arity": list(layer["nodes"]["arity"]),
            "functions": [
                (i, j, self._function(function)) for (i, j), function in layer["functions"].items()
            ],
            "held": [(i, j, place) for j, i, place in layer["held"].nonzero().tolist()],
        }
        tensors = [(name, layer[name]) for name in LAYER_TENSORS]
        tensors += [(name, layer["nodes"][name]) for name in NODE_TENSORS]
        # no state has a tensor twice: what is in two places counts as two
        numbers = [self.tensors.number(each, (l, name, id(each))) for name, each in tensors]
        return self.structures.record(schema.Structure(**structure)), numbers

    def _function(self, function: EdgeFunction) -> int:
        name = function.name
        key = name, LIBRARY.get(name, function) is function
        if self._named.setdefault(key, function) is not function:
            raise ValueError(
                f"two functions of one's own are called {name!r}; they are stored by their names, "
                "which have to differ"
            )
        return self.functions.number(schema.Function(*key), key)

    def _what_it_saw(self, state: Snapshot) -> list[int] | int | None:
        seen = state.calibration
        if seen is None:
            return None
        if id(seen) not in self._seen:
            self._seen[id(seen)] = self._selection(seen, state.columns)
        found = self._seen[id(seen)]
        return self.tensors.number(seen, ("seen", id(seen))) if found is None else found

    def _selection(self, seen: Tensor, columns: Mapping[int, list[int]]) -> list[int] | None:
        """Columns of the training inputs that these inputs are, or None."""
        known = self._dataset.train_input
        every = list(range(known.shape[1]))
        for chosen in (every, columns.get(len(every))):
            if chosen is None or len(self._selections | {tuple(chosen)}) > MOST_SELECTIONS:
                continue
            if seen is known or same_bits(seen, known if chosen == every else known[:, chosen]):
                self._selections.add(tuple(chosen))
                return list(chosen)
        return None


def _text(text: Any, longest: int | None = None) -> str:
    """A text as a file can hold it: half a character that a page sent is a question mark."""
    return str(text)[:longest].encode(errors="replace").decode()


def _scale(scale: Scale | None) -> schema.Scales:
    return None if scale is None else (list(scale[0]), list(scale[1]))
