"""Small networks, data and comparisons that several test files share."""

import copy
import math

import torch

import kanwidget
from kanwidget.symbolic import library


def hello(x):
    """The hello world of KANs."""
    return torch.exp(torch.sin(math.pi * x[:, [0]]) + x[:, [1]] ** 2)


def hello_data(samples=200, seed=0):
    return kanwidget.create_dataset(hello, train_num=samples, test_num=samples, seed=seed)


def mixed_model(width=(3, 4, 2), dtype=torch.float64, seed=0, **options):
    """A network with removed, numeric and symbolic edges, and edges that are both."""
    options = {"noise_scale": 2.0, "dtype": dtype, "seed": seed} | options
    model = kanwidget.KAN(list(width), **options)
    random = torch.Generator().manual_seed(seed)
    functions = [library.get(name) for name in ("sin", "x^2", "tanh")]
    for l, i, j in model.edges():
        layer, kind = model.layers[l], int(torch.randint(5, (), generator=random))
        if kind in (2, 3):
            affine = (2 * torch.rand(4, generator=random) - 1).tolist()
            layer.set_symbolic(i, j, functions[(i + j) % 3], affine)
            layer.numeric[j, i] = kind == 3
        if kind == 0:
            layer.alive[j, i] = False
            layer.left[j, i] = 0.3
    for layer in model.layers:
        layer.structure_changed()
    return model


def make_symbolic(model, x, functions, rng):
    """Turn every edge into a function whose domain holds on the data."""
    for l, layer in enumerate(model.layers):
        for i in range(layer.n_in):
            values = model.node_values(x)[l][:, i]
            middle = (values.max() + values.min()).item() / 2
            half = max((values.max() - values.min()).item() / 2, 1e-3)
            for j in range(layer.n_out):
                function = rng.choice(functions)
                low, high = max(function.interval[0], -2.0), min(function.interval[1], 2.0)
                centre, reach = (low + high) / 2, 0.45 * (high - low)
                a = rng.uniform(0.2, 1.0) * reach / half
                b = centre - a * middle
                c, d = rng.uniform(-2, 2), rng.uniform(-1, 1)
                layer.set_symbolic(i, j, function, (a, b, c, d))


def edge_mask(layer, i, j):
    mask = torch.zeros_like(layer.alive)
    mask[j, i] = True
    return mask


def remove_without_trace(layer, i, j):
    """Remove edge i → j; nothing of it is left, not even its mean."""
    layer.remove(edge_mask(layer, i, j), torch.zeros_like(layer.left))


def points(samples, n, low=-1.0, high=1.0, seed=0, dtype=torch.float64):
    random = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(samples, n, generator=random, dtype=dtype)


def state(model):
    """Everything of a model that an action may change, to compare with `same`."""
    return copy.deepcopy(model.snapshot().layers), model.width, names(model)


def names(model):
    """Names and scales of inputs and outputs, and the columns of data that the model takes."""
    scales = model.input_scale, model.output_scale
    return list(model.input_names), list(model.output_names), dict(model.columns), scales


def same(model, before):
    """Whether the model is, to the last bit, in the state that `state` gave."""
    layers, width, named = before
    if model.width != width or names(model) != named:
        return False
    for now, then in zip(model.snapshot().layers, layers, strict=True):
        now, then = now | now["nodes"], then | then["nodes"]
        for name, value in then.items():
            if name == "nodes":
                continue
            if name == "left":  # counts for removed edges only
                if not torch.equal(now[name] * ~now["alive"], value * ~then["alive"]):
                    return False
            elif isinstance(value, torch.Tensor):
                if now[name].dtype != value.dtype or not torch.equal(now[name], value):
                    return False
            elif now[name] != value:
                return False
    return True


def finite(model):
    return all(bool(p.isfinite().all()) for p in model.parameters())
