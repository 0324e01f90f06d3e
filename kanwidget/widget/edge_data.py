"""What the inspector of an edge shows, as JSON has it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kanwidget.formula.single import candidate_latex, function_latex
from kanwidget.inspecting import Inspection
from kanwidget.network import Edge
from kanwidget.session import Session
from kanwidget.session.view import finite
from kanwidget.symbolic.suggest import Candidate
from kanwidget.tidying import CONSTANTS

SUGGESTION_POINTS = 64
DIGITS = 7
"""Of numbers that are only drawn."""
AS_SHOWN = 4
"""Digits of a constant that is no simple number."""


def suggestions(session: Session, edge: Edge, found: list[Candidate]) -> dict[str, Any]:
    """The edge's curve, and every candidate's over the same inputs."""
    l, i, j = edge
    model = session.model
    with torch.no_grad(), model.exclusive:
        model.check_edge(l, i, j)
        column = model.node_values(model.training_inputs())[l][:, i]
        x = torch.linspace(
            float(column.min()), float(column.max()), SUGGESTION_POINTS, dtype=column.dtype
        ).to(column.device)
        y = model.layers[l].edge_output(i, j, x)
    return {
        "edge": list(edge),
        "x": _numbers(x),
        "y": _numbers(y),
        "candidates": [
            {
                "function": candidate.name,
                "r2": candidate.r2,
                "complexity": candidate.complexity,
                "latex": candidate_latex(candidate),
                "curve": _numbers(candidate.curve(x)),
                "warning": candidate.warning,
                "outside": candidate.outside,
                "loss_change": finite(candidate.loss_change),
            }
            for candidate in found
        ],
    }


def inspection(found: Inspection) -> dict[str, Any]:
    """An inspection; the basis functions only where they are not zero."""
    function, symbolic = found.function, found.function is not None
    return {
        "edge": list(found.edge),
        "kind": found.kind,
        "locked": found.locked,
        "data": [_rounded(end) for end in found.data],
        "grid": [_rounded(end) for end in found.grid],
        "x": _drawn(found.x),
        "y": _drawn(found.y),
        "slope": _drawn(found.slope),
        "density": [int(count) for count in found.density.tolist()],
        "samples": {
            "x": _drawn(found.inputs),
            "y": _drawn(found.outputs),
            "wanted": _drawn(found.wanted),
        },
        "knots": _drawn(found.knots),
        "points": [
            {"x": x, "y": y, **_span(basis)}
            for x, y, basis in zip(
                found.point_x.tolist(), found.point_y.tolist(), found.bases, strict=True
            )
        ],
        "function": function.name if function else "",
        "latex": function_latex(function, found.constants) if function else "",
        "constants": [
            {"name": name, "value": finite(value), "text": shown(value), "locked": held}
            for name, value, held in zip(CONSTANTS, found.constants, found.held, strict=True)
            if symbolic
        ],
        "r2": finite(found.r2),
        "warnings": list(found.warnings),
    }


def shown(value: float) -> str:
    """A constant as a person would type it: pi/2, else in a few digits."""
    from kanwidget.formula.constants import recognise
    from kanwidget.formula.exact import DEAREST_SHOWN, TOLERANCE

    for constant in recognise(value, TOLERANCE) if math.isfinite(value) else ():
        if constant.cost <= DEAREST_SHOWN:
            return str(constant.expr)
    return f"{value:.{AS_SHOWN}g}"


def _span(basis: Tensor) -> dict[str, Any]:
    """Where a row of numbers is not zero: the first place, and the numbers from there on."""
    places = basis.nonzero()[:, 0].tolist()
    first, last = (places[0], places[-1] + 1) if places else (0, 0)
    return {"first": first, "basis": _drawn(basis[first:last])}


def _drawn(values: Tensor) -> list[float | None]:
    return [None if value is None else _rounded(value) for value in _numbers(values)]


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _numbers(values: Tensor) -> list[float | None]:
    """Plain numbers; None where a function has no value."""
    return [v if math.isfinite(v) else None for v in values.double().tolist()]
