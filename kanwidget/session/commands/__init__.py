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
    DefineFunction,
    Proposals,
    Snap,
    SnapAll,
    Suggest,
    TakeFormula,
    Tidy,
)
from kanwidget.session.commands.groups import (
    CostOfNode,
    CostOfRemoving,
    FixEdges,
    FunctionsFor,
    LockEdges,
    NameNode,
    RemoveEdges,
    RestoreEdges,
    UnfixEdges,
    UnlockEdges,
)
from kanwidget.session.commands.growing import PreviewRefine
from kanwidget.session.commands.inspecting import (
    Inspect,
    LockConstant,
    MovePoint,
    SetConstant,
    UnlockConstant,
)
from kanwidget.session.commands.looking import Compare, Inquiry, Look, Save, Script
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
from kanwidget.session.commands.showing import ExportPage
from kanwidget.session.commands.training import Train
from kanwidget.session.commands.writing_formulas import Export

__all__ = [
    "ACTIONS",
    "COMMANDS",
    "Act",
    "Annotate",
    "Auto",
    "Command",
    "Compare",
    "CostOfNode",
    "CostOfRemoving",
    "DefineFunction",
    "Edit",
    "Export",
    "ExportPage",
    "FixEdges",
    "FixSymbolic",
    "FunctionsFor",
    "Inquiry",
    "Inspect",
    "Jump",
    "LockConstant",
    "LockEdges",
    "Look",
    "Move",
    "MovePoint",
    "NameNode",
    "Pin",
    "PreviewRefine",
    "Proposals",
    "Prune",
    "Question",
    "Redo",
    "RemoveEdge",
    "RemoveEdges",
    "RemoveNode",
    "Rename",
    "RestoreEdge",
    "RestoreEdges",
    "RestoreNode",
    "Save",
    "Script",
    "SetConstant",
    "Snap",
    "SnapAll",
    "Suggest",
    "TakeFormula",
    "Tidy",
    "Train",
    "Undo",
    "UnfixEdges",
    "UnfixSymbolic",
    "UnlockConstant",
    "UnlockEdges",
    "Writing",
    "explain",
    "parse",
]
