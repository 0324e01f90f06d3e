"""What a person can do to a session: methods that each give one command and wait for its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kanwidget.datasets import Dataset
from kanwidget.inspecting import Inspection
from kanwidget.model import KAN
from kanwidget.network import Edge
from kanwidget.session import commands
from kanwidget.session.calls import Call
from kanwidget.session.commands import Auto, Command, Suggest, TakeFormula, Train
from kanwidget.symbolic.library import Names
from kanwidget.symbolic.suggest import Candidate

if TYPE_CHECKING:
    from kanwidget.discovery.auto import Discovery


class Doing(ABC):
    """The commands as methods."""

    model: KAN
    dataset: Dataset

    @property
    @abstractmethod
    def metric(self) -> str:
        """By which edges are scored."""

    @abstractmethod
    def _do(self, command: Command) -> Any:
        """Give a command and return its answer, or raise its error."""

    def train(
        self,
        steps: int = 20,
        optimizer: str = "LBFGS",
        lr: float | None = None,
        lamb: float = 0.0,
        lamb_entropy: float = 2.0,
        update_grid: bool = True,
        batch: int = -1,
    ) -> dict[str, Any]:
        """Train; returns the losses when all steps are done or `stop` was called."""
        return self._do(Train(steps, optimizer, lr, lamb, lamb_entropy, update_grid, batch))

    def auto(self, seconds: float = 30.0, lib: Names | None = None, seed: int = 0) -> Discovery:
        """Find a formula for the data and become it; every step of the way is one of the history.

        The search, that of `kanwidget.KAN.auto`, is beside the model: whatever else is done to it
        meanwhile is done at once, and the steps follow it.  `stop` ends the search with the best found
        until then; undo, redo, `take`, a training and another search end it with nothing.

        Parameters
        ----------
        seconds : float
            Time to search, above 0 and at most 3600.
        lib : list of names or SymbolicFunction, or name of a set, optional
            What edges may become; the whole library where not given.
        seed : int
            Of the starts.

        Returns
        -------
        Discovery

        Raises
        ------
        KeyError, TypeError, ValueError
            If the arguments are not valid.
        RuntimeError
            If no formula was found, or the search was ended by another command.
        """
        return self._do(Auto(seconds, list(lib) if isinstance(lib, Iterator) else lib, seed))

    def take(self, index: int) -> dict[str, Any]:
        """Become formula ``index`` of the `front`, the simplest is 0; returns the losses."""
        return self._do(TakeFormula(index))

    def prune(self, threshold: float, metric: str | None = None) -> int:
        """Remove edges that score at most ``threshold``; returns how many went."""
        return self._do(commands.Prune(threshold, metric or self.metric))

    def fix_symbolic(self, l: int, i: int, j: int, function: str) -> float:
        """Give edge (l, i, j) a function; returns R² of its fit."""
        return self._do(commands.FixSymbolic((l, i, j), function))

    def unfix_symbolic(self, l: int, i: int, j: int) -> None:
        """Make edge (l, i, j) its spline again."""
        self._do(commands.UnfixSymbolic((l, i, j)))

    def remove_edge(self, l: int, i: int, j: int) -> None:
        """Take edge (l, i, j) out of the sum."""
        self._do(commands.RemoveEdge((l, i, j)))

    def restore_edge(self, l: int, i: int, j: int) -> None:
        """Bring edge (l, i, j) back as it was."""
        self._do(commands.RestoreEdge((l, i, j)))

    def remove_node(self, l: int, i: int) -> None:
        """Remove all edges of node (l, i)."""
        self._do(commands.RemoveNode(l, i))

    def restore_node(self, l: int, i: int) -> None:
        """Bring all edges of node (l, i) back."""
        self._do(commands.RestoreNode(l, i))

    def remove_edges(self, edges: Sequence[Edge]) -> None:
        """Take edges (l, i, j) out of their sums, all of them or none; one step of the history."""
        self._do(commands.RemoveEdges(edges))

    def restore_edges(self, edges: Sequence[Edge]) -> None:
        """Bring edges (l, i, j) back as they were."""
        self._do(commands.RestoreEdges(edges))

    def lock_edges(self, edges: Sequence[Edge]) -> None:
        """Keep edges (l, i, j) as they are."""
        self._do(commands.LockEdges(edges))

    def unlock_edges(self, edges: Sequence[Edge]) -> None:
        """Let edges (l, i, j) be trained and changed again."""
        self._do(commands.UnlockEdges(edges))

    def fix_edges(self, edges: Sequence[Edge], function: str) -> dict[Edge, float]:
        """Make edges (l, i, j) one function; returns R² of the fit of each."""
        return self._do(commands.FixEdges(edges, function))

    def unfix_edges(self, edges: Sequence[Edge]) -> None:
        """Make edges (l, i, j) their splines again."""
        self._do(commands.UnfixEdges(edges))

    def name_node(self, layer: int, node: int, text: str) -> None:
        """Call an input (node layer 0) or an output (the last node layer) by another name."""
        self._do(commands.NameNode(layer, node, text))

    def cost_of_removing(self, edges: Sequence[Edge]) -> dict[str, Any]:
        """Validation loss now and without edges (l, i, j), and how many of them there are to go."""
        return self._do(commands.CostOfRemoving(edges))

    def cost_of_node(self, layer: int, node: int) -> dict[str, Any]:
        """Validation loss now, without a node, and with all its edges."""
        return self._do(commands.CostOfNode(layer, node))

    def set_constant(
        self, l: int, i: int, j: int, constant: str, value: float | str, lock: bool = True
    ) -> float:
        """Set a constant of a symbolic edge; see `kanwidget.KAN.set_constant`."""
        return self._do(commands.SetConstant((l, i, j), constant, value, lock))

    def lock_constant(self, l: int, i: int, j: int, constant: str) -> None:
        """Keep a constant of a symbolic edge as it is, whatever trains the others."""
        self._do(commands.LockConstant((l, i, j), constant))

    def unlock_constant(self, l: int, i: int, j: int, constant: str) -> None:
        """Let a constant of a symbolic edge be trained again."""
        self._do(commands.UnlockConstant((l, i, j), constant))

    def move_point(
        self, l: int, i: int, j: int, index: int, value: float, refit: bool = False
    ) -> None:
        """Move a control point of a spline to a height; see `kanwidget.KAN.move_point`."""
        self._do(commands.MovePoint((l, i, j), index, value, refit))

    def inspect(self, l: int, i: int, j: int) -> Inspection:
        """Everything of edge (l, i, j)."""
        return self._do(commands.Inspect((l, i, j)))

    def define_function(self, text: str) -> str:
        """Add a function to the library from a line such as ``sinc2 = sin(x)/x``; returns its name."""
        return self._do(commands.DefineFunction(text))

    def suggest(self, l: int, i: int, j: int) -> list[Candidate]:
        """Functions for edge (l, i, j), best first."""
        return self._do(Suggest((l, i, j)))

    def tidy(self) -> None:
        """Give each number of symbolic edges one place; see `kanwidget.KAN.tidy_symbolic`."""
        self._do(commands.Tidy())

    def proposals(self) -> list[dict[str, Any]]:
        """Numbers that constants may be, as `snap` takes them, surest first; with the losses."""
        return self._do(commands.Proposals())

    def export(self, target: str, digits: int | None = None) -> str:
        """The formula as source in another language; see `kanwidget.KAN.export`."""
        return self._do(commands.Export(target, digits))

    def snap(
        self, l: int, i: int, j: int, constant: str, p: int, q: int = 1, base: str = "1"
    ) -> dict[str, Any]:
        """Set a constant (a, b, c or d) of edge (l, i, j) to p/q · base and fit the others again."""
        return self._do(commands.Snap((l, i, j), constant, p, q, base))

    def snap_all(self) -> list[dict[str, Any]]:
        """Set all constants to simple numbers, as far as the data leave room for it; returns which."""
        return self._do(commands.SnapAll())

    def act(self, method: str, **arguments: Any) -> Any:
        """Call an action of the model as a command: ``session.act("refine", new_grid=10)``.

        Parameters
        ----------
        method : str
            One of those that do the same whenever they are called so: ``kanwidget.session.calls.METHODS``.
        **arguments
            Those of the method.

        Raises
        ------
        KeyError, TypeError, ValueError
            If there is no such action, or its arguments are not valid.
        """
        if not isinstance(method, str) or method not in commands.ACTIONS:
            commands.Act(method, {}).check(self.model)
        return self._do(commands.Act(method, Call.of(method, arguments, self.dataset).arguments))

    def undo(self) -> str:
        """Go back before the last action; returns its label."""
        return self._do(commands.Undo())

    def redo(self) -> str:
        """Do again what was undone; returns its label."""
        return self._do(commands.Redo())

    def jump(self, number: int) -> str:
        """Go to any state of the history by its number; returns its label."""
        return self._do(commands.Jump(number))

    def rename(self, number: int, text: str) -> None:
        """Give a state a name, which history shows in place of the action; "" takes it away."""
        self._do(commands.Rename(number, text))

    def annotate(self, number: int, note: str) -> None:
        """Write a note on a state."""
        self._do(commands.Annotate(number, note))

    def pin(self, number: int, pinned: bool = True) -> None:
        """Keep a state whatever memory it takes, or no longer."""
        self._do(commands.Pin(number, pinned))
