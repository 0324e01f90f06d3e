"""Physical dimensions as exponents of base units, read from the units of sympy or pint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy

Dimension = tuple[tuple[str, Fraction], ...]
"""Base dimensions and their exponents, in order of their names, none of them 0."""

NUMBER: Dimension = ()
SYMBOLS = {
    **{"length": "m", "mass": "kg", "time": "s", "current": "A", "temperature": "K"},
    **{"amount_of_substance": "mol", "substance": "mol"},
    **{"luminous_intensity": "cd", "luminosity": "cd", "information": "bit"},
}
"""Units that dimensions are written in, by the names that sympy and pint have for them."""
ANGLES = {"angle", "steradian"}


def combined(*powers: tuple[Dimension, Fraction]) -> Dimension:
    """The product of some dimensions, each to a power."""
    total: dict[str, Fraction] = {}
    for dimension, power in powers:
        for base, exponent in dimension:
            total[base] = total.get(base, Fraction(0)) + power * exponent
    return tuple(sorted((base, exponent) for base, exponent in total.items() if exponent != 0))


def written(dimension: Dimension) -> str:
    """A dimension in base units, such as ``kg·m/s^2``; "a plain number" where there are none."""
    if not dimension:
        return "a plain number"
    above = [_power(base, exponent) for base, exponent in dimension if exponent > 0]
    below = [_power(base, -exponent) for base, exponent in dimension if exponent < 0]
    text = "·".join(above) or "1"
    if below:
        text += "/" + (below[0] if len(below) == 1 else f"({'·'.join(below)})")
    return text


def _power(base: str, exponent: Fraction) -> str:
    if exponent == 1:
        return base
    return f"{base}^{exponent}" if exponent.denominator == 1 else f"{base}^({exponent})"


def dimension_of(name: str, unit: Any) -> Dimension:
    """The dimension of a unit.

    Parameters
    ----------
    name : str
        Whose unit it is, for messages.
    unit : sympy.Expr, or a unit or quantity of pint, or 1
        Products and powers of ``sympy.physics.units``; or anything with pint's ``dimensionality``.
        1 is a plain number; so are angles.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if hasattr(unit, "dimensionality"):
        return _of_pint(unit.dimensionality)
    if isinstance(unit, (int, float)) and not isinstance(unit, bool) and math.isfinite(unit):
        return NUMBER
    found = _of_sympy(unit) if isinstance(unit, sympy.Basic) else None
    if found is None:
        raise TypeError(
            f"the unit of {name} is {unit!r:.60}; a product of sympy.physics.units, a unit of pint, or "
            "1 for a plain number is needed"
        )
    return found


def _of_pint(dimensionality: Mapping[str, Any]) -> Dimension:
    bases = {
        base.strip("[]"): Fraction(power).limit_denominator(1000)
        for base, power in dimensionality.items()
    }
    named = ((SYMBOLS.get(base, base), power) for base, power in bases.items())
    return combined(*((((base, power),), Fraction(1)) for base, power in named))


def _of_sympy(unit: sympy.Basic) -> Dimension | None:
    from sympy.physics import units
    from sympy.physics.units.prefixes import Prefix
    from sympy.physics.units.systems import SI

    if isinstance(unit, Prefix) or (isinstance(unit, sympy.Expr) and unit.is_Number):
        return NUMBER
    if isinstance(unit, units.Quantity):
        unit = SI.get_quantity_dimension(unit)
    if isinstance(unit, units.Dimension):
        parts = SI.get_dimension_system().get_dimensional_dependencies(unit).items()
        named = ((str(base.name), Fraction(int(power.p), int(power.q))) for base, power in
                 ((base, sympy.Rational(power)) for base, power in parts))  # fmt: skip
        return combined(
            *(
                (((SYMBOLS.get(base, base), power),), Fraction(1))
                for base, power in named
                if base not in ANGLES
            )
        )
    if isinstance(unit, sympy.Mul):
        factors = [_of_sympy(factor) for factor in unit.args]
        if any(factor is None for factor in factors):
            return None
        return combined(*((factor, Fraction(1)) for factor in factors if factor is not None))
    if isinstance(unit, sympy.Pow) and unit.exp.is_Rational:
        base = _of_sympy(unit.base)
        return None if base is None else combined((base, Fraction(unit.exp.p, unit.exp.q)))
    return None
