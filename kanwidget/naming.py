"""What a network's inputs and outputs are called."""

from __future__ import annotations

from typing import Any

from kanwidget.network import Network

LONGEST_NAME = 60
"""Letters of a name."""


class Naming(Network):
    """A network whose inputs and outputs can be renamed.

    A name stays when the network is trained on the same data; other data bring their own names.
    """

    def rename_input(self, i: int, text: str) -> None:
        """Call input i by another name; the formula does so, too.

        Parameters
        ----------
        i : int
        text : str
            Such as ``x_1``, ``alpha`` or ``T_max``, 1 to 60 letters; no other input has it.

        Raises
        ------
        KeyError
            If there is no such input.
        TypeError, ValueError
            If the name cannot be one, or another input has it.
        """
        text = self.check_name(0, i, text)
        with self.action("rename_input", i=i, text=text):
            self._remember()
            self.input_names = [text if n == i else old for n, old in enumerate(self.input_names)]

    def rename_output(self, j: int, text: str) -> None:
        """Call output j by another name; what is accepted and raised is as in `rename_input`."""
        text = self.check_name(self.depth, j, text)
        with self.action("rename_output", j=j, text=text):
            self._remember()
            self.output_names = [text if n == j else old for n, old in enumerate(self.output_names)]

    def _remember(self) -> None:
        """Data with the names that are replaced now will not bring them back."""
        self.known_names |= {(tuple(self.input_names), tuple(self.output_names))}

    def check_name(self, layer: Any, node: Any, name: Any) -> str:
        """A new name for an input (node layer 0) or an output (the last), without blanks around it."""
        names = {0: self.input_names, self.depth: self.output_names}.get(
            layer if type(layer) is int else -1
        )
        if names is None or type(node) is not int or not 0 <= node < len(names):
            raise KeyError(
                f"node ({layer!r:.20}, {node!r:.20}) has no name of its own: there are inputs (0, 0) to "
                f"(0, {self.width[0] - 1}) and outputs ({self.depth}, 0) to "
                f"({self.depth}, {self.width[-1] - 1})"
            )
        if not isinstance(name, str):
            raise TypeError(f"name is {name!r:.60}; a text is needed")
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise ValueError(f"name is {name!r:.60}; 1 to {LONGEST_NAME} letters are needed")
        if name in names and names.index(name) != node:
            kind = "input" if layer == 0 else "output"
            raise ValueError(f"name is {name!r}, which {kind} {names.index(name)} has already")
        return name
