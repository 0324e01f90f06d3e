"""Shorter forms of the same formula: exp(log x - log y) is x/y, ¼(x + y)² - ¼(x - y)² is x·y.

Rules of our own on small expressions, never an open-ended search; whoever uses the result measures it
again, since log x is defined on less than x.
"""

from __future__ import annotations

from itertools import combinations

import sympy

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.polynomials import Polynomial, TooLong, expanded, polynomial, summed, terms
from kanwidget.formula.tidy import ROUND_OFF, multiplied, plus, times
from kanwidget.symbolic.functions import plain

MOST_ROUNDS = 8
HALF = sympy.Rational(1, 2)
INVERSES = {
    sympy.tanh: sympy.atanh,
    sympy.atanh: sympy.tanh,
    sympy.sin: sympy.asin,
    sympy.cos: sympy.acos,
    sympy.tan: sympy.atan,
    sympy.log: sympy.exp,
}
"""f(g(u)) is u wherever g(u) is a number."""


def length(expression: sympy.Expr) -> int:
    """How much there is to read: numbers, names, operations and functions."""
    if isinstance(expression, EdgeCurve):
        return 1 + length(expression.args[0])
    if not expression.args or expression.is_Number:
        return 1
    inside = sum(map(length, expression.args))
    return inside + (len(expression.args) - 1 if expression.is_Add or expression.is_Mul else 1)


class Rewriting:
    """Rewrites expressions from the inside out, and remembers what came from what.

    Attributes
    ----------
    origin : dict
        For every expression that a rule has made, what it was made from.
    """

    def __init__(self) -> None:
        self.done: dict[sympy.Expr, sympy.Expr] = {}
        self.origin: dict[sympy.Expr, sympy.Expr] = {}

    def __call__(self, expression: sympy.Expr) -> sympy.Expr:
        """The shorter form, or the expression itself."""
        if not expression.args or expression.is_Number:
            return expression
        if expression not in self.done:
            self.done[expression] = self._rewrite(expression)
        return self.done[expression]

    def _rewrite(self, expression: sympy.Expr) -> sympy.Expr:
        if isinstance(expression, EdgeCurve):
            return EdgeCurve(self(expression.args[0]), *expression.args[1:])
        args = [self(argument) for argument in expression.args]
        same = all(new is old for new, old in zip(args, expression.args, strict=True))
        now = expression if same else rebuilt(expression, args)
        for _ in range(MOST_ROUNDS):
            better = _shorter(now)
            if better is None or better == now:
                break
            now = better
        if now != expression:
            self.origin[now] = expression
        return now


def rebuilt(expression: sympy.Expr, args: list[sympy.Expr]) -> sympy.Expr:
    """The same operation on other arguments; sympy looks for identities only where they are short."""
    if expression.is_Add:
        return plus(args)
    if expression.is_Mul:
        return multiplied(args)
    if expression.is_Pow:
        return power(*args)
    return expression.func(*args, evaluate=all(map(plain, args)))


def power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """base^exponent, powers of powers in one, where base^exponent is a number."""
    if isinstance(base, sympy.exp):
        return sympy.exp(times(exponent, base.args[0]), evaluate=False)
    if isinstance(base, sympy.Abs) and exponent.is_Integer and exponent % 2 == 0:
        return power(base.args[0], exponent)
    if base.is_Pow and base.exp.is_Number and exponent.is_Number:
        inner = base.base
        if base.exp.is_Integer and base.exp % 2 == 0 and not exponent.is_Integer:
            inner = sympy.Abs(inner, evaluate=plain(inner))
        return power(inner, fraction(base.exp * exponent))
    if exponent == 1:
        return base
    return sympy.Pow(base, exponent, evaluate=plain(base))


def fraction(exponent: sympy.Number) -> sympy.Number:
    """The exponent as p/q where it is such a number, so that x^0.5 is a square root."""
    if exponent.is_Float:
        for q in (1, 2, 3, 4):
            p = round(float(exponent) * q)
            if abs(p / q - float(exponent)) <= ROUND_OFF * abs(float(exponent)) and p:
                return sympy.Rational(p, q)
    return exponent


def _shorter(expression: sympy.Expr) -> sympy.Expr | None:
    """The expression after one rule, or None."""
    if isinstance(expression, sympy.exp):
        return _exponential(expression)
    if isinstance(expression, sympy.log):
        return _logarithm(expression)
    if isinstance(expression, sympy.Abs):
        return _absolute(expression)
    inverse = INVERSES.get(expression.func)
    if inverse is not None and isinstance(expression.args[0], inverse):
        return expression.args[0].args[0]
    if expression.is_Mul:
        merged = _powers_merged(expression)
        return merged if merged is not None else _multiplied_out(expression)
    if expression.is_Pow and (expression.base.is_Pow or expression.base.is_Function):
        return power(expression.base, expression.exp)
    if expression.is_Add:
        found = [_sums_expanded(expression), _waves_multiplied(expression)]
        return min((each for each in found if each is not None), key=length, default=None)
    return None


def _exponential(expression: sympy.Expr) -> sympy.Expr | None:
    """exp(a·log u + v) is u^a · exp(v)."""
    factors, rest = [], []
    for term in sympy.Add.make_args(expression.args[0]):
        weight, logarithm = term.as_coeff_Mul()
        if isinstance(logarithm, sympy.log):
            factors.append(power(logarithm.args[0], fraction(weight)))
        else:
            rest.append(term)
    if not factors:
        return None
    if rest:
        factors.append(sympy.exp(plus(rest), evaluate=False))
    return multiplied(factors)


