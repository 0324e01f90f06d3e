"""One HTML file that shows a session without a kernel or a network: its last state, and all before it.

The page is the widget's own front end on a model that lives in the page (``js/src/standalone.ts``).  What
several states have in common, such as a loss curve, is written once.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from typing import Any

from kanwidget.session.album import Album
from kanwidget.texts import printable
from kanwidget.version import __version__
from kanwidget.widget import fallback
from kanwidget.widget.edge_data import inspection
from kanwidget.widget.scene import encode
from kanwidget.widget.widget import _built, _traits

SETTINGS = (
    "lamb",
    "lamb_entropy",
    "prune_threshold",
    "steps",
    "optimizer",
    "lr",
    "metric",
    "digits",
)
LOOKS = ("theme", "lang", "palette")
"""Traits that a page keeps besides those of a state; others are not written into it."""
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "font-src data:; img-src data: blob:"
)
"""What the page may load: nothing."""


def html(album: Album, settings: Mapping[str, Any], title: str = "") -> str:
    """The page.

    Parameters
    ----------
    album : Album
    settings : mapping
        Traits that are the same in all states: those of `SETTINGS` and `LOOKS`.
    title : str
        Of the page; what the network is where none is given.
    """
    view = album.views[album.current]
    words = fallback.in_words(view)
    title = printable(title) or words.splitlines()[0]
    data = json.dumps(contents(album, settings), ensure_ascii=False, separators=(",", ":"))
    picture = fallback.bundle(view)["image/svg+xml"]
    style = _built("widget.css").replace("</style", "<\\/style")
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="generator" content="kanwidget {__version__}">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            "<style>body { margin: 0; padding: 12px; font-family: system-ui, sans-serif; }"
            " @media (prefers-color-scheme: dark) { body { background: #0c0f13; } }</style>",
            "</head>\n<body>",
            f'<main id="kanwidget"><noscript>{picture}</noscript></main>',
            f'<script type="application/json" id="kanwidget-data">{_in_script(data)}</script>',
            f'<script type="module">{_in_script_source(_built("standalone.js"))}</script>',
            "</body>\n</html>\n",
        ]
    )


def contents(album: Album, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the page is made of, as `js/src/standalone.ts` reads it.

    ``{settings, history, current, values, states, inspections}``, where a state tells for every trait the
    place of its value among ``values``, its ``scene`` is base64; inspections are places by state and edge.
    """
    values: list[Any] = []
    places: dict[str, int] = {}

    def place(value: Any) -> int:
        key = json.dumps(value, ensure_ascii=False, sort_keys=True)
        if key not in places:
            places[key] = len(values)
            values.append(value)
        return places[key]

    states: dict[str, dict[str, int]] = {}
    for number, view in album.views.items():
        traits = _traits(view)
        scene = b64encode(encode(view.picture, view.version)).decode()
        kept = {
            name: traits[name] for name in traits if name not in ("history", "message", "version")
        }
        states[str(number)] = {
            name: place(value) for name, value in (kept | {"scene": scene}).items()
        }
    inspections = {
        str(number): {
            ",".join(map(str, edge)): place(inspection(found)) for edge, found in edges.items()
        }
        for number, edges in album.inspections.items()
    }
    history = _traits(album.views[album.current])["history"]
    nodes = [node | {"kept": node["id"] in album.views} for node in history["nodes"]]
    return {
        "settings": {name: settings[name] for name in SETTINGS + LOOKS if name in settings},
        "history": history | {"nodes": nodes},
        "current": album.current,
        "left_out": album.left_out,
        "made": time.strftime("%Y-%m-%d"),
        "values": values,
        "states": states,
        "inspections": inspections,
    }


def _in_script(text: str) -> str:
    """JSON that ends no script and begins no comment."""
    return text.replace("<", "\\u003c")


def _in_script_source(source: str) -> str:
    """JavaScript that does so; there these stand in texts only."""
    return source.replace("</script", "<\\/script").replace("<!--", "<\\!--")
