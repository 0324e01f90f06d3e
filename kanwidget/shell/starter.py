"""A small notebook to start from."""

from __future__ import annotations

import json
import os
from pathlib import Path

from kanwidget import ipynb

NEW = (
    """\
import torch
from kanwidget import KAN, KANWidget, create_dataset""",
    """\
dataset = create_dataset(
    lambda x: torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2), n_var=2
)
model = KAN(width=[2, 5, 1], grid=5, k=3, seed=0)""",
    """\
kw = KANWidget(model, dataset, lamb=0.01, lamb_entropy=10.0)
kw""",
)
"""The cells of one with a network to train."""
AGAIN = (
    "from kanwidget import KANWidget, Session",
    "session = Session.load({path})",
    """\
kw = KANWidget(session)
kw""",
)
"""The cells of one that goes on with a session."""


def starter(path: Path, session: Path | None = None) -> str:
    """A notebook that will be at a path, as the text of its file (nbformat 4.5).

    With a session's file it goes on with that, else it makes data and a network of its own.
    """
    cells = list(NEW)
    if session is not None:
        name = os.path.relpath(session, path.parent)  # notebooks run in their own folder
        cells = [cell.replace("{path}", json.dumps(name, ensure_ascii=False)) for cell in AGAIN]
    notebook = ipynb.notebook([ipynb.code(cell) for cell in cells])
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
