"""Notebooks as Jupyter stores them (nbformat 4.5), without outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def markdown(text: str) -> dict[str, Any]:
    """A cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str) -> dict[str, Any]:
    """A cell of code."""
    empty: dict[str, Any] = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", **empty, "source": text}


def notebook(cells: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What ``json.dump`` writes into a file ``*.ipynb``."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
