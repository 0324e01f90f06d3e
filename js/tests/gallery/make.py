"""Networks of the gallery: real ones, trained for a moment, as scenes in base64.

``python js/tests/gallery/make.py`` writes scenes.json anew; the pictures follow with ``npm run gallery``.
"""

import base64
import json
from pathlib import Path

import torch

import kanwidget
from kanwidget import picture
from kanwidget.widget.scene import encode

SCENES = {}


def keep(name, model, data, metric="backward", points=25):
    """Keep what is seen of a model now; curves of few points, since they go into the repository."""
    picture.CURVE_POINTS = points
    costs = picture.measure_costs(model.still(), data, metric)
    drawn = picture.draw(model, data.train_input, metric, costs)
    SCENES[name] = base64.b64encode(encode(drawn, len(SCENES) + 1)).decode()


def made(function, width, names=None, outputs=None, ranges=(-1, 1), samples=300, **options):
    """A network, and data of a function for it, on which its inputs are known."""
    data = kanwidget.create_dataset(
        function, n_var=width[0] if isinstance(width[0], int) else sum(width[0]), ranges=ranges,
        train_num=samples, val_num=100, test_num=20, seed=0, input_names=names, output_names=outputs,
    )  # fmt: skip
    model = kanwidget.KAN(width, seed=options.pop("seed", 0), **options)
    model.get_act(data)
    return model, data


def hello(x):
    """The hello world of KANs."""
    return torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)


def hello_world():
    """From the untrained network to its formula."""
    model, data = made(hello, [2, 5, 1], seed=1)
    keep("hello-untrained", model, data)
    model.fit(data, steps=4)
    keep("hello-early", model, data)
    model.fit(data, steps=20, lamb=0.003)
    keep("hello-trained", model, data)
    keep("hello-forward", model, data, "forward_n")
    model.prune()
    keep("hello-pruned", model, data)
    model.fit(data, steps=10)
    l, i, j = model.edges()[0]
    model.fix_symbolic(l, i, j, "sin")
    keep("hello-one-symbolic", model, data)
    for l, i, j in model.edges()[1:]:
        model.fix_symbolic(l, i, j, "x^2" if l == 0 else "exp")
    model.layers[0].locked[model.edges()[0][2], model.edges()[0][1]] = True
    keep("hello-symbolic", model, data)


def small():
    """Networks of few edges."""
    model, data = made(lambda x: torch.sin(3 * x), [1, 1])
    model.fit(data, steps=10)
    keep("one-edge", model, data)
    model, data = made(lambda x: x.abs(), [1, 3, 1])
    model.fit(data, steps=10, lamb=0.001)
    keep("one-three-one", model, data)
    model, data = made(lambda x: x[:, [0]] * 0 + 0.3, [2, 1], noise_scale=0.0, base_fun="zero")
    keep("flat", model, data)
    model, data = made(lambda x: (x**2).sum(1, keepdim=True), [8, 1])
    model.fit(data, steps=6)
    keep("eight-one", model, data)
    model, data = made(lambda x: torch.sin(x) * torch.exp(x), [1, 2, 2, 2, 1])
    model.fit(data, steps=15)
    keep("deep", model, data)


def kinds():
    """All kinds side by side, some locked."""

    def two(x):
        return torch.cat([hello(x), x[:, [2]] ** 3], 1)

    model, data = made(two, [3, 4, 2], outputs=["u", "v"], noise_scale=0.6)
    model.fit(data, steps=2)
    for n, (l, i, j) in enumerate(model.edges()):
        layer = model.layers[l]
        if n % 4 == 1:
            model.remove_edge(l, i, j)
        if n % 4 > 1:
            model.fix_symbolic(l, i, j, ("sin", "x^2", "tanh", "gaussian")[n // 4 % 4])
        if n % 4 == 3:
            layer.numeric[j, i] = True
        layer.locked[j, i] = n % 3 == 0
        layer.structure_changed()
    keep("kinds", model, data)


def products():
    """Multiplication nodes, of two and of three factors."""
    model, data = made(lambda x: x[:, [0]] * x[:, [1]], [2, [1, 1], 1])
    model.fit(data, steps=15, lamb=0.001)
    keep("product", model, data)
    model.prune()
    keep("product-pruned", model, data)
    model, data = made(
        lambda x: x.prod(1, keepdim=True), [3, [1, 2], [0, 1]], mult_arity=[2, [2, 3], 2]
    )
    model.fit(data, steps=5)
    keep("products", model, data)


def extrapolated():
    """Data that reach beyond the grid."""
    model, data = made(hello, [2, 3, 1], ranges=[[-1.6, 1.2], [-0.5, 2.4]], noise_scale=0.8)
    keep("extrapolated", model, data)


def names():
    """Long names, and such that are not ASCII."""

    def weather(x):
        return torch.cat([x[:, [0]] + x[:, [1]] ** 2, torch.sin(3 * x[:, [2]]), x[:, [3]].exp()], 1)

    inputs = ["air temperature [K]", "relative_humidity", "σ_pressure", "solar radiation at noon"]
    outputs = ["evapotranspiration", "温度 tomorrow", "y_3"]
    model, data = made(weather, [4, 3, 3], inputs, outputs)
    model.fit(data, steps=8)
    keep("names", model, data)


def larger():
    """From 150 edges to a thousand."""

    def target(x):
        return torch.exp(
            0.5 * (torch.sin(torch.pi * (x[:, [0]] ** 2 + x[:, [1]] ** 2)) + x[:, [2]] * x[:, [3]])
        )

    model, data = made(target, [4, 10, 10, 1])
    model.fit(data, steps=12, lamb=0.002)
    keep("four-ten-ten", model, data, points=19)
    model.prune()
    keep("four-ten-ten-pruned", model, data, points=19)
    model, data = made(
        lambda x: torch.sin(x[:, :2]) + x[:, 2:4] ** 2, [10, 12, 10, 2], noise_scale=0.6
    )
    model.fit(data, steps=2, lamb=0.01)
    for n, (l, i, j) in enumerate(model.edges()):
        if n % 7 == 1:
            model.remove_edge(l, i, j)
        if n % 5 == 2 and n % 7 != 1:
            model.fix_symbolic(l, i, j, "sin")
        model.layers[l].locked[j, i] = n % 11 == 0
    keep("mixed-260", model, data, "forward_u", points=13)
    model, data = made(
        lambda x: torch.sin(3 * x[:, :4]) + x[:, 4:8] ** 2, [20, 20, 25, 4], noise_scale=0.5
    )
    model.fit(data, steps=3, lamb=0.002)
    keep("crowded-1000", model, data, points=11)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for make in (hello_world, small, kinds, products, extrapolated, names, larger):
        make()
    where = Path(__file__).with_name("scenes.json")
    where.write_text(json.dumps(SCENES, indent=1) + "\n", encoding="utf-8")
    print(f"{len(SCENES)} networks, {where.stat().st_size / 1e3:.0f} kB")
