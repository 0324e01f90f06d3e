"""The whole road from data to a formula: which shape, which functions, and how well each does.

Shapes are fitted from the simplest on (`topology`, `numeric`); where one follows the data its edges get
functions (`functions`), and edges that none follows get two (`expressions`).  An exact formula ends the
search; otherwise it goes on while there is time, and all that was found stands on a Pareto front.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch

from kanwidget.discovery import functions
from kanwidget.discovery.doubling import with_composites
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.functions import Found, Stage
from kanwidget.discovery.numeric import Fit, fit, refined, without_product
from kanwidget.discovery.shapes import Shapes
from kanwidget.discovery.topology import Topology, without_last
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.symbolic.function import SymbolicFunction

FOLLOWS = 0.03
"""A shape whose error is a smaller part of the labels' spread is worth looking for functions."""
NOISY = 0.2
"""With noise an error may be as large as this before it is known how much noise there is."""
STARTS, MORE_STARTS = 6, 16
"""Of a shape, when it is fitted first and when it is taken up again."""
SMALL = 12
"""Edges of shapes that are worth it."""
NOISE = 1e-3
"""What splines leave of exact data is less."""


@dataclass(frozen=True)
class Progress:
    """How far a search is: what it does now, and the best found so far."""

    seconds: float
    text: str
    best: Found | None


