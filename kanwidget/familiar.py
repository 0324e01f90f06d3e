"""What pykan's users look for on a model: its shape and settings by their names, views of its layers."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.activations import Activations
from kanwidget.datasets import as_dataset
from kanwidget.features import name_of_base
from kanwidget.versions import Versions
from kanwidget.writing import Writing, values_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kanwidget.views import KANLayer, Symbolic_KANLayer, Told, Window

UNUSED = ("symbolic_enabled", "save_act", "first_init", "ckpt_path", "state_id", "round")
"""Arguments of pykan's KAN that there is nothing to say about here; see `Familiar`."""
RENAMED = {"noise_scale_base": "scale_base_sigma", "bias_trainable": "affine_trainable"}
"""Arguments of older versions, and what they are called now."""
NUMBERED = r"((?:sub)?node_(?:bias|scale))_(\d+)"
"""pykan has ``node_bias_0`` beside ``node_bias[0]``."""


def newer_names(older: Mapping[str, Any], named: Mapping[str, Any]) -> list[Any]:
    """Values of the arguments ``named``, replaced by those that were given by an older name.

    Raises
    ------
    TypeError
        For a name that pykan does not have either.
    """
    found = dict(named)
    for name, value in older.items():
        if name in RENAMED:
            warnings.warn(f"{name} is now {RENAMED[name]}", DeprecationWarning, stacklevel=3)
            found[RENAMED[name]] = value
        elif name not in UNUSED:
            raise TypeError(f"KAN has no argument {name!r}")
    return list(found.values())


