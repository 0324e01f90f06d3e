"""Commands as the page sends them: a name and arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from kanwidget.session.commands import (
    acts,
    edges,
    formulas,
    groups,
    growing,
    inspecting,
    looking,
    moves,
    showing,
    training,
    writing_formulas,
)
from kanwidget.session.commands.base import Command

COMMANDS: dict[str, type[Command]] = {
    command.name: command
    for command in (
        *(training.Train, formulas.Auto, formulas.TakeFormula),
        *(edges.Prune, edges.FixSymbolic, edges.UnfixSymbolic),
        *(edges.RemoveEdge, edges.RestoreEdge, edges.RemoveNode, edges.RestoreNode),
        *(groups.RemoveEdges, groups.RestoreEdges, groups.LockEdges, groups.UnlockEdges),
        *(groups.FixEdges, groups.UnfixEdges, groups.NameNode),
        *(groups.CostOfRemoving, groups.CostOfNode, groups.FunctionsFor),
        *(inspecting.SetConstant, inspecting.LockConstant, inspecting.UnlockConstant),
        *(inspecting.MovePoint, inspecting.Inspect),
        *(formulas.Tidy, formulas.Snap, formulas.SnapAll, acts.Act),
        *(moves.Undo, moves.Redo, moves.Jump, moves.Rename, moves.Annotate, moves.Pin),
        *(formulas.Suggest, formulas.Proposals, formulas.DefineFunction, writing_formulas.Export),
        *(looking.Look, looking.Compare, looking.Script, looking.Save, showing.ExportPage),
        growing.PreviewRefine,
    )
}


def parse(name: object, arguments: object) -> Command:
    """A command from its name and arguments as JSON brings them.

    Raises
    ------
    KeyError
        If there is no such command.
    TypeError
        If arguments are missing, unknown, or no dictionary.
    """
    if not isinstance(name, str) or name not in COMMANDS:
        raise KeyError(f"there is no command {name!r}; there are {', '.join(COMMANDS)}")
    if not isinstance(arguments, Mapping):
        raise TypeError(f"the arguments of {name} are {arguments!r}; a dictionary is needed")
    kind = COMMANDS[name]
    fields = dataclasses.fields(kind)
    known = [field.name for field in fields]
    needed = [field.name for field in fields if field.default is dataclasses.MISSING]
    unknown = [key for key in arguments if key not in known]
    missing = [key for key in needed if key not in arguments]
    if unknown or missing:
        came = ", ".join(map(str, arguments)) or "nothing"
        raise TypeError(f"{name} got {came}; it takes {', '.join(known) or 'nothing'}")
    values = dict(arguments)
    if isinstance(values.get("edge"), list):
        values["edge"] = tuple(values["edge"])
    if isinstance(values.get("edges"), list):
        values["edges"] = [tuple(e) if isinstance(e, list) else e for e in values["edges"]]
    return kind(**values)
