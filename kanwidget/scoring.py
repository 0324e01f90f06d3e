"""How much edges, nodes and inputs matter, as methods of a network."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kanwidget import attribution, checks, importance
from kanwidget.network import Network


class Scoring(Network):
    """Scores on the training inputs; ValueError where the network has seen no data."""

    @property
    def feature_score(self) -> Tensor:
        """Backward score of every input, in the mean over the outputs, (n_inputs,)."""
        return importance.node_scores(self, over_outputs="mean")[0]

    def attribute(
        self, l: int | None = None, i: int | None = None, out_score: Any = None, plot: bool = False
    ) -> Tensor:
        """To which inputs the nodes of a node layer owe their values.

        Parameters
        ----------
        l : int, optional
            Node layer; the outputs where not given.
        i : int, optional
            A node of it, whose row is returned.
        out_score : sequence of float, shape (width[l],), optional
            Scores of these nodes to begin with.  Where not given, those they have themselves, which is
            1 for every output.
        plot : bool
            Draw the row of node i as bars with matplotlib.

        Returns
        -------
        Tensor, shape (width[l], n_inputs) or (n_inputs,)
        """
        layer = self.depth if l is None else checks.whole("l", l, 0)
        if layer > self.depth:
            raise ValueError(f"l is {l}; a node layer from 0 to {self.depth} is needed")
        if i is not None and checks.whole("i", i, 0) >= self.width[layer]:
            raise ValueError(f"i is {i}; a node from 0 to {self.width[layer] - 1} is needed")
        if plot and i is None:
            raise ValueError("plot is True, but i is None; the node whose bars to draw is needed")
        weights = None if out_score is None else torch.as_tensor(out_score)
        if weights is not None and weights.shape != (self.width[layer],):
            raise ValueError(
                f"out_score has the shape {tuple(weights.shape)}; ({self.width[layer]},) is needed"
            )
        with self.exclusive:
            if weights is None and l is None:
                weights = torch.ones(self.width[-1])
            scores = attribution.attribution(self, layer, weights)
        if plot:
            _draw_bars(self.input_names, scores[i])
        return scores if i is None else scores[i]

    def node_attribute(self) -> list[Tensor]:
        """What `attribute` gives for every layer of hidden nodes and for the outputs, in this order."""
        with self.exclusive:
            return [attribution.attribution(self, l) for l in range(1, self.depth + 1)]

    def feature_interaction(
        self, l: int, neuron_th: float = 1e-2, feature_th: float = 1e-2
    ) -> dict[tuple[int, ...], int]:
        """Which inputs meet in the nodes of node layer l, and in how many of them.

        Parameters
        ----------
        l : int
        neuron_th : float
            Nodes for which no input scores more are left out.
        feature_th : float
            An input belongs to a node if it scores more than this share of the highest score there.

        Returns
        -------
        dict of tuple of int to int
            The inputs that meet, and how many nodes they meet in.
        """
        neuron_th = checks.number("neuron_th", neuron_th)
        feature_th = checks.number("feature_th", feature_th)
        return attribution.feature_interaction(self.attribute(l), neuron_th, feature_th)


def _draw_bars(names: list[str], scores: Tensor) -> None:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(max(3, len(names)), 3), layout="constrained")
    axes.bar(names, scores.numpy(force=True))
