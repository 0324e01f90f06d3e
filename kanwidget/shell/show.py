"""kanwidget show: what a session's file holds, for those who have no browser at hand."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from kanwidget.shell import files
from kanwidget.shell.parsing import add_command
from kanwidget.texts import printable

EXAMPLES = """\
  kanwidget show study.kan
  kanwidget show study.kan --node 12               the formula after step 12
  kanwidget show study.kan --compare 3 "the end"   what differs between two steps
"""


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "show",
        "print a session's history, formula and best states",
        "Print what was done in a saved session as a tree, the formula it led to,\n"
        "and the states that no other beats in both complexity and loss.",
        EXAMPLES,
    )
    parser.add_argument("file", metavar="FILE.kan", help="a saved session")
    parser.add_argument("--node", metavar="N", help="the formula of this step, by number or name")
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), help="only say what differs between two steps"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what a session's file holds."""
    saved = files.session(arguments.file)
    if arguments.compare is None:
        node = files.step(saved.history, arguments.node)
        files.write("\n\n".join(_parts(saved, node)), None)
        return 0
    from kanwidget.session.comparing import compare

    before, after = (files.step(saved.history, each) for each in arguments.compare)
    files.write(str(compare(before, after, saved.model)), None)
    return 0


def _parts(saved: Any, node: Any) -> Iterator[str]:
    from kanwidget.session.comparing import formula_of, telling
    from kanwidget.session.history import pareto

    yield telling.tree(saved.history)
    saved.model.restore(node.state)
    lines = [f"formula of step {node.id} ({node.label}):", *formula_of(saved.model)[0].splitlines()]
    yield "\n".join(map(printable, lines))
    measured = [each for each in saved.history.nodes if each.metrics.get("complexity") is not None]
    best = pareto(measured)
    if best:
        yield f"states that no other beats in both complexity and loss:\n{telling.front(best)}"
