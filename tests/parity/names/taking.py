"""Checks of the arguments that a network and its methods take."""

import inspect

import torch

from tests.parity.names.networks import X, data, seen

EXAMPLES = {
    "width": [2, 1],
    "grid": 4,
    "k": 2,
    "mult_arity": 3,
    "noise_scale_base": 0.1,
    "scale_base_mu": 0.1,
    "base_fun": "identity",
    "dataset": None,
    "opt": "Adam",
    "batch": 20,
    "lr": 0.01,
    "loss_fn": lambda x, y: (x - y).abs().mean(),
    "metrics": [lambda: torch.tensor(1.0)],
    "in_vars": ["a", "b", "c"],
    "out_vars": ["y"],
    "title": "title",
    "metric": "forward_n",
    "beta": 5,
    "scale": 0.6,
    "sample": True,
    "tick": True,
    "seed": 7,
    "steps": 1,
    "lamb": 0.01,
    "save_fig": True,
    "singularity_avoiding": True,
    "grid_update_num": 100,
}
"""Other values than pykan's defaults."""


REQUIRED = {
    "forward": (X,),
    "set_mode": (0, 0, 0, "n"),
    "fix_symbolic": (0, 0, 0, "sin"),
    "unfix_symbolic": (0, 0, 0),
    "unfix_symbolic_all": (),
    "get_range": (0, 0, 0),
    "get_act": (X,),
    "prune": (),
    "prune_node": (),
    "prune_edge": (),
    "prune_input": (),
    "remove_edge": (0, 0, 0),
    "remove_node": (1, 0),
    "attribute": (1, 0),
    "feature_interaction": (1,),
    "suggest_symbolic": (0, 0, 0),
    "auto_symbolic": (),
    "expand_width": (1, 1),
    "perturb": (),
    "swap": (1, 0, 1),
    "speed": (),
    "history": (),
    "tree": (),
}
"""Methods with optional arguments, and what else they need."""


def taking(ours, section, name, function):
    """A call with this one argument given: another value than the default, or the default."""
    default = inspect.signature(function).parameters[name].default
    value = EXAMPLES.get(name, default)
    if section == "KAN()":
        return lambda: ours.KAN(**{"width": [2, 1], name: value})
    model = seen(ours)
    if section == "plot()":

        def plot():
            ours.plt.close(model.plot(**{name: value}))

        return plot
    options = {"steps": 1, name: value} if name != "dataset" else {"steps": 1}
    return lambda: model.fit(data(), **options)
