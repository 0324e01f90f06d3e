"""A session in one file: tensors as safetensors has them, and all else as JSON beside them.

The format is that of safetensors (a header of JSON, then numbers); its ``__metadata__`` has two texts:
``kanwidget``, the JSON of a `kanwidget.session.storage.schema.Document`, and ``sha256``, the hash of the
whole file with zeros in place of the hash itself.  Tensors are named by numbers.  Nothing in a file is run,
and nothing is made of it before all of it has been checked.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import torch
from torch import Tensor

from kanwidget.datasets import KEYS, Dataset, as_dataset
from kanwidget.edges import EdgeFunction
from kanwidget.features import base_function
from kanwidget.model import KAN
from kanwidget.session.fingerprint import fingerprint
from kanwidget.session.history import History
from kanwidget.session.storage import schema, whole_file
from kanwidget.session.storage.packing import Contents, collect, pack
from kanwidget.session.storage.unpacking import Unpacked, unpacked_data
from kanwidget.session.storage.validity import check, check_data
from kanwidget.texts import printable

LONGEST_HEADER = 100_000_000
"""Bytes that safetensors reads of one."""
NO_HASH = b"0" * 64
BEFORE_HASH = b'"sha256":"'
LONGEST_REASON = 320


class StorageError(ValueError):
    """A file that cannot be written or read, in one sentence that names it."""

    def __init__(self, path: Any, reason: object) -> None:
        name = _printable(os.path.basename(os.fspath(path))) or "the file"
        super().__init__(f"{name:.150} {_printable(str(reason)):.{LONGEST_REASON}}")


def _printable(text: str) -> str:
    """A text on one line, whatever a file had in its place."""
    return printable(" ".join(text.split()), "?")


@dataclass(frozen=True, eq=False)
class Saved:
    """A session that was read.

    Attributes
    ----------
    model : KAN
        In the current state of the history.
    dataset : Dataset
    history : History
    settings : dict
    fingerprint : str
        Of the data.
    saved : float
        When, in seconds since 1970.
    """

    model: KAN
    dataset: Dataset
    history: History
    settings: dict[str, Any]
    fingerprint: str
    saved: float


def write(
    path: str | os.PathLike[str],
    model: KAN,
    dataset: Dataset,
    history: History,
    settings: Mapping[str, Any] | None = None,
    data: bool = True,
) -> None:
    """Write a session to a file; see `collect` and `put`, which are the two halves of it."""
    put(collect(model, dataset, history, settings, data), path)


def put(contents: Contents, path: str | os.PathLike[str]) -> None:
    """Write what was collected to a file, which is the old one until the new one is on the disk.

    Raises
    ------
    TypeError
        If path is no path.
    StorageError
        If it is no place for a file, or the session holds what a file cannot.
    OSError
        If the disk is full or protected.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save

    try:
        whole_file.place(path)
        document, tensors = pack(contents)
        check_data(contents.dataset, (document.data.input_names, document.data.output_names))
        check(document, tensors, contents.dataset)
        named = {str(number): _alone(values) for number, values in enumerate(tensors)}
        text = {"kanwidget": schema.encoded(document), "sha256": NO_HASH.decode()}
        whole_file.replace(path, _sealed(save(named, text)))
    except (ValueError, SafetensorError) as error:
        raise StorageError(path, f"cannot be written: {error}") from None


def _alone(values: Tensor) -> Tensor:
    """The values in memory that they share with no others."""
    values = values.detach().cpu().contiguous()
    return values if values.untyped_storage().nbytes() == values.nbytes else values.clone()


def _sealed(raw: bytes) -> Iterator[memoryview | bytes]:
    """The parts of a file with its hash in it."""
    begin, view = raw.index(BEFORE_HASH) + len(BEFORE_HASH), memoryview(raw)
    yield view[:begin]
    yield _hash(view, begin).encode()
    yield view[begin + len(NO_HASH) :]


def _hash(raw: memoryview, begin: int) -> str:
    hashed = hashlib.sha256(raw[:begin])
    hashed.update(NO_HASH)
    hashed.update(raw[begin + len(NO_HASH) :])
    return hashed.hexdigest()


# ---------------------------------------------------------------------- reading


class Texts(msgspec.Struct):
    """What kanwidget writes beside tensors."""

    kanwidget: str
    sha256: str


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """A tensor in the header."""

    dtype: Literal["F32", "F64", "BOOL"]
    shape: Annotated[list[schema.Count], msgspec.Meta(min_length=1, max_length=3)]
    data_offsets: tuple[schema.Place, schema.Place]


