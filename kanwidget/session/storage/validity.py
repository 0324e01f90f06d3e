"""Whether the parts of a stored session fit together, seen before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from kanwidget import scales
from kanwidget.datasets import Dataset
from kanwidget.session.calls import Call
from kanwidget.session.storage.making import Shape, fits
from kanwidget.session.storage.schema import DTYPES, TENSORS, Document, Ends, LayerState, Structure

MOST_FACTORS = 10**6
"""Nodes of a layer, times the factors that the largest has."""
MOST_SELECTIONS = 16
"""Of columns of the training inputs that states were looked at on."""
DEEPEST = 16
PLACES = {name: place for place, name in enumerate(TENSORS)}


def check(document: Document, tensors: Sequence[Tensor], dataset: Dataset) -> None:
    """Raise ValueError where a document cannot be a session of these data.

    Parameters
    ----------
    document : Document
    tensors : sequence of Tensor
        By the numbers that the document gives them.
    dataset : Dataset
        Whose shapes have been checked.
    """
    inputs, outputs = dataset.train_input.shape[1], dataset.train_label.shape[1]
    names = [(function.name, function.library) for function in document.functions]
    _demand(len(set(names)) == len(names), "two functions have one name")
    _check_plain(document.settings, "a setting")
    layers = Layers(document, tensors)
    for ends in document.ends:
        _check_ends(ends, tensors, inputs)
    chosen = {tuple(ends.seen) for ends in document.ends if isinstance(ends.seen, list)}
    _demand(len(chosen) <= MOST_SELECTIONS, "there are too many selections of columns")
    for number, node in enumerate(document.nodes):
        if node.state is None:
            continue
        where = f"the state of step {number}"
        n_in, n_out = layers.check(node.state.layers, where)
        _demand(node.state.ends < len(document.ends), f"{where} has no names")
        ends = document.ends[node.state.ends]
        fits = (len(ends.input_names), len(ends.output_names)) == (n_in, n_out)
        fits &= all(len(columns) == n_in for _, columns in ends.columns)
        _demand(fits, f"the names of {where} are not as many as its inputs and outputs")
        taken = {n_in, *(count for count, _ in ends.columns)}
        _demand(n_out == outputs and inputs in taken, f"{where} does not take the data")
        seen = ends.seen
        if seen is not None:
            columns = len(seen) if isinstance(seen, list) else tensors[seen].shape[1]
            _demand(columns in taken, f"{where} does not take what it was looked at on")
    _check_nodes(document, tensors, dataset)
    _check_making(document, tensors)


def check_data(parts: Mapping[str, Tensor], names: Sequence[Sequence[str]]) -> None:
    """Raise ValueError where tensors by the keys of a dataset are none, or not of so many names."""
    for key, values in parts.items():
        rows = parts[f"{key.split('_')[0]}_input"].shape[:1]
        shape = (*rows, len(names[key.endswith("label")]))
        _demand(
            values.shape == shape and values.numel() > 0 and values.dtype in DTYPES.values(),
            f"{key} has the shape {tuple(values.shape)} and is {values.dtype}; {shape} and numbers of "
            "float32 or float64 are needed",
        )


class Layers:
    """Checks the layers of states, each of which is looked at once however many states share it."""

    def __init__(self, document: Document, tensors: Sequence[Tensor]) -> None:
        self._structures, self._tensors = document.structures, tensors
        self._dtype = DTYPES[document.dtype]
        self._known: dict[tuple[int, ...], tuple[int, int]] = {}
        self._good_knots: set[int] = set()
        self._symbolic: dict[int, int] = {}
        self._functions: dict[int, Tensor] = {}
        for structure in document.structures:
            used = [number for _, _, number in structure.functions]
            _demand(max(used, default=-1) < len(document.functions), "a function is missing")

    def check(self, layers: Sequence[LayerState], where: str) -> tuple[int, int]:
        """Number of inputs and outputs of a state; ValueError where its layers are none."""
        all_numbers = [number for _, numbers in layers for number in numbers]
        _demand(len(set(all_numbers)) == len(all_numbers), f"{where} has a tensor twice")
        sizes = []
        for l, (structure, numbers) in enumerate(layers):
            key = (structure, *numbers)
            if key not in self._known:
                self._known[key] = self._check(structure, numbers, f"layer {l} of {where}")
            sizes.append(self._known[key])
        fits = all(a[1] == b[0] for a, b in pairwise(sizes))
        _demand(fits, f"the layers of {where} do not follow one another")
        return sizes[0][0], sizes[-1][1]

    def _check(self, number: int, numbers: Sequence[int], where: str) -> tuple[int, int]:
        _demand(number < len(self._structures), f"{where} has no structure")
        _demand(max(numbers) < len(self._tensors), f"{where} lacks tensors")
        structure = self._structures[number]
        held = {name: self._tensors[each] for name, each in zip(TENSORS, numbers, strict=True)}
        _demand(held["coef"].ndim == 3, f"{where} has no coefficients")
        shapes = _shapes(structure, *held["coef"].shape)
        for name, values in held.items():
            dtype = (
                torch.bool if name in ("alive", "numeric", "symbolic", "locked") else self._dtype
            )
            _demand(
                values.shape == shapes[name] and values.dtype == dtype,
                f"{name} of {where} has the shape {tuple(values.shape)} and the dtype "
                f"{values.dtype}; {shapes[name]} and {dtype} are needed",
            )
        self._check_knots(numbers[PLACES["knots"]], where)
        self._check_functions(number, numbers[PLACES["symbolic"]], where)
        return held["coef"].shape[1], len(structure.arity)

    def _check_knots(self, number: int, where: str) -> None:
        if number in self._good_knots:
            return
        knots = self._tensors[number]
        ascend = bool(knots.isfinite().all()) and bool((knots.diff() >= 0).all())
        _demand(ascend, f"the knots of {where} are not finite numbers in ascending order")
        self._good_knots.add(number)

    def _check_functions(self, number: int, mask_number: int, where: str) -> None:
        """Every symbolic edge has a function; others may."""
        mask = self._tensors[mask_number]
        if number not in self._functions:
            edges = [(j, i) for i, j, _ in self._structures[number].functions]
            known = self._structures[number].held
            locked = all(j < mask.shape[0] and i < mask.shape[1] for i, j, _ in known)
            _demand(locked and len(set(known)) == len(known), f"a constant of {where} has no edge")
            inside = all(j < mask.shape[0] and i < mask.shape[1] for j, i in edges)
            _demand(inside and len(set(edges)) == len(edges), f"a function of {where} has no edge")
            self._functions[number] = torch.tensor(edges, dtype=torch.long).reshape(-1, 2)
        if mask_number not in self._symbolic:
            self._symbolic[mask_number] = int(mask.sum())
        j, i = self._functions[number].T
        found = int(mask[j, i].sum())
        _demand(found == self._symbolic[mask_number], f"an edge of {where} has no function")


def _shapes(structure: Structure, n_out: int, n_in: int, size: int) -> dict[str, tuple[int, ...]]:
    """Of all tensors of a layer."""
    arity, k = structure.arity, structure.k
    factors = max(arity) * len(arity)
    _demand(sum(arity) == n_out, f"nodes of {sum(arity)} sums do not fit {n_out} outputs")
    _demand(factors <= MOST_FACTORS + n_out * n_in * size, "a node has too many factors")
    _demand(min(n_out, n_in) > 0 and size > k, "a layer is empty")
    edges, sums, nodes = (n_out, n_in), (n_out,), (len(arity),)
    return dict.fromkeys(TENSORS, edges) | {
        "coef": (*edges, size),
        "affine": (*edges, 4),
        "knots": (n_in, size + k + 1),
        "bias": sums,
        "subnode_scale": sums,
        "subnode_bias": sums,
        "node_scale": nodes,
        "node_bias": nodes,
    }


def _check_ends(ends: Ends, tensors: Sequence[Tensor], inputs: int) -> None:
    scales.checked("input_scale", ends.input_scale, len(ends.input_names))
    scales.checked("output_scale", ends.output_scale, len(ends.output_names))
    counts = [count for count, _ in ends.columns]
    within = all(max(columns, default=0) < count for count, columns in ends.columns)
    _demand(within and len(set(counts)) == len(counts), "columns of data are not there")
    if isinstance(ends.seen, int):
        _demand(ends.seen < len(tensors), "a tensor is missing")
        seen = tensors[ends.seen]
        good = seen.ndim == 2 and seen.numel() > 0 and seen.dtype in DTYPES.values()
        _demand(good, f"what a network has seen has the shape {tuple(seen.shape)}")
    elif ends.seen is not None:
        good = max(ends.seen, default=inputs) < inputs and len(set(ends.seen)) == len(ends.seen)
        _demand(good, "columns that a network has seen are not there")


def _check_nodes(document: Document, tensors: Sequence[Tensor], dataset: Dataset) -> None:
    nodes, losses = document.nodes, 0
    _demand(document.current < len(nodes), f"there is no step {document.current}")
    for number in (0, document.current):
        _demand(nodes[number].state is not None, f"the state of step {number} is missing")
    for number, node in enumerate(nodes):
        above = -1 if node.parent is None else node.parent
        _demand((number > 0) == (0 <= above < number), f"step {number} follows on none before it")
        below = node.redo is None or (node.redo < len(nodes) and nodes[node.redo].parent == number)
        _demand(below, f"step {number} is to be done again by one that does not follow on it")
        measured = any(node.metrics.get(name) is not None for name in ("train_loss", "val_loss"))
        complexity = node.metrics.get("complexity")
        _demand(
            not measured or (complexity is not None and not isinstance(complexity, bool)),
            f"step {number} has losses and no complexity",
        )
        losses += (3 if node.penalty else 2) * node.losses
        for call in node.calls or ():
            _check_plain(call.arguments, f"an argument of step {number}")
            Call(call.method, call.arguments).values(dataset)
    held: Any = ()
    if document.losses is not None:
        _demand(document.losses < len(tensors), "the losses are missing")
        held = tensors[document.losses]
        _demand(held.ndim == 1 and held.dtype == torch.float64, "the losses are no numbers")
    _demand(losses == len(held), "the losses are not as many as the steps say")


def _check_making(document: Document, tensors: Sequence[Tensor]) -> None:
    start = document.nodes[0].state
    if document.made is None or start is None:
        return
    shapes = []
    for number, numbers in start.layers:
        structure, (_, n_in, size) = (
            document.structures[number],
            tensors[numbers[PLACES["coef"]]].shape,
        )
        shapes.append(Shape(n_in, tuple(structure.arity), size - structure.k, structure.k))
    _demand(fits(document.made, shapes), "the model is said to have been made of another shape")


def _check_plain(values: Mapping[str, Any], what: str) -> None:
    """Of what is as JSON has it, that it is not nested deeply and holds no huge numbers."""
    waiting: list[Iterator[Any]] = [iter(values.values())]
    while waiting:
        for value in waiting[-1]:
            _demand(not isinstance(value, int) or abs(value) < 2**63, f"{what} is too large")
            if isinstance(value, dict | list):
                waiting.append(iter(value.values() if isinstance(value, dict) else value))
                _demand(len(waiting) <= DEEPEST, f"{what} is nested too deeply")
                break
        else:
            waiting.pop()


def _demand(good: bool, otherwise: str) -> None:
    if not good:
        raise ValueError(otherwise)
