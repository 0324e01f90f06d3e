"""The network as one plain SVG of the same layout as a plot: for readers of a notebook without a kernel.

It has no scripts, no fonts of its own and no styles, so that it looks the same on any page, and stays
small however large the network is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from html import escape

import numpy as np

from kanwidget.edges import BOTH, NUMERIC, REMOVED, SYMBOLIC
from kanwidget.picture import Picture
from kanwidget.plotting.layout import Array, Layout, layout_of
from kanwidget.texts import printable

INCH = 80.0
"""Pixels of the unit in which the layout is given."""
MARGIN, NAMES = 14.0, 30.0
MOST_EDGES = 200
"""Edges that are drawn: the strongest."""
MOST_POINTS = 5_000
"""Of all curves together."""
LONGEST = 18
"""Letters of a name; longer ones are cut."""
INK, PAPER, QUIET = "#1d2733", "#ffffff", "#94a0b0"
COLOURS = {NUMERIC: "#27313f", SYMBOLIC: "#c2410c", BOTH: "#6d3bd1", REMOVED: QUIET}
"""As on the widget's canvas in the light theme."""
FAINTEST = 0.18
MOST_LINES, LINE = 8, 18.0
"""Of text below the picture, and their height in pixels."""
NAMED = 30.0
"""Side of the smallest frame, in pixels, that carries the name of its function."""
_OF_NODES = {"node_alive", "arity", "node_low", "node_high"}


def to_svg(
    drawn: Picture, title: str = "A Kolmogorov-Arnold network", below: Sequence[str] = ()
) -> str:
    """A picture as SVG: a frame with its curve for every edge, a disc for every sum.

    Symbolic edges are red and carry the name of their function, those that are a spline too are purple,
    removed ones are dashed, locked ones have a padlock; weak ones are faint.

    Parameters
    ----------
    drawn : Picture
        Of networks with more than 200 edges the strongest are drawn, which the last line says.
    title : str
        For those who hear it.
    below : sequence of str
        Lines of text below the picture, such as its formula; what is too long is cut.

    Returns
    -------
    str
        ``<svg …>…</svg>``
    """
    everything = len(drawn.layer) + drawn.omitted
    some = _strongest(drawn)
    writer = _Writer(some, layout_of(some))
    left_out = everything - len(some.layer)
    note = [f"the strongest {len(some.layer)} of {everything} edges"] if left_out else []
    return writer.write(title, [*note, *below])


def _strongest(drawn: Picture) -> Picture:
    """The same with no more than the strongest edges."""
    count = len(drawn.layer)
    if count <= MOST_EDGES:
        return drawn
    kept = np.sort(np.argsort(-drawn.score, kind="stable")[:MOST_EDGES])
    arrays = {name: getattr(drawn, name)[kept] for name in _of_edges(drawn)}
    return replace(drawn, **arrays)


def _of_edges(drawn: Picture) -> list[str]:
    """Names of the arrays that have an entry for every edge."""
    names = [field.name for field in fields(drawn) if field.name not in _OF_NODES]
    return [name for name in names if isinstance(getattr(drawn, name), np.ndarray)]


