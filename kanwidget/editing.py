"""Taking edges, nodes and inputs out of a network, bringing them back, and locking them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kanwidget import checks, importance, pruning
from kanwidget.accepting import also_takes
from kanwidget.network import Network

if TYPE_CHECKING:
    from typing_extensions import Self

MODES = ("all", "up", "down")


class Editing(Network):
    """Pruning, removing, restoring and locking.

    Everything is done in place, as one action that is undone where it fails; what returns the network
    returns this very one, so that ``model.prune()`` and ``model = model.prune()`` both work.
    """

    # ------------------------------------------------------------------ pruning

    def prune(self, node_th: float = 1e-2, edge_th: float = 3e-2) -> Self:
        """Drop hidden nodes that score at most ``node_th``, then edges that score at most ``edge_th``.

        Hidden nodes without edges are gone afterwards and the others renumbered; `prune_edge` keeps
        the numbering.  Locked edges stay, and so do the nodes at both their ends.
        """
        node_th = checks.number("node_th", node_th, least=0)
        edge_th = checks.number("edge_th", edge_th, least=0)
        with self.action("prune", node_th=node_th, edge_th=edge_th):
            self.prune_node(node_th)
            self.prune_edge(edge_th)
            pruning.compact(self)
        return self

    @also_takes("log_history", "mode")
    def prune_node(
        self,
        threshold: float = 1e-2,
        active_neurons_id: Sequence[Sequence[int]] | None = None,
    ) -> Self:
        """Drop hidden nodes that score at most ``threshold``; the others are renumbered.

        Nodes with a locked edge stay.

        Parameters
        ----------
        threshold : float
        active_neurons_id : sequence of sequences of int, optional
            For every layer of hidden nodes those to keep, whatever they score.
        """
        threshold = checks.number("threshold", threshold, least=0)
        if active_neurons_id is None:
            gone = pruning.weak_nodes(self, importance.node_scores(self), threshold)
        else:
            gone = pruning.edges_of_others(self, active_neurons_id)
        with self.action("prune_node", threshold=threshold, active_neurons_id=active_neurons_id):
            pruning.remove(self, gone)
            pruning.compact(self)
        return self

    @also_takes("log_history")
    def prune_edge(self, threshold: float = 3e-2, metric: str = "backward") -> Self:
        """Remove edges that score at most ``threshold``, and those that then lead nowhere.

        Locked edges stay.
        """
        threshold = checks.number("threshold", threshold, least=0)
        scores = importance.edge_scores(self, metric=metric)
        with self.action("prune_edge", threshold=threshold, metric=metric):
            pruning.remove(self, pruning.edges_below(self, scores, threshold))
        return self

    @also_takes("log_history")
    def prune_input(
        self, threshold: float = 1e-2, active_inputs: Sequence[int] | None = None
    ) -> Self:
        """Drop inputs that score at most ``threshold``; at least one stays, and all with a locked edge.

        The network still takes data with all columns, those it had before, and picks the columns of
        the inputs that are left (`input_id`).  Data of these columns only are taken too, in a fit and
        everywhere else.  Names stay with their inputs.  What the edges of an input that goes had as
        their mean on the data stays, as a constant.

        Parameters
        ----------
        threshold : float
        active_inputs : sequence of int, optional
            The inputs to keep, whatever they score.

        Raises
        ------
        ValueError
            If active_inputs is empty, names what is no input, or leaves out one with a locked edge; or
            if the network has seen no data to score inputs on.
        """
        threshold = checks.number("threshold", threshold, least=0)
        if active_inputs is None:
            kept = pruning.strong_inputs(self, importance.node_scores(self)[0], threshold)
        else:
            kept = checks.indices("active_inputs", active_inputs, self.width[0])
            locked = pruning.holding(self, 0).nonzero().flatten().tolist()
            for i in sorted(set(locked) - set(kept)):
                raise ValueError(
                    f"active_inputs is {active_inputs!r}, but input {i} has a locked edge; unlock it first"
                )
        with self.action("prune_input", threshold=threshold, active_inputs=kept):
            pruning.keep_inputs(self, kept)
        return self

    @property
    def input_id(self) -> list[int]:
        """The columns that the inputs have among those of data from before `prune_input`."""
        return list(self.columns[max(self.columns)]) if self.columns else list(range(self.width[0]))

    # ------------------------------------------------------------------ one by one

    @also_takes("log_history")
    def remove_edge(self, l: int, i: int, j: int) -> None:
        """Take edge (l, i, j) out of the sum, all but its mean; `restore_edge` brings it back as it was.

        ValueError where it is locked.
        """
        edge = self.check_edge(l, i, j)
        self.check_unlocked([edge])
        with self.action("remove_edge", l=l, i=i, j=j):
            pruning.remove(self, [edge])

    def restore_edge(self, l: int, i: int, j: int) -> None:
        """Bring edge (l, i, j) back, with the spline or function it had."""
        edge = self.check_edge(l, i, j)
        with self.action("restore_edge", l=l, i=i, j=j):
            pruning.restore(self, [edge])

    @also_takes("log_history")
    def remove_node(self, l: int, i: int, mode: str = "all") -> None:
        """Remove all edges into and out of node (l, i), an input or hidden; ValueError where one is locked.

        Parameters
        ----------
        mode : {'all', 'up', 'down'}
            'up' removes only the edges out of it, 'down' only those into it.
        """
        self.check_node(l, i)
        if mode not in MODES:
            raise ValueError(f"mode is {mode!r}; one of {', '.join(MODES)} is needed")
        edges = pruning.node_edges(self, l, i, mode)
        self.check_unlocked(edges)
        with self.action("remove_node", l=l, i=i, mode=mode):
            pruning.remove(self, edges)

    def restore_node(self, l: int, i: int) -> None:
        """Bring back all edges into and out of node (l, i), an input or hidden."""
        self.check_node(l, i)
        with self.action("restore_node", l=l, i=i):
            pruning.restore(self, pruning.node_edges(self, l, i))

    # ------------------------------------------------------------------ locks

    def lock_edge(self, l: int, i: int, j: int) -> None:
        """Keep edge (l, i, j) as it is: it is not trained, pruned, perturbed or made another function.

        Its input keeps its grid, too.  ValueError where the edge is removed.
        """
        self.check_edge(l, i, j)
        if not bool(self.layers[l].alive[j, i]):
            raise ValueError(f"edge ({l}, {i}, {j}) is removed; restore it before locking it")
        with self.action("lock_edge", l=l, i=i, j=j):
            self._set_lock(l, i, j, True)

    def unlock_edge(self, l: int, i: int, j: int) -> None:
        """Let edge (l, i, j) be trained and changed again."""
        self.check_edge(l, i, j)
        with self.action("unlock_edge", l=l, i=i, j=j):
            self._set_lock(l, i, j, False)

    def _set_lock(self, l: int, i: int, j: int, locked: bool) -> None:
        layer = self.layers[l]
        mask = layer.locked.clone()
        mask[j, i] = locked
        layer.put("locked", mask)
        layer.structure_changed()
