"""A tensor that shows numbers of a live model, and what is written to it is written to the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
_WRITES = frozenset({"__setitem__", "__set__", *(f"__i{name}__" for name in _OPERATORS)})
_REFUSED = {
    "requires_grad_": "model.lock_edge(l, i, j) keeps an edge from being trained",
    "detach_": "detach() gives its values apart from the model",
    "resize_": "model.refine(grid) and model.expand_width(layer, count) make a model larger",
    "set_": "assign to .data",
}


@dataclass(frozen=True)
class Source:
    """Where numbers come from, and where they go.

    Attributes
    ----------
    name : str
        For messages: ``act_fun[0].coef``.
    read : callable
        Gives the numbers as they are in the model now.
    write : callable
        Takes all of them and puts them into the model, or raises.
    gradient : callable
        Gives their gradient, or None.
    """

    name: str
    read: Callable[[], Tensor]
    write: Callable[[Tensor], None]
    gradient: Callable[[], Tensor | None]


class Window(Tensor):
    """Numbers of a model, or a part of them; see `look`.

    Whatever reads it gets ordinary tensors, which autograd follows to the model's parameters.  What
    writes to it, or to a part such as ``window.data[0][1]``, writes to a copy of the numbers, which then
    goes to the model as one action: all of it, or an error and nothing.
    """

    _source: Source
    _root: Tensor
    _steps: tuple[Any, ...]

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Read, or write where the name of a function says that it does."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        written = kwargs.get("out")
        if written is None and args and _writes(name):
            written = args[0]
        if isinstance(written, Window):
            return written._write(func, name, args, kwargs)
        found = _plainly(func, args, kwargs)
        of = args[0] if args else None
        if isinstance(of, Window) and type(found) is Tensor and of._holds(found):
            return _window(found, of._source, of._root, (*of._steps, (func, args[1:], kwargs)))
        return found

    def _holds(self, found: Tensor) -> bool:
        """Whether a tensor is a part of these numbers, rather than computed from them."""
        mine = _plain(self).untyped_storage().data_ptr()
        return found.untyped_storage().data_ptr() == mine != 0

    def _part(self, whole: Tensor) -> Tensor:
        """The part of all numbers that this one shows."""
        for func, args, kwargs in self._steps:
            whole = _plainly(func, (whole, *args), kwargs)
        return whole

    def _write(self, func: Any, name: str, args: Any, kwargs: Any) -> Any:
        if name in _REFUSED:
            raise ValueError(
                f"{name} of {self._source.name} would change nothing in the model; {_REFUSED[name]}"
            )
        with torch.no_grad():
            whole = self._source.read().detach().clone()
            part = self._part(whole)
            if name == "__set__":
                _set(self._source.name, func, part, args[1])
            elif kwargs.get("out") is self:
                _plainly(func, args, kwargs | {"out": part})
            else:
                _plainly(func, (part, *args[1:]), kwargs)
            self._source.write(whole)
            # what was made from these numbers before shows them as they are now
            self._root.detach().copy_(self._source.read())
        return self

    @property
    def grad(self) -> Tensor | None:  # type: ignore[override]
        """The gradient of these numbers."""
        whole = self._source.gradient()
        return None if whole is None else self._part(whole)

    def numpy(self, *, force: bool = False) -> Any:
        """Return the values as an array that cannot be written to."""
        array = _plain(self).numpy(force=force)
        array.flags.writeable = False
        return array

    def __array__(self, dtype: Any = None) -> Any:
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __deepcopy__(self, memo: Any) -> Tensor:
        return _plain(self).detach().clone()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _plain(self).detach().clone().__reduce_ex__(protocol)

    def __repr__(self, **_: Any) -> str:  # type: ignore[override] # torch has no type for it
        return repr(_plain(self).detach())


def look(
    name: str,
    read: Callable[[], Tensor],
    write: Callable[[Tensor], None],
    gradient: Callable[[], Tensor | None] = lambda: None,
) -> Window:
    """A window on numbers of a model; the arguments are those of `Source`."""
    numbers = read()
    return _window(numbers, Source(name, read, write, gradient), numbers, ())


def _window(numbers: Tensor, source: Source, root: Tensor, steps: tuple[Any, ...]) -> Window:
    made = numbers.as_subclass(Window)
    made._source, made._root, made._steps = source, root, steps
    return made


def _plain(tensor: Tensor) -> Tensor:
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.as_subclass(Tensor)


def _plainly(func: Any, args: Any, kwargs: Any) -> Any:
    with torch._C.DisableTorchFunctionSubclass():
        return func(*args, **kwargs)


def _writes(name: str) -> bool:
    return name in _WRITES or (name.endswith("_") and not name.startswith("__"))


def _set(name: str, setter: Any, part: Tensor, value: Any) -> None:
    """Assign to ``.data``; no other attribute of a window can be assigned to."""
    if getattr(setter, "__self__", None) is not Tensor.data:
        raise ValueError(f"only .data of {name} can be assigned to: it shows a part of the model")
    value = torch.as_tensor(value, dtype=part.dtype, device=part.device)
    if value.shape != part.shape:
        raise ValueError(
            f"{name} is given the shape {tuple(value.shape)}; {tuple(part.shape)} is needed"
        )
    part.copy_(value)