def read(
    path: str | os.PathLike[str],
    dataset: Any = None,
    base_fun: Callable[[Tensor], Tensor] | None = None,
    functions: Mapping[str, EdgeFunction] | None = None,
) -> Saved:
    """Read a session from a file.

    Parameters
    ----------
    path : str or path
    dataset : Dataset or dict, optional
        The session's data; needed where the file does not hold them.
    base_fun : callable, optional
        The base function, where it was one of somebody's own.
    functions : mapping of str to function, optional
        Functions of edges that are not in the library, by their names.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If it is no file of kanwidget, one of a later version, or one that is damaged; if the data are
        others, or a function is not at hand.
    """
    given = None if base_fun is None else base_function(base_fun)
    try:
        raw, text = _opened(path)
        document = schema.decoded(text)
        tensors = _tensors(raw)
        del raw  # of which the tensors are copies
        data = _data(path, document, tensors, dataset)
        check(document, tensors, data)
    except StorageError:
        raise
    except ValueError as error:
        raise StorageError(path, f"is damaged: {error}") from None
    try:
        made = Unpacked(document, tensors, data, given, functions or {})
    except ValueError as error:
        raise StorageError(path, error) from None
    known_by, settings = document.data.fingerprint, document.settings
    return Saved(made.model, data, made.history, settings, known_by, document.saved)


def _opened(path: Any) -> tuple[bytes, str]:
    """All bytes of a file, and the JSON of its document.

    Of what is no file of kanwidget, however large, only the header is read.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path is {path!r:.60}; a text or a pathlib.Path is needed")
    # a device would be read without end
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise StorageError(path, "is no ordinary file")
    with open(path, "rb") as file:
        begin = file.read(9)
        size = int.from_bytes(begin[:8], "little")
        if len(begin) < 9 or begin[8] != ord("{") or size > LONGEST_HEADER:
            raise StorageError(path, "is no file of kanwidget")
        begin += file.read(size - 1)
        if len(begin) < 8 + size:
            raise StorageError(path, "is damaged: it ends in the midst of its header")
        text, digest, numbers = _header(path, begin[8 : 8 + size])
        if os.fstat(file.fileno()).st_size != 8 + size + numbers:
            raise StorageError(path, "is damaged: it is not as long as it was")
        try:
            raw = begin + file.read()
        except MemoryError:
            raise StorageError(path, "is larger than the memory there is") from None
    place = raw.find(BEFORE_HASH, 0, 8 + size) + len(BEFORE_HASH)
    if _hash(memoryview(raw), place) != digest:
        raise StorageError(path, "is damaged: it is not as it was written")
    return raw, text


def _header(path: Any, text: bytes) -> tuple[str, str, int]:
    """Of a header the JSON of the document, the hash, and how many bytes the tensors take."""
    try:
        header = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        texts = msgspec.json.decode(header.pop("__metadata__"), type=Texts)
        version = schema.version(texts.kanwidget)
    except (KeyError, ValueError):
        raise StorageError(path, "is no file of kanwidget, or its header is damaged") from None
    if version > schema.FORMAT:
        raise StorageError(
            path,
            f"was made by a newer kanwidget (format {version}; this one reads {schema.FORMAT}): "
            "update kanwidget",
        )
    try:
        entries = [msgspec.json.decode(entry, type=Entry) for entry in header.values()]
    except ValueError as error:
        raise StorageError(path, f"is damaged: {error}") from None
    if set(header) != {str(number) for number in range(len(header))}:
        raise StorageError(path, "is damaged: its tensors are not numbered")
    numbers = max((entry.data_offsets[1] for entry in entries), default=0)
    return texts.kanwidget, texts.sha256, numbers


def _tensors(raw: bytes) -> list[Tensor]:
    """The tensors of a file in order."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        held = load(raw)
    except SafetensorError as error:
        raise ValueError(str(error)) from None
    tensors = [held[str(number)] for number in range(len(held))]
    for values in tensors:
        if values.dtype == torch.bool and int(values.view(torch.uint8).max()) > 1:
            raise ValueError("a mask holds more than yes and no")
    return tensors


def _data(path: Any, document: schema.Document, tensors: list[Tensor], given: Any) -> Dataset:
    """The data of a file, or those given where they are the same."""
    said = document.data
    if given is not None:
        for dataset in (
            as_dataset(given),
            as_dataset(given).to(schema.DTYPES[document.dtype], "cpu"),
        ):
            if fingerprint(dataset) == said.fingerprint:
                return dataset
        raise StorageError(path, "was written with other data than those given")
    if said.parts is None:
        raise StorageError(path, "holds no data; give those it was written with as dataset")
    if max(said.parts) >= len(tensors):
        raise ValueError("data are missing")
    parts = {key: tensors[number] for key, number in zip(KEYS, said.parts, strict=True)}
    check_data(parts, (said.input_names, said.output_names))
    dataset = unpacked_data(document, parts)
    if fingerprint(dataset) != said.fingerprint:
        raise ValueError("its data are not those it was written with")
    return dataset
