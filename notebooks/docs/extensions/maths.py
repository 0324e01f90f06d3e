"""Equations by KaTeX, from the copy that the widget is built with: pages need no network."""

import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

KATEX = Path(__file__).parents[3] / "js/node_modules/katex/dist"
FILES = ("katex.min.js", "katex.min.css", "fonts/*.woff2")


def inline(writer, node: nodes.math) -> None:
    """Write LaTeX within a sentence for the script to set."""
    writer.body.append(writer.starttag(node, "span", "", CLASS="math notranslate"))
    writer.body.append(f"{writer.encode(node.astext())}</span>")
    raise nodes.SkipNode


def block(writer, node: nodes.math_block) -> None:
    """Write LaTeX on lines of its own for the script to set."""
    writer.body.append(writer.starttag(node, "div", "", CLASS="math notranslate"))
    writer.body.append(f"{writer.encode(node.astext())}</div>\n")
    raise nodes.SkipNode


def bring_katex(app: Sphinx) -> None:
    """Copy what the pages load."""
    if not KATEX.is_dir():
        raise ExtensionError(f"KaTeX is not in {KATEX}; `make docs` installs it")
    for pattern in FILES:
        for file in KATEX.glob(pattern):
            place = app.outdir / "_static/katex" / file.relative_to(KATEX)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write equations this way."""
    app.add_html_math_renderer("katex", (inline, None), (block, None))
    app.connect("builder-inited", bring_katex)
    app.add_css_file("katex/katex.min.css")
    app.add_js_file("katex/katex.min.js", loading_method="defer")
    app.add_js_file("equations.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
