"""Sessions of random actions, each from a seed."""

import random
import warnings

import torch

import kanwidget
from tests.session.recorder import Recorder

ACTIONS = 18
FUNCTIONS = ["x", "sin", "x^2", "tanh", "gaussian", "sigmoid", "abs", "0"]
FITS = [
    {"opt": "LBFGS", "steps": 4, "lamb": 0.001},
    {"opt": "LBFGS", "steps": 3, "batch": 30, "seed": 2},
    {"opt": "LM", "steps": 5},
    {"opt": "Adam", "steps": 15, "lr": 0.02, "lamb": 0.002, "opt_options": {"betas": (0.8, 0.99)}},
    {"opt": "AdamW", "epochs": 2, "batch": 16, "scheduler": 0.9, "seed": 7},
    {"opt": "SGD", "steps": 8, "lr": 0.003, "patience": 5},
    {"opt": "auto", "steps": 4, "metrics": ["r2"]},
]


def smooth(x):
    return torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)


def two(x):
    return torch.stack([torch.sin(3 * x[:, 0]) * x[:, 1], x[:, 2] ** 2 + 0.3 * x[:, 0]], 1)


def random_session(seed):
    """A recorded session of `ACTIONS` actions and more, with branches; the model was new."""
    choose = random.Random(seed)
    if seed % 2:
        data = kanwidget.create_dataset(two, 3, (-1, 2), 90, 40, seed=seed, normalize_input=True)
    else:
        data = kanwidget.create_dataset(smooth, train_num=80, test_num=50, input_names=["a", "b"])
    width = [data.train_input.shape[1], choose.choice([[3, 1], 4, 3]), data.train_label.shape[1]]
    dtype = torch.float32 if seed % 5 == 4 else torch.float64
    model = kanwidget.KAN(
        width, choose.choice([3, 5]), seed=seed, dtype=dtype, affine_trainable=seed % 3 == 0
    )
    session = Recorder(model, data)
    session.model.fit(session.dataset, **choose.choice(FITS))
    while len(session.history.path()) <= ACTIONS:
        choose.choice(DEEDS)(session, choose)
    return session


def edge(session, choose, alive=True):
    edges = [
        (l, i, j)
        for l, i, j in session.model.edges(alive)
        if not bool(session.model.layers[l].locked[j, i])
    ]
    return choose.choice(edges) if edges else None


def fit(session, choose):
    with warnings.catch_warnings():
        # a fit that meets NaN goes back and says so; it does so again
        warnings.filterwarnings("ignore", "the loss became NaN")
        session.model.fit(session.dataset, **choose.choice(FITS))


def part_of_a_fit(session, choose):
    """A fit broken up by something else."""
    options = {"opt": "Adam", "steps": 12, "lamb": 0.001}
    at = (choose.randrange(1, 11), 0)
    session.model.fit(session.dataset, **options, stop_at=at)
    remove(session, choose)
    session.model.fit(session.dataset, **options, resume_at=at)


def prune(session, choose):
    if len(session.model.edges()) > 6:
        session.model.prune_edge(
            choose.choice([0.005, 0.02]), choose.choice(["backward", "forward_u"])
        )


def prune_all(session, choose):
    if len(session.model.edges()) > 8:
        session.model.prune(node_th=0.005, edge_th=0.01)


def remove(session, choose):
    if (chosen := edge(session, choose)) and len(session.model.edges()) > 4:
        session.model.remove_edge(*chosen)


def restore(session, choose):
    if chosen := edge(session, choose, alive=False):
        session.model.restore_edge(*chosen)


def fix(session, choose):
    if chosen := edge(session, choose):
        try:
            session.model.fix_symbolic(*chosen, choose.choice(FUNCTIONS))
        except ValueError as error:
            assert "cannot follow edge" in str(error)


def symbolic_edges(session):
    model = session.model
    return [(l, i, j) for l, i, j in model.edges() if bool(model.layers[l].symbolic[j, i])]


def unfix(session, choose):
    if edges := symbolic_edges(session):
        l, i, j = choose.choice(edges)
        if not bool(session.model.layers[l].locked[j, i]):
            session.model.unfix_symbolic(l, i, j)


def snap(session, choose):
    import sympy

    edges = [
        (l, i, j)
        for l, i, j in symbolic_edges(session)
        if session.model.layers[l].functions[i, j].name in ("sin", "tanh")
        and not bool(session.model.layers[l].locked[j, i])
    ]
    if edges:
        number = choose.choice([sympy.pi, sympy.Rational(3, 2), sympy.sqrt(2)])
        session.model.snap_constant(*choose.choice(edges), "a", number, session.dataset)


def auto(session, choose):
    session.model.auto_symbolic(lib=["x", "sin", "x^2"], r2_threshold=0.9, weights={"sin": 1.5})


def refine(session, choose):
    if session.model.layers[0].grid < 9:
        session.model.refine([layer.grid + 2 for layer in session.model.layers])


def move_grid(session, choose):
    session.model.update_grid(session.dataset)


def lock(session, choose):
    if chosen := edge(session, choose):
        session.model.lock_edge(*chosen)


def unlock(session, choose):
    model = session.model
    locked = [(l, i, j) for l, i, j in model.edges() if bool(model.layers[l].locked[j, i])]
    if locked:
        model.unlock_edge(*choose.choice(locked))


def widen(session, choose):
    if session.model.width[1] < 6:
        session.model.expand_width(1, 1, seed=choose.randrange(99))


def deepen(session, choose):
    if session.model.depth < 3:
        session.model.expand_depth()


def perturb(session, choose):
    session.model.perturb(0.05, "minimal", seed=choose.randrange(99))


def swap(session, choose):
    session.model.swap(1, 0, session.model.width[1] - 1)


def undo(session, choose):
    for _ in range(choose.choice([1, 2])):
        if session.history.undo_label is not None and session.history.current.id > 1:
            session.undo()
    if choose.random() < 0.3 and session.history.redo_label is not None:
        session.redo()


DEEDS = [
    *(fit, fit, fit, part_of_a_fit, prune, prune_all, remove, restore, fix, fix, fix, unfix, snap),
    *(auto, refine, move_grid, lock, unlock, widen, deepen, perturb, swap, undo, undo, undo),
]
