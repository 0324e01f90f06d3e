"""A list that shows what a model is made of and cannot be changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Told(list[Any]):
    """A list that refuses to be changed with a sentence that says what to call instead.

    Parameters
    ----------
    items : iterable
    instead : str
        Such as ``"fix_symbolic(l, i, j, name) gives an edge a function"``.
    """

    def __init__(self, items: Iterable[Any], instead: str) -> None:
        super().__init__(items)
        self._instead = instead

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"this list shows what the model is made of; {self._instead}")

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = sort = reverse = _refuse

    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, (list(self),)
