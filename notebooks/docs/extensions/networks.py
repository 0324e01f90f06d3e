"""A directive for pictures of the gallery, in light and dark where there are both."""

import xml.etree.ElementTree as ET
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

GALLERY = Path(__file__).parents[3] / "js/tests/gallery"
SVG = "{http://www.w3.org/2000/svg}"
SHOWN = "shown_networks"


class Network(SphinxDirective):
    """``{network} name``: the picture of that name with its content as a caption."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make a figure of one picture, or of a light and a dark one."""
        name = self.arguments[0]
        dark = f"{name}-dark"
        figure = nodes.figure(classes=["network"])
        if (GALLERY / f"{dark}.svg").exists():
            figure += [self.picture(name, "only-light"), self.picture(dark, "only-dark")]
        else:
            figure += self.picture(name)
        caption = nodes.caption()
        for part in self.parse_content_to_nodes():
            caption += part.children
        figure += caption
        return [figure]

    def picture(self, name: str, *classes: str) -> nodes.image:
        """One picture, which says itself what is on it."""
        file = GALLERY / f"{name}.svg"
        self.env.note_dependency(str(file))
        vars(self.env).setdefault(SHOWN, {}).setdefault(self.env.docname, set()).add(name)
        said = (ET.parse(file).getroot().findtext(SVG + each) or "" for each in ("title", "desc"))
        uri = f"/{GALLERY.relative_to(self.env.srcdir).as_posix()}/{file.name}"
        self.env.images.add_file(self.env.docname, uri[1:])
        return nodes.image(uri=uri, alt=". ".join(said), classes=[*classes])


def all_are_shown(app: Sphinx, env) -> None:
    """Warn of pictures that no page shows."""
    shown = set().union(*vars(env).get(SHOWN, {}).values())
    forgotten = sorted({file.stem for file in GALLERY.glob("*.svg")} - shown)
    if forgotten:
        logging.getLogger(__name__).warning("no page shows %s", ", ".join(forgotten))


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("network", Network)
    app.connect("env-check-consistency", all_are_shown)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
