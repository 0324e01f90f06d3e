"""The network as one matplotlib figure: nodes, and the curve of every edge in a frame of its own.

All frames, curves and lines are a handful of collections in one axes, so that hundreds of edges are
drawn at once and print as vectors.  Nothing is written to disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kanwidget import checks, picture
from kanwidget.layer import BOTH, REMOVED, SYMBOLIC
from kanwidget.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float64]

COLOURS = {REMOVED: "0.6", 1: "0.1", SYMBOLIC: "#c2410c", BOTH: "#7c3aed"}
HEIGHT = 1.0
"""Of a layer; frames are centred between two rows of nodes."""


def plot(
    network: Network,
    beta: float = 3.0,
    metric: str = "backward",
    mask: bool = False,
    in_vars: Sequence[str] | None = None,
    out_vars: Sequence[str] | None = None,
    title: str | None = None,
    scale: float = 1.0,
) -> Figure:
    """Draw the network on the data it was trained on.

    Parameters
    ----------
    network : Network
    beta : float
        An edge's opacity is tanh(beta · score): large values show weak edges too.
    metric : {'backward', 'forward_n', 'forward_u'}
        What the score is.
    mask : bool
        Leave removed edges out; otherwise they are dashed frames.
    in_vars, out_vars : sequence of str, optional
        Names of inputs and outputs; the data's own where not given.
    title : str, optional
    scale : float
        Size of the figure.

    Returns
    -------
    matplotlib.figure.Figure
        Symbolic edges are red and carry the name of their function.

    Raises
    ------
    ValueError
        If the network has seen no data, the names are too few or too many, beta is negative or scale
        not above 0.
    """
    import matplotlib.pyplot as plt

    beta, scale = checks.number("beta", beta, least=0), checks.number("scale", scale, above=0)
    names = (
        _names("in_vars", in_vars, network.input_names),
        _names("out_vars", out_vars, network.output_names),
    )
    drawn = picture.draw(network, network.training_inputs(), metric)
    shown = np.ones(len(drawn.kind), bool) if not mask else drawn.kind != REMOVED
    nodes = _node_places(drawn.width)
    centres, size = _frame_places(drawn, nodes)
    most = max(int(np.bincount(drawn.layer).max()), max(drawn.width))
    inches = min(max(0.62 * most, 4.5), 18.0)
    figure, axes = plt.subplots(
        figsize=(inches * scale, 2.1 * (len(drawn.width) - 1) * scale + 0.6), layout="constrained"
    )
    _draw_edges(
        axes, drawn, shown, nodes, centres, size * inches, inches, np.tanh(beta * drawn.score)
    )
    alive = drawn.node_alive.astype(bool)
    places = np.concatenate(nodes)
    axes.scatter(places[alive, 0], places[alive, 1], s=30, color="0.1", zorder=3)
    axes.scatter(
        places[~alive, 0], places[~alive, 1], s=30, facecolors="white", edgecolors="0.6", zorder=3
    )
    for (x, y), name in zip(nodes[0], names[0], strict=True):
        _write(axes, name, (x, y), (0, -14), va="top")
    for (x, y), name in zip(nodes[-1], names[1], strict=True):
        _write(axes, name, (x, y), (0, 8))
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.25, HEIGHT * (len(nodes) - 1) + 0.25))
    axes.axis("off")
    if title:
        axes.set_title(title)
    return figure


def _names(argument: str, given: Sequence[str] | None, usual: Sequence[str]) -> Sequence[str]:
    if given is None:
        return usual
    names = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    if len(names) != len(usual):
        raise ValueError(f"{argument} has {len(names)} names; the network needs {len(usual)}")
    return [str(name) for name in names]


def _write(
    axes: Axes, name: str, place: tuple[float, float], offset: tuple[int, int], **options: Any
) -> None:
    """Write a name beside a node: as mathematics where it is some, else letter by letter."""
    from matplotlib.mathtext import MathTextParser

    text, mathematics = _math(name), True
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        text, mathematics = name, False
    axes.annotate(
        text,
        place,
        offset,
        textcoords="offset points",
        ha="center",
        parse_math=mathematics,
        **options,
    )


def _math(name: str) -> str:
    """A name as matplotlib sets it: LaTeX where it looks like it, x_1 with its index lowered."""
    if name.startswith("$"):
        return name
    letter, _, index = name.partition("_")
    if name.startswith("\\") or (len(letter) == 1 and index.isalnum()):
        return f"${letter}_{{{index}}}$" if index else f"${name}$"
    return name


def _node_places(width: Sequence[int]) -> list[Array]:
    """Coordinates (n, 2) of every layer's nodes, inputs at the bottom."""
    return [
        np.column_stack([(np.arange(n) + 0.5) / n, np.full(n, l * HEIGHT)])
        for l, n in enumerate(width)
    ]


