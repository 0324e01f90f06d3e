"""What a call was given, as plain data: what need not be said is left out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch


def given(
    function: Callable[..., Any], values: Mapping[str, Any], always: Sequence[str] = ()
) -> dict[str, Any]:
    """The arguments of a function that differ from its defaults, as `plain` data.

    Parameters
    ----------
    function : callable
    values : mapping
        The value of every argument by name; others are left out.
    always : sequence of str
        Arguments that are told whatever they are.
    """
    told = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in values and parameter.kind is not parameter.VAR_KEYWORD:
            value = plain(values[name])
            if name in always or value != plain(parameter.default):
                told[name] = value
    return told


def plain(value: Any) -> Any:
    """Lists for sequences and arrays, Python's numbers for numpy's, a name for a device; others stay."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, torch.device):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    return value
