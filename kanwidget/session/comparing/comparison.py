"""What differs between two states of a session, as data and as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kanwidget import formula as formulas
from kanwidget.layer import Layer
from kanwidget.model import KAN
from kanwidget.network import Edge, Network, Snapshot
from kanwidget.session.comparing import telling
from kanwidget.session.comparing.differences import EdgeChange, edge_changes, others
from kanwidget.session.history import Node
from kanwidget.session.states import same_state
from kanwidget.session.view import finite
from kanwidget.symbolic.complexity import network_complexity

HIDDEN = "numbers that show nowhere, such as those of removed edges"

T = TypeVar("T")
Pair = tuple[T, T]
"""Before and after."""


@dataclass(frozen=True)
class Comparison:
    """What differs between two states; every pair is (before, after), whether the same or not.

    Edges are compared by their index (l, i, j), also where widths differ.

    Attributes
    ----------
    steps, labels : pair of the steps' numbers, and of what they are called
    width : pair of list
        As `KAN` takes it.
    inputs, outputs : pair of tuple of str
        Names.
    grids : dict of int to pair of (G, k)
        By layer, of those that are in both.
    removed, restored : tuple of (l, i, j)
        Edges that are in both networks, live before or after only.
    gone, added : tuple of (l, i, j)
        Live edges whose place is in one of the networks only.
    locked, unlocked : tuple of (l, i, j)
    functions, constants, curves : tuple of EdgeChange
        Edges with another function; with the same one and other a, b, c, d; and with another spline.
        Those that change most come first.
    other : tuple of str
        What else is not the same, in words.
    losses : dict of str to pair of float or None
    complexity : pair of float
        As `set_complexity` says of every function.
    edges : pair of int
        How many are live.
    formula, latex : pair of str
        With 4 digits; a sentence, and an empty text, where it is too large to read.
    """

    steps: Pair[int]
    labels: Pair[str]
    width: Pair[list[Any]]
    inputs: Pair[tuple[str, ...]]
    outputs: Pair[tuple[str, ...]]
    grids: Mapping[int, Pair[tuple[int, int]]]
    removed: tuple[Edge, ...]
    restored: tuple[Edge, ...]
    gone: tuple[Edge, ...]
    added: tuple[Edge, ...]
    locked: tuple[Edge, ...]
    unlocked: tuple[Edge, ...]
    functions: tuple[EdgeChange, ...]
    constants: tuple[EdgeChange, ...]
    curves: tuple[EdgeChange, ...]
    other: tuple[str, ...]
    losses: Mapping[str, Pair[float | None]]
    complexity: Pair[float]
    edges: Pair[int]
    formula: Pair[str]
    latex: Pair[str]

    @property
    def same(self) -> bool:
        """Whether nothing differs, to the last bit."""
        pairs: list[Pair[Any]] = [
            *(self.width, self.inputs, self.outputs, self.complexity, self.edges, self.formula),
            *(*self.grids.values(), *self.losses.values()),
        ]
        lists: list[tuple[Any, ...]] = [
            *(self.removed, self.restored, self.gone, self.added, self.locked, self.unlocked),
            *(self.functions, self.constants, self.curves, self.other),
        ]
        return all(before == after for before, after in pairs) and not any(lists)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON can carry it: lists, texts, finite numbers and None."""
        return {"same": self.same} | _plain(dataclasses.asdict(self))

    def __str__(self) -> str:
        return telling.comparison(self)


def compare(a: Node, b: Node, model: KAN) -> Comparison:
    """Compare two states of a session, on copies of its model.

    Parameters
    ----------
    a, b : Node
        Before and after.
    model : KAN
        Whose states they are; it is locked while it is copied, and not changed.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If the state of one was let go to save memory.
    """
    first, second = _state(a), _state(b)  # taken once: a session may let states go meanwhile
    before = model.still()
    after = before.still()
    before.restore(first)
    after.restore(second)
    identical = same_state(first, second)

    networks = before, after
    functions, constants, curves = edge_changes(before, after)
    live, locks = [each.edges() for each in networks], [_locked(each) for each in networks]
    was, now = map(set, live)
    written = [formula_of(before)]
    written.append(written[0] if identical else formula_of(after))
    losses = [name for name in a.metrics | b.metrics if name.endswith("_loss")]
    found = Comparison(
        steps=(a.id, b.id),
        labels=(a.label, b.label),
        width=(before.sums_and_products, after.sums_and_products),
        inputs=(tuple(before.input_names), tuple(after.input_names)),
        outputs=(tuple(before.output_names), tuple(after.output_names)),
        grids={
            l: (_grid(old), _grid(new))
            for l, (old, new) in enumerate(zip(before.layers, after.layers, strict=False))
        },
        removed=tuple(each for each in live[0] if each not in now and after.has_edge(*each)),
        restored=tuple(each for each in live[1] if each not in was and before.has_edge(*each)),
        gone=tuple(each for each in live[0] if not after.has_edge(*each)),
        added=tuple(each for each in live[1] if not before.has_edge(*each)),
        locked=tuple(sorted(each for each in locks[1] - locks[0] if before.has_edge(*each))),
        unlocked=tuple(sorted(each for each in locks[0] - locks[1] if after.has_edge(*each))),
        functions=functions,
        constants=constants,
        curves=curves,
        other=others(before, after),
        losses={
            name: (finite(a.metrics.get(name)), finite(b.metrics.get(name))) for name in losses
        },
        complexity=(network_complexity(before), network_complexity(after)),
        edges=(len(live[0]), len(live[1])),
        formula=(written[0][0], written[1][0]),
        latex=(written[0][1], written[1][1]),
    )
    return found if identical or not found.same else dataclasses.replace(found, other=(HIDDEN,))


def _state(node: Node) -> Snapshot:
    if node.state is None:
        raise ValueError(
            f"the state of step {node.id} ({node.label}) was let go to save memory; "
            "only steps whose states are kept can be compared"
        )
    return node.state


def formula_of(network: Network) -> tuple[str, str]:
    """The formula as text and as LaTeX."""
    x = None if network.calibration is None else network.training_inputs()
    written = formulas.formula(network, x)
    if written.text:
        return written.text, ""
    outputs = zip(network.output_names, written.shown_expressions, strict=True)
    lines = [f"{name} = {each}" for name, each in outputs]
    lines += [f"{symbol} = {each}" for symbol, each in written.shown_definitions]
    return "\n".join(lines), written.latex


def _locked(network: Network) -> set[Edge]:
    """Locked edges, live or not."""
    return {
        (l, i, j)
        for l, layer in enumerate(network.layers)
        for j, i in layer.locked.nonzero().tolist()
    }


def _grid(layer: Layer) -> tuple[int, int]:
    return layer.grid, layer.k


def _plain(value: Any) -> Any:
    """Tuples as lists, and keys as texts."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
