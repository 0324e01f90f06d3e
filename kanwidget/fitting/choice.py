"""The automatic choice of an optimizer, and the reason for it."""

from __future__ import annotations

from dataclasses import replace

from kanwidget.fitting.data import Source
from kanwidget.fitting.families import OPTIMIZERS
from kanwidget.fitting.options import FitOptions
from kanwidget.network import Network

MOST_PARAMETERS = 3000
"""Of a network that Levenberg-Marquardt is taken for."""
MOST_PRODUCTS = 10**10
"""In one of its iterations: parameters squared times samples times outputs."""
MOST_WORK = 50_000_000
"""Parameters times samples, up to which all samples are taken at once."""
BATCH, EPOCHS = 128, 10
"""Where batches are chosen, and nothing is said of how long to train."""


def choose(options: FitOptions, network: Network, source: Source) -> tuple[FitOptions, str]:
    """The options with an optimizer in the place of 'auto', and a sentence that says why this one.

    The sentence is empty where one was asked for.
    """
    if not isinstance(options.opt, str) or options.opt != "auto":
        return options, ""
    parameters = sum(int(layer.alive.sum()) * (layer.coef.shape[2] + 2) for layer in network.layers)
    of_network = f"the network has {parameters:,} parameters"
    in_batches = options.batch > 0 and options.batch < (source.size or 0)
    if not source.whole or in_batches:
        why = "the samples come in batches, whose gradients differ from one to the next"
        return replace(options, opt="AdamW"), f"AdamW: {why}."
    samples = source.size or 0
    in_all = f"{of_network} and there are {samples:,} samples"
    if parameters * samples > MOST_WORK:
        chosen = replace(options, opt="AdamW", batch=BATCH)
        if options.steps is None and options.epochs is None:
            chosen = replace(chosen, epochs=EPOCHS)
        return chosen, (
            f"AdamW on batches of {BATCH}: {in_all}, too many to take all at once in every iteration."
        )
    small = (
        parameters <= MOST_PARAMETERS
        and parameters**2 * samples * network.width[-1] <= MOST_PRODUCTS
        and options.loss.name == "mse"
    )
    if "LM" in OPTIMIZERS and small:
        return replace(options, opt="LM"), (
            f"LM: {in_all}, few enough to solve for all parameters at once, and the loss is a sum of "
            "squares."
        )
    return replace(options, opt="LBFGS"), (
        f"LBFGS: {in_all}, few enough to take all at once and search along every direction."
    )
