"""One layer of edges: every edge carries a function of its input, every output sums its edges.

What these sums become is told in `kanwidget.nodes`: an output is a subnode.

    φ(x) = alive · ( numeric · (scale_base · b(x) + scale_sp · Σ_g coef_g B_g(x))
                     + symbolic · (c · f(a·x + b) + d) )

The three masks say whether an edge is there at all, and what it is made of.  Removing an edge leaves
the other two as they are, so that restoring it brings back exactly what was there.  A removed edge
can leave a constant behind, its mean on the data: then only its variation is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from kanwidget import grids, splines
from kanwidget.features import Features, Memory, covariance, plainly
from kanwidget.nodes import Nodes
from kanwidget.numeric import Masks, Sums, Weights, plain_weights
from kanwidget.ordinary import ordinary_tensors
from kanwidget.spread import EdgeStatistics, root

REMOVED, NUMERIC, SYMBOLIC, BOTH = 0, 1, 2, 3
MANY = 200_000
"""Coefficients of a layer that are laid out for speed."""


class EdgeFunction(Protocol):
    """What a layer needs to know of a symbolic function: its name, and how to compute it."""

    @property
    def name(self) -> str:
        """What the function is called."""

    def __call__(self, u: Tensor) -> Tensor:
        """The function, elementwise."""


class Layer(nn.Module):
    """Edges from ``n_in`` nodes to ``n_out`` subnodes; `kanwidget.KAN` documents the options.

    Attributes
    ----------
    coef : Parameter, shape (n_out, n_in, G + k)
        Spline coefficients.
    scale_base, scale_sp : Parameter, shape (n_out, n_in)
        Weights of the base function and of the spline.
    affine : Parameter, shape (n_out, n_in, 4)
        a, b, c, d of symbolic edges.
    knots : Tensor, shape (n_in, G + 2k + 1)
    alive, numeric, symbolic : Tensor of bool, shape (n_out, n_in)
    locked : Tensor of bool, shape (n_out, n_in)
        Edges that training leaves as they are.
    left : Tensor, shape (n_out, n_in)
        What a removed edge adds to its output node in place of φ.
    bias : Tensor, shape (n_out,)
        What edges of inputs that are gone for good add.
    nodes : Nodes
        What the outputs become.
    functions : dict of (i, j) to EdgeFunction
        The symbolic function of every edge that has one; i is the input, j the output.
    memory : Memory
        Of the features of data; only the first layer of a network sees the same data again.
    """

    coef: nn.Parameter
    scale_base: nn.Parameter
    scale_sp: nn.Parameter
    affine: nn.Parameter
    knots: Tensor
    left: Tensor
    bias: Tensor
    alive: Tensor
    numeric: Tensor
    symbolic: Tensor
    locked: Tensor

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        arity: Sequence[int] | None = None,
        affine_trainable: bool = False,
        grid: int,
        k: int,
        base_fun: Callable[[Tensor], Tensor],
        noise_scale: float,
        scale_base_mu: float,
        scale_base_sigma: float,
        grid_eps: float,
        grid_range: tuple[float, float],
        sp_trainable: bool,
        sb_trainable: bool,
        sparse_init: bool,
        extrapolation: str,
        generator: torch.Generator,
        dtype: torch.dtype,
    ) -> None:
        super().__init__()
        self.k, self.grid_eps, self.extrapolation, self.base_fun = (
            k,
            grid_eps,
            extrapolation,
            base_fun,
        )

        def random(*shape: int) -> Tensor:
            return torch.rand(*shape, generator=generator, dtype=torch.float64)

        knots = splines.uniform_knots(*grid_range, grid, k, n_in, dtype=torch.float64)
        noise = (random(grid + 1, n_in, n_out) - 0.5) * (noise_scale / grid)
        points = torch.linspace(*grid_range, grid + 1, dtype=torch.float64)[:, None].expand(
            -1, n_in
        )
        coef = splines.fit_coefficients(points, noise, knots, k)
        base = (scale_base_mu + scale_base_sigma * (2 * random(n_out, n_in) - 1)) / n_in**0.5
        alive = torch.ones(n_out, n_in, dtype=torch.bool)
        if sparse_init:
            alive = _sparse(n_in, n_out)
        self.coef = nn.Parameter(_in_memory(coef.to(dtype)))
        self.scale_base = nn.Parameter(base.to(dtype), requires_grad=sb_trainable)
        self.scale_sp = nn.Parameter(
            torch.full((n_out, n_in), n_in**-0.5, dtype=dtype), requires_grad=sp_trainable
        )
        self.affine = nn.Parameter(torch.zeros(n_out, n_in, 4, dtype=dtype))
        self.register_buffer("knots", knots.to(dtype))
        self.register_buffer("left", torch.zeros(n_out, n_in, dtype=dtype))
        self.register_buffer("bias", torch.zeros(n_out, dtype=dtype))
        self.register_buffer("alive", alive)
        self.register_buffer("numeric", torch.ones_like(alive))
        self.register_buffer("symbolic", torch.zeros_like(alive))
        self.register_buffer("locked", torch.zeros_like(alive))
        self.nodes = Nodes([1] * n_out if arity is None else arity, affine_trainable, dtype)
        self.functions: dict[tuple[int, int], EdgeFunction] = {}
        self._derived: dict[Any, Any] = {}
        self.memory = Memory()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_derived": {}}

    def _apply(self, *arguments: Any, **options: Any) -> Any:
        moved = super()._apply(*arguments, **options)
        self.structure_changed()
        return moved

    def _load_from_state_dict(self, *arguments: Any) -> None:
        super()._load_from_state_dict(*arguments)
        self.structure_changed()
        self.memory.forget()

    # ------------------------------------------------------------------ shape and kinds

    @property
    def n_in(self) -> int:
        """Number of inputs."""
        return self.coef.shape[1]

    @property
    def n_out(self) -> int:
        """Number of outputs, the subnodes."""
        return self.coef.shape[0]

    @property
    def grid(self) -> int:
        """Number of grid intervals G."""
        return self.coef.shape[2] - self.k

    def kinds(self) -> Tensor:
        """What every edge is, shape (n_out, n_in): 0 removed, 1 numeric, 2 symbolic, 3 both."""
        kind = self.numeric.to(torch.int8) + 2 * self.symbolic.to(torch.int8)
        return torch.where(self.alive, kind, torch.zeros_like(kind))

    def symbolic_function(self, i: int, j: int) -> EdgeFunction | None:
        """The function of edge i → j, or None where it is not symbolic."""
        return self.functions.get((i, j)) if bool(self.symbolic[j, i]) else None

    def structure_changed(self) -> None:
        """Forget what was derived from the masks and functions; call it after changing them."""
        self._derived = {}

    def _derive(self, name: Any, make: Callable[[], Any]) -> Any:
        """Something that follows from masks, functions and constants, made once."""
        if name not in self._derived:
            with ordinary_tensors(), torch.no_grad():  # a fit may come to use what is kept
                self._derived[name] = make()
        return self._derived[name]

    def symbolic_groups(self, restored: bool = False) -> list[tuple[EdgeFunction, Tensor, Tensor]]:
        """Symbolic edges by function, so that each function is computed once for all of them."""

        def make() -> list[tuple[EdgeFunction, Tensor, Tensor]]:
            places: dict[EdgeFunction, list[tuple[int, int]]] = {}
            mask = self.symbolic if restored else self.alive & self.symbolic
            for j, i in mask.nonzero().tolist():
                places.setdefault(self.functions[i, j], []).append((j, i))
            return [
                (function, *torch.tensor(edges, device=mask.device).T)
                for function, edges in places.items()
            ]

        return self._derive(("groups", restored), make)

    # ------------------------------------------------------------------ evaluation

    def features(self, x: Tensor, keep: bool = True) -> Tensor:
        """Basis functions and base function of every input: (N, n_in) to planes (G + k + 1, n_in, N).

        They may be kept, for x to be asked for again.
        """
        if self._plainly():
            basis = self.memory.basis(self.knots, self.k, self.extrapolation)
            return plainly(x, basis, self.base_fun)
        return self._look(x, keep).followed()

    def covariance(self, x: Tensor) -> Tensor:
        """Of each input's features over a batch: shape (n_in, G + k + 1, G + k + 1)."""
        if self._plainly() or x.requires_grad:
            return covariance(self.features(x))
        return self._look(x).covariance

    def _plainly(self) -> bool:
        """Whether torch is to follow every operation: to compile it, or to train the base function."""
        return torch.compiler.is_compiling() or isinstance(self.base_fun, nn.Module)

    def _look(self, x: Tensor, keep: bool = True) -> Features:
        return self.memory.look(x, self.knots, self.k, self.extrapolation, self.base_fun, keep)

    def weights(self, mask: Tensor | None = None) -> Tensor:
        """What the features are multiplied with, shape (n_out, G + k + 1, n_in); zero where not numeric."""
        masks = self._masks() if mask is None else (mask, mask)
        if self._plainly():
            return plain_weights(self.coef, self.scale_base, self.scale_sp, masks[0])
        return Weights.apply(self.coef, self.scale_base, self.scale_sp, masks)

    def _masks(self) -> Masks:
        def make() -> Masks:
            active, dtype = self.alive & self.numeric, self.coef.dtype
            free = active & ~self.locked
            return (
                None if bool(active.all()) else active.to(dtype),
                None if bool(free.all()) else free.to(dtype),
            )

        return self._derive("masks", make)

    def _symbolic_outputs(
        self, x: Tensor, restored: bool = False
    ) -> Iterable[tuple[Tensor, Tensor, Tensor]]:
        """Per function: the outputs (E, N) of its edges, and where they go, j (E,) and i (E,)."""
        for function, j, i in self.symbolic_groups(restored):
            affine = self.affine[j, i]
            if self._derive("locks", lambda: bool(self.locked.any())):
                affine = torch.where(self.locked[j, i, None], affine.detach(), affine)
            a, b, c, d = affine.T[..., None]
            yield c * function(a * x.T[i] + b) + d, j, i

    def forward(self, x: Tensor) -> Tensor:
        """Values of the nodes above: (N, n_in) to (N, n_nodes)."""
        sums = self.sums(x)
        return sums if self.nodes.plain else self.nodes(sums)

    def sums(self, x: Tensor) -> Tensor:
        """Sum of the edges and constants: (N, n_in) to (N, n_out)."""
        if self.symbolic_only:
            y = self.constant().expand(len(x), -1)
        elif self._plainly():
            y = self._product(self.features(x), self.weights())
        else:
            y = self.numeric_sums(x)
        for values, j, _ in self._symbolic_outputs(x):
            y = y.index_add(1, j, values.T)
        return y

    def numeric_sums(self, x: Tensor) -> Tensor:
        """Sum of the numeric parts of edges, and constants: (N, n_in) to (N, n_out)."""
        constant, masks = self.constant(), self._masks()
        parameters = self.coef, self.scale_base, self.scale_sp
        return Sums.apply(x, *parameters, constant, masks, self._look(x))

    @property
    def symbolic_only(self) -> bool:
        """Whether there are edges, all of them symbolic."""

        def make() -> bool:
            return bool(self.alive.any()) and not bool((self.alive & self.numeric).any())

        return self._derive("symbolic", make)

    def _product(self, features: Tensor, weights: Tensor) -> Tensor:
        """Sums (N, n_out) of the numeric parts, and the constants."""
        constant = self.constant()[:, None]
        return torch.addmm(constant, weights.flatten(1), features.flatten(0, 1)).T

    def forward_with_statistics(self, x: Tensor) -> tuple[Tensor, EdgeStatistics]:
        """Nodes (N, n_nodes) and the spread of every edge, without a (N, n_out, n_in) tensor.

        The variance of w·F over the batch is wᵀ C w, with C the covariance of an input's features.
        """
        features, weights = self.features(x), self.weights()
        spread_of = covariance(features) if x.requires_grad else self.covariance(x)
        y = self._product(features, weights)
        by_input = weights.permute(2, 0, 1)
        spline = ((by_input @ spread_of) * by_input).sum(-1).T
        edge = spline
        for values, j, i in self._symbolic_outputs(x):
            y = y.index_add(1, j, values.T)
            whole = values + torch.einsum("pen,ep->en", features[:, i], weights[j, :, i])
            edge = edge.index_put((j, i), whole.var(1))
        of_spline = root(spline)
        of_edge = of_spline if edge is spline else root(edge)
        owner = None if self.nodes.plain else self.nodes.owner
        spread = EdgeStatistics(of_spline, of_edge, root(x.var(0)), root(y.var(0)), owner)
        return self.nodes(y), spread

    def constant(self) -> Tensor:
        """What every output node gets from removed edges, shape (n_out,)."""
        return self._derive(
            "constant", lambda: self.bias + torch.where(self.alive, 0.0, self.left).sum(1)
        )

    @torch.no_grad()
    def edge_means(self, x: Tensor) -> Tensor:
        """Mean output of every live edge over inputs x (N, n_in), shape (n_out, n_in)."""
        means = (self.features(x).mean(-1) * self.weights()).sum(1)
        for values, j, i in self._symbolic_outputs(x):
            means[j, i] += values.mean(1)
        return means

    def live_outputs(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Every live edge's own output on x (N, n_in): values (N, E), and its j (E,) and i (E,)."""
        j, i = self.alive.nonzero(as_tuple=True)
        y = torch.einsum("pen,ep->en", self.features(x)[:, i], self.weights()[j, :, i])
        place = torch.zeros_like(self.alive, dtype=torch.long)
        place[j, i] = torch.arange(len(j), device=j.device)
        for values, to, source in self._symbolic_outputs(x):
            y = y.index_add(0, place[to, source], values)
        return y.T, j, i

    def edge_outputs(self, x: Tensor, part: str = "whole", restored: bool = False) -> Tensor:
        """Every edge's own output: (N, n_in) to (N, n_out, n_in); removed edges give 0.

        Parameters
        ----------
        x : Tensor, shape (N, n_in)
        part : {'whole', 'spline'}
            What the edge does now, or what its spline would, be it numeric or not.
        restored : bool
            A removed edge gives what it would if it were there.
        """
        there = torch.ones_like(self.alive) if restored else self.alive
        mask = (there & self.numeric if part == "whole" else there).to(self.coef.dtype)
        y = torch.einsum("pin,opi->oin", self.features(x), self.weights(mask))
        if part == "whole":
            for values, j, i in self._symbolic_outputs(x, restored):
                y = y.index_put((j, i), values, accumulate=True)
        return y.permute(2, 0, 1)

    def edge_output(self, i: int, j: int, x: Tensor, part: str = "whole") -> Tensor:
        """Output of edge i → j on values x (N,), shape (N,); ``part`` as in `edge_outputs`."""
        y = torch.zeros_like(x)
        if not bool(self.alive[j, i]):
            return y
        if bool(self.numeric[j, i]) or part == "spline":
            bases = splines.basis(x[:, None], self.knots[i : i + 1], self.k, self.extrapolation)
            y = self.scale_base[j, i] * self.base_fun(x)
            y = y + self.scale_sp[j, i] * (bases[:, 0] @ self.coef[j, i])
        if bool(self.symbolic[j, i]) and part == "whole":
            a, b, c, d = self.affine[j, i].unbind(-1)
            y = y + c * self.functions[i, j](a * x + b) + d
        return y

    # ------------------------------------------------------------------ change

    @torch.no_grad()
    def put(self, name: str, values: Tensor) -> None:
        """Give a parameter or buffer new values; of another shape it becomes a new parameter."""
        held = getattr(self, name)
        if not isinstance(held, nn.Parameter):
            setattr(self, name, values.clone())
        elif held.shape == values.shape:
            held.copy_(values)
            held.grad = None
        else:  # a graph that is still alive somewhere keeps the old one
            values = _in_memory(values) if name == "coef" else values
            setattr(self, name, nn.Parameter(values.clone(), requires_grad=held.requires_grad))

    @torch.no_grad()
    def set_symbolic(
        self, i: int, j: int, function: EdgeFunction, parameters: Iterable[float]
    ) -> None:
        """Make edge i → j the function c·f(a·x + b) + d with parameters a, b, c, d."""
        self.affine[j, i] = torch.tensor(list(parameters), dtype=self.affine.dtype)
        self.functions[i, j] = function
        self.symbolic[j, i], self.numeric[j, i] = True, False
        self.structure_changed()

    @torch.no_grad()
    def set_numeric(self, i: int, j: int) -> None:
        """Make edge i → j the spline it was before; a removed edge stays removed."""
        self.symbolic[j, i], self.numeric[j, i] = False, True
        self.functions.pop((i, j), None)
        self.structure_changed()

    @torch.no_grad()
    def remove(self, edges: Tensor, left: Tensor) -> None:
        """Remove those of a mask (n_out, n_in) that are there; they leave constants ``left`` behind."""
        self.left = torch.where(edges & self.alive, left, self.left)
        self.alive = self.alive & ~edges
        self.structure_changed()

    @torch.no_grad()
    def restore(self, edges: Tensor) -> None:
        """Bring removed edges, a mask (n_out, n_in), back as they were."""
        self.alive = self.alive | edges
        self.left = torch.where(edges, 0.0, self.left)
        self.structure_changed()

    @torch.no_grad()
    def update_grid(self, x: Tensor) -> None:
        """Move the knots to where the samples x (N, n_in) are; see `splines.adaptive_grid`.

        An input with a locked spline, or with samples that are not finite, keeps its knots.
        """
        stays = (self.alive & self.numeric & self.locked).any(0) | ~x.isfinite().all(0)
        x = torch.where(stays, 0.0, x)
        points = splines.adaptive_grid(x, self.grid, self.grid_eps)
        knots, coef = grids.moved(
            self.knots, self.coef, self.k, self.extrapolation, points, x, self.k
        )
        self.put_splines(
            torch.where(stays[:, None], self.knots, knots),
            torch.where(stays[:, None], self.coef, coef),
        )

    def put_splines(self, knots: Tensor, coef: Tensor) -> None:
        """Give every input new knots (n_in, G + 2k + 1), and every edge new coefficients."""
        self.put("coef", coef)
        self.put("knots", knots)


def _in_memory(coef: Tensor) -> Tensor:
    """The same coefficients (n_out, n_in, G + k); many of them with the inputs last, as in the features.

    That spares a step of training a copy of them.  Few are in the usual order, which some optimizers
    ask for (`torch.optim.LBFGS`).
    """
    if coef.numel() < MANY:
        return coef.contiguous()
    return coef.transpose(1, 2).contiguous().transpose(1, 2)


def _sparse(n_in: int, n_out: int) -> Tensor:
    """A sparse start: every node keeps an edge to the nearest one opposite, as in pykan."""
    inputs, outputs = ((torch.arange(n, dtype=torch.float64) + 0.5) / n for n in (n_in, n_out))
    distance = (outputs[:, None] - inputs).abs()
    alive = torch.zeros(n_out, n_in, dtype=torch.bool)
    alive[torch.arange(n_out), distance.argmin(1)] = True
    alive[distance.argmin(0), torch.arange(n_in)] = True
    return alive
