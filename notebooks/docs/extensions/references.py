"""Docstrings as they are read: bars are bars, and names are found that are not told in full."""

import contextlib
import inspect
import re
from pydoc import locate

from docutils import nodes
from sphinx.application import Sphinx

ARGUMENTS = "names_of_arguments"


def as_read(app: Sphinx, kind, name, thing, options, lines: list[str]) -> None:
    """Take |x| for the size of x, and note what arguments there are."""
    lines[:] = [re.sub(r"(``.*?``)|\|", lambda found: found[1] or "\\|", line) for line in lines]
    with contextlib.suppress(TypeError, ValueError):  # it takes none
        known = vars(app.env).setdefault(ARGUMENTS, set())
        known.update(inspect.signature(thing).parameters)


def by_short_name(app: Sphinx, env, node, text: nodes.Node) -> nodes.Node | None:
    """Find the name that ends in this one, or that is the same thing imported elsewhere.

    Of several, a bare name is kanwidget's own, or the method of KAN.  Arguments, and what is there without a page, stay as
    they are; a name of nothing is left to be warned of.
    """
    if node["refdomain"] != "py":
        return None
    domain, target = env.domains.python_domain, node["reftarget"]
    last, meant = target.rpartition(".")[2], locate(target)
    documented = [name for name, each in domain.objects.items() if not each.aliased]
    alike = [name for name in documented if name.rpartition(".")[2] == last]
    found = [name for name in alike if f".{name}".endswith(f".{target}")]
    if not found and meant is not None:
        found = [name for name in alike if locate(name) is meant]
    if len(found) > 1:
        ours = f"kanwidget.{target}", f"kanwidget.KAN.{target}"
        found = [name for name in found if name in ours]
    if len(found) == 1:
        return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, text)
    there = target in vars(env).get(ARGUMENTS, ()) or meant is not None
    return text if there else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Look names up where Sphinx finds nothing."""
    app.connect("autodoc-process-docstring", as_read)
    app.connect("missing-reference", by_short_name)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
