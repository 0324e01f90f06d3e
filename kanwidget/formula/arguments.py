"""What a formula is asked for: names of variables, digits, units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy

from kanwidget import scales

if TYPE_CHECKING:
    from kanwidget.network import Network

MOST_DIGITS = 12


def scales_of(
    model: Network, inputs: Any, outputs: Any
) -> tuple[scales.Scale | None, scales.Scale | None]:
    """What inputs and outputs were normalised by: as given, or as the model remembers."""
    return (
        scales.checked("normalizer", inputs, model.width[0]) or model.input_scale,
        scales.checked("output_normalizer", outputs, model.width[-1]) or model.output_scale,
    )


def variables(model: Network, var: Sequence[str | sympy.Symbol] | None) -> list[sympy.Symbol]:
    """Symbols for the inputs: as given, or by the model's names.

    Raises
    ------
    TypeError, ValueError
        If var holds something else, has the wrong length or a name twice.
    """
    names = list(model.input_names) if var is None else var
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"var must be a list of names or sympy symbols, not {names!r}")
    for name in names:
        if not isinstance(name, (str, sympy.Symbol)) or name == "":
            raise TypeError(f"var must hold names or sympy symbols, not {name!r}")
    if len(names) != model.width[0]:
        raise ValueError(f"var has {len(names)} names; the network has {model.width[0]} inputs")
    symbols = [name if isinstance(name, sympy.Symbol) else sympy.Symbol(name) for name in names]
    if len(set(symbols)) < len(symbols):
        raise ValueError(f"var names an input twice: {', '.join(map(str, symbols))}")
    return symbols


def checked_digits(digits: int) -> int:
    """The digits, if they are a whole number from 1 to 12."""
    if isinstance(digits, bool) or not isinstance(digits, int):
        raise TypeError(f"digits must be an int, not {digits!r}")
    if not 1 <= digits <= MOST_DIGITS:
        raise ValueError(f"digits must be from 1 to {MOST_DIGITS}, not {digits}")
    return digits
