"""Several edges at once: taken out, brought back, locked or made functions as one action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kanwidget import pruning
from kanwidget.editing import Editing
from kanwidget.fixing import Fixing
from kanwidget.network import Edge
from kanwidget.symbolic import edges as symbolic_edges
from kanwidget.symbolic import library
from kanwidget.symbolic.function import SymbolicFunction


class Grouping(Editing, Fixing):
    """A network whose edges can be changed many at once.

    Everything is checked before anything changes, and all of it is done or nothing.
    """

    def check_edges(self, edges: Any) -> list[Edge]:
        """Edges (l, i, j) in order, each once.

        Raises
        ------
        ValueError
            If edges is empty or no list of them.
        KeyError
            If the network does not have one of them.
        """
        if not isinstance(edges, list | tuple) or not edges:
            raise ValueError(f"edges is {edges!r:.60}; a list of edges (l, i, j) is needed")
        for each in edges:
            if not isinstance(each, list | tuple) or len(each) != 3:
                raise ValueError(
                    f"edges has {each!r:.60}; each edge is (layer, input node, output node)"
                )
        return sorted({self.check_edge(*each) for each in edges})

    def check_living(self, edges: Sequence[Edge], what: str) -> None:
        """Raise ValueError where one of the edges is removed, before ``what``."""
        for l, i, j in edges:
            if not bool(self.layers[l].alive[j, i]):
                raise ValueError(f"edge ({l}, {i}, {j}) is removed; restore it before {what} it")

    def remove_edges(self, edges: Sequence[Edge]) -> None:
        """Take edges out of their sums, all but their means; ValueError where one is locked.

        Parameters
        ----------
        edges : list of (l, i, j)
        """
        chosen = self.check_edges(edges)
        self.check_unlocked(chosen)
        with self.action("remove_edges", edges=chosen):
            pruning.remove(self, chosen)

    def restore_edges(self, edges: Sequence[Edge]) -> None:
        """Bring edges (l, i, j) back, each with the spline or function it had."""
        chosen = self.check_edges(edges)
        with self.action("restore_edges", edges=chosen):
            pruning.restore(self, chosen)

    def lock_edges(self, edges: Sequence[Edge]) -> None:
        """Keep edges (l, i, j) as they are, see `lock_edge`; ValueError where one is removed."""
        chosen = self.check_edges(edges)
        self.check_living(chosen, "locking")
        with self.action("lock_edges", edges=chosen):
            for edge in chosen:
                self.lock_edge(*edge)

    def unlock_edges(self, edges: Sequence[Edge]) -> None:
        """Let edges (l, i, j) be trained and changed again."""
        chosen = self.check_edges(edges)
        with self.action("unlock_edges", edges=chosen):
            for edge in chosen:
                self.unlock_edge(*edge)

    def fix_edges(
        self, edges: Sequence[Edge], fun_name: str | SymbolicFunction
    ) -> dict[Edge, float]:
        """Make edges one function of the library, each with constants of its own; see `fix_symbolic`.

        Parameters
        ----------
        edges : list of (l, i, j)
        fun_name : str or SymbolicFunction

        Returns
        -------
        dict
            R² of the fit of every edge (l, i, j).

        Raises
        ------
        KeyError
            For an edge or a function that does not exist.
        ValueError
            If one of the edges is removed or locked, or the function cannot follow it.
        """
        chosen = self.check_edges(edges)
        self.check_unlocked(chosen)
        self.check_living(chosen, "giving a function to")
        library.get(fun_name)
        with self.action("fix_edges", edges=chosen, fun_name=fun_name):
            return {edge: symbolic_edges.fix(self, edge, fun_name) for edge in chosen}

    def unfix_edges(self, edges: Sequence[Edge]) -> None:
        """Make edges (l, i, j) their splines again; ValueError where one is locked."""
        chosen = self.check_edges(edges)
        self.check_unlocked(chosen)
        with self.action("unfix_edges", edges=chosen):
            for l, i, j in chosen:
                self.layers[l].set_numeric(i, j)