class Familiar(Activations, Versions, Writing):
    """A network with the attributes of pykan's, all of them read off the live layers.

    Attributes
    ----------
    save_act : bool
        For pykan's users.  Activations are computed when they are asked for, so nothing depends on it.
    """

    save_act = True

    def __setattr__(self, name: str, value: Any) -> None:
        member = getattr(type(self), name, None)
        if not isinstance(member, property):
            super().__setattr__(name, value)
        elif member.fset is None:
            raise AttributeError(
                f"{name} cannot be assigned to: it is read off the layers of the model"
            )
        else:
            member.fset(self, value)

    def __getattr__(self, name: str) -> Any:
        if "node_" in name and (numbered := re.fullmatch(NUMBERED, name)):
            values, l = getattr(self, numbered[1]), int(numbered[2])
            if l < len(values):
                return values[l]
        return super().__getattr__(name)

    # ------------------------------------------------------------------ views

    @property
    def act_fun(self) -> Told:
        """The splines of every layer as pykan's KANLayer: mask, grid, coef, scale_base, scale_sp, …."""
        from kanwidget.views import KANLayer, Told

        views: list[KANLayer] = [KANLayer.of(self, l) for l in range(self.depth)]
        return Told(views, "write to mask, grid, coef, scale_base or scale_sp of its entries")

    @property
    def symbolic_fun(self) -> Told:
        """The functions of every layer as pykan's Symbolic_KANLayer: mask, affine, funs_name, …."""
        from kanwidget.views import Symbolic_KANLayer, Told

        views: list[Symbolic_KANLayer] = [Symbolic_KANLayer.of(self, l) for l in range(self.depth)]
        return Told(views, "fix_symbolic(l, i, j, name) gives an edge a function")

    def _of_nodes(self, name: str) -> Told:
        from kanwidget.views import Told, look

        def window(l: int) -> Window:
            layer = self.layers[l]
            return look(
                f"{name}[{l}]",
                lambda: values_of(layer, name),
                lambda values: self.set_values(l, name, values),
                lambda: getattr(layer.nodes, name).grad,
            )

        return Told(map(window, range(self.depth)), f"write to {name}[l].data")

    @property
    def node_bias(self) -> Told:
        """What is added to every node above a layer of edges, (n_nodes,)."""
        return self._of_nodes("node_bias")

    @property
    def node_scale(self) -> Told:
        """What every node above a layer of edges is multiplied with, (n_nodes,)."""
        return self._of_nodes("node_scale")

    @property
    def subnode_bias(self) -> Told:
        """What is added to every sum above a layer of edges, (n_subnodes,)."""
        return self._of_nodes("subnode_bias")

    @property
    def subnode_scale(self) -> Told:
        """What every sum above a layer of edges is multiplied with, (n_subnodes,)."""
        return self._of_nodes("subnode_scale")

    # ------------------------------------------------------------------ shape

    @property
    def width_in(self) -> list[int]:
        """Nodes of every node layer."""
        return self.width

    @property
    def width_out(self) -> list[int]:
        """Subnodes of every node layer; the inputs are none, and count as they are."""
        return [self.layers[0].n_in, *(layer.n_out for layer in self.layers)]

    @property
    def n_sum(self) -> list[int]:
        """Sums in every layer of hidden nodes."""
        return [layer.nodes.arity.count(1) for layer in self.layers[:-1]]

    @property
    def n_mult(self) -> list[int]:
        """Products in every layer of hidden nodes."""
        return [layer.nodes.count - layer.nodes.arity.count(1) for layer in self.layers[:-1]]

    @property
    def mult_arity(self) -> int | list[list[int]]:
        """Factors of the products: a number, or a list a node layer where they differ."""
        each = [[], *([n for n in layer.nodes.arity if n > 1] for layer in self.layers)]
        numbers = {n for layer in each for n in layer}
        if len(numbers) > 1:
            return each
        return numbers.pop() if numbers else 2

    @property
    def mult_homo(self) -> bool:
        """Whether all products have as many factors."""
        return isinstance(self.mult_arity, int)

    @property
    def n_edge(self) -> int:
        """Number of live edges, symbolic ones too."""
        return sum(int(layer.alive.sum()) for layer in self.layers)

    # ------------------------------------------------------------------ settings

    def _same(self, name: str) -> Any:
        """A setting of all layers, or a list where they differ."""
        each = [getattr(layer, name) for layer in self.layers]
        return each[0] if all(value == each[0] for value in each) else each

    @property
    def grid(self) -> int | list[int]:
        """Intervals of the splines, or of those of each layer."""
        return self._same("grid")

    @property
    def k(self) -> int | list[int]:
        """Order of the splines, or of those of each layer."""
        return self._same("k")

    @property
    def grid_eps(self) -> float | list[float]:
        """1 keeps knots equally spaced when they move to the data, 0 puts them at the quantiles."""
        return self._same("grid_eps")

    @grid_eps.setter
    def grid_eps(self, value: float) -> None:
        value = checks.number("grid_eps", value, least=0, most=1)
        with self.exclusive:
            for layer in self.layers:
                layer.grid_eps = value

    @property
    def grid_range(self) -> list[float]:
        """Where the knots were at the start."""
        made: Mapping[str, Any] = getattr(self, "made", {})
        return list(made.get("grid_range", (-1.0, 1.0)))

    @property
    def base_fun(self) -> Callable[[Tensor], Tensor]:
        """b(x), the smooth function beside every spline."""
        return self.layers[0].base_fun

    @property
    def base_fun_name(self) -> str | Callable[[Tensor], Tensor]:
        """Its name, or itself where it has none."""
        return name_of_base(self.base_fun) or self.base_fun

    @property
    def affine_trainable(self) -> bool:
        """Whether scales and biases of nodes and subnodes are trained."""
        return self.layers[0].nodes.affine_trainable

    @property
    def sp_trainable(self) -> bool:
        """Whether the weights of splines are trained."""
        return self.layers[0].scale_sp.requires_grad

    @property
    def sb_trainable(self) -> bool:
        """Whether the weights of the base function are trained."""
        return self.layers[0].scale_base.requires_grad

    @property
    def symbolic_enabled(self) -> bool:
        """Whether functions count; they always do, and cost nothing where there are none."""
        return True

    @symbolic_enabled.setter
    def symbolic_enabled(self, value: bool) -> None:
        if not value and any(bool((layer.alive & layer.symbolic).any()) for layer in self.layers):
            raise ValueError(
                "symbolic_enabled is False, but there are symbolic edges: unfix_symbolic_all() makes them "
                "splines again"
            )

    # ------------------------------------------------------------------ by another name

    def get_params(self) -> Any:
        """Return ``parameters()``."""
        return self.parameters()

    def speed(self, compile: bool = False) -> Any:
        """Return this network, or what `torch.compile` makes of it.

        There is no other speed to choose: functions and activations cost nothing where nobody needs them.
        """
        return torch.compile(self) if compile else self

    def tree(self, x: Any = None, **options: Any) -> Figure:
        """Draw how the network combines its inputs; see `kanwidget.trees.plot_tree`.

        Parameters
        ----------
        x : Tensor, shape (N, n_inputs), or a dataset, optional
            Inputs to look at it on; the training inputs where not given.
        **options :
            ``in_var``, ``style``, ``sym_th``, ``sep_th``, ``skip_sep_test`` and ``verbose``.
        """
        from kanwidget.trees import plot_tree

        return plot_tree(
            self, self.training_inputs() if x is None else self.inputs_of(x), **options
        )

    def evaluate(self, dataset: Any) -> dict[str, Any]:
        """Root mean squared error on the test data, number of live edges, intervals of the grid."""
        data = as_dataset(dataset)
        with torch.no_grad():
            outputs = self(data.test_input)
            error = (outputs - data.test_label.to(outputs)).square().mean().sqrt()
        return {"test_loss": float(error), "n_edge": self.n_edge, "n_grid": self.grid}
