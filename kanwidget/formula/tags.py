r"""LaTeX in which every edge's term says which edge it is: \htmlData{edge=1-0-0}{e^{…}}.

While a formula is printed, one knows of every part from which node it comes.  A node is a ``Sum`` that
knows its terms' edges; a part that has the form of such a term is that term.  Where a shorter form has
taken the place of several terms, as x·y has of two squares, an edge belongs to the smallest part that has
all its variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.latex import Printer
from kanwidget.formula.tidy import Edge, Sum

Edges = frozenset[Edge]
_Owned = tuple[Edge, frozenset[sympy.Symbol]]
NONE: Edges = frozenset()
OPENING = r"\htmlData{edge="
PIECE = re.compile(re.escape(OPENING) + r"[^}]*\}\{|\\.|[{}]|[^\\{}]+", re.DOTALL)
"""What LaTeX with tags is made of: openings of tags, commands' beginnings, braces, and what lies between."""


@dataclass(frozen=True)
class Term:
    """A part of a formula that comes from edges.

    Attributes
    ----------
    edges : tuple of (l, i, j)
        One, or several where their terms were merged.
    latex : str
        As it stands in the formula, without tags.
    children : tuple of Term
        The terms within it, those of the edges below.
    """

    edges: tuple[Edge, ...]
    latex: str
    children: tuple[Term, ...] = ()


@dataclass(frozen=True)
class _Frame:
    """What the parts of an expression may be: terms of these nodes, or what was made of them."""

    entries: Mapping[Hashable, tuple[Edges, tuple[Sum, ...]]]
    assigned: dict[Hashable, Edges]


class TagPrinter(Printer):
    """Prints an expression with a tag around each part that comes from an edge.

    Parameters
    ----------
    names : mapping of sympy.Symbol to str
        See `latex.latex`.
    form : callable
        Gives the form in which a term of a node is shown.
    """

    def __init__(self, names: Mapping[Any, str], form: Callable[[sympy.Expr], sympy.Expr]) -> None:
        super().__init__(names)
        self.form = form
        self.forms: dict[sympy.Expr, Hashable] = {}
        self.sealed: dict[sympy.Symbol, tuple[sympy.Expr, bool]] = {}
        self.originals: dict[Hashable, tuple[Hashable, sympy.Expr]] = {}
        self.frames: list[_Frame] = []
        self.terms: list[list[Term]] = [[]]

    def tagged(self, expression: sympy.Expr, node: Sum) -> tuple[str, tuple[Term, ...]]:
        """LaTeX with tags and the tree of terms of an expression that is a node."""
        self.terms = [[]]
        written = self._within((node,), expression, lambda: self._print(self.short(expression)))
        return written, tuple(self.terms[0])

    # ------------------------------------------------------------------ printing

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if not self.frames or not isinstance(expr, sympy.Expr) or expr.is_number:
            return super()._print(expr, **kwargs)
        here, original = self.originals.get(_core(expr), (_core(expr), expr))
        frame = self.frames[-1]
        print_it = lambda: super(TagPrinter, self)._print(expr, **kwargs)  # noqa: E731
        if here in frame.entries:
            edges, inside = frame.entries[here]
            return self._wrapped(edges, lambda: self._within(inside, original, print_it))
        if here in frame.assigned:
            edges = frame.assigned[here]
            rest = {key: value for key, value in frame.assigned.items() if key != here}
            return self._wrapped(edges, lambda: self._in(_Frame(frame.entries, rest), print_it))
        return print_it()

    def _wrapped(self, edges: Edges, print_it: Callable[[], str]) -> str:
        if not edges:
            return print_it()
        self.terms.append([])
        try:
            written = print_it()
        finally:
            children = self.terms.pop()
        ordered = tuple(sorted(edges, reverse=True))
        self.terms[-1].append(Term(ordered, untagged(written), tuple(children)))
        names = " ".join("-".join(map(str, edge)) for edge in ordered)
        return f"{OPENING}{names}}}{{{written}}}"

    def _within(
        self, nodes: tuple[Sum, ...], expression: sympy.Expr, print_it: Callable[[], str]
    ) -> str:
        frame = self._frame(nodes, expression)
        whole = frame.assigned.pop(_core(expression), NONE)
        return self._wrapped(whole, lambda: self._in(frame, print_it))

    def _in(self, frame: _Frame, print_it: Callable[[], str]) -> str:
        self.frames.append(frame)
        try:
            return print_it()
        finally:
            self.frames.pop()

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:  # noqa: N802
        if expr not in self.sealed:
            return super()._print_Symbol(expr, style)
        inside, brackets = self.sealed[expr]
        written = self._print(self.short(inside))
        return rf"\left({written}\right)" if brackets else written

    _print_Dummy = _print_Symbol  # noqa: N815

    # ------------------------------------------------------------------ short forms

    def short(self, expr: sympy.Expr) -> sympy.Expr:
        """See `latex.Printer.short`; what stands for what is remembered."""
        found = super().short(expr)
        if found is not expr:
            self.originals[_core(found)] = _core(expr), expr
        return found

    def _sealed(self, expr: sympy.Expr, brackets: bool) -> sympy.Symbol:
        symbol = sympy.Dummy()
        self.sealed[symbol] = expr, brackets and not expr.is_Function
        return symbol

    # ------------------------------------------------------------------ what comes from where

    def _shown(self, expression: sympy.Expr) -> Hashable:
        if expression not in self.forms:
            self.forms[expression] = _core(self.form(expression))
        return self.forms[expression]

    def _frame(self, nodes: tuple[Sum, ...], expression: sympy.Expr) -> _Frame:
        if not any(node.tags or node.inside for node in nodes):  # inputs come from no edge
            return _Frame({}, {})
        alike: dict[sympy.Expr, list[Sum]] = {}
        for node in nodes:
            alike.setdefault(node.expression(), []).append(node)
        parts = {_core(part) for part in sympy.preorder_traversal(expression)}
        entries: dict[Hashable, tuple[Edges, tuple[Sum, ...]]] = {}
        pool: set[_Owned] = set()
        for whole, group in alike.items():
            if len(alike) > 1 and whole.is_Add:  # one of the factors of a product
                entries[self._shown(whole)] = NONE, tuple(group)
                if self._shown(whole) in parts:
                    continue
            for node in group:
                for term in node.terms:
                    key = self._shown(term)
                    edges, inside = entries.get(key, (NONE, ()))
                    edges, inside = (
                        edges | node.tags.get(term, NONE),
                        inside + node.inside.get(term, ()),
                    )
                    entries[key] = edges, inside
                    if key not in parts:
                        pool |= set(_edges(node, term))
        assigned: dict[Hashable, Edges] = {}
        if pool:
            known = {part for part in sympy.Add.make_args(expression) if _core(part) in entries}
            _assign(_argument(expression), pool, known, assigned)
        return _Frame(entries, assigned)


