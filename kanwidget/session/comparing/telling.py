"""A session in words: its history as a tree, the states that no other beats, and two states compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kanwidget.session.history import History, Node
from kanwidget.texts import printable

if TYPE_CHECKING:
    from kanwidget.network import Edge
    from kanwidget.session.comparing import Comparison
    from kanwidget.session.comparing.differences import EdgeChange

MOST_LINES = 12
"""Edges of one kind of change that are told one by one."""
LOSSES = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "test_loss": "test loss",
}
_PLACES = {
    "removed": "removed",
    "restored": "restored",
    "gone": "gone with its place in the network",
    "added": "new, as its place in the network is",
    "locked": "locked",
    "unlocked": "unlocked",
}


# ---------------------------------------------------------------------- history


def tree(history: History) -> str:
    """A line for every step, its branches indented, the notes on it below it.

    The line that goes on to where the model is stands at the left.
    """
    below: dict[int, list[Node]] = {node.id: [] for node in history.nodes}
    for node in history.nodes:
        if node.parent is not None:
            below[node.parent].append(node)
    path = {node.id for node in history.path()}
    digits = len(str(len(history.nodes) - 1))
    lines, waiting = [], [(history.nodes[0], "", "")]
    while waiting:
        node, first, rest = waiting.pop()
        lines.append(f"{first}{node.id:>{digits}}  {_step(node, node is history.current)}")
        lines += [f"{rest}{'':{digits}}    {printable(line)}" for line in node.note.splitlines()]
        children = sorted(below[node.id], key=lambda child: (child.id in path, child.id))
        if children:
            *branches, onward = children
            waiting.append((onward, rest, rest))
            waiting += [(each, f"{rest}├─ ", f"{rest}│  ") for each in reversed(branches)]
    return "\n".join(lines)


def _step(node: Node, here: bool) -> str:
    """What there is to say of a step in one line."""
    action = node.action.label
    said = [f"{printable(node.name)} ({printable(action)})" if node.name else printable(action)]
    said += _measured(node.metrics)
    if node.pinned:
        said.append("pinned")
    if node.state is None:
        said.append("its state was let go")
    return " · ".join(said) + ("  ← here" if here else "")


def _measured(metrics: dict[str, Any]) -> Iterator[str]:
    if metrics.get("val_loss") is not None:
        yield f"validation loss {metrics['val_loss']:.4g}"
    if metrics.get("alive") is not None:
        yield _counted(metrics["alive"], "edge")
    if metrics.get("complexity") is not None:
        yield f"complexity {_amount(metrics['complexity'])}"


def front(nodes: Sequence[Node], loss: str = "val_loss") -> str:
    """The states that no other beats in both complexity and loss, as a table; see `history.pareto`."""
    rows = [("complexity", LOSSES.get(loss, loss), "step")]
    for node in nodes:
        step = f"{node.id}  {printable(node.label)}"
        rows.append((_amount(node.metrics["complexity"]), f"{node.metrics[loss]:.4g}", step))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{one:>{widths[0]}}  {two:>{widths[1]}}  {step}" for one, two, step in rows)


# ---------------------------------------------------------------------- two states


def comparison(found: Comparison) -> str:
    """What differs between two states, a line for each difference."""
    ends = [
        f"step {n} ({printable(label)})" for n, label in zip(found.steps, found.labels, strict=True)
    ]
    lines = list(_differences(found)) or ["the same in everything"]
    return "\n".join([" → ".join(ends), *lines])


def _differences(found: Comparison) -> Iterator[str]:
    if found.width[0] != found.width[1]:
        yield f"width {found.width[0]} → {found.width[1]}"
    for word, names in (("inputs", found.inputs), ("outputs", found.outputs)):
        if names[0] != names[1]:
            yield f"{word} {' → '.join(printable(', '.join(each)) for each in names)}"
    for l, (was, now) in found.grids.items():
        if was != now:
            yield f"layer {l}: grid G = {was[0]}, k = {was[1]} → G = {now[0]}, k = {now[1]}"
    for word, said in _PLACES.items():
        edges: tuple[Edge, ...] = getattr(found, word)
        yield from _few([f"edge {edge}: {said}" for edge in edges], f"edges {word}")
    yield from _few(map(_function, found.functions), "edges with another function")
    yield from _few(map(_constants, found.constants), "edges with other constants")
    yield from _few(map(_curve, found.curves), "edges with another curve")
    yield from (f"not the same: {each}" for each in found.other)
    for loss, values in found.losses.items():
        if values[0] != values[1]:
            yield f"{LOSSES.get(loss, printable(loss))} {' → '.join(_apart(*values))}"
    if found.complexity[0] != found.complexity[1]:
        yield f"complexity {' → '.join(map(_amount, found.complexity))}"
    if found.edges[0] != found.edges[1]:
        yield f"live edges {found.edges[0]} → {found.edges[1]}"
    if found.formula[0] != found.formula[1]:
        for word, text in zip(("before", "after"), found.formula, strict=True):
            yield "\n    ".join([f"formula {word}:", *map(printable, text.splitlines())])


def _function(change: EdgeChange) -> str:
    said = f"edge {change.edge}: {printable(change.function[0])} → {printable(change.function[1])}"
    return f"{said}, {_by(change)}"


def _constants(change: EdgeChange) -> str:
    name = printable(change.function[0])
    old, new = change.constants
    assert old is not None
    assert new is not None
    pairs = (
        f"{letter} {' → '.join(_apart(*pair))}"
        for letter, pair in zip("abcd", zip(old, new, strict=True), strict=True)
        if pair[0] != pair[1]
    )
    return f"edge {change.edge}: {name} with {', '.join(pairs)}, {_by(change)}"


def _curve(change: EdgeChange) -> str:
    return f"edge {change.edge}: another curve, {_by(change)}"


def _by(change: EdgeChange) -> str:
    if change.change is None:
        return "with values that are not finite"
    return f"by at most {change.change:.3g}"


def _few(lines: Iterable[str], what: str) -> list[str]:
    """The first lines, and how many more there are."""
    lines = list(lines)
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[: MOST_LINES - 1], f"and {len(lines) - MOST_LINES + 1} more {what}"]


def _apart(old: float | None, new: float | None) -> tuple[str, str]:
    """Two numbers with as many digits as tell them apart, at least 4."""

    def said(digits: int) -> tuple[str, str]:
        one, two = ("unknown" if each is None else f"{each:.{digits}g}" for each in (old, new))
        return one, two

    different = (pair for pair in map(said, range(4, 17)) if pair[0] != pair[1])
    return next(different, said(17))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _amount(value: float) -> str:
    """A whole number in full, any other with 6 digits."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.6g}"
