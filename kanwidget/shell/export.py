"""kanwidget export: a session's formula in another language, or all that was done as a script."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from kanwidget.shell import files
from kanwidget.shell.parsing import add_command
from kanwidget.shell.refusing import Refused, sentence

FORMULAS = ("c", "javascript", "latex", "numpy", "sympy", "torch")
ACTIONS = ("python", "notebook")
PICTURES = ("html", "svg")
METRIC = "backward"
"""By which edges are scored in pictures."""
TARGETS = (*FORMULAS, *ACTIONS, *PICTURES)
EXAMPLES = """\
  kanwidget export study.kan --to latex --digits 3
  kanwidget export study.kan --to c --name area -o area.c
  kanwidget export study.kan --to numpy --node 12
  kanwidget export study.kan --to python --node "before the sine" -o study.py
  kanwidget export study.kan --to html -o study.html

c, javascript, latex, numpy, sympy and torch are the formula; python and notebook are all actions that
led to it, from the data to the result, to be run again; svg is a picture of the network, and html one
page that shows it and all steps before it in any browser, without a kernel or a network.
"""


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "export",
        "write a session's formula in another language, its actions as a script, or a page of it",
        "Write the formula of a saved session in another language,\n"
        "all that was done as a script or notebook, or a picture or page to look at.",
        EXAMPLES,
    )
    parser.add_argument("file", metavar="FILE.kan", help="a saved session")
    parser.add_argument(
        "--to",
        required=True,
        choices=TARGETS,
        metavar="TARGET",
        help=f"one of {', '.join(TARGETS)}",
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", help="the file to write; the terminal where none is given"
    )
    parser.add_argument(
        "--node",
        metavar="N",
        help="number or name of the step; the current one where none is given",
    )
    parser.add_argument(
        "--digits", metavar="D", type=int, help="digits of the formula's numbers, 1 to 12"
    )
    parser.add_argument(
        "--name", metavar="NAME", help="what the function is called that is defined"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write a formula or a script."""
    options = {"digits": arguments.digits, "name": arguments.name}
    options = {name: value for name, value in options.items() if value is not None}
    if options and arguments.to not in FORMULAS:
        written = "actions" if arguments.to in ACTIONS else "what there is to see"
        raise Refused(
            f"--{next(iter(options))} is for formulas, and --to {arguments.to} writes {written}"
        )
    saved = files.session(arguments.file)
    node = files.step(saved.history, arguments.node)
    try:
        if arguments.to in ACTIONS:
            text = _actions(arguments, saved, node.id)
        elif arguments.to in PICTURES:
            text = _picture(arguments.to, saved, node.id)
        else:
            saved.model.restore(node.state)
            text = saved.model.export(arguments.to, **options)
    except (ValueError, TypeError) as error:  # as these say what is wrong with the options
        raise Refused(sentence(error)) from error
    files.write(text, arguments.output)
    return 0


def _actions(arguments: argparse.Namespace, saved: Any, upto: int) -> str:
    """All actions up to a step, as a script or notebook."""
    told = saved.model, saved.dataset, saved.history, _from(arguments.output, arguments.file), upto
    if arguments.to == "python":
        from kanwidget.session.retelling.script import to_python

        return to_python(*told)
    from kanwidget.session.retelling.notebook import to_notebook

    return json.dumps(to_notebook(*told), indent=1, ensure_ascii=False) + "\n"


def _picture(target: str, saved: Any, node: int) -> str:
    """The network at a step as SVG, or a page that begins there."""
    from kanwidget.session.album import album

    if target == "html":
        from kanwidget.widget.standalone import html

        return html(album(saved.model, saved.dataset, saved.history, METRIC, node), {})
    from kanwidget.plotting.svg import to_svg
    from kanwidget.widget.fallback import in_words

    view = album(saved.model, saved.dataset, saved.history, METRIC, node, most=1).views[node]
    title, *formula = in_words(view).splitlines()
    return to_svg(view.picture, title, formula)


def _from(output: str | None, file: str) -> str:
    """The session's file as one says it in the folder where the script will be and run."""
    if output is None or os.path.isabs(file):
        return file
    return os.path.relpath(file, os.path.dirname(output) or os.curdir)
