"""The edges of a layer: what each is made of, and how that is changed.

    φ(x) = alive · ( numeric · (scale_base · b(x) + scale_sp · Σ_g coef_g B_g(x))
                     + symbolic · (c · f(a·x + b) + d) )

The three masks say whether an edge is there at all, and what it is made of.  Removing an edge leaves
the other two as they are, so that restoring it brings back exactly what was there.  A removed edge
can leave a constant behind, its mean on the data: then only its variation is lost.  What a layer computes
from all this is told in `kanwidget.layer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from kanwidget import grids, splines
from kanwidget.features import Memory
from kanwidget.nodes import Nodes
from kanwidget.ordinary import ordinary_tensors

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


class Edges(nn.Module):
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
    held : Tensor of bool, shape (n_out, n_in, 4)
        Constants a, b, c, d of symbolic edges that training leaves as they are.
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
    held: Tensor

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
            alive = sparse_start(n_in, n_out)
        self.coef = nn.Parameter(in_memory(coef.to(dtype)))
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
        self.register_buffer("held", alive.new_zeros(n_out, n_in, 4))
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

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *arguments: Any
    ) -> None:
        # states from before constants could be locked have none
        state_dict.setdefault(f"{prefix}held", torch.zeros_like(self.held))
        super()._load_from_state_dict(state_dict, prefix, *arguments)
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

    @property
    def bound(self) -> Tensor:
        """Edges that are locked, or have a locked constant, shape (n_out, n_in)."""
        return self.locked | self.held.any(-1)

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

    # ------------------------------------------------------------------ change

    @torch.no_grad()
    def put(self, name: str, values: Tensor) -> None:
        """Give a parameter or buffer new values; of another shape it becomes a new parameter."""
        held = getattr(self, name)
        if not isinstance(held, nn.Parameter):
            setattr(self, name, values.clone())
        elif held.shape == values.shape:
            held.copy_(values)
        else:  # a graph that is still alive somewhere keeps the old one
            values = in_memory(values) if name == "coef" else values
            setattr(self, name, nn.Parameter(values.clone(), requires_grad=held.requires_grad))

    @torch.no_grad()
    def set_symbolic(
        self, i: int, j: int, function: EdgeFunction, parameters: Iterable[float]
    ) -> None:
        """Make edge i → j the function c·f(a·x + b) + d with parameters a, b, c, d, all of them free."""
        self._free(i, j)
        self.affine[j, i] = torch.tensor(list(parameters), dtype=self.affine.dtype)
        self.functions[i, j] = function
        self.symbolic[j, i], self.numeric[j, i] = True, False
        self.structure_changed()

    @torch.no_grad()
    def set_numeric(self, i: int, j: int) -> None:
        """Make edge i → j the spline it was before; a removed edge stays removed."""
        self._free(i, j)
        self.affine[j, i] = 0.0
        self.symbolic[j, i], self.numeric[j, i] = False, True
        self.functions.pop((i, j), None)
        self.structure_changed()

    def _free(self, i: int, j: int) -> None:
        """Let training change all constants of edge i → j."""
        if bool(self.held[j, i].any()):
            self.hold(i, j, torch.zeros_like(self.held[j, i]))

    @torch.no_grad()
    def hold(self, i: int, j: int, constants: Tensor) -> None:
        """Say which of a, b, c, d of edge i → j training leaves as they are, a mask (4,)."""
        held = self.held.clone()  # a copy of the state may share it
        held[j, i] = constants
        self.put("held", held)
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
    def update_grid(self, x: Tensor, between: Callable[[], None] = lambda: None) -> None:
        """Move the knots to where the samples x (N, n_in) are; see `splines.adaptive_grid`.

        ``between`` is called now and then, and may raise to end it; nothing has changed then.

        An input with a locked spline, or with samples that are not finite, keeps its knots.
        """
        stays = (self.alive & self.numeric & self.locked).any(0) | ~x.isfinite().all(0)
        x = torch.where(stays, 0.0, x)
        points = splines.adaptive_grid(x, self.grid, self.grid_eps, between)
        knots, coef = grids.moved(
            self.knots, self.coef, self.k, self.extrapolation, points, x, self.k, between
        )
        self.put_splines(
            torch.where(stays[:, None], self.knots, knots),
            torch.where(stays[:, None], self.coef, coef),
        )

    def put_splines(self, knots: Tensor, coef: Tensor) -> None:
        """Give every input new knots (n_in, G + 2k + 1), and every edge new coefficients."""
        self.put("coef", coef)
        self.put("knots", knots)


def in_memory(coef: Tensor) -> Tensor:
    """The same coefficients (n_out, n_in, G + k); many of them with the inputs last, as in the features.

    That spares a step of training a copy of them.  Few are in the usual order, which some optimizers
    ask for (`torch.optim.LBFGS`).
    """
    if coef.numel() < MANY:
        return coef.contiguous()
    return coef.transpose(1, 2).contiguous().transpose(1, 2)


def sparse_start(n_in: int, n_out: int) -> Tensor:
    """A sparse start: every node keeps an edge to the nearest one opposite, as in pykan."""
    inputs, outputs = ((torch.arange(n, dtype=torch.float64) + 0.5) / n for n in (n_in, n_out))
    distance = (outputs[:, None] - inputs).abs()
    alive = torch.zeros(n_out, n_in, dtype=torch.bool)
    alive[torch.arange(n_out), distance.argmin(1)] = True
    alive[distance.argmin(0), torch.arange(n_in)] = True
    return alive