@dataclass
class Search:
    """A search for networks of functions that follow data.

    Parameters
    ----------
    data : Evidence
    like : Layer
        Whose order, extrapolation and settings networks get.
    lib : list of SymbolicFunction
    widest : int
        Nodes of the widest hidden layer that is tried.
    seconds : float
    seed : int
    cancelled : callable
        Asked often; True ends the search.
    own : Network, optional
        One of float64 that may follow the data already; it is looked at first.
    keep_shape : bool
        Look at that one only.

    Attributes
    ----------
    found : list of Found
        Networks whose edges all have functions.
    fits : list of Fit
        Networks of splines.
    """

    data: Evidence
    like: Layer
    lib: list[SymbolicFunction]
    widest: int = 5
    seconds: float = 30.0
    seed: int = 0
    cancelled: Callable[[], bool] = lambda: False
    own: Network | None = None
    keep_shape: bool = False
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = time.perf_counter()
        self.generator = torch.Generator().manual_seed(self.seed)
        self._limit = math.inf
        self.shapes = Shapes(self.data, self.generator, self.widest)
        self.fits = self.shapes.fits
        self._searched: set[tuple[int, str]] = set()
        self._better: dict[int, Fit] = {}
        self._tried_at_once: set[Network] = set()

    # ------------------------------------------------------------------ state

    @property
    def best(self) -> Found | None:
        """What follows the validation data best."""
        return min(self.found, key=lambda one: one.error, default=None)

    @property
    def done(self) -> bool:
        """Whether an exact formula was found."""
        return self.best is not None and self.best.error < self.data.round_off

    @property
    def floor(self) -> float:
        """The least error that splines leave, which is the noise where there is much of it."""
        return min((one.error for one in self.fits), default=math.inf)

    @property
    def settled(self) -> bool:
        """Whether functions follow noisy data as well as splines do."""
        if self.best is None or not self.shapes.any_function:
            return False
        doubt = 1 + 0.7 / len(self.data.x_val) ** 0.5
        return self.floor > NOISE and self.best.error <= doubt * self.floor

    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.perf_counter() - self.began

    def late(self) -> bool:
        """Whether to end what is being done."""
        return self.elapsed() > min(self.seconds, self._limit) or self.cancelled()

    def over(self) -> bool:
        """Whether to end the search."""
        return self.done or self.elapsed() > self.seconds or self.cancelled()

    # ------------------------------------------------------------------ the road

    def run(self) -> Iterator[Progress]:
        """Search; yields before every piece of work."""
        yield from self._own()
        if self.keep_shape:
            yield from self._search(self._edge_by_edge)
            return
        for self.shapes.all in (False, True):
            for shape in self.shapes:
                if self.over() or self.settled:
                    return
                before = self.shapes.fit_of(shape)
                if before is None or (before.error > FOLLOWS and shape.edges <= SMALL):
                    yield from self._try(shape)
            if self.settled:
                return
            for work in (self._with_composites, self._edge_by_edge):
                yield from self._search(work)

    def _own(self) -> Iterator[Progress]:
        """Begin with the network as it is, where it follows the data: a person may have made it so."""
        if self.own is None:
            return
        error = self.data.error(self.own)
        if error > FOLLOWS and not self.keep_shape:
            return
        shape = Topology("the network as it is", self.data.x.shape[1], ())
        self.fits.append(Fit(shape, self.own, error, self.own.layers[0].grid))
        yield from self._quick(self.fits[-1])

    def _try(self, shape: Topology) -> Iterator[Progress]:
        """Fit a shape, and give its edges the first functions that come to mind."""
        yield self._now(f"fitting {shape.called}")
        self._slot(0.4 * (self.seconds - self.elapsed()))
        self.fits.append(self._fit(shape))
        self._slot(math.inf)
        yield from self._quick(self.fits[-1])
        if not self.over():
            other = without_product(self.fits[-1], self.like, self.data)
            if other is not None:
                self.fits.append(other)
                yield from self._quick(other)

    def _search(self, work: Callable[[Fit], None]) -> Iterator[Progress]:
        """Look for functions in another way for every shape that follows the data."""
        for one in sorted(
            self.fits, key=lambda one: (one.error > 3 * self.floor, one.topology.edges)
        ):
            if self.over() or self.settled:
                return
            seen = (id(one), work.__name__)
            if one.error > max(FOLLOWS, 3 * self.floor) or seen in self._searched:
                continue
            self._searched.add(seen)
            yield self._now(f"other functions for {one.topology.called}")
            self._slot(0.4 * (self.seconds - self.elapsed()))
            work(self._improved(one))
            self._slot(math.inf)

    def _improved(self, one: Fit) -> Fit:
        """The fit with more iterations: the closer splines are to what they follow, the surer it is."""
        if id(one) not in self._better:
            better = (
                refined(one, self.data, self.late, thorough=True) if one.topology.levels else one
            )
            self._better[id(one)] = better
        return self._better[id(one)]

    def _fit(self, shape: Topology) -> Fit:
        """Fit a shape; one start is what was found for it without its last level."""
        inner = without_last(shape)
        below = self.shapes.fit_of(inner) if inner.levels else None
        words = f"{self.seed} {self.shapes.all} {shape.name}"
        generator = torch.Generator().manual_seed(zlib.crc32(words.encode()))
        starts = MORE_STARTS if self.shapes.all else STARTS
        return fit(shape, self.like, self.data, generator, starts, self.late, below=below)

    def _quick(self, one: Fit) -> Iterator[Progress]:
        """The first functions that come to mind, where splines follow the data."""
        if (one.error < NOISY or self.keep_shape) and not self.over():
            yield self._now(f"functions for {one.topology.called}")
            self._at_once(one)

    def _at_once(self, one: Fit) -> None:
        """Every edge the best function at once; the same splines would only give the same again."""
        if one.network not in self._tried_at_once:
            self._tried_at_once.add(one.network)
            quick = functions.all_at_once(one.network, self.data, self.lib)
            if quick is not None:
                self._add(quick, one)

    def _now(self, text: str) -> Progress:
        return Progress(self.elapsed(), text, self.best)

    def _slot(self, seconds: float) -> None:
        self._limit = self.elapsed() + seconds if math.isfinite(seconds) else math.inf

    def _add(self, found: Found, one: Fit) -> None:
        """Keep what was found, and that it came from a fit of splines."""
        words = f"fit splines: {one.topology.name}"
        start = Stage("shape", words, {"shape": one.topology.name}, one.network)
        self.found.append(Found(found.network, found.error, (start, *found.road)))

    def _edge_by_edge(self, one: Fit) -> None:
        self._at_once(one)
        if self.over():
            return
        for found in functions.search(one.network, self.data, self.lib, self.late):
            if not found.numeric:
                self._add(found, one)
            if self.done:
                return

    def _with_composites(self, one: Fit) -> None:
        found = with_composites(one, self.data, self.lib, self.late)
        if found is not None:
            self._add(found, one)
