"""What a state_dict holds beside tensors, and how a network becomes the one that was saved."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from kanwidget import checks, reshaping, scales
from kanwidget.edges import EdgeFunction
from kanwidget.features import BASE_FUNCTIONS, name_of_base
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.splines import EXTRAPOLATIONS
from kanwidget.symbolic.library import LIBRARY

if TYPE_CHECKING:
    from typing_extensions import Self

FORMAT = 1
OWN = "own"
"""Stands for a base function that has no name; the network that loads it brings it along."""


def describe(network: Network) -> dict[str, Any]:
    """Shape, settings, names and functions of a network as plain data."""
    return {
        "format": FORMAT,
        "input_names": list(network.input_names),
        "output_names": list(network.output_names),
        "input_scale": network.input_scale,
        "output_scale": network.output_scale,
        "columns": [[count, list(columns)] for count, columns in network.columns.items()],
        "inputs": network.layers[0].n_in,
        "layers": [_describe_layer(layer) for layer in network.layers],
    }


def _describe_layer(layer: Layer) -> dict[str, Any]:
    return {
        "arity": list(layer.nodes.arity),
        "grid": layer.grid,
        "k": layer.k,
        "grid_eps": layer.grid_eps,
        "extrapolation": layer.extrapolation,
        "base_fun": name_of_base(layer.base_fun) or OWN,
        "functions": [
            {
                "edge": [i, j],
                "name": function.name,
                # whether the library means the same by that name
                "library": LIBRARY.get(function.name, function) is function,
            }
            for (i, j), function in layer.functions.items()
            if bool(layer.symbolic[j, i])
        ],
    }


def packed(description: Mapping[str, Any]) -> Tensor:
    """Plain data as the bytes (uint8) of their JSON text."""
    return torch.tensor(list(json.dumps(description).encode()), dtype=torch.uint8)


def unpacked(state: Any) -> Any:
    """The data that were `packed`; None where it is something else."""
    if not isinstance(state, Tensor) or state.dtype != torch.uint8:
        return None
    try:
        return json.loads(bytes(state.tolist()))
    except ValueError:  # no JSON, or no text at all
        return None


@torch.no_grad()
def become(network: Network, saved: Any) -> None:
    """Give a network the shape, settings, names and functions of `describe`; tensors are zero then.

    Raises
    ------
    ValueError
        If ``saved`` is no such description, or a function of somebody's own is not at hand.
    """
    if not isinstance(saved, Mapping) or saved.get("format") != FORMAT:
        raise ValueError("the state is not one of a kanwidget network, or of a later version")
    try:
        n_in, states = checks.whole("inputs", saved["inputs"], 1), []
        for l, layer in enumerate(saved["layers"]):
            states.append(_settings(network, l, layer))
        names = [list(map(str, saved[f"{end}_names"])) for end in ("input", "output")]
        columns = {int(count): list(map(int, each)) for count, each in saved["columns"]}
        # states from before there were scales have none
        scaled = [
            scales.checked(f"{end}_scale", saved.get(f"{end}_scale"), len(ends))
            for end, ends in zip(("input", "output"), names, strict=True)
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"the saved state cannot be read: {error!r}") from error
    network.set_depth(len(states))
    for layer, state in zip(network.layers, states, strict=True):
        arity = state.pop("arity")
        blank = reshaping.another(layer, n_in, arity, state.pop("grid"), state["k"])
        reshaping.put_state(layer, reshaping.state(blank) | state)
        n_in = len(arity)
    network.input_names, network.output_names = names
    network.columns = columns
    network.input_scale, network.output_scale = scaled
    seen = network.calibration
    if seen is not None and network.columns_of(seen.shape[1]) is None:
        network.calibration = None


def _settings(network: Network, l: int, saved: Mapping[str, Any]) -> dict[str, Any]:
    mine = network.layers[min(l, network.depth - 1)].base_fun
    name = saved["base_fun"]
    if name == OWN and mine in BASE_FUNCTIONS.values():
        raise ValueError(
            "the state was saved with a base function of somebody's own, which it cannot hold; load it "
            "into a KAN made with base_fun=that function"
        )
    if name != OWN and name not in BASE_FUNCTIONS:
        raise ValueError(f"the state was saved with the base function {name!r}, which is not known")
    if saved["extrapolation"] not in EXTRAPOLATIONS:
        raise ValueError(f"extrapolation is {saved['extrapolation']!r} in the saved state")
    return {
        "arity": [checks.whole("arity", factors, 1) for factors in saved["arity"]],
        "grid": checks.whole("grid", saved["grid"], 1),
        "k": checks.whole("k", saved["k"], 1),
        "grid_eps": checks.number("grid_eps", saved["grid_eps"], least=0, most=1),
        "extrapolation": saved["extrapolation"],
        "base_fun": mine if name == OWN else BASE_FUNCTIONS[name],
        "functions": {
            (each["edge"][0], each["edge"][1]): _function(network, l, each)
            for each in saved["functions"]
        },
    }


def _function(network: Network, l: int, saved: Mapping[str, Any]) -> EdgeFunction:
    name, (i, j) = saved["name"], saved["edge"]
    if saved["library"] and name in LIBRARY:
        return LIBRARY[name]
    for layer in network.layers:
        for function in layer.functions.values():
            if function.name == name and LIBRARY.get(name) is not function:
                return function
    raise ValueError(
        f"edge ({l}, {i}, {j}) was saved with the function {name!r}, which is neither in the library "
        "nor in this network: kanwidget.symbolic.library.register(function) makes it known"
    )


class Saving(Network):
    """Copies of a network, and states that other networks can load."""

    def copy(self) -> Self:
        """A network of its own that is the same in everything; no listener hears of what it does."""
        with self.exclusive:
            return copy.deepcopy(self)

    def still(self) -> Self:
        """The same for a look at it: the data it was trained on are shared with it."""
        with self.exclusive:
            return copy.deepcopy(self, {id(self.calibration): self.calibration})

    def get_extra_state(self) -> Tensor:
        """What ``state_dict`` holds beside numbers, as a tensor too: so all of it can be treated alike."""
        return packed(describe(self))

    def set_extra_state(self, state: Any) -> None:
        """Become a network of the shape that was saved, before its tensors are loaded."""
        become(self, unpacked(state))

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Become the network whose ``state_dict`` this is, whatever the widths and grids are now.

        Symbolic functions are looked up in the library by their names.  Neither the data the other
        network has seen nor its history are part of its state.

        Raises
        ------
        ValueError
            If the state is of something else, or has functions that are not known here.
        RuntimeError
            If tensors are missing, or are too many.  Nothing has changed after any of these.
        """
        with self.action("load_state_dict", state_dict=state_dict, strict=strict):
            keys = super().load_state_dict(state_dict, strict, assign)
            for l, layer in enumerate(self.layers):
                for j, i in layer.symbolic.nonzero().tolist():
                    if (i, j) not in layer.functions:
                        raise ValueError(f"the state has no function for edge ({l}, {i}, {j})")
            return keys
