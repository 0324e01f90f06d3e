"""The functions of a layer as pykan has them: a Symbolic_KANLayer, which counts [output][input]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from kanwidget.layer import Layer
from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit
from kanwidget.symbolic.edges import PLAIN
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.softened import softened
from kanwidget.views.told import Told
from kanwidget.views.view import LayerView
from kanwidget.views.window import Window
from kanwidget.writing import Writing

INSTEAD = "model.fix_symbolic(l, i, j, name) gives an edge a function"


class Symbolic_KANLayer(LayerView):  # noqa: N801 - pykan's name
    """The functions of a layer; ``model.symbolic_fun[l]`` shows those of a model.

    Reading gives pykan's values in pykan's shapes.  Writing to ``mask`` and ``affine`` writes to the
    model; functions are given by `fix_symbolic`.

    Parameters
    ----------
    in_dim, out_dim : int
    device : str or torch.device
    """

    NAME = "symbolic_fun"
    WEIGHED = "c of affine weighs a function"

    def __init__(
        self, in_dim: int = 3, out_dim: int = 2, device: str | torch.device = "cpu"
    ) -> None:
        layer = Layer(
            in_dim,
            out_dim,
            grid=1,
            k=1,
            base_fun=torch.zeros_like,
            noise_scale=0.0,
            scale_base_mu=0.0,
            scale_base_sigma=0.0,
            grid_eps=0.02,
            grid_range=(-1.0, 1.0),
            sp_trainable=False,
            sb_trainable=False,
            sparse_init=False,
            extrapolation="linear",
            generator=torch.Generator(),
            dtype=torch.get_default_dtype(),
        )
        super().__init__(Writing([layer]), 0)
        self.to(device)

    # ------------------------------------------------------------------ what it is made of

    @property
    def mask(self) -> Window:
        """1 where an edge has a function, else 0; shape (out_dim, in_dim)."""
        return self._mask_window(
            lambda: self._mask("symbolic").to(self.layer.coef.dtype),
            lambda values: self.network.set_masks(self.number, self._mask("numeric"), values > 0),
        )

    @property
    def affine(self) -> Window:
        """a, b, c, d of c·f(a·x + b) + d, shape (out_dim, in_dim, 4)."""
        return self._window("affine")

    def _told(self, of: Callable[[Any], Any]) -> Told:
        """Something of every function as a list [output][input]."""
        functions = self.layer.functions
        return Told(
            (
                Told((of(functions.get((i, j))) for i in range(self.in_dim)), INSTEAD)
                for j in range(self.out_dim)
            ),
            INSTEAD,
        )

    @property
    def funs_name(self) -> Told:
        """Names of the functions, [output][input]; '0' where there is none."""
        return self._told(lambda function: "0" if function is None else function.name)

    @property
    def funs(self) -> Told:
        """Functions on tensors, [output][input]."""
        return self._told(lambda function: torch.zeros_like if function is None else function)

    @property
    def funs_sympy(self) -> Told:
        """Functions on sympy's expressions, [output][input]."""
        return self._told(lambda function: _zero if function is None else _of_any(function))

    @property
    def funs_avoid_singularity(self) -> Told:
        """Functions of tensors that stay finite, [output][input]; see `kanwidget.symbolic.softened`."""
        return self._told(lambda function: softened(function or library.get("0")))

    # ------------------------------------------------------------------ what it does

    def forward(
        self, x: Tensor, singularity_avoiding: bool = False, y_th: float = 10.0
    ) -> tuple[Tensor, Tensor]:
        """What functions make of inputs (N, in_dim): sums (N, out_dim), and every edge's own.

        Parameters
        ----------
        x : Tensor, shape (N, in_dim)
        singularity_avoiding : bool
            Take functions that stay finite around their poles; see `kanwidget.symbolic.softened`.
        y_th : float
            The largest value that these keep.

        Returns
        -------
        y : Tensor, shape (N, out_dim)
        postacts : Tensor, shape (N, out_dim, in_dim)
        """
        postacts = x.new_zeros(len(x), self.out_dim, self.in_dim)
        groups: Any = self.layer.symbolic_groups()
        for function, j, i in groups:
            a, b, c, d = self.layer.affine[j, i].T[..., None]
            u = a * x.T[i] + b
            values = softened(function)(u, y_th)[1] if singularity_avoiding else function(u)
            postacts = postacts.index_put((torch.arange(len(x))[:, None], j, i), (c * values + d).T)
        return postacts.sum(2), postacts

    def fix_symbolic(
        self,
        i: int,
        j: int,
        fun_name: str | SymbolicFunction,
        x: Tensor | None = None,
        y: Tensor | None = None,
        random: bool = False,
        **ranges: Any,
    ) -> float | None:
        """Make edge i → j a function, with its own constants where x and y are given; the spline goes.

        Parameters
        ----------
        i, j : int
        fun_name : str or SymbolicFunction
        x, y : Tensor, shape (N,), optional
            What the edge is to do: c·f(a·x + b) + d is fitted to it.  Else a = c = 1 and b = d = 0.
        random : bool
            Take constants from -1 to 1 at random.
        **ranges :
            ``a_range``, ``b_range`` and ``verbose`` are for pykan's users: a and b are found wherever
            they are.

        Returns
        -------
        float or None
            R² of the fit.

        Raises
        ------
        KeyError
            If there is no such edge or function.
        ValueError
            If the edge is locked, or the function cannot follow what it is to do.
        """
        if unknown := sorted(set(ranges) - {"a_range", "b_range", "verbose"}):
            raise TypeError(f"fix_symbolic has no argument {unknown[0]!r}")
        function, r2, params = library.get(fun_name), None, PLAIN
        if x is not None and y is not None:
            fits = affine_fit(x.detach(), y.detach(), [function])
            r2, params = float(fits.r2[0, 0]), tuple(fits.params[0, 0].tolist())
            if r2 == -torch.inf:
                raise ValueError(f"{function.name} cannot follow y on x")
        elif random:
            params = tuple((2 * torch.rand(4) - 1).tolist())
        self.network.set_function(self.number, i, j, function, params)
        return r2

    def swap(self, i1: int, i2: int, mode: str = "in") -> None:
        """Refuse: ``model.swap(l, i1, i2)`` swaps nodes with all that hangs on them."""
        raise ValueError(
            "functions are not swapped apart from splines; model.swap(l, i1, i2) swaps nodes"
        )


def _zero(u: Any) -> Any:
    return 0 * u


def _of_any(function: SymbolicFunction) -> Callable[[Any], Any]:
    """The function on sympy's expressions, and on Python's numbers too."""

    def apply(u: Any) -> Any:
        import sympy

        return function.sympy(sympy.sympify(u))

    return apply
