"""A perceptron as a matplotlib figure: nodes and, between them, a line a weight."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from torch import Tensor

HEIGHT = 0.5


def draw(width: Sequence[int], values: Sequence[Tensor], beta: float, scale: float) -> Figure:
    """Draw layers from bottom to top; ``values`` (n_out, n_in) decide on visibility and colour."""
    tall = HEIGHT * len(values)
    figure, axes = plt.subplots(figsize=(3 * scale, 3 * tall * scale))
    places = [[(i + 0.5) / n for i in range(n)] for n in width]
    size = 5000 * (scale / max(width)) ** 2
    for layer, row in enumerate(places):
        axes.scatter(
            row, [HEIGHT * layer] * len(row), s=size, color="black", zorder=2, clip_on=False
        )
    for layer, weights in enumerate(values):
        ends = [
            [(places[layer][i], HEIGHT * layer), (places[layer + 1][j], HEIGHT * (layer + 1))]
            for j in range(weights.shape[0])
            for i in range(weights.shape[1])
        ]
        flat = weights.flatten()
        colours = ["blue" if value > 0 else "red" for value in flat.tolist()]
        visible = (beta * flat.abs()).tanh().tolist()
        axes.add_collection(
            LineCollection(ends, linewidths=0.5 * scale, colors=colours, alpha=visible, zorder=1)
        )
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.1 * HEIGHT, tall + 0.1 * HEIGHT)
    axes.set_axis_off()
    return figure
