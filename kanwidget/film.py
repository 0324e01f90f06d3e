"""Pictures of a network while it is trained, one file a step, to make a video of."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from kanwidget import checks
from kanwidget.network import Network
from kanwidget.plotting import plot


class Film:
    """Writes ``folder/0.jpg``, ``folder/1.jpg``, … as pykan does.

    Parameters
    ----------
    network : Network
    folder : path
        Made where it does not exist.
    every : int
        Steps or epochs from one picture to the next.
    in_vars, out_vars, beta :
        As in `kanwidget.plotting.plot`.

    Raises
    ------
    ValueError
        If the names are too few or too many, or a number is out of its range.
    """

    def __init__(
        self,
        network: Network,
        folder: str | PathLike[str],
        every: int,
        in_vars: Sequence[str] | None,
        out_vars: Sequence[str] | None,
        beta: float,
    ) -> None:
        self._network, self._every = network, checks.whole("save_fig_freq", every, 1)
        self._in_vars, self._out_vars = in_vars, out_vars
        self._beta = checks.number("beta", beta, least=0)
        counts = {"in_vars": network.width[0], "out_vars": network.width[-1]}
        for (name, count), given in zip(counts.items(), (in_vars, out_vars), strict=True):
            if given is not None and len(given) != count:
                raise ValueError(f"{name} has {len(given)} names; the network needs {count}")
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def take(self, step: int) -> None:
        """Write the picture after a step, counted from 0."""
        if step % self._every:
            return
        import matplotlib.pyplot as plt

        with self._network.exclusive:
            figure = plot(
                self._network,
                beta=self._beta,
                in_vars=self._in_vars,
                out_vars=self._out_vars,
                title=f"Step {step}",
            )
        try:
            figure.savefig(self._folder / f"{step}.jpg", bbox_inches="tight", dpi=200)
        finally:
            plt.close(figure)
