"""A directive that documents methods and properties of a class in groups, and those in none."""

import re
from importlib import import_module
from inspect import getattr_static

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

MACHINERY = {"kanwidget.network"}
"""Modules whose public names are for others of ours."""


class Members(SphinxDirective):
    """``{members} KAN``: those named in it; or, where it is empty, all that the page names nowhere."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Write a directive of autodoc for each."""
        name = self.arguments[0]
        cls = getattr(import_module("kanwidget"), name)
        lines = ["```{eval-rst}", ".. currentmodule:: kanwidget", ""]
        for each in " ".join(self.content).split() or self.others(name, cls):
            lines += [f".. auto{kind(getattr_static(cls, each))}:: {name}.{each}", ""]
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


def kind(value: object) -> str:
    """What autodoc calls it."""
    if isinstance(value, property):
        return "property"
    return "method" if callable(value) or hasattr(value, "__func__") else "attribute"


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("members", Members)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
