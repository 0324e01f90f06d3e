"""A line of Python as people like to read it: double quotes, and broken where it is too long."""

from __future__ import annotations

import ast
import io
import tokenize

WIDTH = 100


def laid_out(line: str, beside: str = "", width: int = WIDTH) -> str:
    """An expression, or an assignment of one, over as many lines as it needs; with a comment beside it.

    Calls, lists, tuples and dictionaries are broken where they do not fit, from the outermost on.
    """
    line, comment = _double_quotes(line), f"  # {beside}" if beside else ""
    (statement,) = ast.parse(line).body
    assert isinstance(statement, ast.Assign | ast.Expr)
    begin, _ = _span(line, statement.value)
    return line[:begin] + _broken(line[begin:], 0, begin + len(comment) - 1, width) + comment


def _broken(text: str, indent: int, before: int, width: int) -> str:
    """An expression in a line of this indentation, with so many columns before it, and a comma after."""
    items = [] if before + len(text) < width else _items(text)
    if not items:
        return text
    head, tail = text[: items[0][0]].rstrip(), text[items[-1][1] :].lstrip(", ")
    pad, whole = " " * (indent + 4), ", ".join(text[begin:end] for begin, end, _ in items)
    if text[0] not in "[{(" and len(pad) + len(whole) <= width:
        inner = pad + whole
    else:
        rows = []
        for begin, end, named in items:
            value = _broken(text[begin + named : end], indent + 4, indent + 4 + named, width)
            rows.append(f"{pad}{text[begin : begin + named]}{value},")
        inner = "\n".join(rows)
    return f"{head}\n{inner}\n{' ' * indent}{tail}"


def _items(text: str) -> list[tuple[int, int, int]]:
    """What stands in the bracket that ends an expression: begin, end, and length of its name or key."""
    node = ast.parse(text, mode="eval").body
    pairs: list[tuple[ast.expr | ast.keyword, ast.expr]] = []
    if isinstance(node, ast.Call):
        pairs = [
            *((each, each) for each in node.args),
            *((word, word.value) for word in node.keywords),
        ]
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        pairs = [(each, each) for each in node.elts]
    elif isinstance(node, ast.Dict):
        pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key]
    spans = []
    for whole, value in pairs:
        (begin, _), (inner, end) = _span(text, whole), _span(text, value)
        spans.append((begin, end, inner - begin))
    return spans


def _span(text: str, node: ast.expr | ast.keyword) -> tuple[int, int]:
    """Where a node begins and ends in a text, in characters."""
    rows = [line.encode() for line in text.splitlines(keepends=True)]

    def place(row: int, column: int) -> int:
        return len((b"".join(rows[: row - 1]) + rows[row - 1][:column]).decode())

    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)


def _double_quotes(line: str) -> str:
    """The same line with double quotes around its texts, where they hold none."""
    rows = line.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(line).readline))
    for token in reversed(tokens):
        single = token.type == tokenize.STRING and token.string.startswith("'")
        if single and '"' not in token.string and not token.string.startswith("'''"):
            (row, begin), (_, end) = token.start, token.end
            inner = token.string[1:-1]
            rows[row - 1] = f'{rows[row - 1][:begin]}"{inner}"{rows[row - 1][end:]}'
    return "\n".join(rows)
