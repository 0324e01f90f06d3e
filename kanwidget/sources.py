"""Where data come from: a function that is sampled, arrays, a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.datasets import PARTS, Dataset, Recipe, matrix, named
from kanwidget.given import given

if TYPE_CHECKING:
    import pandas


def create_dataset(
    f: Callable[[Tensor], Tensor],
    n_var: int = 2,
    ranges: Sequence[Any] = (-1, 1),
    train_num: int = 1000,
    test_num: int = 1000,
    val_num: int | None = None,
    device: torch.device | str = "cpu",
    seed: int = 0,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    normalize_input: bool = False,
    normalize_label: bool = False,
    f_mode: str = "col",
) -> Dataset:
    """Sample a function on a box, evenly at random.

    Parameters
    ----------
    f : callable
        From inputs (N, n_var) to labels (N, n_outputs) or (N,).
    n_var : int
        Number of inputs.
    ranges : (low, high), or one such pair an input
    train_num, test_num, val_num : int
        Samples in each part; as many for validation as for test where not given.
    seed : int
        Of a generator of its own: torch's global seed is neither read nor changed.
    normalize_input, normalize_label : bool
        Give columns the mean 0 and the standard deviation 1; see `Dataset.normalized`.
    f_mode : {'col', 'row'}
        Whether f takes samples (N, n_var), or (n_var, N).

    Returns
    -------
    Dataset
        In float64.

    Raises
    ------
    ValueError
        For ranges of the wrong form, or labels that are not finite or of the wrong shape.
    """
    told = given(create_dataset, {name: value for name, value in locals().items() if name != "f"})
    n_var = checks.whole("n_var", n_var, 1)
    if f_mode not in ("col", "row"):
        raise ValueError(f"f_mode is {f_mode!r}; 'col' or 'row' is needed")
    try:
        box = np.asarray(ranges, dtype=float)
    except (TypeError, ValueError):
        box = np.empty(0)
    if box.shape == (2,):
        box = np.tile(box, (n_var, 1))
    if box.shape != (n_var, 2) or not np.all(box[:, 0] < box[:, 1]) or not np.isfinite(box).all():
        raise ValueError(
            f"ranges are {ranges!r}; (low, high) or a list of {n_var} such pairs is needed, low < high"
        )
    generator = torch.Generator().manual_seed(seed)
    low, high = torch.as_tensor(box).unbind(1)
    train_num, test_num = (
        checks.whole("train_num", train_num, 2),
        checks.whole("test_num", test_num, 2),
    )
    val_num = test_num if val_num is None else checks.whole("val_num", val_num, 2)
    parts: dict[str, Any] = {}
    for part, size in zip(PARTS, (train_num, val_num, test_num), strict=True):
        x = low + (high - low) * torch.rand(size, n_var, generator=generator, dtype=torch.float64)
        y = matrix("the label that f gives", f(x if f_mode == "col" else x.T))
        if len(y) != size:
            raise ValueError(f"f gives {len(y)} labels for {size} samples; one a sample is needed")
        parts |= {f"{part}_input": x, f"{part}_label": y}
    dataset = named(parts, input_names, output_names).to(torch.float64, device)
    dataset = dataset.normalized(normalize_input, normalize_label)
    return replace(dataset, recipe=Recipe(f, told))


def create_dataset_from_data(
    inputs: Any,
    labels: Any,
    train_ratio: float = 0.8,
    val_ratio: float | None = None,
    device: torch.device | str = "cpu",
    seed: int = 0,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    normalize_input: bool = False,
    normalize_label: bool = False,
) -> Dataset:
    """Shuffle given samples and split them into training, validation and test data.

    Parameters
    ----------
    inputs : array, shape (N, n_inputs) or (N,)
    labels : array, shape (N, n_outputs) or (N,)
        A one-dimensional array is one column; nothing is ever broadcast.
    train_ratio, val_ratio : float
        Shares for training and validation; the rest is for the test.  Without ``val_ratio`` the
        rest is halved.
    normalize_input, normalize_label : bool
        Give columns the mean 0 and the standard deviation 1; see `Dataset.normalized`.

    Raises
    ------
    ValueError
        For NaN or infinite values, differing lengths, or ratios that leave a part empty.
    """
    x, y = matrix("inputs", inputs, input_names), matrix("labels", labels, output_names)
    if len(x) != len(y):
        raise ValueError(f"inputs have {len(x)} rows and labels {len(y)}; as many are needed")
    shares = (train_ratio,) if val_ratio is None else (train_ratio, val_ratio)
    rest = 0.0
    if all(isinstance(share, int | float) for share in shares):
        rest = (1 - train_ratio) / 2 if val_ratio is None else val_ratio
    if not rest or not 0 < train_ratio < 1 or not 0 < rest < 1 or train_ratio + rest >= 1:
        raise ValueError(
            f"train_ratio is {train_ratio!r} and val_ratio {val_ratio!r}; shares between 0 and 1 "
            "that leave a rest for the test are needed"
        )
    first = round(len(x) * train_ratio)
    second = first + max(1, round(len(x) * rest))
    if first < 2 or second >= len(x):
        raise ValueError(
            f"{len(x)} rows are too few for a train_ratio of {train_ratio} with validation and test"
        )
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    cuts = {"train": order[:first], "val": order[first:second], "test": order[second:]}
    parts: dict[str, Any] = {f"{part}_input": x[rows.to(x.device)] for part, rows in cuts.items()}
    parts |= {f"{part}_label": y[rows.to(y.device)] for part, rows in cuts.items()}
    dataset = named(parts, input_names, output_names)
    return dataset.to(torch.float64, device).normalized(normalize_input, normalize_label)


def create_dataset_from_table(
    table: pandas.DataFrame | str | PathLike[str],
    target: str | Sequence[str],
    inputs: Sequence[str] | None = None,
    **options: Any,
) -> Dataset:
    """Take columns of a pandas DataFrame or of a CSV file, names and all.

    Parameters
    ----------
    table : DataFrame or path of a CSV file
        Files are read with pandas.
    target : str or list of str
        Columns to predict.
    inputs : list of str, optional
        Columns to predict from; all other numeric columns where not given.
    **options
        As in `create_dataset_from_data`.

    Raises
    ------
    KeyError
        If a column does not exist.
    TypeError
        If a column does not hold numbers.
    """
    import pandas as pd

    frame = table if isinstance(table, pd.DataFrame) else pd.read_csv(table)
    targets = [target] if isinstance(target, str) else list(target)
    if inputs is None:
        numeric = frame.select_dtypes("number").columns
        chosen = [str(name) for name in numeric if name not in targets]
    else:
        chosen = [inputs] if isinstance(inputs, str) else list(inputs)
    for name in [*chosen, *targets]:
        if name not in frame.columns:
            raise KeyError(f"there is no column {name!r}; the columns are {list(frame.columns)}")
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise TypeError(f"column {name!r} holds {frame[name].dtype} values; numbers are needed")
    if not chosen:
        raise ValueError(f"no input columns are left beside {targets}; name some with inputs=")
    return create_dataset_from_data(
        frame[chosen].to_numpy(float),
        frame[targets].to_numpy(float),
        input_names=chosen,
        output_names=targets,
        **options,
    )
