"""Small random networks go through random sequences of everything that can be done to them.

``make soak`` does so with 1,000 of them.
"""

import copy
import io
import os
import pickle
import random

import pytest
import torch
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget import formula, grids
from tests.networks import finite, points, same, state

NETWORKS = int(os.environ.get("KANWIDGET_SOAK", "30"))
FUNCTIONS = ["x", "sin", "x^2", "tanh", "gaussian", "sigmoid", "abs", "0"]
"""Defined everywhere and nowhere steep, so that no sequence has a reason to end in NaN."""


def targets(x, outputs):
    """Something to learn: (N, outputs)."""
    return torch.stack([torch.sin((n + 2) * x.sum(1)) + x[:, 0] ** 2 for n in range(outputs)], 1)


class Life:
    """A network, what it has seen, and the choices that a seed makes."""

    def __init__(self, model, seed):
        self.model = model
        x = points(40, model.width[0], seed=seed, dtype=model.dtype)
        y = targets(x, model.width[-1])
        self.data = {"train_input": x, "train_label": y, "test_input": x, "test_label": y}
        self.probe = points(60, model.width[0], -1.4, 1.4, seed=seed + 1, dtype=model.dtype)
        model.get_act(x)

    def outputs(self):
        with torch.no_grad():
            return self.model(self.probe)

    def rounding(self):
        """How far rounding, by one unit, of all that is added up in the nodes may move an output."""
        values, noise = [self.model.as_input(self.probe)], []
        for layer in self.model.layers:
            x = values[-1]
            with torch.no_grad():
                terms = layer.weights().abs().flatten(1) @ layer.features(x).abs().flatten(0, 1)
                terms = terms.T.contiguous()
                terms += layer.edge_outputs(x).abs().sum(2) + layer.constant().abs()
                terms *= layer.nodes.slopes(layer.sums(x)).abs()
                noise.append(torch.zeros(len(x), layer.nodes.count).to(x))
                noise[-1].index_add_(1, layer.nodes.owner, terms)
            values.append(layer(x))
        worst = 0.0
        for output in values[-1].T:
            slopes = torch.autograd.grad(
                output.sum(), values[1:], retain_graph=True, materialize_grads=True
            )
            pairs = zip(slopes, noise, strict=True)
            worst = max(worst, float(sum((g.abs() * n).sum(1) for g, n in pairs).max()))
        return worst * torch.finfo(self.model.dtype).eps

    def inside(self):
        """Which of the probes stay inside the grid at every layer."""
        rows = torch.ones(len(self.probe), dtype=torch.bool)
        values = self.model.node_values(self.probe)
        for layer, value in zip(self.model.layers, values, strict=False):
            points = grids.grid_points(layer.knots, layer.k)
            rows &= ((value >= points[:, 0]) & (value <= points[:, -1])).all(1)
        return rows

    def edge(self, choose, *, unlocked=False):
        """Some live edge, or None."""
        edges = [
            (l, i, j)
            for l, i, j in self.model.edges()
            if not (unlocked and bool(self.model.layers[l].locked[j, i]))
        ]
        return choose.choice(edges) if edges else None

    def hidden(self, choose):
        """Some layer of hidden nodes, or None."""
        return choose.randrange(1, self.model.depth) if self.model.depth > 1 else None


# Every operation returns what of the function stays: ALL, INSIDE the grid, or NOTHING.
ALL, INSIDE, NOTHING = "all", "inside", "nothing"


def prune(life, choose):
    life.model.prune(choose.choice([0.0, 0.01, 0.1, 1e9]), choose.choice([0.0, 0.03, 0.2, 1e9]))
    return NOTHING


def prune_edge(life, choose):
    life.model.prune_edge(choose.choice([0.0, 0.05, 0.3]), choose.choice(["backward", "forward_n"]))
    return NOTHING


def prune_input(life, choose):
    width = life.model.width[0]
    if choose.random() < 0.3:
        life.model.prune_input(active_inputs=list(range(width)))
        return ALL
    life.model.prune_input(choose.choice([0.0, 0.05, 0.3, 0.6, 1e9]))
    return NOTHING


def refine(life, choose):
    more = choose.choice([0, 1, 2, 5])
    life.model.refine([min(layer.grid + more, 24) if layer.grid < 24 else layer.grid
                       for layer in life.model.layers])  # fmt: skip
    return ALL


def double_grid(life, choose):
    if max(layer.grid for layer in life.model.layers) <= 10:
        life.model.refine([layer.grid * choose.choice([1, 2, 3]) for layer in life.model.layers])
    return ALL


