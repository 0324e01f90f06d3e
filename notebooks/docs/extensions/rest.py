"""A directive that documents what a class has beside the names that its page lists."""

from importlib import import_module

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

MACHINERY = {"kanwidget.network"}
"""Modules whose public names are for others of ours."""
KINDS = {property: "property", classmethod: "method", staticmethod: "method"}


class Rest(SphinxDirective):
    """``{rest} KAN``: all public methods and properties of kanwidget.KAN that the page does not name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write a directive of autodoc for each."""
        name = self.arguments[0]
        page = self.env.doc2path(self.env.docname).read_text(encoding="utf-8")
        lines = ["```{eval-rst}", ".. currentmodule:: kanwidget", ""]
        for owner in getattr(import_module("kanwidget"), name).__mro__:
            if owner.__module__.startswith("kanwidget.") and owner.__module__ not in MACHINERY:
                lines += [
                    f".. auto{KINDS.get(type(each), 'method')}:: {name}.{own}"
                    for own, each in vars(owner).items()
                    if is_for_users(own, each) and f":: {name}.{own}\n" not in page
                ]
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))


def is_for_users(name: str, value: object) -> bool:
    """Whether a person may call it: neither machinery nor a trait or plain value."""
    known = callable(value) or isinstance(value, property | classmethod | staticmethod)
    return known and not name.startswith(("_", "check_", "get_extra", "set_extra"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("rest", Rest)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
