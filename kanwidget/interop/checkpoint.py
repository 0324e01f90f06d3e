"""Checkpoints as pykan's ``saveckpt`` writes them, read without running anything that they hold.

Three files: ``x_config.yml``, ``x_state`` and ``x_cache_data``.  Of YAML only plain values and tuples are
read; of the others only tensors, and no more of them than the file has bytes for.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.features import BASE_FUNCTIONS
from kanwidget.interop.foreign import AFFINES, Foreign
from kanwidget.interop.functions import Functions
from kanwidget.interop.pykan import CALLED, arities, layer_of

LONGEST_CONFIG = 64_000_000
"""Bytes; that of a network of 50,000 edges has half a million."""
MOST_VALUES = 1_000_000
"""Of a configuration, those that are told several times by one name counted each time."""
MODULES = {
    "object:torch.nn.modules.activation.SiLU": "silu",
    "object:torch.nn.modules.linear.Identity": "identity",
}
"""Objects that pykan writes after ``prune_input``, by their tags; nothing is made of what they hold."""
TENSORS = {
    "grid": "act_fun.{}.grid",
    "coef": "act_fun.{}.coef",
    "scale_base": "act_fun.{}.scale_base",
    "scale_sp": "act_fun.{}.scale_sp",
    "mask": "act_fun.{}.mask",
    "symbolic": "symbolic_fun.{}.mask",
    "affine": "symbolic_fun.{}.affine",
}


def read(path: str | os.PathLike[str], functions: Functions, base_fun: Any = None) -> Foreign:
    """The network of a checkpoint; see `kanwidget.KAN.from_pykan`.

    Parameters
    ----------
    path : str or path
        Without ``_config.yml``, as pykan's ``loadckpt`` takes it.
    functions : Functions
        What names of symbolic functions mean.
    base_fun : callable, optional
        In place of one that the checkpoint cannot hold.

    Raises
    ------
    FileNotFoundError, ImportError, ValueError
        With a sentence that says which file cannot be read, and why.
    """
    path = os.fspath(path).removesuffix("_config.yml")
    config = _config(Path(f"{path}_config.yml"))
    name = f"{path}_state"
    state = _tensors(Path(name))
    if not isinstance(state, Mapping):
        raise ValueError(f"{name} holds a {type(state).__name__} in place of named tensors")
    seen = _tensors(Path(f"{path}_cache_data")) if Path(f"{path}_cache_data").exists() else None
    if not (seen is None or (isinstance(seen, Tensor) and seen.is_floating_point())):
        raise ValueError(f"{path}_cache_data holds no tensor of real numbers")
    try:
        return _network(config, state, seen, functions, base_fun)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"{path} is no checkpoint of pykan 0.2: {error!r}") from error


def _network(
    config: dict[str, Any],
    state: Mapping[str, Tensor],
    seen: Tensor | None,
    functions: Functions,
    base_fun: Any,
) -> Foreign:
    width = [_nodes(l, each) for l, each in enumerate(config["width"])]
    for l, nodes in enumerate(width[1:]):
        # before a list of so many is made
        if sum(nodes) != len(state[f"node_bias_{l}"]):
            raise ValueError(
                f"width says {nodes} nodes where {len(state[f'node_bias_{l}'])} are saved"
            )
    enabled, layers = config.get("symbolic_enabled", True), []
    for l, arity in enumerate(arities(width, config["mult_arity"])):
        held = {name: state[key.format(l)] for name, key in TENSORS.items()}
        affines = {name: state[f"{name}_{l}"] for name in AFFINES}
        layer = layer_of(held, arity, affines, bool(enabled))
        layer.grid_eps = checks.number("grid_eps", config.get("grid_eps", 0.02), least=0, most=1)
        layers.append(layer)
    if not layers:
        raise ValueError(f"width is {width}; at least two layers of nodes are needed")
    trained = {name: bool(config.get(name, True)) for name in ("sp_trainable", "sb_trainable")}
    trained["affine_trainable"] = bool(config.get("affine_trainable", False))
    source = Foreign(layers, _base(config["base_fun_name"], base_fun), trained, seen=seen)
    source.check(CALLED)
    for l, layer in enumerate(layers):
        names = config[f"symbolic.funs_name.{l}"]
        layer.functions = {
            (i, j): functions.named(names[j][i], f"edge ({l}, {i}, {j})")
            for j, i in layer.symbolic.nonzero().tolist()
        }
    return source


def _nodes(l: int, nodes: Any) -> list[int]:
    """Sums and products of a layer of nodes."""
    both = [nodes, 0] if isinstance(nodes, int) else nodes
    if not isinstance(both, list | tuple) or len(both) != 2:
        raise ValueError(
            f"width[{l}] is {nodes!r:.60}; [sum nodes, multiplication nodes] is needed"
        )
    return [checks.whole(f"width[{l}]", each, 0) for each in both]


def _base(name: Any, given: Any) -> Any:
    if given is not None:
        return given
    if isinstance(name, str) and name in BASE_FUNCTIONS:
        return name
    raise ValueError(
        f"the checkpoint has the base function {name!r:.60}; pass base_fun=that function, or one of "
        f"{', '.join(BASE_FUNCTIONS)}"
    )


# ---------------------------------------------------------------------- the files


def _config(path: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise ImportError(
            f"{path} is YAML, which needs PyYAML to be read; pip install pyyaml brings it"
        ) from error
    text = _bytes(path)
    try:
        config = yaml.load(text, _plain_loader(yaml))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"{path} is no configuration that can be read: {reason}") from error
    if _has_more(config, MOST_VALUES):
        raise ValueError(
            f"{path} has more than {MOST_VALUES:,} values, or repeats itself without end"
        )
    if not isinstance(config, dict):
        raise ValueError(f"{path} is no configuration of pykan's: it holds no names and values")
    return config


def _plain_loader(yaml: Any) -> Any:
    """YAML's safe loader, with Python's tuples; of other objects nothing is made."""

    class Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def flatten_mapping(self, node: Any) -> None:
            if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
                raise ValueError("it merges values into others, which pykan never does")

    def python(loader: Any, suffix: str, node: Any) -> Any:
        if suffix == "tuple":
            return tuple(loader.construct_sequence(node, deep=True))
        if suffix in MODULES:
            return MODULES[suffix]
        raise ValueError(f"it holds a Python object ({suffix}), which is never made of a file")

    Plain.add_multi_constructor("tag:yaml.org,2002:python/", python)
    return Plain


def _has_more(config: Any, most: int) -> bool:
    """Whether there are more values than so many; an alias of a few bytes may stand for billions."""
    waiting = [config]
    for _ in range(most):
        if not waiting:
            return False
        each = waiting.pop()
        if isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
    return True


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no file {path}; a checkpoint of pykan's has {path.name}, and others beside it"
        )
    if path.stat().st_size > LONGEST_CONFIG:
        raise ValueError(f"{path} has more than {LONGEST_CONFIG:,} bytes; it is not read")
    return path.read_bytes()


def _tensors(path: Path) -> Any:
    """What torch has saved, of tensors alone."""
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no file {path}; a checkpoint of pykan's has one beside its _config.yml"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"{path} is no file of torch's, or it is damaged: {error}") from error
    # torch writes them as they are; a packed one could grow to any size
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise ValueError(f"{path} is packed, which torch's own files are not; it is not read")
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of any kind, as anything may be in a file
        reason = " ".join(str(error).split())[:120]
        raise ValueError(
            f"{path} holds something else than tensors, or it is damaged, and is not read: {reason}"
        ) from error
    for each in held.values() if isinstance(held, Mapping) else [held]:
        if isinstance(each, Tensor) and not _is_whole(each):
            raise ValueError(f"{path} holds a tensor that is larger than what is saved of it")
        if isinstance(held, Mapping) and not isinstance(each, Tensor):
            raise ValueError(f"{path} holds a {type(each).__name__} among its tensors")
    return held


def _is_whole(values: Tensor) -> bool:
    """Whether a tensor has as many numbers as its memory, none of them in two places."""
    if values.layout != torch.strided or values.is_quantized or values.is_meta:
        return False
    return values.numel() * values.element_size() <= values.untyped_storage().nbytes()