def extend_grid(life, choose):
    inside, before = life.inside(), state(life.model)
    try:
        life.model.extend_grid(life.data["train_input"] * choose.choice([1.0, 1.3, 2.0]))
    except ValueError as error:  # the grid of a node that did not vary may be tiny
        assert "more than 1000 intervals outside the grid" in str(error)
        assert life.model._acting or same(life.model, before)
    return inside


def update_grid(life, choose):
    life.model.update_grid(life.data)
    return NOTHING


def fix_symbolic(life, choose):
    edge, before = life.edge(choose, unlocked=True), state(life.model)
    if edge:
        try:
            life.model.fix_symbolic(*edge, choose.choice(FUNCTIONS))
        except ValueError as error:
            assert "cannot follow edge" in str(error)
            assert life.model._acting or same(life.model, before)
    return NOTHING


def unfix_symbolic(life, choose):
    model = life.model
    symbolic = [
        (l, i, j)
        for l, i, j in model.edges(alive=choose.random() < 0.5)
        if bool((model.layers[l].symbolic & ~model.layers[l].locked)[j, i])
    ]
    live = model.edges()
    if symbolic:
        model.unfix_symbolic(*choose.choice(symbolic))
    assert model.edges() == live
    return NOTHING


def remove_and_restore(life, choose):
    edge = life.edge(choose, unlocked=True)
    if edge:
        before = state(life.model)
        life.model.remove_edge(*edge)
        if choose.random() < 0.5:
            return NOTHING
        life.model.restore_edge(*edge)
        assert same(life.model, before)
    return ALL


def restore_node(life, choose):
    layer = choose.randrange(life.model.depth)
    life.model.restore_node(layer, choose.randrange(life.model.width[layer]))
    return NOTHING


def expand_width(life, choose):
    l = life.hidden(choose)
    if l is not None and life.model.width[l] < 6:
        count, seed = choose.choice([1, 2]), choose.randrange(99)
        life.model.expand_width(l, count, choose.random() < 0.6, choose.choice([2, 3]), seed)
    return ALL


def expand_depth(life, choose):
    if life.model.depth < 4:
        life.model.expand_depth()
    return ALL


def swap(life, choose):
    l = life.hidden(choose)
    if l is not None:
        nodes = range(life.model.width[l])
        life.model.swap(l, choose.choice(nodes), choose.choice(nodes))
    return ALL


def auto_swap(life, choose):
    cost = float(life.model.connection_cost)
    life.model.auto_swap()
    assert float(life.model.connection_cost) <= cost * (1 + 1e-3) + 1e-6
    return ALL


def perturb(life, choose):
    mode = choose.choice(["non-intrusive", "minimal", "all"])
    life.model.perturb(choose.choice([0.1, 1.0]), mode, choose.randrange(99))
    return ALL if mode == "non-intrusive" else NOTHING


def lock(life, choose):
    edge = life.edge(choose)
    if edge:
        (life.model.lock_edge if choose.random() < 0.6 else life.model.unlock_edge)(*edge)
    return ALL


def another_copy(life, choose):
    before = state(life.model)
    make = choose.choice([
        lambda model: model.copy(),
        copy.deepcopy,
        lambda model: pickle.loads(pickle.dumps(model)),
        through_a_file,
    ])  # fmt: skip
    life.model = make(life.model)
    assert same(life.model, before)
    return ALL


def through_a_file(thing, **options):
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return torch.load(file, **({"weights_only": False} | options))


def load_state_dict(life, choose):
    before, calibration = state(life.model), life.model.calibration
    saved = through_a_file(life.model.state_dict(), weights_only=True)
    widths = choose.choice([[1, 1], [2, 3, 1], [3, [1, 1], 2, 2]])
    life.model = kanwidget.KAN(widths, grid=choose.choice([1, 4]), dtype=life.model.dtype)
    life.model.load_state_dict(saved)
    assert same(life.model, before)
    life.model.get_act(calibration)
    return ALL


def another_grid(life, choose):
    old = life.model
    other = old.copy()
    for layer in other.layers:
        with torch.no_grad():
            layer.coef.normal_(generator=torch.Generator().manual_seed(choose.randrange(99)))
    if max(layer.grid for layer in other.layers) < 16:
        other.refine([layer.grid + choose.choice([0, 1, 3]) for layer in other.layers])
    life.model = other.initialize_from_another_model(old, life.data)
    return ALL