def _logarithm(expression: sympy.Expr) -> sympy.Expr | None:
    """log(w · exp(u) · v) is log w + u + log v, and log(u^a) is a·log u unless a is even."""
    weight, product = expression.args[0].as_coeff_Mul()
    if product.is_Pow and product.exp.is_Number and weight == 1:
        if product.exp.is_Integer and product.exp % 2 == 0:
            return None
        return times(product.exp, sympy.log(product.base, evaluate=plain(product.base)))
    factors = sympy.Mul.make_args(product)
    exponents = [each.args[0] for each in factors if isinstance(each, sympy.exp)]
    if not exponents or not weight > 0:
        return None
    others = [each for each in factors if not isinstance(each, sympy.exp)]
    parts = list(exponents)
    if others:
        parts.append(sympy.log(multiplied([weight, *others]), evaluate=False))
    elif weight != 1:
        parts.append(sympy.log(weight))
    return plus(parts)


def _absolute(expression: sympy.Expr) -> sympy.Expr | None:
    inside = expression.args[0]
    never_negative = (
        isinstance(inside, (sympy.exp, sympy.Abs, sympy.cosh, sympy.acos))
        or (inside.is_Pow and inside.exp.is_Integer and inside.exp % 2 == 0)
        or (inside.is_Pow and inside.exp.is_Number and not inside.exp.is_Integer)
    )
    return inside if never_negative else None


def _powers_merged(expression: sympy.Expr) -> sympy.Expr | None:
    """x^a · x^b is x^(a + b), unless what is left would be defined where the factors have poles."""
    powers: dict[sympy.Expr, list[sympy.Expr]] = {}
    for factor in expression.args:
        base, exponent = (factor.base, factor.exp) if factor.is_Pow else (factor, sympy.Integer(1))
        if factor.is_Number or isinstance(factor, sympy.exp) or not exponent.is_Number:
            base, exponent = factor, sympy.Integer(1)
        powers.setdefault(base, []).append(exponent)
    merged = [
        (base, [sum(exponents)] if len({bool(e > 0) for e in exponents}) == 1 else exponents)
        for base, exponents in powers.items()
    ]
    if all(exponents == powers[base] for base, exponents in merged):
        return None
    return multiplied(power(base, fraction(e)) for base, exponents in merged for e in exponents)


def _multiplied_out(expression: sympy.Expr) -> sympy.Expr | None:
    if not any(part.is_Add for part in expression.args) and not any(
        part.is_Pow and part.base.is_Add for part in expression.args
    ):
        return None
    out = expanded(expression)
    return out if length(out) < length(expression) else None


def _sums_expanded(expression: sympy.Expr) -> sympy.Expr | None:
    """Some of the terms multiplied out, those for which the sum gets shortest."""
    try:
        parts = [polynomial(term) for term in expression.args]
    except TooLong:
        return None
    if all(len(part) == 1 for part in parts):
        return None
    lengths = [length(term) + 1 for term in expression.args]
    best, shortest = None, length(expression)
    for group in _groups(parts):
        try:
            together = terms(summed([parts[n] for n in group]))
        except TooLong:
            continue
        others = [n for n in range(len(parts)) if n not in group]
        size = sum(length(term) + 1 for term in together) + sum(lengths[n] for n in others) - 1
        if size < shortest:
            shortest = size
            best = plus([expression.args[n] for n in others] + together or [sympy.Integer(0)])
    return best if best is not None and length(best) < length(expression) else None


def _groups(parts: list[Polynomial]) -> list[set[int]]:
    """Terms that may cancel: those of the same variables, those joined by variables, and all."""
    variables = [{base for monomial in part for base, _ in monomial} for part in parts]
    numbers = {n for n, used in enumerate(variables) if not used}
    same: dict[frozenset[sympy.Expr], set[int]] = {}
    joined: list[tuple[set[sympy.Expr], set[int]]] = []
    for n, used in enumerate(variables):
        if n in numbers:
            continue
        same.setdefault(frozenset(used), set()).add(n)
        apart = [group for group in joined if not group[0] & used]
        touching = [group for group in joined if group[0] & used]
        names = used.union(*(group[0] for group in touching))
        joined = [*apart, (names, {n}.union(*(group[1] for group in touching)))]
    found = [*same.values(), *(members for _, members in joined)]
    found += [group | numbers for group in found] + [set(range(len(parts)))]
    return [set(group) for group in dict.fromkeys(map(frozenset, found))]


def _waves_multiplied(expression: sympy.Expr) -> sympy.Expr | None:
    """sin(u + v) + sin(u - v) is 2 sin u cos v, where that is shorter."""
    waves = [
        (n, *term.as_coeff_Mul())
        for n, term in enumerate(expression.args)
        if isinstance(term.as_coeff_Mul()[1], (sympy.sin, sympy.cos))
    ]
    for (m, weight, first), (n, other, second) in combinations(waves, 2):
        if first.func is not second.func:
            continue
        if abs(abs(weight) - abs(other)) > ROUND_OFF * abs(weight):
            continue
        u, v = first.args[0], second.args[0]
        middle, half = (
            expanded(sympy.Add(times(HALF, u), times(sign * HALF, v), evaluate=False))
            for sign in (1, -1)
        )
        added = bool(weight * other > 0)
        if first.func is sympy.sin:
            factors = (sympy.sin, sympy.cos) if added else (sympy.cos, sympy.sin)
        else:
            factors = (sympy.cos, sympy.cos) if added else (sympy.sin, sympy.sin)
            weight = weight if added else -weight
        made = [
            f(each, evaluate=plain(each)) for f, each in zip(factors, (middle, half), strict=True)
        ]
        rest = [term for k, term in enumerate(expression.args) if k not in (m, n)]
        better = plus([*rest, multiplied([2 * weight, *made])])
        if length(better) < length(expression):
            return better
    return None
