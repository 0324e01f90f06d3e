"""What a file of a session says beside its numbers: the shape of its JSON, and how much each part may hold.

Whatever comes out of `decoded` has the right types and sizes; whether its parts fit together, and fit the
tensors, is seen in `kanwidget.session.storage.validity`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, get_args

import msgspec
import torch
from msgspec import UNSET, Meta, Struct, UnsetType

from kanwidget import reshaping
from kanwidget.session.history import LONGEST_NAME, LONGEST_NOTE

FORMAT: Final = 1
NODE_TENSORS = ("subnode_scale", "subnode_bias", "node_scale", "node_bias")
LAYER_TENSORS = tuple(name for name in reshaping.TENSORS if name != "held")
TENSORS = (*LAYER_TENSORS, *NODE_TENSORS)
"""Of a layer, in the order in which a file numbers them."""
DTYPES = {"float32": torch.float32, "float64": torch.float64}
LONGEST_LABEL, LONGEST_FORMULA = 1000, 1_000_000
MOST_LAYERS, HIGHEST_ORDER = 1000, 100
DATA_PARTS = 6

Count = Annotated[int, Meta(ge=1, le=10**8)]
Number = Annotated[int, Meta(ge=0, le=10**8)]
"""Of an entry in a list of the document, of a tensor, or of an input or node."""
Place = Annotated[int, Meta(ge=0, le=2**60)]
"""In a file."""
Text = Annotated[str, Meta(max_length=LONGEST_LABEL)]
Share = Annotated[float, Meta(ge=0, le=1)]
Date = Annotated[float, Meta(ge=0, le=2.5e11)]
Metric = Annotated[int, Meta(ge=-(2**53), le=2**53)] | float | bool | None
Scales = tuple[list[float], list[float]] | None
Parameter = Literal[
    "coef",
    "scale_base",
    "scale_sp",
    "affine",
    "nodes.subnode_scale",
    "nodes.subnode_bias",
    "nodes.node_scale",
    "nodes.node_bias",
]
PARAMETERS: tuple[Parameter, ...] = get_args(Parameter)


class Strict(Struct, forbid_unknown_fields=True, gc=False):
    """A record that has these fields and no others."""


class Trained(Strict):
    """What of a live layer is trained."""

    affine: bool
    parameters: list[Parameter]


class Made(Strict, omit_defaults=True):
    """Arguments that a `kanwidget.KAN` was made with, where they were not left to their defaults."""

    width: Annotated[list[Number | list[Number]], Meta(min_length=2, max_length=MOST_LAYERS + 1)]
    seed: Annotated[int, Meta(ge=0, le=2**62)]
    grid: Count | list[Count] | UnsetType = UNSET
    k: Count | list[Count] | UnsetType = UNSET
    mult_arity: Count | list[Count | list[Count]] | UnsetType = UNSET
    noise_scale: float | UnsetType = UNSET
    scale_base_mu: float | UnsetType = UNSET
    scale_base_sigma: float | UnsetType = UNSET
    base_fun: Literal["silu", "identity", "zero", "own"] | UnsetType = UNSET
    grid_eps: Share | UnsetType = UNSET
    grid_range: tuple[float, float] | UnsetType = UNSET
    sp_trainable: bool | UnsetType = UNSET
    sb_trainable: bool | UnsetType = UNSET
    sparse_init: bool | UnsetType = UNSET
    affine_trainable: bool | UnsetType = UNSET
    extrapolation: Literal["linear", "zero"] | UnsetType = UNSET
    dtype: Literal["float32", "float64"] | UnsetType = UNSET
    auto_save: bool | UnsetType = UNSET


class Data(Strict):
    """The session's data, or only what they are known by.

    ``parts`` are the numbers of the tensors, in the order of a dataset's keys.
    """

    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    input_names: list[Text]
    output_names: list[Text]
    input_scale: Scales
    output_scale: Scales
    parts: Annotated[list[Number], Meta(min_length=DATA_PARTS, max_length=DATA_PARTS)] | None


class Function(Strict):
    """A function that edges have; ``library`` as in `kanwidget.saving.describe`."""

    name: Text
    library: bool


class Structure(Strict, omit_defaults=True):
    """What a layer is beside its tensors.

    ``functions`` are (input, output, number of the function); ``held`` are the locked constants, each
    (input, output, 0 to 3 for a to d).
    """

    k: Annotated[int, Meta(ge=1, le=HIGHEST_ORDER)]
    grid_eps: Share
    extrapolation: Literal["linear", "zero"]
    base_fun: Literal["silu", "identity", "zero", "own"]
    arity: Annotated[list[Count], Meta(min_length=1)]
    functions: list[tuple[Number, Number, Number]]
    held: list[tuple[Number, Number, Annotated[int, Meta(ge=0, le=3)]]] = []


class Ends(Strict):
    """Inputs and outputs of a state.

    ``seen`` is what it was looked at on: columns of the training inputs, or the number of a tensor.
    """

    input_names: list[Text]
    output_names: list[Text]
    input_scale: Scales
    output_scale: Scales
    columns: list[tuple[Count, list[Number]]]
    seen: Number | list[Number] | None


LayerState = tuple[
    Number, Annotated[list[Number], Meta(min_length=len(TENSORS), max_length=len(TENSORS))]
]
"""The number of a structure, and those of the tensors."""


class State(Strict, array_like=True):
    """A state: the number of its ends, and its layers."""

    ends: Number
    layers: Annotated[list[LayerState], Meta(min_length=1, max_length=MOST_LAYERS)]


class Calling(Strict, array_like=True):
    """A call of a method of the model; see `kanwidget.session.calls`."""

    method: Text
    arguments: dict[Text, Any]


class Step(Strict):
    """A node of the history.

    ``losses`` says how many steps it took: so many of all losses, on training and then on validation
    data, are its own; and as many penalties where there is a ``penalty``.
    """

    parent: Number | None
    label: Text
    command: Text
    calls: list[Calling] | None
    because: Text
    state: State | None
    metrics: dict[Text, Metric]
    formula: Annotated[str, Meta(max_length=LONGEST_FORMULA)] | None
    losses: Number
    made: Date
    seconds: Annotated[float, Meta(ge=0, le=1e9)]
    redo: Number | None
    name: Annotated[str, Meta(max_length=LONGEST_NAME)]
    note: Annotated[str, Meta(max_length=LONGEST_NOTE)]
    pinned: bool
    penalty: bool = False


class Document(Strict):
    """All of a session but the tensors."""

    format: Literal[1]
    kanwidget: Text
    saved: Date
    settings: dict[Text, Any]
    data: Data
    dtype: Literal["float32", "float64"]
    made: Made | None
    trained: Annotated[list[Trained], Meta(min_length=1, max_length=MOST_LAYERS)]
    limit: Annotated[int, Meta(ge=0, le=2**60)]
    current: Number
    functions: list[Function]
    structures: list[Structure]
    ends: list[Ends]
    losses: Number | None
    nodes: Annotated[list[Step], Meta(min_length=1)]


class Version(Struct):
    """The one part that a document of any version has."""

    format: Annotated[int, Meta(ge=1)]


def encoded(document: Document) -> str:
    """The JSON of a document.

    Raises
    ------
    ValueError
        If it is none that `decoded` would take: a name is too long, say.
    """
    try:
        text = msgspec.json.encode(document).decode()
        decoded(text)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return text


def decoded(text: str) -> Document:
    """The document that a JSON text is; ValueError where it is none."""
    return _decoded(text, Document)


def version(text: str) -> int:
    """The format of a document, of whatever version it is; ValueError where it is none."""
    return _decoded(text, Version).format


def _decoded(text: str, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def plain(values: Any) -> Any:
    """A copy of values as JSON has them.

    Raises
    ------
    ValueError
        If they hold something that JSON does not.
    """
    try:
        return msgspec.json.decode(msgspec.json.encode(values))
    except (TypeError, UnicodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
