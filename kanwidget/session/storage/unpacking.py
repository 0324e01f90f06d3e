"""A model and its history from a document that has been checked, and its tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from kanwidget.datasets import Dataset
from kanwidget.edges import EdgeFunction
from kanwidget.features import BASE_FUNCTIONS
from kanwidget.model import KAN
from kanwidget.network import Snapshot
from kanwidget.reshaping import SETTINGS
from kanwidget.reshaping import TENSORS as OF_LAYERS
from kanwidget.saving import OWN
from kanwidget.scales import Scale
from kanwidget.session.calls import Call
from kanwidget.session.history import Action, History, LossCurve, Node
from kanwidget.session.storage import making, schema
from kanwidget.session.storage.schema import DTYPES, NODE_TENSORS, TENSORS
from kanwidget.symbolic.library import LIBRARY

BaseFunction = Callable[[Tensor], Tensor]


def unpacked_data(document: schema.Document, parts: Mapping[str, Tensor]) -> Dataset:
    """The data of a document, with its tensors by their keys."""
    data = document.data
    held: dict[str, Any] = dict(parts)
    return Dataset(
        **held,
        input_names=tuple(data.input_names),
        output_names=tuple(data.output_names),
        input_scale=_scale(data.input_scale),
        output_scale=_scale(data.output_scale),
    )


class Unpacked:
    """The model and the history.

    Parameters
    ----------
    document : schema.Document
    tensors : sequence of Tensor
        By the numbers that the document gives them.
    dataset : Dataset
    base_fun : callable or None
        Where the session's was one of somebody's own.
    functions : mapping of str to function
        Those that the library does not have.

    Raises
    ------
    ValueError
        If a function is not at hand.
    """

    def __init__(
        self,
        document: schema.Document,
        tensors: Sequence[Tensor],
        dataset: Dataset,
        base_fun: BaseFunction | None,
        functions: Mapping[str, EdgeFunction],
    ) -> None:
        self._document, self._tensors, self._train = document, tensors, dataset.train_input
        self._base_fun = base_fun
        self._functions = [_function(each, functions) for each in document.functions]
        self._structures = [self._structure(each, base_fun) for each in document.structures]
        self._layers: dict[tuple[int, ...], dict[str, Any]] = {}
        self._masks: dict[tuple[Any, ...], Tensor] = {}
        self._selections: dict[tuple[int, ...], Tensor] = {
            tuple(range(self._train.shape[1])): self._train
        }
        self.history = self._history()
        self.model = self._model(self.history.current.state)

    def _model(self, state: Snapshot | None) -> KAN:
        assert state is not None
        first = state.layers[0]
        model = KAN(
            [1] * (len(state.layers) + 1),
            grid=1,
            k=1,
            noise_scale=0.0,
            base_fun=first["base_fun"],
            dtype=DTYPES[self._document.dtype],
        )
        model.restore(state)
        trained = self._document.trained
        for l, layer in enumerate(model.layers):
            wanted, parameters = trained[min(l, len(trained) - 1)], dict(layer.named_parameters())
            for name in schema.PARAMETERS:
                parameters[name].requires_grad_(name in wanted.parameters)
            layer.nodes.affine_trainable = wanted.affine
            layer.nodes.changed()
        model.made = making.unpacked(self._document.made, self._base_fun)
        return model

    def _history(self) -> History:
        losses: Any = ()
        if self._document.losses is not None:
            losses = self._tensors[self._document.losses].tolist()
        waiting = iter(losses)
        nodes = [
            self._node(number, step, waiting) for number, step in enumerate(self._document.nodes)
        ]
        start = nodes[0]
        assert start.state is not None
        history = History(start.state, start.metrics, self._document.limit)
        history.nodes, history.current = nodes, nodes[self._document.current]
        for node in nodes[1:]:
            if node.state is not None:
                history.memory.add(node.state)
        return history

    def _node(self, number: int, step: schema.Step, losses: Iterator[float]) -> Node:
        calls = None
        if step.calls is not None:
            calls = tuple(Call(each.method, each.arguments) for each in step.calls)
        curves = [tuple(islice(losses, step.losses)) for _ in range(3 if step.penalty else 2)]
        return Node(
            number,
            step.parent,
            Action(step.label, step.command, calls, step.because),
            None if step.state is None else self._state(step.state),
            step.metrics | ({} if step.formula is None else {"formula": step.formula}),
            LossCurve(*curves),
            step.made,
            step.seconds,
            step.redo,
            step.name,
            step.note,
            step.pinned,
        )

    def _state(self, state: schema.State) -> Snapshot:
        ends = self._document.ends[state.ends]
        return Snapshot(
            tuple(self._layer(l, *layer) for l, layer in enumerate(state.layers)),
            tuple(ends.input_names),
            tuple(ends.output_names),
            {count: list(columns) for count, columns in ends.columns},
            self._seen(ends.seen),
            _scale(ends.input_scale),
            _scale(ends.output_scale),
        )

    def _seen(self, seen: int | list[int] | None) -> Tensor | None:
        if not isinstance(seen, list):
            return None if seen is None else self._tensors[seen]
        chosen = tuple(seen)
        if chosen not in self._selections:
            self._selections[chosen] = self._train[:, seen].clone()
        return self._selections[chosen]

    def _layer(self, l: int, structure: int, numbers: Sequence[int]) -> dict[str, Any]:
        """The state of a layer, with everything in the order that `reshaping.state` has it in."""
        key = (structure, *numbers)
        if key not in self._layers:
            tensors = {
                name: self._tensors[number] for name, number in zip(TENSORS, numbers, strict=True)
            }
            tensors["held"] = self._held(
                l, tensors["affine"].shape, self._document.structures[structure].held
            )
            beside = self._structures[structure]
            self._layers[key] = {
                **{name: tensors[name] for name in OF_LAYERS},
                **{name: beside[name] for name in (*SETTINGS, "functions")},
                "nodes": {
                    **{name: tensors[name] for name in NODE_TENSORS},
                    "arity": beside["arity"],
                },
            }
        return self._layers[key]

    def _held(self, l: int, shape: Sequence[int], places: Sequence[tuple[int, int, int]]) -> Tensor:
        """The mask of locked constants, shape (n_out, n_in, 4); states share it."""
        key = (l, tuple(shape), tuple(places))
        if key not in self._masks:
            mask = torch.zeros(shape, dtype=torch.bool)
            for i, j, place in places:
                mask[j, i, place] = True
            self._masks[key] = mask
        return self._masks[key]

    def _structure(
        self, structure: schema.Structure, base_fun: BaseFunction | None
    ) -> dict[str, Any]:
        base = base_fun if structure.base_fun == OWN else BASE_FUNCTIONS[structure.base_fun]
        if base is None:
            raise ValueError(
                "has a base function of somebody's own, which no file holds; give it as base_fun"
            )
        return {
            "k": structure.k,
            "grid_eps": structure.grid_eps,
            "extrapolation": structure.extrapolation,
            "base_fun": base,
            "functions": {(i, j): self._functions[number] for i, j, number in structure.functions},
            "arity": tuple(structure.arity),
        }


def _function(wanted: schema.Function, given: Mapping[str, EdgeFunction]) -> EdgeFunction:
    name = wanted.name
    if name in given:
        return given[name]
    if wanted.library and name in LIBRARY:
        return LIBRARY[name]
    if wanted.library:
        missing = "is not in the library; register it (kanwidget.symbolic.library.register) or"
    else:
        missing = "is not the library's of that name;"
    raise ValueError(f"has a function {name!r:.60} that {missing} give it in functions")


def _scale(scale: schema.Scales) -> Scale | None:
    return None if scale is None else (tuple(scale[0]), tuple(scale[1]))
