"""Functions in the place of splines: suggested, chosen, taken back."""

from __future__ import annotations

from collections.abc import Mapping

from kanwidget.accepting import also_takes
from kanwidget.datasets import Dataset
from kanwidget.fitting import fitting_dataset
from kanwidget.network import Network
from kanwidget.refitting import refitted
from kanwidget.symbolic import edges as symbolic_edges
from kanwidget.symbolic.complexity import USUAL_WEIGHT, weighed
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.library import Lib
from kanwidget.symbolic.replacing import with_loss_changes
from kanwidget.symbolic.suggest import Candidate
from kanwidget.symbolic.suggestions import Suggestions


class Fixing(Network):
    """A network whose edges may become functions of the library."""

    @also_takes("a_range", "b_range", "verbose", "random", "log_history")
    def fix_symbolic(
        self,
        l: int,
        i: int,
        j: int,
        fun_name: str | SymbolicFunction,
        fit_params_bool: bool = True,
        *,
        random: bool = False,
    ) -> float:
        """Make edge (l, i, j) the function c·f(a·x + b) + d and return R² of its fit.

        Parameters
        ----------
        fun_name : str or SymbolicFunction
            A name of the library, such as 'sin' or 'x^2'.
        fit_params_bool : bool
            False takes a = c = 1 and b = d = 0.
        random : bool
            Take constants from -1 to 1 instead where they are not fitted, at random by the edge's number.

        Raises
        ------
        KeyError
            For an edge or a function that does not exist.
        ValueError
            If the edge is removed or locked, the function's domain excludes the data, or no data
            were seen.
        """
        edge = self.check_edge(l, i, j)
        self.check_unlocked([edge])
        arguments = {"fun_name": fun_name, "fit_params_bool": fit_params_bool, "random": random}
        with self.action("fix_symbolic", l=l, i=i, j=j, **arguments):
            return symbolic_edges.fix(self, edge, fun_name, fit_params_bool, random)

    @also_takes("log_history")
    def unfix_symbolic(self, l: int, i: int, j: int) -> None:
        """Make edge (l, i, j) its spline again; a removed edge stays removed, a locked one is refused."""
        edge = self.check_edge(l, i, j)
        self.check_unlocked([edge])
        with self.action("unfix_symbolic", l=l, i=i, j=j):
            self.layers[l].set_numeric(i, j)

    @also_takes("a_range", "b_range", "verbose")
    def suggest_symbolic(
        self,
        l: int,
        i: int,
        j: int,
        lib: Lib = None,
        topk: int | None = 5,
        *,
        weights: Mapping[str, float] | None = None,
        dataset: Dataset | None = None,
        refit: bool = False,
        weight_simple: float = USUAL_WEIGHT,
    ) -> Suggestions:
        """Functions for edge (l, i, j), best first; see `kanwidget.symbolic.suggest`.

        What is returned shows the ranked list; it unpacks as in pykan, into name, functions, R² and
        complexity of the best one, and its ``candidates`` are all of them.

        Parameters
        ----------
        lib : list of str or SymbolicFunction, str or dict, optional
            Names, or a set: 'algebra', 'trigonometry' or 'physics'; or a dictionary of these by
            layer or by edge, ``{0: ["sin", "x^2"], (1, 0, 0): ["exp"]}``, others having the whole
            library.
        topk : int, optional
            How many; None is all.
        weights : dict of str to float, optional
            Complexities that count here; `kanwidget.set_complexity` sets them for the process.
        dataset : Dataset, optional
            Measure with its validation data how each would change the network's loss.
        refit : bool
            Measure it also for the first three, after a few steps of fitting all other parameters.
        weight_simple : float
            How much complexity counts against R², from 0, not at all, to less than 1.

        Raises
        ------
        KeyError
            For an edge, a layer or a function that does not exist.
        ValueError
            If the edge is removed, a number is out of range, or refit is asked for without a dataset.
        """
        edge = self.check_edge(l, i, j)
        weights = weighed(weight_simple, weights)
        return Suggestions(self._suggestions([edge], lib, topk, weights, dataset, refit)[edge])

    def suggest_symbolic_all(
        self,
        lib: Lib = None,
        topk: int | None = 5,
        *,
        weights: Mapping[str, float] | None = None,
        dataset: Dataset | None = None,
    ) -> dict[tuple[int, int, int], list[Candidate]]:
        """Functions for every live edge (l, i, j), best first; all edges are fitted in one batch.

        The arguments are those of `suggest_symbolic`.
        """
        return self._suggestions(None, lib, topk, weights, dataset, False)

    def _suggestions(
        self,
        edges: list[tuple[int, int, int]] | None,
        lib: Lib,
        topk: int | None,
        weights: Mapping[str, float] | None,
        dataset: Dataset | None,
        refit: bool,
    ) -> dict[tuple[int, int, int], list[Candidate]]:
        if dataset is None and refit:
            raise ValueError("refit is True, but no dataset is given to fit and to measure on")
        with self.exclusive:
            edges = self.edges() if edges is None else edges
            found = symbolic_edges.suggestions(self, edges, lib, topk, weights)
            if dataset is None:
                return found
            data = fitting_dataset(self, dataset)
            found = with_loss_changes(self, data.val_input, data.val_label, found)
            if refit:
                found = {
                    edge: refitted(self, data, edge, candidates)
                    for edge, candidates in found.items()
                }
            return found

    @also_takes("a_range", "b_range")
    def auto_symbolic(
        self,
        lib: Lib = None,
        r2_threshold: float = 0.0,
        *,
        weights: Mapping[str, float] | None = None,
        weight_simple: float = USUAL_WEIGHT,
        verbose: int = 0,
    ) -> dict[tuple[int, int, int], Candidate]:
        """Give every numeric live edge its best function, where R² reaches the threshold; locked ones stay.

        ``lib``, ``weights`` and ``weight_simple`` are those of `suggest_symbolic`.  What was chosen is
        printed where ``verbose`` is not 0.

        Returns
        -------
        dict
            The candidate taken for every edge (l, i, j).
        """
        if lib is not None and not isinstance(lib, str | Mapping):
            lib = list(lib)
        weights, chosen = weighed(weight_simple, weights), {}
        with self.action("auto_symbolic", lib=lib, r2_threshold=r2_threshold, weights=weights):
            for l, layer in enumerate(self.layers):
                free = layer.alive & ~layer.symbolic & ~layer.locked
                edges = [(l, i, j) for j, i in free.nonzero().tolist()]
                # a layer sees what the functions below it do
                ranked = symbolic_edges.suggestions(self, edges, lib, 1, weights)
                for edge, best in ranked.items():
                    if best and best[0].r2 >= r2_threshold:
                        layer.set_symbolic(edge[1], edge[2], best[0].function, best[0].params)
                        chosen[edge] = best[0]
        if verbose:
            for edge, found in chosen.items():
                print(f"{edge}: {found.name}, R² {found.r2:.6f}, complexity {found.complexity:g}")
        return chosen
