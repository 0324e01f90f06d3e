"""Data for a network: inputs and labels for training, validation and test, with their names.

Training data are fitted, validation data are watched and decide, test data are only reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kanwidget.scales import Scale, choose_columns, combined

PARTS = ("train", "val", "test")
KEYS = tuple(f"{part}_{kind}" for part in PARTS for kind in ("input", "label"))


@dataclass(frozen=True)
class Recipe:
    """How data can be made once more: a function that is sampled, and what is done with them then.

    Attributes
    ----------
    function : callable
    arguments : dict
        Those of `kanwidget.create_dataset` beside the function that differ from the defaults.
    changes : tuple of (method, arguments)
        Of the dataset, in order.
    """

    function: Callable[[Tensor], Tensor]
    arguments: Mapping[str, Any]
    changes: tuple[tuple[str, tuple[Any, ...]], ...] = ()


@dataclass(frozen=True, eq=False)
class Dataset(Mapping[str, Tensor]):
    """Three parts of the data, each an input (N, n_inputs) and a label (N, n_outputs).

    It can be read like pykan's dictionary too: ``dataset["train_input"]``.

    Attributes
    ----------
    input_scale, output_scale : Scale or None
        What inputs and labels were normalised by; None where they are as they came.
    recipe : Recipe or None
        How to make them once more, where a function was sampled; copies of a dataset have none.
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
    recipe: Recipe | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"recipe": None}  # which holds a function, and those seldom pickle

    def __getitem__(self, key: str) -> Tensor:
        if key not in KEYS:
            raise KeyError(f"a dataset has no {key!r}; it has {', '.join(self)}")
        value: Tensor = getattr(self, key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(KEYS)

    def __len__(self) -> int:
        return len(KEYS)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{part} {len(self[f'{part}_input'])}" for part in PARTS)
        return f"Dataset({', '.join(self.input_names)} → {', '.join(self.output_names)}; {sizes})"

    def to(self, dtype: torch.dtype, device: torch.device | str) -> Dataset:
        """The same data in another dtype or on another device; this very dataset where they are so."""
        device = torch.device(device)
        if all((value.dtype, value.device) == (dtype, device) for value in self.values()):
            return self
        moved: dict[str, Any] = {
            key: value.to(dtype=dtype, device=device) for key, value in self.items()
        }
        return replace(self, **moved, recipe=self._then("to", dtype, str(device)))

    def choose_inputs(self, columns: Sequence[int]) -> Dataset:
        """The same data with these columns of the inputs only."""
        chosen: dict[str, Any] = {
            key: part[:, list(columns)] for key, part in self.items() if key.endswith("input")
        }
        names = tuple(self.input_names[column] for column in columns)
        scale = choose_columns(self.input_scale, columns)
        recipe = self._then("choose_inputs", list(columns))
        return replace(self, **chosen, input_names=names, input_scale=scale, recipe=recipe)

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
        if not changes:
            return self
        return replace(self, **changes, recipe=self._then("normalized", inputs, labels))

    def _then(self, method: str, *arguments: Any) -> Recipe | None:
        """The recipe with one more change at its end."""
        if self.recipe is None:
            return None
        return replace(self.recipe, changes=(*self.recipe.changes, (method, arguments)))


def matrix(name: str, values: Any, columns: Sequence[str] | None = None) -> Tensor:
    """Values as a finite two-dimensional tensor; one-dimensional ones become one column.

    Raises
    ------
    TypeError
        If they are no real numbers.
    ValueError
        If there are none, too many dimensions, or NaN or infinite ones; ``columns`` says where.
    """
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


def named(
    parts: Mapping[str, Any],
    input_names: Sequence[str] | None,
    output_names: Sequence[str] | None,
) -> Dataset:
    """A dataset of these six tensors, with names for the columns; x_1, … and y where none are given.

    ValueError where the names are not as many as the columns, or not all different.
    """
    return Dataset(
        **parts,
        input_names=_names(input_names, "x", parts["train_input"].shape[1]),
        output_names=_names(output_names, "y", parts["train_label"].shape[1]),
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
    keys = {key: key if key in data else key.replace("val_", "test_") for key in KEYS}
    parts: dict[str, Any] = {
        key: matrix(f"dataset[{source!r}]", data[source]) for key, source in keys.items()
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
    return named(parts, data.get("input_names"), data.get("output_names"))
