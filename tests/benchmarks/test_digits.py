"""An epoch of `notebooks/digits.py`: the same function trains ours and the dense network."""

import pytest
import torch

from notebooks import digits
from tests.benchmarks.dense import dense_kan
from tests.benchmarks.measure import interleave


@pytest.mark.parametrize("hidden", [256, 64])
def test_an_epoch_of_the_small_digits(table, hidden):
    images, settings = digits.load("digits")["train"], digits.SETTINGS["digits"]

    def epoch(model):
        optimizer = digits.optimizer_of(model, settings)
        return lambda: digits.train_epoch(model, images, optimizer, settings.label_smoothing)

    dense = dense_kan([64, hidden, 10], generator=torch.Generator().manual_seed(0))
    works = {"ours": epoch(digits.network(images, hidden)), "dense": epoch(dense)}
    table.times(f"digits {hidden}", interleave(works, seconds=8), "dense")
