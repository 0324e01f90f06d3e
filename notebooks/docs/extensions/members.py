"""Directives that document a class in groups of its names, or all names of a module."""

import inspect
import re
from importlib import import_module

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

MACHINERY = {"kanwidget.network"}
"""Modules whose public names are for others of ours."""


class Members(SphinxDirective):
    """``{members} KAN``: those named in it, or in an empty one all that the page names nowhere."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Write a directive of autodoc for each."""
        name = self.arguments[0]
        cls = getattr(import_module("kanwidget"), name)
        lines = ["```{eval-rst}", ".. currentmodule:: kanwidget", ""]
        for each in " ".join(self.content).split() or self.others(name, cls):
            lines += [f".. auto{kind(inspect.getattr_static(cls, each))}:: {name}.{each}", ""]
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))

    def others(self, name: str, cls: type) -> list[str]:
        """Names for users, as they stand in the code, without those of the page's other groups."""
        page = self.env.doc2path(self.env.docname).read_text(encoding="utf-8")
        groups = re.findall(rf"^:::{{members}} {name}\n(.*?):::", page, re.MULTILINE | re.DOTALL)
        told = set(" ".join(groups).split())
        owners = [each for each in cls.__mro__ if each.__module__.startswith("kanwidget.")]
        return [
            own
            for owner in owners
            if owner.__module__ not in MACHINERY
            for own in vars(owner)
            if own not in told and not own.startswith(("_", "check_", "get_extra", "set_extra"))
        ]


class Names(SphinxDirective):
    """``{names} compat.pykan``: the functions, classes and values that kanwidget.compat.pykan has.

    What kanwidget itself has too is documented there.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write a directive of autodoc for each that is made here, in alphabetical order."""
        name, ours = f"kanwidget.{self.arguments[0]}", import_module("kanwidget")
        module, lines = import_module(name), ["```{eval-rst}"]
        for each in sorted(vars(module)["_MODULES"], key=str.lower):
            value = getattr(module, each)
            if each not in ours.__all__ or getattr(ours, each) is not value:
                members = ["   :members:"] * inspect.isclass(value)
                lines += [f".. auto{kind(value)}:: {name}.{each}", *members, ""]
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))


def kind(value: object) -> str:
    """What autodoc calls it, in a class or in a module."""
    if isinstance(value, property):
        return "property"
    if inspect.isclass(value):
        return "class"
    in_class = "." in getattr(value, "__qualname__", ".")
    if callable(value) or hasattr(value, "__func__"):
        return "method" if in_class else "function"
    return "attribute" if in_class else "data"


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known."""
    app.add_directive("members", Members)
    app.add_directive("names", Names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
