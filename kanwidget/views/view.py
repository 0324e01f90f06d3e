"""What both of pykan's halves of a layer have in common: they show one layer of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from typing_extensions import Self

from kanwidget import reshaping
from kanwidget.layer import Layer
from kanwidget.views.window import Window, look
from kanwidget.writing import Writing, values_of


class LayerView(nn.Module):
    """A layer of a network as pykan's users see it; it holds nothing of its own but the layer.

    Made by itself it has a network of this one layer.
    """

    NAME: ClassVar[str]
    WEIGHED: ClassVar[str]
    """What weighs an edge, where a mask only says whether it is there."""
    layer: Layer

    def __init__(self, network: Writing, l: int) -> None:
        super().__init__()
        self.layer = network.layers[l]
        # not registered: a view has the parameters of its layer, not of the network
        object.__setattr__(self, "_network", network)

    @classmethod
    def of(cls, network: Writing, l: int) -> Self:
        """A view of layer l of a network."""
        made = cls.__new__(cls)
        LayerView.__init__(made, network, l)
        return made

    @property
    def network(self) -> Writing:
        """The network that the layer belongs to."""
        found: Writing = self.__dict__["_network"]
        return found

    @property
    def number(self) -> int:
        """Which of the network's layers it is."""
        for l, layer in enumerate(self.network.layers):
            if layer is self.layer:
                return l
        raise ValueError(
            f"the layer that this {type(self).__name__} showed is no part of its model any more"
        )

    def _window(self, name: str) -> Window:
        """A window on numbers of the layer, which `Writing.set_values` names."""
        layer, parameter = self.layer, {"grid": "knots"}.get(name, name)

        def gradient() -> Tensor | None:
            grad = getattr(layer, parameter).grad
            turned = name not in ("grid", "affine")
            return grad.transpose(0, 1) if grad is not None and turned else grad

        return look(
            f"{self.NAME}[{self.number}].{name}",
            lambda: values_of(layer, name),
            lambda values: self.network.set_values(self.number, name, values),
            gradient,
        )

    def _mask_window(self, read: Callable[[], Tensor], write: Callable[[Tensor], None]) -> Window:
        """A window on a mask of edges, in which are only 0 and 1."""
        name = f"{self.NAME}[{self.number}].mask"

        def checked(values: Tensor) -> None:
            if not bool(((values == 0) | (values == 1)).all()):
                raise ValueError(f"{name} has entries other than 0 and 1; {self.WEIGHED}")
            write(values)

        return look(name, read, checked)

    def _mask(self, kind: str) -> Tensor:
        """Which edges have a part of a kind, shape (n_out, n_in)."""
        mask: Tensor = getattr(self.layer, kind)
        return self.layer.alive & mask

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "training" or isinstance(value, Layer):
            super().__setattr__(name, value)
        elif isinstance(getattr(self, name, None), Window):
            getattr(self, name).data = value
        else:
            raise AttributeError(
                f"{name} cannot be assigned to: a {type(self).__name__} only shows a layer of its model"
            )

    @property
    def in_dim(self) -> int:
        """Number of inputs."""
        return self.layer.n_in

    @property
    def out_dim(self) -> int:
        """Number of outputs, which are subnodes."""
        return self.layer.n_out

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.layer.coef.device

    def get_subset(self, in_id: Sequence[int], out_id: Sequence[int]) -> Self:
        """A layer of its own that is a copy of the edges from some inputs to some outputs.

        Parameters
        ----------
        in_id, out_id : sequence of int
        """
        inputs, outputs = (torch.as_tensor(each).tolist() for each in (in_id, out_id))
        for name, chosen, count in (
            ("in_id", inputs, self.in_dim),
            ("out_id", outputs, self.out_dim),
        ):
            if not chosen or not all(0 <= n < count for n in chosen):
                raise ValueError(
                    f"{name} is {chosen!r:.60}; numbers from 0 to {count - 1} are needed"
                )
        layer, arity = self.layer, [1] * len(outputs)
        part = reshaping.another(layer, len(inputs), arity, layer.grid)
        for name in reshaping.OVER_EDGES:
            part.put(name, getattr(layer, name)[outputs][:, inputs])
        part.put("knots", layer.knots[inputs])
        part.functions = {
            (new_i, new_j): layer.functions[i, j]
            for new_j, j in enumerate(outputs)
            for new_i, i in enumerate(inputs)
            if (i, j) in layer.functions
        }
        part.structure_changed()
        return type(self).of(Writing([part]), 0)


def swapped(tensor: Tensor, axis: int, i1: int, i2: int) -> Tensor:
    """A tensor with two of the entries along an axis in each other's place."""
    order = list(range(tensor.shape[axis]))
    order[i1], order[i2] = order[i2], order[i1]
    return tensor.detach().index_select(axis, torch.tensor(order, device=tensor.device))
