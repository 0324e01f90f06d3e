"""Tensors that autograd may come to use, also where the caller is in torch's inference mode."""

from __future__ import annotations

import contextlib

import torch


def ordinary_tensors() -> contextlib.AbstractContextManager[object]:
    """What is made inside are no inference tensors.

    The mode is entered only where there is one to leave: torch brings back what was before it, whether
    gradients were on among it, when what it has made here is forgotten, and an interrupt may put that
    off until long after the block.
    """
    if torch.is_inference_mode_enabled():
        return torch.inference_mode(False)
    return contextlib.nullcontext()
