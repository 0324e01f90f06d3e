"""The network: layers of edges one after the other, their state, and the lock that guards it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kanwidget import reshaping
from kanwidget.exclusive import Exclusive
from kanwidget.layer import Layer
from kanwidget.scales import Scale
from kanwidget.spread import EdgeStatistics

Edge = tuple[int, int, int]
Listener = Callable[[str, dict[str, Any]], None]

AT_ONCE = 30_000_000
"""Features of a layer that may be in memory at once."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that an action or a fit can change of a network; the calibration is not copied."""

    layers: tuple[dict[str, Any], ...]
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    columns: dict[int, list[int]]
    calibration: Tensor | None
    input_scale: Scale | None
    output_scale: Scale | None


class Stopped(Exception):
    """A fit that was asked to end while it was in the midst of an iteration."""


class Network(nn.Module):
    """Layers, the names of inputs and outputs, and a record of the data the network was trained on.

    Attributes
    ----------
    layers : ModuleList of Layer
    exclusive : Exclusive
        Whoever changes the network holds this lock; every action and every step of a fit does.
    calibration : Tensor or None, shape (N, n_inputs)
        Training inputs: scores, symbolic fits and pruning look at the edges on these.
    columns : dict of int to list of int
        By the number of columns of data from before `prune_input`, which of them are the inputs.
    known_names : set of (input names, output names)
        Those of the data it was last named after, and what became of them: data that bring these
        names leave it as it is called now.
    input_scale, output_scale : Scale or None
        What its data were normalised by, (means, standard deviations); None where they were not.
        Formulas speak the units from before that.
    version : int
        Grows with every action, not with the steps of a fit.
    listeners, beforehand : list of callable
        Called with what has been done, and under the lock before anything is; see `tell`, `announce`.
    fitting, stopping : bool
        Whether a fit runs, and whether it has been asked to end.
    """

    layers: Sequence[Layer]

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)  # type: ignore[assignment]
        self.layers[0].memory.size = 4
        self.input_names = [f"x_{i + 1}" for i in range(layers[0].n_in)]
        outputs = layers[-1].nodes.count
        self.output_names = ["y"] if outputs == 1 else [f"y_{j + 1}" for j in range(outputs)]
        self.calibration: Tensor | None = None
        self.columns: dict[int, list[int]] = {}
        self.known_names: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        self.input_scale: Scale | None = None
        self.output_scale: Scale | None = None
        self.version = 0
        self._restart()

    def _restart(self) -> None:
        self.exclusive = Exclusive()
        self.listeners: list[Listener] = []
        self.beforehand: list[Callable[[Any], None]] = []
        self._acting = False
        self.fitting = self.stopping = False
        self._passed: Tensor | None = None

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        for name in (
            "exclusive",
            "listeners",
            "beforehand",
            "_acting",
            "fitting",
            "stopping",
            "_passed",
        ):
            del state[name]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._restart()

    def heed(self) -> None:
        """End what a fit is in the midst of, if it has been asked to end: raises Stopped."""
        if self.fitting and self.stopping:
            raise Stopped("the fit was stopped")

    # ------------------------------------------------------------------ shape

    @property
    def depth(self) -> int:
        """Number of edge layers."""
        return len(self.layers)

    @property
    def width(self) -> list[int]:
        """Nodes of every node layer, inputs first."""
        return [self.layers[0].n_in, *(layer.nodes.count for layer in self.layers)]

    @property
    def sums_and_products(self) -> list[Any]:
        """Nodes of every node layer as `KAN` takes them: [sums, products] where some multiply."""
        width: list[Any] = [self.layers[0].n_in]
        for layer in self.layers:
            sums = layer.nodes.arity.count(1)
            width.append([sums, layer.nodes.count - sums] if sums < layer.nodes.count else sums)
        return width

    @property
    def dtype(self) -> torch.dtype:
        """What the network computes in."""
        return self.layers[0].coef.dtype

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return self.layers[0].coef.device

    def edges(self, alive: bool = True) -> list[Edge]:
        """All edges (l, i, j) in order, or only the live ones."""
        return [
            (l, i, j)
            for l, layer in enumerate(self.layers)
            for j, i in (layer.alive if alive else torch.ones_like(layer.alive)).nonzero().tolist()
        ]

    # ------------------------------------------------------------------ evaluation

    def columns_of(self, count: int) -> list[int] | None:
        """Which of so many columns of data are the inputs, or None where so many cannot be taken.

        After `prune_input` these are the columns of the inputs that are left, or of all that there
        were before.
        """
        inputs = self.layers[0].n_in
        return list(range(inputs)) if count == inputs else self.columns.get(count)

    def as_input(self, x: Any) -> Tensor:
        """Inputs as a tensor of this network's dtype and device; see `columns_of`.

        Raises
        ------
        ValueError
            If x does not have the shape (N, n_inputs).
        """
        if not isinstance(x, Tensor):
            x = torch.from_numpy(np.array(x, dtype=float))
        x = x.to(device=self.device, dtype=self.dtype)
        if x.ndim == 2 and x.shape[1] == self.layers[0].n_in:
            return x
        columns = self.columns_of(x.shape[1]) if x.ndim == 2 else None
        if columns is None:
            taken = " or ".join(map(str, [self.width[0], *self.columns]))
            raise ValueError(
                f"x has the shape {tuple(x.shape)}; this network takes (samples, {taken})"
            )
        return x[:, columns]

    def inputs_of(self, data: Any) -> Tensor:
        """The training inputs of a dataset, or inputs as they are, as `as_input` gives them."""
        return self.as_input(data["train_input"] if isinstance(data, Mapping) else data)

    def forward(self, x: Any) -> Tensor:
        """Outputs of the network: (…, n_inputs) to (…, n_outputs), with any leading shape.

        Many samples go through it in parts, so that memory stays bounded; a derivative then computes
        each part again.
        """
        if isinstance(x, Tensor) and x.ndim not in (0, 2) and self.columns_of(x.shape[-1]):
            flat = self(x.reshape(-1, x.shape[-1]))
            return flat.reshape(*x.shape[:-1], self.width[-1])
        x = self.as_input(x)
        if torch.compiler.is_compiling():
            return self._through(x)
        if self.calibration is None and not torch._C._functorch.is_functorch_wrapped_tensor(x):
            self._passed = x.detach()
        largest = max(layer.n_in * (layer.grid + layer.k + 1) for layer in self.layers)
        rows = max(1, AT_ONCE // largest)
        if len(x) <= rows:
            return self._through(x)
        if not torch.is_grad_enabled():
            return torch.cat([self._through(part) for part in x.split(rows)])
        from torch.utils.checkpoint import checkpoint

        parts = [checkpoint(self._through, part, use_reentrant=False) for part in x.split(rows)]
        return torch.cat(parts)

    def _through(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x

    def forward_with_statistics(self, x: Any) -> tuple[Tensor, list[EdgeStatistics]]:
        """Outputs, and the spread of every edge and node of each layer."""
        x, statistics = self.as_input(x), []
        for layer in self.layers:
            x, layer_statistics = layer.forward_with_statistics(x)
            statistics.append(layer_statistics)
        return x, statistics

    @torch.no_grad()
    def node_values(self, x: Any) -> list[Tensor]:
        """Values of all nodes on inputs x (N, n_inputs), one tensor (N, width[l]) a node layer."""
        values = [self.as_input(x)]
        for layer in self.layers:
            values.append(layer(values[-1]))
        return values

    # ------------------------------------------------------------------ checks

    def check_edge(self, l: Any, i: Any, j: Any) -> Edge:
        """The edge as three ints.

        Raises
        ------
        KeyError
            If the network has no such edge.
        """
        numbers = _are_indices(l, i, j)
        if numbers and self.has_edge(l, i, j):
            return l, i, j
        if numbers and 0 <= l < self.depth:
            layer = self.layers[l]
            raise KeyError(
                f"edge ({l}, {i}, {j}) does not exist: layer {l} goes from inputs 0 to "
                f"{layer.n_in - 1} to outputs 0 to {layer.n_out - 1}"
            )
        raise KeyError(
            f"edge ({l!r}, {i!r}, {j!r}) does not exist: an edge is (layer, input node, output node),"
            f" with layers 0 to {self.depth - 1}"
        )

    def has_edge(self, l: int, i: int, j: int) -> bool:
        """Whether there is an edge (l, i, j), removed or not."""
        return 0 <= l < self.depth and 0 <= i < self.width[l] and 0 <= j < self.layers[l].n_out

    def check_node(self, layer: Any, node: Any) -> tuple[int, int]:
        """An input or hidden node as two ints; KeyError where there is none."""
        if _are_indices(layer, node) and 0 <= layer < self.depth and 0 <= node < self.width[layer]:
            return layer, node
        raise KeyError(
            f"node ({layer!r}, {node!r}) does not exist or is an output: nodes are (node layer, "
            f"number), with {self.width[:-1]} nodes in layers 0 to {self.depth - 1}"
        )

    def check_hidden(self, layer: Any) -> int:
        """The number of a layer of hidden nodes as an int; KeyError where there is none."""
        if _are_indices(layer) and 0 < layer < self.depth:
            return layer
        hidden = f"they are 1 to {self.depth - 1}" if self.depth > 1 else "this network has none"
        raise KeyError(f"node layer {layer!r} is no layer of hidden nodes: {hidden}")

    def check_unlocked(self, edges: Iterable[Edge]) -> None:
        """Raise ValueError where one of the edges is locked."""
        for l, i, j in edges:
            if bool(self.layers[l].locked[j, i]):
                raise ValueError(
                    f"edge ({l}, {i}, {j}) is locked; unlock_edge({l}, {i}, {j}) lets it be changed"
                )

    def training_inputs(self) -> Tensor:
        """The inputs that edges are looked at on.

        They are those of the last fit, or those given to ``get_act``.  Before there are any, those that the
        network was last called with; it can then be plotted as it is at first.

        Raises
        ------
        ValueError
            If the network has seen no data yet.
        """
        seen = self._passed if self.calibration is None else self.calibration
        if seen is None:
            raise ValueError(
                "the network has seen no data yet: call fit(dataset, …) or get_act(dataset) first"
            )
        return self.as_input(seen)

    # ------------------------------------------------------------------ state

    @contextlib.contextmanager
    def action(self, name: str, **arguments: Any) -> Iterator[None]:
        """Hold the lock for one change; tell the listeners when it is done, undo it when it fails.

        Actions within actions are part of the outermost one.
        """
        with self.exclusive:
            if self._acting:
                yield
                return
            self.announce()
            before = self.snapshot()
            self._acting = True
            try:
                yield
            except BaseException:
                self.restore(before)
                raise
            finally:
                self._acting = False
            self.version += 1
            self.tell(name, **arguments)

    def announce(self, trainer: Any = None) -> None:
        """Call all of ``beforehand``: an action is about to change something, or the fit of a trainer."""
        if not self._acting:
            for hear in list(self.beforehand):
                hear(trainer)

    def tell(self, event: str, **details: Any) -> None:
        """Call every listener with what happened, on this thread; what is part of an action is not told."""
        if self._acting:
            return
        for listener in list(self.listeners):
            listener(event, details)

    def snapshot(self) -> Snapshot:
        """A copy of everything that an action or a fit can change, to `restore` to the last bit."""
        return Snapshot(
            tuple(map(reshaping.state, self.layers)),
            tuple(self.input_names),
            tuple(self.output_names),
            dict(self.columns),
            self.calibration,
            self.input_scale,
            self.output_scale,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Bring back the state of a `snapshot` of this network."""
        self.set_depth(len(snapshot.layers))
        for layer, state in zip(self.layers, snapshot.layers, strict=True):
            reshaping.put_state(layer, state)
        self.input_names = list(snapshot.input_names)
        self.output_names = list(snapshot.output_names)
        self.columns = dict(snapshot.columns)
        self.calibration = snapshot.calibration
        self.input_scale, self.output_scale = snapshot.input_scale, snapshot.output_scale
        self.version += 1

    def set_depth(self, depth: int) -> None:
        """Drop layers of edges at the end, or add some whose state has yet to be put."""
        layers: Any = self.layers
        del layers[depth:]
        while len(layers) < depth:
            layers.append(reshaping.another(layers[-1]))


def _are_indices(*values: Any) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)