def _edges(node: Sum, term: sympy.Expr) -> Iterator[_Owned]:
    """All edges that a term of a node comes from, each with the variables of its own term."""
    for edge in node.tags.get(term, NONE):
        yield edge, frozenset(term.free_symbols)
    for below in node.inside.get(term, ()):
        for each in below.terms:
            yield from _edges(below, each)


def _argument(expression: sympy.Expr) -> sympy.Expr:
    """What a function or power is taken of, and within products of numbers the factor that varies."""
    while not expression.is_Add:
        varying = [each for each in expression.args if each.free_symbols]
        if len(varying) != 1:
            break
        expression = varying[0]
    return expression


def _assign(
    part: sympy.Expr,
    pool: set[_Owned],
    known: set[sympy.Expr],
    assigned: dict[Hashable, Edges],
) -> None:
    """Give each edge to the smallest parts that have all its variables, known ones aside."""
    smaller = [
        each
        for each in part.args
        if each.free_symbols
        and each not in known
        and (part.is_Add or each.free_symbols < part.free_symbols)
    ]
    here = frozenset(
        edge for edge, names in pool if not any(names <= each.free_symbols for each in smaller)
    )
    for key in _keys(part) if here else ():
        assigned[key] = assigned.get(key, NONE) | here
    for each in smaller:
        mine = {
            (edge, names) for edge, names in pool if edge not in here and names <= each.free_symbols
        }
        if mine:
            _assign(each, mine, set(), assigned)


def _keys(part: sympy.Expr) -> list[Hashable]:
    """A part as it may be printed: what stands under a fraction bar has its sign of the power turned."""
    if part.is_Pow and part.exp.is_Number and part.exp < 0:
        turned = part.base if part.exp == -1 else sympy.Pow(part.base, -part.exp, evaluate=False)
        return [_core(part), _core(turned)]
    return [_core(part)]


def _core(expression: sympy.Expr) -> Hashable:
    """The expression without numeric factors, whatever the order of the others."""
    if not isinstance(expression, sympy.Expr) or not expression.is_Mul:
        return expression
    factors = [each for each in expression.args if not each.is_number or each.has(EdgeCurve)]
    return factors[0] if len(factors) == 1 else frozenset(factors)


def untagged(latex: str) -> str:
    """LaTeX without the tags of `TagPrinter`."""
    written: list[str] = []
    is_tag: list[bool] = []
    for piece in PIECE.findall(latex):
        if piece[0] == "}":
            if is_tag.pop():
                continue
        elif piece[-1] == "{" and piece[:-1] != "\\":
            is_tag.append(piece != "{")
            if piece != "{":
                continue
        written.append(piece)
    return "".join(written)
