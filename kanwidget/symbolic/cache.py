"""Fits that a network has asked for already, found again by the very values that were fitted."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kanwidget.network import Network
from kanwidget.symbolic.affine_fit import AffineFits, affine_fit
from kanwidget.symbolic.function import SymbolicFunction

SIZE = 2048
"""Curves of which fits are kept; those asked for longest ago go first."""


class Fits:
    """Fits of functions to curves.

    They are kept under a digest of all that they follow from, the curve's values and the function, so
    that no change of a network, of its data or of the library can bring up a fit that is out of date.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, dict[SymbolicFunction, Any]] = OrderedDict()

    def forget(self) -> None:
        """Keep nothing."""
        self._known.clear()

    def __len__(self) -> int:
        return len(self._known)

    def __deepcopy__(self, memo: Any) -> Fits:
        # what is kept never changes, and a copied network shall find what this one does
        copied = Fits()
        copied._known = OrderedDict((key, dict(fits)) for key, fits in self._known.items())
        return copied

    def __reduce__(self) -> Any:
        return (Fits, ())

    def __call__(self, x: Tensor, y: Tensor, functions: Sequence[SymbolicFunction]) -> AffineFits:
        """As `affine_fit`, of representative points (E, P); only what is not known yet is fitted."""
        keys = [_digest(*curve) for curve in zip(x, y, strict=True)]
        known = [self._known.setdefault(key, {}) for key in keys]
        missing: dict[tuple[SymbolicFunction, ...], list[int]] = {}
        for edge, fits in enumerate(known):
            wanted = tuple(function for function in functions if function not in fits)
            if wanted:
                missing.setdefault(wanted, []).append(edge)
        for wanted, edges in missing.items():
            found = affine_fit(x[edges], y[edges], wanted)
            numbers = torch.cat([found.params, found.r2[..., None]], 2).numpy()
            for edge, row in zip(edges, numbers, strict=True):
                known[edge].update(zip(wanted, row, strict=True))
        rows = np.array([[fits[function] for function in functions] for fits in known])
        for key in keys:
            self._known.move_to_end(key)
        while len(self._known) > SIZE:
            self._known.popitem(last=False)
        result = torch.from_numpy(rows)
        return AffineFits(tuple(functions), result[..., :4], result[..., 4], x.double(), y.double())


def _digest(x: Tensor, y: Tensor) -> bytes:
    digest = hashlib.blake2b(str(x.dtype).encode(), digest_size=16)
    for values in (x, y):
        digest.update(np.ascontiguousarray(values.cpu().numpy()).data)
    return digest.digest()


def fits_of(network: Network) -> Fits:
    """What this network keeps."""
    fits = network.__dict__.setdefault("_symbolic_fits", Fits())
    assert isinstance(fits, Fits)
    return fits
