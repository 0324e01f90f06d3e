"""The networks that are measured, ours and others, and what is done with them."""

import contextlib
import io
import itertools
import warnings
from itertools import pairwise

import torch

import kanwidget
from tests.benchmarks.dense import dense_kan

GRID, K = 5, 3
FEATURES = GRID + K + 1
"""Numbers that an input is turned into: basis functions and base function."""


@contextlib.contextmanager
def quiet():
    """What pykan and its libraries print and warn of is not ours to heed."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def ours(width, **options):
    return kanwidget.KAN(list(width), grid=GRID, k=K, seed=0, **options)


def pykan(width, **options):
    """A network of pykan's as it comes; it writes to ./model, so be in a folder made for that."""
    with quiet():
        import kan

        return kan.KAN(width=list(width), grid=GRID, k=K, device="cpu", **({"seed": 0} | options))


def dense(width):
    return dense_kan(width, GRID, K, torch.Generator().manual_seed(0))


# ---------------------------------------------------------------------- data


def batches(samples, n_in, n_out, number=16, skew=1.0, seed=0):
    """Batches (x, y) of uniform x on [-1, 1], without end; ``skew`` above 1 gathers them at -1.

    No network sees the same tensor in two calls that follow each other, so none can keep what it
    has computed.
    """
    random = torch.Generator().manual_seed(seed)
    return itertools.cycle(
        [
            (
                2 * torch.rand(samples, n_in, generator=random) ** skew - 1,
                torch.rand(samples, n_out, generator=random),
            )
            for _ in range(number)
        ]
    )


def adapt(model, x):
    """Move all knots to the data, nearly to its quantiles."""
    for layer in model.layers:
        layer.update_grid(x)
        with torch.no_grad():
            x = layer(x)


def share_knots(theirs, model):
    """Give the dense network the knots of ours."""
    for layer, other in zip(model.layers, theirs, strict=True):
        other.grid = layer.knots.clone()


# ---------------------------------------------------------------------- works


def forward_backward(model, data):
    """One training step without the optimizer: outputs, mean squared error, gradients of parameters."""

    def work():
        x, y = next(data)
        model.zero_grad()
        (model(x) - y).square().mean().backward()

    return work


def products(width, samples):
    """The matrix products alone that a KAN cannot do without, and how many operations they are.

    A layer multiplies its features (N, n_in · 9) with its weights; backwards it needs the gradient of
    the weights and, but for the first layer, that of the features.
    """
    random = torch.Generator().manual_seed(0)
    layers, operations = [], 0
    for l, (n_in, n_out) in enumerate(pairwise(width)):
        features = torch.rand(samples, n_in * FEATURES, generator=random)
        weights = torch.rand(n_out, n_in * FEATURES, generator=random)
        gradient = torch.rand(samples, n_out, generator=random)
        layers.append((features, weights, gradient, l > 0))
        operations += 2 * samples * n_out * n_in * FEATURES * (3 if l else 2)

    def work():
        for features, weights, gradient, inner in layers:
            features @ weights.T
            gradient.T @ features
            if inner:
                gradient @ weights

    return work, operations