class _Writer:
    def __init__(self, drawn: Picture, layout: Layout) -> None:
        self.drawn, self.layout = drawn, layout
        self.width = layout.width * INCH + 2 * MARGIN
        self.height = layout.height * INCH + 2 * (MARGIN + NAMES)
        self.side = layout.side * INCH
        self.centre = self._place(layout.centres)

    def write(self, title: str, below: Sequence[str]) -> str:
        lines = list(below[:MOST_LINES]) + (["…"] if len(below) > MOST_LINES else [])
        bottom = self.height + (LINE * len(lines) + MARGIN if lines else 0)
        size = f'width="{self.width:.0f}" height="{bottom:.0f}" viewBox="0 0 {self.width:.0f} {bottom:.0f}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
            'font-family="system-ui, sans-serif" style="max-width:100%;height:auto">',
            f"<title>{_text(title)}</title>",
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            *self._rods(),
            *self._frames(),
            *self._nodes(),
            *self._names(),
        ]
        letters = int((self.width - 2 * MARGIN) / 7.7)
        for n, line in enumerate(lines):
            y = self.height + LINE * (n + 0.5)
            parts.append(
                f'<text x="{self.width / 2:.0f}" y="{y:.0f}" font-size="13" fill="{INK}" '
                f'text-anchor="middle">{_text(_cut(line, letters))}</text>'
            )
        return "".join([*parts, "</svg>"])

    def _place(self, places: Array) -> Array:
        """From inches upward to pixels downward."""
        x = MARGIN + INCH * places[..., 0]
        y = self.height - MARGIN - NAMES - INCH * places[..., 1]
        return np.stack([x, y], -1)

    def _opacity(self, e: int) -> float:
        if self.drawn.kind[e] == REMOVED:
            return 0.4
        return max(FAINTEST, float(np.tanh(3 * self.drawn.score[e])))

    # ------------------------------------------------------------------ edges

    def _rods(self) -> Iterator[str]:
        crowd = np.bincount(self.drawn.layer)[self.drawn.layer]
        for e, kind in enumerate(self.drawn.kind.tolist()):
            if kind == REMOVED:
                continue
            strength = 0.85 * self._opacity(e) * min(1.0, max(0.12, 120 / crowd[e]))
            ways = (self.layout.lower[e], self.layout.upper[e])
            path = "".join(_path(_corners(self._place(way))) for way in ways)
            yield (
                f'<path d="{path}" fill="none" stroke="{COLOURS[kind]}" '
                f'stroke-width="1.2" opacity="{strength:.2f}"/>'
            )

    def _frames(self) -> Iterator[str]:
        for e, kind in enumerate(self.drawn.kind.tolist()):
            side, (x, y) = self.side[e], self.centre[e]
            colour, alpha = COLOURS[kind], f'opacity="{self._opacity(e):.2f}"'
            box = f'x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}"'
            line = "1" if kind in (NUMERIC, REMOVED) else "2"
            dashes = ' stroke-dasharray="4 3"' if kind == REMOVED else ""
            yield f'<rect {box} rx="{min(5, 0.07 * side):.1f}" fill="{PAPER}"/>'
            yield (
                f'<g fill="none" stroke="{colour}" {alpha}><rect {box} rx="{min(5, 0.07 * side):.1f}" '
                f'stroke-width="{line}"{dashes}/>'
                f'<path d="{_path(self._curve(e))}" stroke-width="{max(1, min(2.4, side / 34)):.1f}"/></g>'
            )
            if self.drawn.locked[e] and side >= 18:
                yield _padlock(x + side / 2 - 1, y - side / 2 + 1)
            if kind in (SYMBOLIC, BOTH) and side >= NAMED:
                yield self._function(e, x, y + side / 2, side)

    def _curve(self, e: int) -> Array:
        """The curve of an edge inside its frame."""
        count = self.drawn.curve.shape[1]
        kept = min(count, max(8, MOST_POINTS // max(1, len(self.drawn.layer))))
        chosen = np.linspace(0, count - 1, kept).round().astype(int)
        y = self.drawn.curve[e, chosen].astype(float)
        low, high = float(self.drawn.y_low[e]), float(self.drawn.y_high[e])
        height = (y - low) / (high - low) - 0.5 if high > low else np.zeros(kept)
        across = chosen / (count - 1) - 0.5
        x0, y0 = self.centre[e]
        return np.stack([x0 + 0.86 * self.side[e] * across, y0 - 0.8 * self.side[e] * height], -1)

    def _function(self, e: int, x: float, y: float, side: float) -> str:
        drawn = self.drawn
        edge = int(drawn.layer[e]), int(drawn.source[e]), int(drawn.target[e])
        name = _cut(drawn.functions.get(edge, ""))
        text = f"φ + {name}" if drawn.kind[e] == BOTH else name
        if not text:
            return ""
        size = min(12.0, max(8.0, 0.15 * side))
        wide = 0.6 * size * len(text) + 8
        return (
            f'<rect x="{x - wide / 2:.1f}" y="{y - size / 2 - 3:.1f}" width="{wide:.1f}" '
            f'height="{size + 6:.1f}" rx="{size / 2 + 3:.1f}" fill="{COLOURS[int(drawn.kind[e])]}"/>'
            f'<text x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-size="{size:.1f}" font-weight="600" '
            f'fill="{PAPER}" text-anchor="middle">{_text(text)}</text>'
        )

    # ------------------------------------------------------------------ nodes

    def _nodes(self) -> Iterator[str]:
        at = 0
        for l, row in enumerate(self.layout.nodes):
            places = self._place(row)
            if l > 0:
                yield from self._factors(l, places, at)
            for x, y in places.tolist():
                alive, product = bool(self.drawn.node_alive[at]), self.drawn.arity[at] > 1
                radius = min(5.0, max(1.5, 0.3 * INCH * self.layout.spacing(l)))
                radius *= 1.6 if product else 1
                ink = INK if alive else QUIET
                face = PAPER if product or not alive else ink
                yield (
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{face}" '
                    f'stroke="{ink}" stroke-width="1.2"/>'
                )
                if product:
                    arm = 0.5 * radius
                    ends = [
                        [[x - arm, y - arm], [x + arm, y + arm]],
                        [[x - arm, y + arm], [x + arm, y - arm]],
                    ]
                    cross = "".join(_path(np.array(each)) for each in ends)
                    yield f'<path d="{cross}" stroke="{ink}" stroke-width="1.4"/>'
                at += 1

    def _factors(self, l: int, nodes: Array, at: int) -> Iterator[str]:
        """The sums below the products of a layer, and their ways to these."""
        owner = self.drawn.owner(l - 1)
        places = self._place(self.layout.subnodes[l - 1])
        for place, node in zip(places, owner.tolist(), strict=True):
            if self.drawn.arity[at + node] > 1:
                way = _path(np.stack([place, nodes[node]]))
                yield f'<path d="{way}" stroke="{INK}" stroke-width="1.2"/>'
                yield f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="2" fill="{INK}"/>'

    def _names(self) -> Iterator[str]:
        for row, names, drop in ((0, self.drawn.inputs, 20.0), (-1, self.drawn.outputs, -10.0)):
            room = INCH * self.layout.spacing(row)
            if room < 14:
                continue
            letters = max(2, int(room / 7.5))
            for (x, y), name in zip(self._place(self.layout.nodes[row]), names, strict=True):
                yield (
                    f'<text x="{x:.1f}" y="{y + drop:.1f}" font-size="14" fill="{INK}" '
                    f'text-anchor="middle">{_lowered(_cut(name, min(LONGEST, letters)))}</text>'
                )


def _path(points: Array) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())


def _corners(points: Array) -> Array:
    """A way without the corners that follow upon themselves."""
    kept = np.r_[True, np.abs(np.diff(points, axis=0)).max(1) > 1e-9]
    return points[kept]


def _padlock(x: float, y: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="{PAPER}"/>'
        f'<rect x="{x - 4:.1f}" y="{y - 1:.1f}" width="8" height="6" rx="1.5" fill="{INK}"/>'
        f'<path d="M{x - 2.7:.1f} {y - 1:.1f}a2.7 2.7 0 0 1 5.4 0" fill="none" stroke="{INK}" '
        'stroke-width="1.5"/>'
    )


def _cut(text: str, longest: int = LONGEST) -> str:
    text = printable(str(text))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _text(text: str) -> str:
    return escape(printable(text), quote=False)


def _lowered(name: str) -> str:
    """A name whose index stands low: x_1."""
    found = re.fullmatch(r"([^_]+)_\{?(\w+)\}?", name)
    if found is None:
        return _text(name)
    return f'{_text(found[1])}<tspan dy="4" font-size="10">{_text(found[2])}</tspan>'
