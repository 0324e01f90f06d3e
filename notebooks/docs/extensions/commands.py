"""A directive that shows what a command of the shell says of itself."""

import contextlib
import io
from unittest.mock import patch

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kanwidget.shell import main


class Help(SphinxDirective):
    """``{help} export``: the text of ``kanwidget export --help``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Ask the command itself, as on a terminal of 90 columns."""
        said = io.StringIO()
        width = patch.dict("os.environ", COLUMNS="90", NO_COLOR="1")
        with width, contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
            main([*self.arguments, "--help"])
        return [nodes.literal_block(text=said.getvalue(), language="text")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("help", Help)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
