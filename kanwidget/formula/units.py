"""Units of a formula or of a network, edge by edge, checked by the rules of ``unit_rules``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy

from kanwidget.formula.building import build
from kanwidget.formula.dimensions import Dimension, dimension_of
from kanwidget.formula.export.program import checked, output_names, pair
from kanwidget.formula.structure import Structure
from kanwidget.formula.tidy import Sum, symbolic_edge
from kanwidget.formula.unit_rules import ANY, Check, UnitWarning
from kanwidget.network import Edge, Network


def check_units(source: Any, inputs: Mapping[Any, Any], output: Any = None) -> list[UnitWarning]:
    """Find where a formula cannot be true in physical units; ``unit_rules`` says by which rule.

    Parameters
    ----------
    source : Network, or (expressions, variables)
        Of a network all decimal numbers count as fitted; to tell snapped ones from them, give the
        snapped expressions.
    inputs : mapping of str or sympy.Symbol to unit
        Units of ``sympy.physics.units`` or pint, 1 for a plain number.  An input that is not named may
        have any unit.
    output : unit, or a list of them or None, or a mapping of names to units
        Of one output, or of several; None may be any.

    Returns
    -------
    list of UnitWarning
        Empty where all is well.

    Raises
    ------
    ValueError
        If inputs or output name what there is not, or output has the wrong length.
    TypeError
        If a unit is none.
    """
    if isinstance(source, Network):
        with source.exclusive:
            variables = [sympy.Symbol(name) for name in source.input_names]
            outputs = list(source.output_names)
            known = _known(inputs, [v.name for v in variables])
            wanted = _wanted(output, outputs)
            return _of_network(source, variables, known, wanted, outputs)
    expressions, variables = checked(*pair(source))
    known = _known(inputs, [v.name for v in variables])
    outputs = output_names(len(expressions))
    wanted = _wanted(output, outputs)
    check = Check({v: known.get(v.name, ANY) for v in variables})
    for name, expression, unit in zip(outputs, expressions, wanted, strict=True):
        check.output(name, expression, unit)
    return check.warnings


def _known(inputs: Any, names: Sequence[str]) -> dict[str, Dimension]:
    if not isinstance(inputs, Mapping):
        raise TypeError(f"inputs is {inputs!r:.60}; a mapping of names to units is needed")
    units = {str(getattr(name, "name", name)): unit for name, unit in inputs.items()}
    for name in units:
        if name not in names:
            raise ValueError(
                f"inputs names {name!r:.60}, which is no input; they are {', '.join(names)}"
            )
    return {name: dimension_of(name, unit) for name, unit in units.items()}


def _wanted(output: Any, names: Sequence[str]) -> list[Dimension | None]:
    if isinstance(output, Mapping):
        for name in output:
            if name not in names:
                raise ValueError(
                    f"output names {name!r:.60}, which is no output; they are {', '.join(names)}"
                )
        units = [output.get(name) for name in names]
    elif isinstance(output, (list, tuple)):
        units = list(output)
    else:
        units = [output] if output is not None else [None] * len(names)
    if len(units) != len(names):
        raise ValueError(f"output has {len(units)} units; the formula has {len(names)} outputs")
    return [
        ANY if unit is None else dimension_of(name, unit)
        for name, unit in zip(names, units, strict=True)
    ]


# ---------------------------------------------------------------------- networks


def _of_network(
    model: Network,
    variables: list[sympy.Symbol],
    known: Mapping[str, Dimension],
    wanted: Sequence[Dimension | None],
    names: Sequence[str],
) -> list[UnitWarning]:
    """Layer after layer, so that each term is one of an edge."""
    network = Structure(model)
    inputs: list[Any] = [sympy.Dummy(v.name) for v in variables]
    scales = model.input_scale, model.output_scale
    outputs, hidden = build(model, network, inputs, nested=False, scales=scales)
    check = Check(
        {x: known.get(v.name, ANY) for x, v in zip(inputs, variables, strict=True)},
        dict(zip(inputs, variables, strict=True)) | {h: sympy.Symbol(h.name) for _, h, _ in hidden},
    )
    check.edges = _terms(model, network, inputs, [(place, h) for place, h, _ in hidden])
    for _, h, node in hidden:
        check.dimensions[h] = check.of(node.expression())
    for name, node, unit in zip(names, outputs, wanted, strict=True):
        check.output(name, node.expression(), unit)
    return check.warnings


def _terms(
    model: Network,
    network: Structure,
    inputs: Sequence[sympy.Symbol],
    hidden: Iterable[tuple[str, sympy.Symbol]],
) -> list[tuple[Edge, sympy.Expr]]:
    """The terms of every symbolic edge, in the symbols of the nodes below."""
    below = {(0, i): Sum(0.0, {x: 1.0}) for i, x in enumerate(inputs)}
    if model.input_scale is not None:
        for (key, value), mean, std in zip(list(below.items()), *model.input_scale, strict=True):
            below[key] = value.affine(1.0, -mean).over(std)
    for place, h in hidden:
        layer, _, node = place.rpartition(",")
        below[int(layer or 1), int(node)] = Sum(0.0, {h: 1.0})
    found = []
    for l, kinds in enumerate(network.kinds):
        edges: Any = model.layers[l]
        for j, row in enumerate(kinds):
            for i, kind in enumerate(row):
                if kind & 2 and (l, i) in below:
                    function, affine = edges.symbolic_function(i, j), edges.affine[j, i].tolist()
                    terms = symbolic_edge(function, affine, below[l, i]).terms
                    found += [((l, i, j), term) for term in terms]
    return found