def fit(life, choose):
    locked = locked_edges(life.model)
    life.model.fit(
        life.data,
        opt=choose.choice(["LBFGS", "Adam", "LM", "auto"]),
        steps=choose.choice([1, 2]),
        lamb=choose.choice([0.0, 1e-3]),
        update_grid=choose.random() < 0.5,
        seed=choose.randrange(99),
    )
    assert all(map(torch.equal, locked_edges(life.model), locked))
    return NOTHING


def locked_edges(model):
    """What the functions of locked edges are made of."""
    parts = []
    for layer in model.layers:
        numeric, symbolic = layer.locked & layer.numeric, layer.locked & layer.symbolic
        for name in ("coef", "scale_base", "scale_sp"):
            parts.append(getattr(layer, name)[numeric].detach().clone())
        parts += [layer.knots[numeric.any(0)].clone(), layer.affine[symbolic].detach().clone()]
    return parts


def write_formula(life, choose):
    written = formula.formula(life.model, life.data["train_input"])
    within = 1e-6 if life.model.dtype == torch.float64 else 1e-2
    assert written.text or written.latex
    assert written.full_error is None or written.full_error < within
    return ALL


def undo(life, choose):
    model, before = life.model, state(life.model)
    snapshot = model.snapshot()
    for _ in range(choose.choice([1, 3])):
        choose.choice(DONE_TO_THE_MODEL)(life, choose)
    model.restore(snapshot)
    assert same(model, before)
    return ALL


def fail(life, choose):
    model, before = life.model, state(life.model)

    def act():
        with model.action("fail"):
            choose.choice(DONE_TO_THE_MODEL)(life, choose)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert same(model, before)
    return ALL


DONE_TO_THE_MODEL = [
    *(prune, prune_edge, prune_input, refine, double_grid, extend_grid, update_grid, fix_symbolic),
    *(
        unfix_symbolic,
        remove_and_restore,
        restore_node,
        expand_width,
        expand_depth,
        swap,
        auto_swap,
    ),
    *(perturb, lock),
]
OPERATIONS = [
    *DONE_TO_THE_MODEL,
    *(another_copy, load_state_dict, another_grid, fit, write_formula, undo, fail),
]


# ---------------------------------------------------------------------- the test


@st.composite
def networks(draw):
    depth = draw(st.integers(1, 3))
    sums, products = st.integers(1, 3), st.integers(0, 1)
    width = [draw(st.integers(1, 4))]
    arity = [2]
    for _ in range(depth):
        width.append([draw(sums), draw(products)])
        arity.append(draw(st.integers(2, 3)))
    each = st.lists(st.integers(1, 4), min_size=depth, max_size=depth)
    return {
        "width": width,
        "mult_arity": arity,
        "grid": draw(each),
        "k": draw(each),
        "extrapolation": draw(st.sampled_from(["linear", "zero"])),
        "sparse_init": draw(st.booleans()),
        "affine_trainable": draw(st.booleans()),
        "dtype": draw(st.sampled_from([torch.float64, torch.float32])),
        "seed": draw(st.integers(0, 999)),
    }


STEPS = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 2**16)), min_size=5, max_size=20
)


@settings(
    max_examples=NETWORKS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
@given(options=networks(), steps=STEPS)
def test_nothing_that_can_be_done_breaks_a_network(options, steps):
    life = Life(kanwidget.KAN(**options), options["seed"])
    for operation, seed in steps:
        note(f"{operation.__name__}, {seed}: {life.model!r}")
        before, within = life.outputs(), 50 * life.rounding()
        stays = operation(life, random.Random(seed))
        after = life.outputs()
        assert bool(after.isfinite().all())
        assert finite(life.model)
        if stays is not NOTHING:
            rows = stays if isinstance(stays, torch.Tensor) else slice(None)
            torch.testing.assert_close(after[rows], before[rows], rtol=0, atol=within)
        holds_together(life.model, life.probe)


def holds_together(model, x):
    """What is true of every network."""
    assert len(model.input_names) == model.width[0]
    assert len(model.output_names) == model.width[-1]
    for layer, width in zip(model.layers, model.width, strict=False):
        assert layer.coef.shape == (layer.n_out, width, layer.grid + layer.k)
        assert layer.knots.shape == (width, layer.grid + 2 * layer.k + 1)
        assert bool((layer.knots[:, 1:] >= layer.knots[:, :-1]).all())
        assert not bool((layer.locked & ~layer.alive).any())
        assert len(layer.nodes.owner) == layer.n_out
    assert torch.equal(model(x), model(x[:, model.input_id]))
    scores = model.edge_scores()
    assert all(bool(score.isfinite().all()) for score in scores)
