"""Data sets made by pykan's calls, in the order of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from kanwidget import sources
from kanwidget.datasets import Dataset


def create_dataset(
    f: Callable[[Tensor], Tensor],
    n_var: int = 2,
    f_mode: str = "col",
    ranges: Sequence[Any] = (-1, 1),
    train_num: int = 1000,
    test_num: int = 1000,
    normalize_input: bool = False,
    normalize_label: bool = False,
    device: Any = "cpu",
    seed: int = 0,
) -> Dataset:
    """Sample a function on a box; pykan's ``kan.create_dataset``, and ours with its order of arguments.

    Parameters
    ----------
    f_mode : {'col', 'row'}
        Whether f takes samples (N, n_var), or (n_var, N).
    f, n_var, ranges, train_num, test_num, normalize_input, normalize_label, device, seed :
        As in `kanwidget.create_dataset`; other points than pykan's of the same seed.

    Returns
    -------
    Dataset
        In float64, with validation data of their own; it can be read like pykan's dictionary.

    Raises
    ------
    ValueError
        For another f_mode, of which pykan prints that it is not recognized before it fails, and as
        `kanwidget.create_dataset`.
    """
    return sources.create_dataset(
        f,
        n_var,
        ranges,
        train_num,
        test_num,
        device=device,
        seed=seed,
        normalize_input=normalize_input,
        normalize_label=normalize_label,
        f_mode=f_mode,
    )


def create_dataset_from_data(
    inputs: Any, labels: Any, train_ratio: float = 0.8, device: Any = "cpu"
) -> Dataset:
    """Shuffle and split samples; pykan's ``kan.utils.create_dataset_from_data``.

    Here what is not for training is halved into validation and test data, and the split is the same
    every time, where pykan's depends on numpy's global seed.

    Raises
    ------
    ValueError
        As for `kanwidget.create_dataset_from_data`.
    """
    return sources.create_dataset_from_data(inputs, labels, train_ratio, device=device)
