"""What a person can do, as plain data: every command is checked before it changes anything.

The page sends a name and arguments, Python calls a method of the session; both become the same object.
"""

from kanwidget.session.commands.acts import ACTIONS, Act
from kanwidget.session.commands.base import Command, Edit, Question, explain
from kanwidget.session.commands.edges import (
    FixSymbolic,
    Prune,
    RemoveEdge,
    RemoveNode,
    RestoreEdge,
    RestoreNode,
    UnfixSymbolic,
)
from kanwidget.session.commands.formulas import (
    Auto,
    Proposals,
    Snap,
    SnapAll,
    Suggest,
    TakeFormula,
    Tidy,
)
from kanwidget.session.commands.moves import (
    Annotate,
    Jump,
    Move,
    Pin,
    Redo,
    Rename,
    Undo,
    Writing,
)
from kanwidget.session.commands.parsing import COMMANDS, parse
from kanwidget.session.commands.training import Train

__all__ = [
    "ACTIONS",
    "COMMANDS",
    "Act",
    "Annotate",
    "Auto",
    "Command",
    "Edit",
    "FixSymbolic",
    "Jump",
    "Move",
    "Pin",
    "Proposals",
    "Prune",
    "Question",
    "Redo",
    "RemoveEdge",
    "RemoveNode",
    "Rename",
    "RestoreEdge",
    "RestoreNode",
    "Snap",
    "SnapAll",
    "Suggest",
    "TakeFormula",
    "Tidy",
    "Train",
    "Undo",
    "UnfixSymbolic",
    "Writing",
    "explain",
    "parse",
]
