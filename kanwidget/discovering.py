"""From data to a formula without a hand: a network that finds one and becomes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kanwidget import checks
from kanwidget.datasets import as_dataset
from kanwidget.fitting.data import fitting_dataset, name_after
from kanwidget.network import Network
from kanwidget.symbolic import library
from kanwidget.symbolic.library import Names

if TYPE_CHECKING:
    from kanwidget.discovery.auto import Discovery
    from kanwidget.discovery.search import Progress


class Discovering(Network):
    """A network that looks for formulas."""

    def auto(
        self,
        dataset: Any,
        lib: Names | None = None,
        *,
        seconds: float = 30.0,
        seed: int = 0,
        callback: Callable[[Progress], None] | None = None,
    ) -> Discovery:
        """Find a formula for a dataset, from its splines to its constants, and become it.

        Shapes of networks are fitted from the simplest on; their edges get functions of the library,
        all constants are fitted together, and those that the data allow to
        be exact become so.  Validation data decide.  An exact formula ends the search.  A network
        that follows the data already is looked at first; one with locked edges keeps its shape.

        Parameters
        ----------
        dataset : Dataset or dict
        lib : list of names or SymbolicFunction, or name of a set, optional
            What edges may become; the whole library where not given.
        seconds : float
            Time to search.
        seed : int
            Of the starts.
        callback : callable, optional
            Called with a `Progress` (seconds, text, best) before every piece of work; what it raises
            ends the search and leaves the network as it was.

        Returns
        -------
        Discovery
            The formula, the Pareto front of all that were found, and the steps that led there.

        Raises
        ------
        TypeError, ValueError
            If the arguments or the data do not fit; nothing has changed then.
        RuntimeError
            If there was no time to fit anything; the network is as it was.
        """
        from kanwidget.discovery.auto import adopt, discover

        seconds = checks.number("seconds", seconds, least=0)
        if callback is not None and not callable(callback):
            raise TypeError(f"callback is {callback!r:.60}; a function of one Progress is needed")
        data = fitting_dataset(self, dataset)
        functions = library.resolve(lib)
        exact = as_dataset(dataset)  # not in the network's dtype
        columns = self.columns_of(exact.train_input.shape[1])
        if columns is not None and len(columns) < exact.train_input.shape[1]:
            exact = exact.choose_inputs(columns)
        search = discover(self, exact, functions, seconds, checks.whole("seed", seed, 0))
        while True:
            try:
                progress = next(search)
            except StopIteration as end:
                found: Discovery | None = end.value
                break
            if callback is not None:
                callback(progress)
        if found is None:
            raise RuntimeError(
                f"no formula was found in {seconds:g} seconds; the network is as it was"
            )
        with self.action("auto", dataset=dataset, lib=lib, seconds=seconds, seed=seed):
            self.calibration = data.train_input
            name_after(self, data)
            adopt(self, found.road[-1].network)
        return found
