"""What is left of a formula without its numbers: which functions there are, and what is nested in what."""

from collections import Counter

import sympy

WAVES = {sympy.sin: "wave", sympy.cos: "wave"}
"""Sine and cosine are one function with another phase."""


def skeleton(expression):
    """The nesting of functions, as nested tuples; two formulas that differ in numbers have the same.

    Summands and factors that are numbers go.  A whole power stays what it is, an exponential too, whatever
    its base.
    """
    if not expression.free_symbols:
        return ()
    if expression.is_Symbol:
        return expression.name
    exponents = [each.args[0] for each in expression.args if isinstance(each, sympy.exp)]
    if expression.is_Mul and len(exponents) > 1:
        others = [each for each in expression.args if not isinstance(each, sympy.exp)]
        return skeleton(sympy.Mul(*others, sympy.exp(sympy.Add(*exponents))))
    if expression.is_Add or expression.is_Mul:
        kind = "sum" if expression.is_Add else "product"
        parts = Counter(skeleton(each) for each in expression.args if each.free_symbols)
        if len(parts) == 1 and (kind == "sum" or parts.total() == 1):
            return next(iter(parts))
        return kind, frozenset(parts.items())
    if expression.is_Pow:
        base, exponent = expression.args
        if not base.free_symbols:
            return "exp", skeleton(exponent)
        if not exponent.free_symbols:
            return ("power", _whole(exponent), skeleton(base))
    name = WAVES.get(expression.func, expression.func.__name__)
    return (name, *(skeleton(each) for each in expression.args))


def same_structure(a, b):
    """Whether two formulas have the same functions, nested in the same way."""
    return skeleton(a) == skeleton(b)


def _whole(exponent):
    number = sympy.nsimplify(exponent, rational=True)
    return number if number.is_Rational and number.q <= 6 else exponent
