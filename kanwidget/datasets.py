"""Data for a network: inputs and labels for training, validation and test, with their names.

Training data are fitted, validation data are watched and decide, test data are only reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.scales import Scale, choose_columns, combined

if TYPE_CHECKING:
    import pandas

PARTS = ("train", "val", "test")
_KEYS = tuple(f"{part}_{kind}" for part in PARTS for kind in ("input", "label"))


@dataclass(frozen=True, eq=False)
class Dataset(Mapping[str, Tensor]):
    """Three parts of the data, each an input (N, n_inputs) and a label (N, n_outputs).

    It can be read like pykan's dictionary too: ``dataset["train_input"]``.

    Attributes
    ----------
    input_scale, output_scale : Scale or None
        What inputs and labels were normalised by; None where they are as they came.
    """

    train_input: Tensor
    train_label: Tensor
    val_input: Tensor
    val_label: Tensor
    test_input: Tensor
    test_label: Tensor
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    input_scale: Scale | None = None
    output_scale: Scale | None = None

    def __getitem__(self, key: str) -> Tensor:
        if key not in _KEYS:
            raise KeyError(f"a dataset has no {key!r}; it has {', '.join(self)}")
        value: Tensor = getattr(self, key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(_KEYS)

    def __len__(self) -> int:
        return len(_KEYS)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{part} {len(self[f'{part}_input'])}" for part in PARTS)
        return f"Dataset({', '.join(self.input_names)} → {', '.join(self.output_names)}; {sizes})"

    def to(self, dtype: torch.dtype, device: torch.device | str) -> Dataset:
        """The same data in another dtype or on another device."""
        moved: dict[str, Any] = {
            key: value.to(dtype=dtype, device=device) for key, value in self.items()
        }
        return replace(self, **moved)

    def choose_inputs(self, columns: Sequence[int]) -> Dataset:
        """The same data with these columns of the inputs only."""
        chosen: dict[str, Any] = {
            key: part[:, list(columns)] for key, part in self.items() if key.endswith("input")
        }
        names = tuple(self.input_names[column] for column in columns)
        scale = choose_columns(self.input_scale, columns)
        return replace(self, **chosen, input_names=names, input_scale=scale)

    def normalized(self, inputs: bool = True, labels: bool = True) -> Dataset:
        """The same data with columns of mean 0 and standard deviation 1 over the training data.

        A column that is constant there is only shifted.
        """
        changes: dict[str, Any] = {}
        for kind, name, wanted in (
            ("input", "input_scale", inputs),
            ("label", "output_scale", labels),
        ):
            if not wanted:
                continue
            mean, std = self[f"train_{kind}"].mean(0), self[f"train_{kind}"].std(0)
            std = torch.where(std > 0, std, 1.0)
            for part in PARTS:
                changes[f"{part}_{kind}"] = (self[f"{part}_{kind}"] - mean) / std
            scale = tuple(mean.tolist()), tuple(std.tolist())
            changes[name] = combined(getattr(self, name), scale)
        return replace(self, **changes)


def _matrix(name: str, values: Any, columns: Sequence[str] | None = None) -> Tensor:
    """Values as a finite two-dimensional tensor; one-dimensional ones become one column."""
    try:
        array = values if isinstance(values, Tensor) else torch.from_numpy(np.array(values))
    except TypeError:
        kind = np.asarray(values).dtype
        raise TypeError(f"{name} holds {kind} values; numbers are needed") from None
    if array.is_complex():
        raise TypeError(f"{name} holds complex values; real numbers are needed")
    if not array.is_floating_point():
        array = array.double()
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or not array.numel():
        raise ValueError(f"{name} has the shape {tuple(array.shape)}; (samples, columns) is needed")
    bad = (~array.isfinite()).nonzero()
    if len(bad):
        row, column = bad[0].tolist()
        where = f"column {columns[column]!r}" if columns else f"column {column}"
        raise ValueError(
            f"{name} has {len(bad)} values that are NaN or infinite, the first in row {row}, {where}; "
            "remove or fill them first"
        )
    return array.detach()


def _names(given: Sequence[str] | None, prefix: str, count: int) -> tuple[str, ...]:
    if given is None:
        if prefix == "y" and count == 1:
            return ("y",)
        return tuple(f"{prefix}_{n + 1}" for n in range(count))
    names = tuple(given)
    if (
        len(names) != count
        or len(set(names)) != count
        or not all(isinstance(name, str) and name.strip() for name in names)
    ):
        raise ValueError(f"names are {list(names)}; {count} different, non-empty names are needed")
    return names


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

    Returns
    -------
    Dataset
        In float64.

    Raises
    ------
    ValueError
        For ranges of the wrong form, or labels that are not finite or of the wrong shape.
    """
    n_var = checks.whole("n_var", n_var, 1)
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
        y = _matrix("the label that f gives", f(x))
        if len(y) != size:
            raise ValueError(f"f gives {len(y)} labels for {size} samples; one a sample is needed")
        parts |= {f"{part}_input": x, f"{part}_label": y}
    names = _names(input_names, "x", n_var), _names(output_names, "y", y.shape[1])
    dataset = Dataset(**parts, input_names=names[0], output_names=names[1])
    return dataset.to(torch.float64, device).normalized(normalize_input, normalize_label)


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
    x, y = _matrix("inputs", inputs, input_names), _matrix("labels", labels, output_names)
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
    dataset = Dataset(
        **parts,
        input_names=_names(input_names, "x", x.shape[1]),
        output_names=_names(output_names, "y", y.shape[1]),
    )
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


def as_dataset(data: Any) -> Dataset:
    """A `Dataset` from one, or from pykan's dictionary of train and test inputs and labels.

    Where there are no validation data the test data are watched in their place.

    Raises
    ------
    TypeError, ValueError
        If data is neither, a part is missing, or the parts do not fit together.
    """
    if isinstance(data, Dataset):
        return data
    if not isinstance(data, Mapping):
        raise TypeError(
            f"dataset is a {type(data).__name__}; a Dataset or a dictionary with train_input, "
            "train_label, test_input and test_label is needed"
        )
    needed = [f"{part}_{kind}" for part in ("train", "test") for kind in ("input", "label")]
    missing = [key for key in needed if key not in data]
    if missing:
        raise ValueError(f"dataset lacks {', '.join(missing)}; it needs {', '.join(needed)}")
    keys = {key: key if key in data else key.replace("val_", "test_") for key in _KEYS}
    parts: dict[str, Any] = {
        key: _matrix(f"dataset[{source!r}]", data[source]) for key, source in keys.items()
    }
    for part in PARTS:
        x, y = parts[f"{part}_input"], parts[f"{part}_label"]
        same = (
            x.shape[1] == parts["train_input"].shape[1]
            and y.shape[1] == parts["train_label"].shape[1]
        )
        if len(x) != len(y) or not same:
            raise ValueError(
                f"{part}_input has the shape {tuple(x.shape)} and {part}_label {tuple(y.shape)}; rows "
                "must be as many, and columns as in the training data"
            )
    return Dataset(
        **parts,
        input_names=_names(data.get("input_names"), "x", parts["train_input"].shape[1]),
        output_names=_names(data.get("output_names"), "y", parts["train_label"].shape[1]),
    )