def _frame_places(drawn: picture.Picture, nodes: list[Array]) -> tuple[Array, Array]:
    """Centre (E, 2) of every edge's frame, and the width (E,) of the frames.

    The frames of a layer stand in the order of the middle between their two nodes.
    """
    centres, size = np.zeros((len(drawn.layer), 2)), np.zeros(len(drawn.layer))
    for l in range(len(drawn.width) - 1):
        edges = np.flatnonzero(drawn.layer == l)
        source, target = drawn.source[edges], drawn.target[edges]
        middle = nodes[l][source, 0] + nodes[l + 1][target, 0]
        order = np.lexsort((target, source, middle.round(9)))
        centres[edges[order], 0] = (np.arange(len(edges)) + 0.5) / len(edges)
        centres[edges, 1] = (l + 0.5) * HEIGHT
        size[edges] = min(0.8 / len(edges), 0.14)
    return centres, size


def _draw_edges(
    axes: Axes,
    drawn: picture.Picture,
    shown: npt.NDArray[np.bool_],
    nodes: list[Array],
    centres: Array,
    size: Array,
    inches: float,
    opacity: npt.NDArray[np.floating],
) -> None:
    """Rods, frames, curves and names; ``size`` (E,) is the frames' width on a figure ``inches`` wide."""
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.colors import to_rgba

    size = np.minimum(size, 0.9)[:, None]
    wide, tall = size / inches, size / 2.1
    flat = drawn.y_high <= drawn.y_low
    spread = np.where(flat, 1, drawn.y_high - drawn.y_low)[:, None]
    heights = (drawn.curve - drawn.y_low[:, None]) / spread - np.where(flat, 0.0, 0.5)[:, None]
    samples = np.linspace(-0.42, 0.42, drawn.curve.shape[1])
    curves = np.stack(
        [centres[:, :1] + wide * samples, centres[:, 1:] + 0.8 * tall * heights], axis=-1
    )
    outline = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    frames = centres[:, None, :] + np.stack([wide, tall], axis=-1) * outline
    below = np.array([nodes[l][i] for l, i in zip(drawn.layer, drawn.source, strict=True)])
    above = np.array([nodes[l + 1][j] for l, j in zip(drawn.layer, drawn.target, strict=True)])
    foot, head = frames[:, :2].mean(1), frames[:, 2:].mean(1)
    removed = drawn.kind == REMOVED
    live = shown & ~removed
    colours = np.array([to_rgba(COLOURS[int(kind)]) for kind in drawn.kind])
    colours[:, 3] = np.clip(opacity, 0.06, 1)
    thin = np.clip(2.2 * size[live, 0], 0.4, 1.2)
    rods = np.concatenate([np.stack([below, foot], 1)[live], np.stack([head, above], 1)[live]])
    axes.add_collection(
        LineCollection(
            list(rods), colors=np.concatenate([colours[live]] * 2), linewidths=np.tile(thin, 2)
        )
    )
    axes.add_collection(
        PolyCollection(
            list(frames[live]),
            facecolors="white",
            edgecolors=colours[live],
            linewidths=thin,
            zorder=2,
        )
    )
    axes.add_collection(
        LineCollection(list(curves[live]), colors=colours[live], linewidths=1.4 * thin, zorder=2.5)
    )
    ghosts = shown & removed
    axes.add_collection(
        PolyCollection(
            list(frames[ghosts]), facecolors="none", edgecolors="0.8", linestyles="dashed", zorder=2
        )
    )
    for e in np.flatnonzero(live & (drawn.kind != 1)):
        edge = int(drawn.layer[e]), int(drawn.source[e]), int(drawn.target[e])
        axes.annotate(
            drawn.functions[edge],
            frames[e, 1:3].mean(0),
            (3, 0),
            textcoords="offset points",
            color=COLOURS[SYMBOLIC],
            fontsize=8,
            va="center",
        )
