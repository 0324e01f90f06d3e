"""What passes through a network on the data that it looks at, by pykan's names, computed when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import torch
from torch import Tensor

from kanwidget import attribution, importance
from kanwidget.fitting.penalties import REG_METRICS, Penalty
from kanwidget.network import Network


class Scores(Sequence[Tensor]):
    """One tensor a layer, as pykan keeps them; called, what the method of this name gives.

    ``model.edge_scores[0]`` are scores by the usual metric, ``model.edge_scores("forward_n")`` those by
    another one.  Nothing is computed before it is looked at.
    """

    def __init__(self, measure: Callable[..., list[Tensor]]) -> None:
        self._measure = measure

    def __call__(self, *args: Any, **options: Any) -> list[Tensor]:
        """Scores by another metric."""
        return self._measure(*args, **options)

    @cached_property
    def _usual(self) -> list[Tensor]:
        return self._measure()

    @overload
    def __getitem__(self, layer: int) -> Tensor: ...
    @overload
    def __getitem__(self, layer: slice) -> list[Tensor]: ...
    def __getitem__(self, layer: Any) -> Any:
        return self._usual[layer]

    def __len__(self) -> int:
        return len(self._usual)

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._usual)

    def __repr__(self) -> str:
        return repr(self._usual)


class Activations(Network):
    """A network that tells what its edges and nodes do on the data it looks at.

    These are `cache_data`; see `training_inputs`.  Lists have an entry a layer of edges, `acts` and scores of
    nodes one a layer of nodes.  Shapes are pykan's.  ValueError where the network has seen no data.
    """

    @property
    def cache_data(self) -> Tensor | None:
        """The inputs that edges are looked at on, (N, n_inputs); None before there are any."""
        none = self.calibration is None and self._passed is None
        return None if none else self.training_inputs()

    @cache_data.setter
    def cache_data(self, x: Any) -> None:
        self.calibration = self.inputs_of(x)

    # ------------------------------------------------------------------ values

    @property
    def acts(self) -> list[Tensor]:
        """Values of the nodes, (N, width)."""
        return self.node_values(self.training_inputs())

    @property
    def acts_premult(self) -> list[Tensor]:
        """Values of the subnodes with their scales and biases, (N, n_subnodes)."""
        return [
            layer.nodes.subnode_scale.detach() * sums + layer.nodes.subnode_bias.detach()
            for layer, sums in zip(self.layers, self._sums(), strict=True)
        ]

    @torch.no_grad()
    def _sums(self) -> list[Tensor]:
        values = self.node_values(self.training_inputs())
        return [layer.sums(x) for layer, x in zip(self.layers, values, strict=False)]

    @property
    def spline_preacts(self) -> list[Tensor]:
        """Inputs of the edges, (N, n_out, n_in)."""
        return [
            x[:, None, :].expand(-1, layer.n_out, -1)
            for layer, x in zip(self.layers, self.acts, strict=False)
        ]

    @property
    def spline_postacts(self) -> list[Tensor]:
        """Outputs of the edges, their functions included, (N, n_out, n_in)."""
        with torch.no_grad():
            return [layer.edge_outputs(x) for layer, x in zip(self.layers, self.acts, strict=False)]

    @property
    def spline_postsplines(self) -> list[Tensor]:
        """The splines alone, with neither weights nor masks, (N, n_out, n_in)."""
        with torch.no_grad():
            return [
                torch.einsum("pin,oip->noi", layer.features(x)[:-1], layer.coef)
                for layer, x in zip(self.layers, self.acts, strict=False)
            ]

    # ------------------------------------------------------------------ spreads

    @torch.no_grad()
    def _spreads(self) -> list[Any]:
        return self.forward_with_statistics(self.training_inputs())[1]

    @property
    def edge_actscale(self) -> list[Tensor]:
        """Standard deviation of the edges' outputs, (n_out, n_in)."""
        return [layer.edge for layer in self._spreads()]

    @property
    def subnode_actscale(self) -> list[Tensor]:
        """Standard deviation of the subnodes' sums, (n_subnodes,)."""
        return [layer.outputs for layer in self._spreads()]

    @property
    def acts_scale(self) -> list[Tensor]:
        """`edge_actscale` by the standard deviation of the input + 0.1, (n_out, n_in)."""
        return [layer.edge / (layer.inputs + 0.1) for layer in self._spreads()]

    @property
    def acts_scale_spline(self) -> list[Tensor]:
        """The same of the numeric part of the edges, which the penalty is of, (n_out, n_in)."""
        return [layer.spline / (layer.inputs + 0.1) for layer in self._spreads()]

    # ------------------------------------------------------------------ scores

    @property
    def edge_scores(self) -> Scores:
        """Score of every edge, (n_out, n_in) a layer, the largest over the outputs.

        ``edge_scores(metric)`` with 'forward_n' or 'forward_u' gives others; see `kanwidget.importance`.
        """
        return Scores(lambda metric="backward": importance.edge_scores(self, metric=metric))

    @property
    def node_scores(self) -> Scores:
        """Backward score of every node, (width,) a node layer, the largest over the outputs."""
        return Scores(lambda: importance.node_scores(self))

    @property
    def subnode_scores(self) -> list[Tensor]:
        """Backward score of every subnode, which is that of its node, (n_subnodes,)."""
        return [
            node[layer.nodes.owner]
            for layer, node in zip(self.layers, self.node_scores[1:], strict=True)
        ]

    def _all_scores(self) -> tuple[list[Tensor], list[Tensor]]:
        outputs = torch.eye(self.width[-1], dtype=self.dtype, device=self.device)
        return importance.hand_back(self._spreads(), outputs)

    @property
    def edge_scores_all(self) -> list[Tensor]:
        """Backward scores of edges, for every output apart, (n_outputs, n_out, n_in)."""
        return self._all_scores()[0]

    @property
    def node_scores_all(self) -> list[Tensor]:
        """Backward scores of nodes, for every output apart, (n_outputs, width)."""
        return self._all_scores()[1]

    @property
    def subnode_scores_all(self) -> list[Tensor]:
        """Backward scores of subnodes, for every output apart, (n_outputs, n_subnodes)."""
        return [
            node[:, layer.nodes.owner]
            for layer, node in zip(self.layers, self.node_scores_all[1:], strict=True)
        ]

    @property
    def node_attribute_scores(self) -> list[Tensor]:
        """To which inputs hidden nodes and outputs owe their values, (width, n_inputs) a node layer."""
        with self.exclusive:
            return [attribution.attribution(self, l) for l in range(1, self.depth + 1)]

    # ------------------------------------------------------------------ of one edge, of all

    def get_range(
        self, l: int, i: int, j: int, verbose: bool = True
    ) -> tuple[float, float, float, float]:
        """Least and largest input, least and largest output of edge (l, i, j).

        They are printed too where ``verbose``.
        """
        x, y = self._curve(l, i, j)
        found = float(x.min()), float(x.max()), float(y.min()), float(y.max())
        if verbose:
            print("x from {:.2f} to {:.2f}, y from {:.2f} to {:.2f}".format(*found))
        return found

    def get_fun(self, l: int, i: int, j: int, plot: bool = True) -> tuple[Any, Any]:
        """Inputs, ascending, and outputs of edge (l, i, j) on the data, as arrays of numpy.

        Matplotlib draws them where ``plot``.
        """
        x, y = self._curve(l, i, j)
        order = x.argsort()
        inputs, outputs = (each[order].numpy(force=True) for each in (x, y))
        if plot:
            import matplotlib.pyplot as plt

            _, axes = plt.subplots(figsize=(3, 3), layout="constrained")
            axes.plot(inputs, outputs, marker="o")
        return inputs, outputs

    def _curve(self, l: int, i: int, j: int) -> tuple[Tensor, Tensor]:
        l, i, j = self.check_edge(l, i, j)
        with torch.no_grad():
            x = self.acts[l][:, i]
            return x, self.layers[l].edge_output(i, j, x)

    def reg(
        self,
        reg_metric: str = "edge_forward_spline_n",
        lamb_l1: float = 1.0,
        lamb_entropy: float = 2.0,
        lamb_coef: float = 0.0,
        lamb_coefdiff: float = 0.0,
    ) -> Tensor:
        """The penalty of `fit` without its factor ``lamb``, for a loss of one's own; it has a gradient."""
        if reg_metric not in REG_METRICS:
            raise ValueError(
                f"reg_metric is {reg_metric!r:.60}; one of {', '.join(REG_METRICS)} is needed"
            )
        penalty = Penalty(1.0, lamb_l1, lamb_entropy, lamb_coef, lamb_coefdiff, reg_metric)
        return penalty(self, self.forward_with_statistics(self.training_inputs())[1])

    get_reg = reg
