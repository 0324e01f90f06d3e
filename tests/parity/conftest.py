"""A class of pykan's that is kept away from our files and our random numbers."""

import os
import random
import warnings

import numpy as np
import pytest
import torch


@pytest.fixture(scope="module")
def kan(tmp_path_factory):
    """Makes pykan's networks: ``kan([2, 5, 1], grid=5)``."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("kan"))
        os.mkdir("model")  # pykan writes there unasked after each prune and refine
        warnings.simplefilter("ignore")
        from kan import KAN

        states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
        yield lambda width, **options: KAN(
            width=list(width), **{"seed": 1, "noise_scale": 1.0, "auto_save": False} | options
        )
    random.setstate(states[0])
    np.random.set_state(states[1])  # noqa: NPY002
    torch.set_rng_state(states[2])
