"""The model that a session works on: the very one that is given, or ours in place of one of pykan's."""

from __future__ import annotations

from typing import Any

from kanwidget.datasets import as_dataset
from kanwidget.interop.pykan import is_pykan
from kanwidget.model import KAN

OPENED = (
    "opened your pykan model: what is trained and edited here is a kanwidget.KAN with its numbers, "
    "in .model; yours stays as it is, and .model.to_pykan() makes it anew"
)


def opened(model: Any, dataset: Any) -> tuple[KAN, str]:
    """A model of ours to work on, and what there is to say of it.

    Raises
    ------
    TypeError
        If it is neither ours nor pykan's.
    ValueError
        If one of pykan's cannot be opened, or the data are none.
    """
    if isinstance(model, KAN):
        return model, ""
    if not is_pykan(model):
        raise TypeError(f"model is a {type(model).__name__}; a kanwidget.KAN is needed")
    # pykan takes what columns of the data it needs, and says nothing of the others
    columns = as_dataset(dataset).train_input.shape[1]
    return KAN.from_pykan(model, n_inputs=columns), OPENED
