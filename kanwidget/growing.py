"""Finer and wider grids, more nodes and layers, another order of nodes: a network that grows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from kanwidget import arrangement, checks, expansion, grids, transfer
from kanwidget.accepting import also_takes
from kanwidget.network import Network
from kanwidget.symbolic import library

if TYPE_CHECKING:
    from typing_extensions import Self

    from kanwidget.datasets import Dataset


class Growing(Network):
    """Grids, widths, depth and order of a network.

    Everything is done in place, as one action that is undone where it fails; what returns the network
    returns this very one.
    """

    # ------------------------------------------------------------------ grids

    def refine(self, new_grid: int | Sequence[int]) -> Self:
        """Refine the grid: more intervals, and the same function.

        All grid points stay.  Where the number of intervals grows by a whole factor, the new points are
        the old ones interpolated at equal percentiles, as in pykan; otherwise the widest intervals are
        halved until there are enough, where pykan moves all points and with them the function.

        Parameters
        ----------
        new_grid : int or sequence of int
            Intervals, or those of each layer of edges; no fewer than now.

        Raises
        ------
        ValueError
            If it is fewer.
        """
        sizes = checks.per_layer("new_grid", new_grid, self.depth, 1)
        for l, (layer, size) in enumerate(zip(self.layers, sizes, strict=True)):
            if size < layer.grid:
                raise ValueError(
                    f"new_grid is {new_grid!r}, but layer {l} has {layer.grid} intervals; no fewer are "
                    "needed"
                )
        with self.action("refine", new_grid=new_grid):
            expansion.refine(self, sizes)
        return self

    def update_grid(self, x: Dataset | Mapping[str, Any] | Tensor) -> None:
        """Move the grids to where the data are, layer by layer; the function stays as near as it can.

        Parameters
        ----------
        x : Tensor, shape (N, n_inputs), or a dataset
            Of a dataset the training inputs.
        """
        values = self._data(x)
        with self.action("update_grid", x=x):
            expansion.move_grids(self, values)

    def update_grid_from_samples(self, x: Dataset | Mapping[str, Any] | Tensor) -> None:
        """Older name of `update_grid`."""
        warnings.warn(
            "model.update_grid_from_samples(x) is now model.update_grid(x)",
            DeprecationWarning,
            stacklevel=2,
        )
        self.update_grid(x)

    def extend_grid(self, x: Dataset | Mapping[str, Any] | Tensor) -> None:
        """Add intervals at the ends of grids until they cover the data, layer by layer.

        Each is as wide as the grid's intervals in the mean.  Within the old grid the function stays; in
        the new intervals it follows what it was there as closely as a spline can.  All inputs of a
        layer get as many intervals as the one in most need of them.

        Parameters
        ----------
        x : Tensor, shape (N, n_inputs), or a dataset
            Of a dataset the training inputs.

        Raises
        ------
        ValueError
            If data are more than 1,000 intervals outside a grid.
        """
        values = self._data(x)
        with self.action("extend_grid", x=x), torch.no_grad():
            for l, layer in enumerate(self.layers):
                finite, points = values.isfinite(), grids.grid_points(layer.knots, layer.k)
                low = torch.where(finite, values, points[:, 0]).amin(0)
                high = torch.where(finite, values, points[:, -1]).amax(0)
                splines = layer.knots, layer.coef, layer.k, layer.extrapolation
                try:
                    wider = grids.extended(*splines, low, high)
                except ValueError as error:
                    raise ValueError(f"at layer {l}, {error}") from None
                if wider is not None:
                    layer.put_splines(*wider)
                values = layer(values)

    def _data(self, x: Any) -> Tensor:
        values = self.inputs_of(x)
        if not len(values) or not bool(values.isfinite().all()):
            raise ValueError(
                f"x has {len(values)} rows, not all of them finite; finite data are needed"
            )
        return values

    # ------------------------------------------------------------------ from another network

    def initialize_grid_from_another_model(
        self, model: Network, x: Dataset | Mapping[str, Any] | Tensor
    ) -> None:
        """Initialize grid from another model: its splines, on grids of as many intervals as here.

        Parameters
        ----------
        model : KAN
            The other, with the same nodes.
        x : Tensor, shape (N, n_inputs), or a dataset
            Data on which splines are fitted where grids do not only get finer.

        Raises
        ------
        ValueError
            If the nodes are others.
        """
        other = transfer.check_same_nodes(self, model, "model")
        with self.action("initialize_grid_from_another_model", model=model, x=x):
            transfer.take_splines(self, other, other.inputs_of(x))

    def initialize_from_another_model(
        self, another_model: Network, x: Dataset | Mapping[str, Any] | Tensor
    ) -> Self:
        """Initialize from another model of the same nodes, whose grid may be another.

        All its edges and nodes are taken over, locks and functions too; nothing is shared.  Where this
        grid is as fine or finer and of the same order, the function is the same within the grid.
        Beyond it this network goes on as its own ``extrapolation`` says.

        Parameters
        ----------
        another_model : KAN
        x : Tensor, shape (N, n_inputs), or a dataset
            Data on which splines are fitted where grids do not only get finer.

        Raises
        ------
        ValueError
            If the nodes are others.
        """
        other = transfer.check_same_nodes(self, another_model, "another_model")
        with self.action("initialize_from_another_model", another_model=another_model, x=x):
            transfer.take_splines(self, other, other.inputs_of(x))
            transfer.take_edges(self, other)
        return self

    # ------------------------------------------------------------------ more room

    def expand_width(
        self,
        layer_id: int,
        n_added_nodes: int,
        sum_bool: bool = True,
        mult_arity: int | Sequence[int] = 2,
        seed: int = 1,
    ) -> None:
        """Add hidden nodes, numbered after those there are; the function stays.

        Edges into them are random, those out of them zero; all can be trained.

        Parameters
        ----------
        layer_id : int
            Layer of hidden nodes, from 1.
        n_added_nodes : int
        sum_bool : bool
            Sum nodes, or else multiplication nodes.
        mult_arity : int or sequence of int
            Factors of these, or of each of them.
        seed : int

        Raises
        ------
        KeyError
            If there is no such layer of hidden nodes.
        ValueError
        """
        layer = self.check_hidden(layer_id)
        count = checks.whole("n_added_nodes", n_added_nodes, 1)
        arity = [1] * count
        if not sum_bool:
            if not isinstance(mult_arity, int) and len(mult_arity) != count:
                raise ValueError(
                    f"mult_arity is {mult_arity!r}; a number, or one for each of {count} nodes is needed"
                )
            arity = checks.per_layer("mult_arity", mult_arity, count, 2)
        generator = torch.Generator().manual_seed(checks.whole("seed", seed, 0))
        arguments = {"sum_bool": sum_bool, "mult_arity": mult_arity, "seed": seed}
        with self.action("expand_width", layer_id=layer_id, n_added_nodes=count, **arguments):
            expansion.widen(self, layer, arity, generator)

    def expand_depth(self) -> None:
        """Expand network depth: add an identity layer at the end; the function and the formula stay.

        Every output gets an edge with the function x, whose a, b, c and d are trained; made a spline by
        `unfix_symbolic` it is a straight line.  The other edges are removed; `restore_edge` brings one
        back as a zero spline, to be trained.
        """
        with self.action("expand_depth"):
            expansion.deepen(self, library.get("x"))

    def perturb(self, mag: float = 1.0, mode: str = "non-intrusive", seed: int = 1) -> None:
        """Add random splines to edges, ``mag`` times as large as those a network begins with.

        An edge that had a function keeps it beside the spline.  Locked edges stay as they are.

        Parameters
        ----------
        mag : float
        mode : {'non-intrusive', 'minimal', 'all'}
            'minimal' takes the edges that do something, 'all' takes every edge and brings back those
            that were removed.  'non-intrusive' does not change the function: it brings back edges into
            nodes that do not reach an output, with random splines, and all into the outputs, with
            splines that are zero.
        seed : int
        """
        mag = checks.number("mag", mag, least=0)
        if mode not in expansion.MODES:
            raise ValueError(f"mode is {mode!r}; one of {', '.join(expansion.MODES)} is needed")
        generator = torch.Generator().manual_seed(checks.whole("seed", seed, 0))
        with self.action("perturb", mag=mag, mode=mode, seed=seed):
            expansion.perturb(self, mag, mode, generator)

    # ------------------------------------------------------------------ order of nodes

    @also_takes("log_history")
    def swap(self, l: int, i1: int, i2: int) -> None:
        """Let nodes i1 and i2 of hidden layer l change places, be they sums or products.

        Their edges, scales and biases go with them, so that the function stays.
        """
        layer = self.check_hidden(l)
        for node in (i1, i2):
            self.check_node(layer, node)
        with self.action("swap", l=l, i1=i1, i2=i2):
            order = arrangement.swapped(range(self.width[layer]), i1, i2)
            arrangement.reorder(self, layer, order)

    @property
    def connection_cost(self) -> Tensor:
        """How far edges reach across, weighted with their scores; see `kanwidget.arrangement`."""
        with self.exclusive:
            return arrangement.connection_cost(self)

    def auto_swap_l(self, l: int) -> None:
        """Swap nodes of hidden layer l as long as that lowers the `connection_cost`."""
        layer = self.check_hidden(l)
        with self.action("auto_swap_l", l=l):
            arrangement.reorder(self, layer, arrangement.best_order(self, layer))

    def auto_swap(self) -> None:
        """Swap hidden nodes, layer by layer, as long as that lowers the `connection_cost`."""
        self.training_inputs()
        with self.action("auto_swap"):
            for l in range(1, self.depth):
                self.auto_swap_l(l)
