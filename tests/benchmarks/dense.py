"""A KAN layer that computes every basis function at every point, and MLPs, to be measured beside ours.

The layer evaluates as efficient-kan does: the recursion of Cox and de Boor on whole tensors, one
`linear` for the base and one for the splines, and autograd through all of it.  Its parameters have the
names that efficient-kan gives them, so that its numbers can be loaded.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import linear, silu


class DenseLayer(nn.Module):
    """Splines of order k on G intervals of [-1, 1], and k more on each side, from n_in to n_out nodes."""

    def __init__(self, n_in, n_out, grid=5, k=3, generator=None):
        super().__init__()
        self.k = k
        knots = torch.arange(-k, grid + k + 1) * (2 / grid) - 1
        self.register_buffer("grid", knots.expand(n_in, -1).contiguous())

        def random(size, *shape):
            return nn.Parameter(size * (2 * torch.rand(*shape, generator=generator) - 1))

        self.base_weight = random(n_in**-0.5, n_out, n_in)
        self.spline_weight = random(0.1 / grid, n_out, n_in, grid + k)
        self.spline_scaler = random(n_in**-0.5, n_out, n_in)

    def bases(self, x):
        """All basis functions: (N, n_in) to (N, n_in, G + k); zero outside the outermost knots."""
        knots, x = self.grid, x[..., None]
        values = ((x >= knots[:, :-1]) & (x < knots[:, 1:])).to(x.dtype)
        for order in range(1, self.k + 1):
            first, last = knots[:, : -order - 1], knots[:, order + 1 :]
            rising = (x - first) / (knots[:, order:-1] - first)
            falling = (last - x) / (last - knots[:, 1:-order])
            values = rising * values[..., :-1] + falling * values[..., 1:]
        return values

    def forward(self, x):
        weights = self.spline_weight * self.spline_scaler[..., None]
        splines = linear(self.bases(x).flatten(1), weights.flatten(1))
        return linear(silu(x), self.base_weight) + splines


def dense_kan(width, grid=5, k=3, generator=None):
    """Dense layers one after the other."""
    return nn.Sequential(*(DenseLayer(a, b, grid, k, generator) for a, b in pairwise(width)))


def mlp(width, times=1):
    """A multilayer perceptron; its hidden layers are so many times as wide.

    With one hidden layer it has so many times the multiply-adds of one with the widths given.
    """
    width = [width[0], *(times * n for n in width[1:-1]), width[-1]]
    layers = [layer for a, b in pairwise(width) for layer in (nn.Linear(a, b), nn.SiLU())]
    return nn.Sequential(*layers[:-1])
