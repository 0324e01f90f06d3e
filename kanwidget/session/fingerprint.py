"""Data told by a hash: whether a file and a script mean the data that are at hand."""

from __future__ import annotations

import hashlib

from kanwidget.datasets import Dataset


def fingerprint(dataset: Dataset) -> str:
    """The hash (SHA-256) of all numbers of a dataset, of their type and shape, and of the scales.

    Names and the device do not matter.
    """
    hashed = hashlib.sha256(repr((dataset.input_scale, dataset.output_scale)).encode())
    for key, values in dataset.items():
        hashed.update(f"{key} {values.dtype} {tuple(values.shape)}".encode())
        hashed.update(values.detach().cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()
