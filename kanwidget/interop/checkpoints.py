"""Models in files by pykan's names, written where one is told, and read without running anything."""

from __future__ import annotations

import os
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

import torch

from kanwidget.features import name_of_base
from kanwidget.interop.opening import Opening

if TYPE_CHECKING:
    from typing_extensions import Self

FORMAT = 1


class Checkpoints(Opening):
    """A network that is saved to a file, and made of one."""

    def saveckpt(self, path: str | os.PathLike[str] = "model") -> None:
        """Write this network into the file ``path.pt``, with the data that its edges are looked at on.

        Raises
        ------
        ValueError
            If its base function is one of somebody's own, which no file can hold.
        """
        if any(name_of_base(layer.base_fun) is None for layer in self.layers):
            raise ValueError(
                "the base function is one of somebody's own, which a file cannot hold; "
                "torch.save(model.state_dict(), path) keeps the rest"
            )
        with self.exclusive:
            state = {
                "kanwidget": FORMAT,
                "made": getattr(self, "made", {}) | {"auto_save": False},
                "state": self.state_dict(),
                "cache_data": self.calibration,
            }
        torch.save(state, _file(path))

    @classmethod
    def loadckpt(cls, path: str | os.PathLike[str] = "model") -> Self:
        """The network of a checkpoint: one of ours, or one that pykan wrote; see `from_pykan`.

        Raises
        ------
        FileNotFoundError, ValueError
            If there is none, or it is damaged.
        """
        file = _file(path)
        if not file.exists():
            return cls.from_pykan(path)
        try:
            saved: Any = torch.load(file, weights_only=True)
            if saved["kanwidget"] != FORMAT:
                raise ValueError(f"{file} is of a later version of kanwidget")
            made: Any = cls(**saved["made"])
            made.load_state_dict(saved["state"])
            made.calibration = saved["cache_data"]
        except (KeyError, TypeError, RuntimeError, EOFError, UnpicklingError) as error:
            raise ValueError(f"{file} is no checkpoint of kanwidget: {error!r}") from error
        return made


def _file(path: str | os.PathLike[str]) -> Path:
    return Path(f"{os.fspath(path).removesuffix('.pt')}.pt")
