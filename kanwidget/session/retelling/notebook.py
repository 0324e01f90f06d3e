"""A session as a Jupyter notebook: the script's code in cells, with names and notes between them."""

from __future__ import annotations

from os import PathLike
from typing import Any

from kanwidget import ipynb
from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.history import History
from kanwidget.session.retelling.chapters import Chapter, Passage
from kanwidget.session.retelling.script import code_of, imports, origin, title
from kanwidget.session.retelling.story import story

SHOWN = ("model.plot()", "formula(model, dataset.train_input)")
"""What the last cells show: the network, and its formula as it is written by hand."""


def to_notebook(
    model: KAN,
    dataset: Dataset,
    history: History,
    path: str | PathLike[str] | None = None,
    upto: int | None = None,
) -> dict[str, Any]:
    """A notebook, of nbformat 4.5 and without outputs, that does a session again.

    Parameters, errors and what it does are those of `kanwidget.session.retelling.script.to_python`; it
    ends with a picture of the network and its formula.

    Returns
    -------
    dict
        What ``json.dump`` writes into a file ``*.ipynb``.
    """
    told = story(model, dataset, history, path, upto)
    lines = {*told.imports, "from kanwidget.formula import formula"}
    cells = [
        ipynb.markdown(f"# {title(told.actions)}\n\n{origin()}"),
        ipynb.code("\n".join(imports(lines))),
    ]
    for chapter in told.chapters:
        cells += _cells(chapter)
    cells += map(ipynb.code, SHOWN)
    return ipynb.notebook(cells)


def _cells(chapter: Chapter) -> list[dict[str, Any]]:
    """A heading, and code between what is said of it."""
    if not chapter.passages:
        return []
    cells, together = [ipynb.markdown(f"## {chapter.title}")], Chapter("")

    def close() -> None:
        if together.passages:
            cells.append(ipynb.code(code_of(together)))
            together.passages.clear()

    for passage in chapter.passages:
        if passage.before and chapter.remarks:
            close()
            cells.append(ipynb.markdown(passage.before))
            passage = Passage(passage.code)
        if passage.code:
            together.passages.append(passage)
    close()
    return cells
