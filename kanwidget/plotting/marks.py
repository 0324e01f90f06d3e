"""What a plot shows, drawn on its axes as a few collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from matplotlib import rcParams
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.path import Path

from kanwidget.edges import BOTH, NUMERIC, REMOVED, SYMBOLIC
from kanwidget.picture import Picture
from kanwidget.plotting.layout import Array, Ints, Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kanwidget.network import Network

COLOURS = {SYMBOLIC: ("#c81e1e", "#ff7b6b"), BOTH: ("#6d3bd1", "#bd9bff")}
"""On light and on dark paper."""
FAINTEST = 0.08
"""Opacity of the weakest edge."""
NAMED = 0.26
"""Side of the smallest frame, in inches, that carries the name of its function."""
CROWDED = 120
"""Edges of a layer beyond which their rods become lighter."""
POINTS = 100
_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_OUTLINE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])


def _padlock() -> Path:
    body = [(-0.5, -0.6), (-0.5, 0.15), (0.5, 0.15), (0.5, -0.6), (-0.5, -0.6)]
    angle = np.linspace(0, np.pi, 9)
    arch = np.column_stack([np.cos(angle), np.sin(angle)])
    shackle = np.concatenate([0.38 * arch, 0.2 * arch[::-1], 0.38 * arch[:1]])
    shackle[:, 1] += 0.2
    return Path.make_compound_path(Path(body, closed=True), Path(shackle, closed=True))


class Marks:
    """Draws a picture on an axes whose unit is the inch.

    Parameters
    ----------
    beta : float
        Opacity is tanh(beta · score).
    mask : bool
        Whether removed edges are left out.
    scale : float
        Of lines, markers and letters.
    """

    def __init__(
        self, axes: Axes, drawn: Picture, layout: Layout, beta: float, mask: bool, scale: float
    ) -> None:
        self.axes, self.drawn, self.layout, self.scale = axes, drawn, layout, scale
        self.live = drawn.kind != REMOVED
        self.ghosts = ~self.live & (not mask)
        self.ink = to_rgb(rcParams["text.color"])
        dark = sum(self.ink) > 1.5
        face = axes.figure.get_facecolor()
        self.paper = to_rgb(face) if to_rgba(face)[3] == 1 else (1 - dark,) * 3
        self.grey = tuple(0.5 * (a + b) for a, b in zip(self.ink, self.paper, strict=True))
        of_kind = {REMOVED: self.grey, NUMERIC: self.ink}
        of_kind |= {kind: to_rgb(pair[dark]) for kind, pair in COLOURS.items()}
        colours = np.array([of_kind[kind] for kind in sorted(of_kind)])[drawn.kind]
        opacity = np.tanh(beta * drawn.score).clip(FAINTEST, 1)
        self.colours = np.column_stack([colours, opacity])

    def _points(self, share: float, least: float, most: float) -> Array:
        """A share of every frame's side in points, within limits at scale 1."""
        sizes: Array = self.scale * np.clip(72 * share * self.layout.side, least, most)
        return sizes

    # ------------------------------------------------------------------ edges

    def edges(self) -> None:
        """Rods from node to frame to node, frames with their curves, names and padlocks."""
        layout, live = self.layout, self.live
        frames = layout.centres[:, None] + layout.side[:, None, None] * _OUTLINE
        rods = np.concatenate([layout.lower[live], layout.upper[live]])
        colours, width = self.colours[live], self._points(0.03, 0.4, 1.2)[live]
        faded = colours.copy()
        faded[:, 3] *= self._lightness()[live]
        self._lines(rods, np.tile(faded, (2, 1)), np.tile(width, 2), zorder=1)
        self._frames(
            frames[live], facecolors=[self.paper], edgecolors=colours.tolist(), linewidths=width
        )
        self._lines(self._curves()[live], colours, 1.4 * width, zorder=2.5)
        self._frames(
            frames[self.ghosts],
            facecolors="none",
            edgecolors=[(*self.grey, 0.5)],
            linestyles="dashed",
            linewidths=0.7 * self.scale,
        )
        self._padlocks()
        self._functions()

    def _lightness(self) -> Array:
        """Of every edge's rods: where hundreds cross, the frames tell more."""
        counts = np.bincount(self.drawn.layer)[self.drawn.layer]
        lightness: Array = np.clip(CROWDED / counts, 0.12, 1)
        return lightness

    def _lines(self, lines: Array, colours: Array, widths: Array, **options: Any) -> None:
        self.axes.add_collection(
            LineCollection(list(lines), colors=colours, linewidths=widths, **options), autolim=False
        )

    def _frames(self, frames: Array, **options: Any) -> None:
        self.axes.add_collection(PolyCollection(list(frames), zorder=2, **options), autolim=False)

    def _curves(self) -> Array:
        share = np.linspace(0, 1, self.drawn.curve.shape[1])
        across = np.broadcast_to(share, self.drawn.curve.shape)
        return np.stack(self._inside(np.arange(len(across)), across, self.drawn.curve), -1)

    def _inside(
        self, edges: Ints, share: Array, y: npt.NDArray[np.floating]
    ) -> tuple[Array, Array]:
        """Places in the frames of some edges, from the share of the way across and the output."""
        low, high = (each[edges, None] for each in (self.drawn.y_low, self.drawn.y_high))
        flat = high <= low
        height = np.where(flat, 0.0, (y - low) / np.where(flat, 1.0, high - low) - 0.5)
        side, (x, z) = self.layout.side[edges, None], self.layout.centres[edges].T
        return x[:, None] + side * 0.86 * (share - 0.5), z[:, None] + side * 0.8 * height

    def _padlocks(self) -> None:
        """On the corner of the frame, where it hides no curve."""
        locked = self.drawn.locked.astype(bool) & (self.live | self.ghosts)
        x, y = (self.layout.centres[locked] + 0.5 * self.layout.side[locked, None]).T
        sizes = self._points(0.18, 3.5, 8)[locked] ** 2
        self.axes.scatter(x, y, 3 * sizes, color=[self.paper], linewidths=0, zorder=3.9)
        self.axes.scatter(x, y, sizes, color=[self.ink], marker=_padlock(), linewidths=0, zorder=4)

    def _functions(self) -> None:
        """The name of every symbolic edge's function, on the lower side of its frame."""
        sizes = self._points(0.15, 4.5, 8)
        symbolic = self.live & (self.drawn.kind != NUMERIC) & (self.layout.side >= NAMED)
        for e in np.flatnonzero(symbolic).tolist():
            x, y = self.layout.centres[e]
            colour = (*self.colours[e, :3], max(self.colours[e, 3], 0.35))
            self.axes.text(
                x,
                y - self.layout.side[e] / 2,
                self._function(e),
                size=sizes[e],
                color=self.paper,
                ha="center",
                va="center_baseline",
                bbox={"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": "none"},
                parse_math=False,
                zorder=5,
            )

    def _function(self, e: int) -> str:
        edge = int(self.drawn.layer[e]), int(self.drawn.source[e]), int(self.drawn.target[e])
        name, caret, power = self.drawn.functions[edge].partition("^")
        if caret and power.isdigit():
            name, caret, power = name, "", power.translate(_POWERS)
        return ("φ + " if self.drawn.kind[e] == BOTH else "") + name + caret + power

    # ------------------------------------------------------------------ nodes

    def nodes(self) -> None:
        """A disc for every sum, a circle with × for every product, dots and rods for its factors."""
        places, layout = np.concatenate(self.layout.nodes), self.layout
        spacing = [layout.width / n for n in self.drawn.width for _ in range(n)]
        size = self.scale * np.clip(24 * np.array(spacing), 1.5, 5.5)
        alive, product = self.drawn.node_alive.astype(bool), self.drawn.arity > 1
        colours = np.where(alive[:, None], self.ink, self.grey)
        for chosen, face in ((alive & ~product, self.ink), (~alive & ~product, self.paper)):
            self._discs(places[chosen], size[chosen], colours[chosen], face)
        self._factors(colours)
        places, size, colours = places[product], 2.2 * size[product], colours[product]
        self._discs(places, size, colours, self.paper)
        x, y = places.T
        width = 0.9 * self.scale
        self.axes.scatter(
            x, y, (0.5 * size) ** 2, color=colours, marker="x", linewidths=width, zorder=3
        )

    def _discs(self, places: Array, size: Array, colours: Array, face: Any) -> None:
        x, y = places.T
        self.axes.scatter(
            x, y, size**2, facecolors=face, edgecolors=colours.tolist(),
            linewidths=0.9 * self.scale, zorder=3,
        )  # fmt: skip

    def _factors(self, colours: Array) -> None:
        """Rods from the subnodes of products to these, and a dot on each subnode."""
        starts = np.cumsum(self.drawn.width)
        owners = [self.drawn.owner(l) for l in range(len(self.layout.subnodes))]
        node = np.concatenate([starts[l] + owner for l, owner in enumerate(owners)])
        factor = self.drawn.arity[node] > 1
        places = np.concatenate(self.layout.subnodes)[factor]
        tops = np.concatenate(self.layout.nodes)[node[factor]]
        widths = np.full(len(places), 1.1 * self.scale)
        self._lines(np.stack([places, tops], 1), colours[node[factor]], widths, zorder=2.8)
        dots = np.full(len(places), 2.6 * self.scale)
        self._discs(places, dots, colours[node[factor]], colours[node[factor]])

    def omitted(self) -> None:
        """How many edges are not drawn, where a picture does not hold all."""
        if self.drawn.omitted:
            text = f"{self.drawn.omitted} weaker edges are not drawn"
            style: dict[str, Any] = {"size": 8 * self.scale, "color": self.grey}
            self.axes.text(0.99, 0.01, text, ha="right", transform=self.axes.transAxes, **style)

    # ------------------------------------------------------------------ what is asked for

    def ticks(self) -> None:
        """The range of the input below every frame, that of the output inside it."""
        sizes, drawn = self._points(0.1, 3, 6), self.drawn
        for e in np.flatnonzero(self.live).tolist():
            x, y = self.layout.centres[e]
            half = self.layout.side[e] / 2
            style: dict[str, Any] = {"size": sizes[e], "color": self.grey, "zorder": 4}
            for place, side, value in (
                (-half, "left", drawn.x_low[e]),
                (half, "right", drawn.x_high[e]),
            ):
                self.axes.text(x + place, y - half, f"{value:.2g}", ha=side, va="top", **style)
            for place, side, value in (
                (-half, "bottom", drawn.y_low[e]),
                (half, "top", drawn.y_high[e]),
            ):
                self.axes.text(x - half, y + place, f" {value:.2g}", ha="left", va=side, **style)

    @torch.no_grad()
    def samples(self, network: Network, x: torch.Tensor) -> None:
        """Some of the data on every curve."""
        some = network.node_values(x[:: max(1, -(-len(x) // POINTS))])
        for l, layer in enumerate(network.layers):
            edges = np.flatnonzero((self.drawn.layer == l) & self.live)
            source, target = self.drawn.source[edges], self.drawn.target[edges]
            values = some[l].double().numpy(force=True)[:, source].T
            outputs = layer.edge_outputs(some[l]).double().numpy(force=True)[:, target, source].T
            low, high = (each[edges, None] for each in (self.drawn.x_low, self.drawn.x_high))
            share = (values - low) / np.where(high > low, high - low, 1.0)
            places = np.stack(self._inside(edges, share, outputs), -1)
            seen = np.asarray(np.isfinite(places).all(-1))
            size = np.repeat(self._points(0.05, 0.8, 3)[edges] ** 2, seen.sum(1))
            colours = np.repeat(self.colours[edges], seen.sum(1), 0)
            across, up = places[seen].T
            self.axes.scatter(across, up, size, color=colours, linewidths=0, zorder=2.7)
