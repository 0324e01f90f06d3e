"""The source of a function, where that is all of it: one that reads only torch, numpy and numbers."""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
import math
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import torch

MODULES = (math, torch, np)
"""Modules that the source of a function may read from."""


class NoSource(ValueError):
    """Why the source of a function cannot be given, as a clause."""


@dataclass(frozen=True)
class Source:
    """A function as Python.

    Attributes
    ----------
    expression : str
        What stands for it: its name, or all of a lambda.
    definitions : str
        Lines before it: the numbers it reads, and its ``def``; empty for most lambdas.
    imports : dict of str to str
        The line that imports a name, by that name.
    """

    expression: str
    definitions: str
    imports: dict[str, str]


def source_of(function: Callable[..., Any]) -> Source:
    """The source of a function that does what the function does.

    Raises
    ------
    NoSource
        If Python does not know it, or it reads something that the source does not hold.
    """
    if not isinstance(function, FunctionType):
        raise NoSource(f"{function!r:.60} is no function of Python")
    if function.__closure__:
        names = ", ".join(function.__code__.co_freevars)
        raise NoSource(f"its function reads {names} from where it was made")
    definition, text = _definition(function)
    imports, numbers = {}, []
    for name in sorted(_free_names(definition)):
        known = vars(builtins).get(name)
        value = function.__globals__.get(name, known)
        line = _import(name, value)
        if line:
            imports[name] = line
        elif type(value) in (bool, int, float):
            numbers.append(f"{name} = {value!r}")
        elif value is None or value is not known:
            raise NoSource(f"its function reads {name}")
    if isinstance(definition, ast.Lambda):
        return Source(text, "\n".join(numbers), imports)
    before = "\n".join(numbers) + "\n\n\n" if numbers else ""
    return Source(definition.name, before + text, imports)


def _definition(function: FunctionType) -> tuple[ast.FunctionDef | ast.Lambda, str]:
    """The syntax tree and the text of a function, found by what it compiles to."""
    try:
        lines = inspect.getsourcelines(function)[0]
    except (OSError, TypeError):
        raise NoSource("the source of its function is not known") from None
    for text in _possible(lines):
        try:
            tree = ast.parse(text)
        except SyntaxError:  # a lambda in the midst of a call that goes on
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Lambda | ast.FunctionDef) and _is(node, function):
                return _cleaned(node, text)
    raise NoSource("the source of its function is not what it was")


def _possible(lines: list[str]) -> Iterator[str]:
    """What may be whole statements among lines: as they are, and as parts of a call that goes on."""
    text = textwrap.dedent("".join(lines)).strip()
    yield text
    start = text.find("lambda")
    if start >= 0:
        # a lambda ends where a bracket, a comma or a line does
        for end in range(len(text), start, -1):
            if end == len(text) or text[end] in ",)]}\n":
                yield f"({text[start:end]})"


def _is(node: ast.Lambda | ast.FunctionDef, function: FunctionType) -> bool:
    """Whether a definition compiles to this function."""
    code = function.__code__
    statement: ast.stmt = ast.Expr(node) if isinstance(node, ast.Lambda) else copy.copy(node)
    if isinstance(statement, ast.FunctionDef):
        statement.decorator_list = []
    # Python calls what a module is imported for in another way
    names = [ast.alias(name) for name in sorted(_names(code))]
    for before in [[], [ast.Import(names)]] if names else [[]]:
        module = ast.fix_missing_locations(ast.Module([*before, statement], []))
        made = _codes(compile(module, "<it>", "exec"))
        if any(_content(each) == _content(code) for each in made):
            return _has_defaults(node.args, function)
    return False


def _has_defaults(arguments: ast.arguments, function: FunctionType) -> bool:
    """Whether the defaults of arguments are those of a function."""
    written = [each for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None]
    try:
        values = [ast.literal_eval(each) for each in written]
    except ValueError:
        raise NoSource("its function has a default that is no plain value") from None
    keywords = function.__kwdefaults__ or {}
    named = [keywords[each.arg] for each in arguments.kwonlyargs if each.arg in keywords]
    return repr(values) == repr([*(function.__defaults__ or ()), *named])


def _names(code: CodeType) -> set[str]:
    """Names that code and what is defined in it read."""
    inner = [_names(each) for each in _codes(code)]
    return {name for name in code.co_names if name.isidentifier()}.union(*inner)


def _codes(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _content(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(
        _content(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts
    )
    return code.co_code, constants, code.co_names, code.co_varnames


def _cleaned(
    node: ast.Lambda | ast.FunctionDef, text: str
) -> tuple[ast.FunctionDef | ast.Lambda, str]:
    """A definition without its annotations, which do nothing, and its text."""
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        raise NoSource("its function is decorated")
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    notes = [each for each in arguments if each.annotation is not None]
    returns = isinstance(node, ast.FunctionDef) and node.returns is not None
    for each in arguments:
        each.annotation = None
    if isinstance(node, ast.FunctionDef):
        node.returns = None
    written = ast.get_source_segment(text, node) or ""
    if notes or returns or (isinstance(node, ast.Lambda) and "\n" in written):
        written = ast.unparse(node)
    return node, textwrap.dedent(written)


def _free_names(node: ast.AST) -> set[str]:
    """Names that are read and neither arguments nor set."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    own = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    own |= {each.id for each in names if not isinstance(each.ctx, ast.Load)}
    for each in ast.walk(node):
        if isinstance(each, ast.Import | ast.ImportFrom):
            own |= {(name.asname or name.name).split(".")[0] for name in each.names}
        elif isinstance(each, ast.Global | ast.Nonlocal):
            raise NoSource(f"its function sets {', '.join(each.names)}")
    return {each.id for each in names} - own


def _import(name: str, value: Any) -> str | None:
    """The line that gives a name its value, where that is one of `MODULES` or in one of them."""
    for module in MODULES:
        known = module.__name__
        if value is module:
            return f"import {known}" if name == known else f"import {known} as {name}"
        if isinstance(value, ModuleType | bool | int | type(None)):
            continue
        for inside, there in vars(module).items():
            if there is value and not inside.startswith("_"):
                renamed = inside if inside == name else f"{inside} as {name}"
                return f"from {known} import {renamed}"
    return None
