"""How `make docs` builds these pages: by Sphinx on the repository, so that its links are theirs."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

from kanwidget.version import __version__ as release  # noqa: E402

project = "kanwidget"
author = "the kanwidget authors"
version = release

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "commands",
    "maths",
    "members",
    "networks",
    "references",
]

root_doc = "notebooks/docs/index"
include_patterns = [
    "notebooks/*.ipynb",
    "notebooks/docs/**",
    "tests/benchmarks/R*.md",
    "tests/benchmarks/UI.md",
    "tests/browser/README.md",
    "js/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
]
exclude_patterns = [".*", "build", "dist", "js/node_modules", "**/.ipynb_checkpoints"]

# notebooks are run by the tests, not here
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "html_image"]
myst_heading_anchors = 4

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
# names of other projects lead to their pages only where there is a network
nitpick_ignore_regex = [("py:.*", r"(collections|matplotlib|numpy|sympy|torch|typing)\..*")]
numpydoc_show_class_members = False
default_role = "py:obj"
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "kanwidget"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_static_path = ["theme"]
html_css_files = ["pages.css"]
pygments_style = "tango"
pygments_dark_style = "github-dark"
html_theme_options = {"navigation_with_keys": True}
# the first page has its place beside its sources; whoever opens the folder is led there
templates_path = ["templates"]
html_additional_pages = {"index": "forward.html"}
