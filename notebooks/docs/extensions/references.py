"""Docstrings as they are read: bars are bars, and names are found that are not told in full."""

import re
from pydoc import locate

from docutils import nodes
from sphinx.application import Sphinx


def by_short_name(app: Sphinx, env, node, text: nodes.Node) -> nodes.reference | None:
    """Find the documented name that ends in this one, or that is the same thing imported elsewhere."""
    if node["refdomain"] != "py":
        return None
    domain, target = env.domains.python_domain, node["reftarget"]
    last = target.rpartition(".")[2]
    documented = [name for name, each in domain.objects.items() if not each.aliased]
    alike = [name for name in documented if name.rpartition(".")[2] == last]
    found = [name for name in alike if f".{name}".endswith(f".{target}")]
    if not found and (meant := locate(target)) is not None:
        found = [name for name in alike if locate(name) is meant]
    if len(found) != 1:
        return None
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, text)


def plain_bars(app: Sphinx, kind, name, thing, options, lines: list[str]) -> None:
    """|x| is the size of x, and no substitution."""
    lines[:] = [re.sub(r"(``.*?``)|\|", lambda found: found[1] or "\\|", line) for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Look names up where Sphinx finds nothing."""
    app.connect("autodoc-process-docstring", plain_bars)
    app.connect("missing-reference", by_short_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
