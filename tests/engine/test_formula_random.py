"""Formulas of random networks, evaluated by sympy with numpy, are these networks.

``make soak`` does so with 1,000 of them.
"""

import functools
import itertools
import os
import random

import numpy as np
import pytest
import sympy
import torch
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from kanwidget.formula import formula, symbolic_formula
from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.symbolic import library
from tests.engine.test_formula import make_affine, network
from tests.networks import points

NETWORKS = int(os.environ.get("KANWIDGET_SOAK", "30"))
LAYERS = st.lists(
    st.lists(st.sampled_from([1, 1, 1, 2, 3, 4]), min_size=1, max_size=3), min_size=1, max_size=3
)
FUNCTIONS = library.resolve(None)


class Random:
    """A network that a seed decides: functions on some edges, splines on others, both, or nothing."""

    def __init__(self, n, layers, seed, symbolic_only):
        self.rng = random.Random(seed)
        self.model = network([n, *layers], seed=seed % 1000)
        self.x = points(80, n, seed=seed)
        self.used = set()
        if self.rng.random() < 0.5:
            make_affine(self.model, self.rng)
        for l, layer in enumerate(self.model.layers):
            values = self.model.node_values(self.x)[l]
            for i, j in itertools.product(range(layer.n_in), range(layer.n_out)):
                self.edge(layer, i, j, values[:, i], symbolic_only)
            layer.structure_changed()
        self.model.calibration = self.x

    def edge(self, layer, i, j, values, symbolic_only):
        kind = self.rng.choices(["symbolic", "numeric", "both", "removed"], [6, 1, 1, 2])[0]
        if kind == "removed":
            layer.alive[j, i] = False
            layer.left[j, i] = self.rng.uniform(-1, 1)
            return
        if symbolic_only or kind != "numeric":
            function = self.rng.choice(FUNCTIONS)
            self.used.add(function.name)
            layer.set_symbolic(i, j, function, self.parameters(function, values))
            layer.numeric[j, i] = kind == "both" and not symbolic_only

    def parameters(self, function, values):
        """a, b, c, d with a·values + b well inside the domain."""
        low, high = max(function.interval[0], -2.0), min(function.interval[1], 2.0)
        reach = 0.45 * (high - low)
        half = max(float(values.max() - values.min()) / 2, 1e-3)
        middle = float(values.max() + values.min()) / 2
        a = self.rng.uniform(0.2, 0.7) * reach / half
        # not in the middle, where sgn of a constant would be that of a rounding error
        b = (low + high) / 2 + 0.2 * reach - a * middle
        a, b = (a, b) if self.rng.random() < 0.5 else self.mirrored(function, a, b)
        return a, b, self.rng.uniform(-2, 2), self.rng.uniform(-1, 1)

    def mirrored(self, function, a, b):
        return (-a, -b) if function.interval[0] == -function.interval[1] else (a, b)

    def curve(self, u, l, i, j):
        """What φ stands for, on numbers."""
        u = torch.as_tensor(np.array(np.broadcast_to(u, len(self.x)), dtype=float))
        with torch.no_grad():
            output = self.model.layers[int(l)].edge_output(int(i), int(j), u, part="spline")
        return output.numpy()

    def values(self, variables, expressions, definitions=()):
        """Values (N, n) of expressions as sympy evaluates them with numpy."""
        known = dict(zip(variables, self.x.T.numpy(), strict=True))

        def value(expression):
            if expression not in known:
                known[expression] = compute(expression)
            return known[expression]

        def compute(expression):
            if expression.is_number and not expression.has(EdgeCurve):
                return float(expression)
            if isinstance(expression, EdgeCurve):
                return self.curve(value(expression.args[0]), *expression.args[1:])
            parts = [part for part in expression.args if not part.is_Rational]
            places = dict(zip(parts, sympy.symbols(f"u:{len(parts)}"), strict=True))
            arguments = [places.get(part, part) for part in expression.args]
            # one operation at a time: sympy would look for identities in all of it, for minutes
            return compiled(expression.func(*arguments), *places.values())(*map(value, places))

        for symbol, expression in definitions:
            known[symbol] = value(expression)
        columns = [np.broadcast_to(value(expression), len(self.x)) for expression in expressions]
        return np.stack(columns, 1).astype(float)

    def truth(self):
        with torch.no_grad():
            return self.model(self.x).numpy()

    def reaching(self):
        """Numeric edges whose curve changes an output."""
        before, found = self.truth(), set()
        for l, i, j in self.model.edges():
            layer = self.model.layers[l]
            if not bool(layer.numeric[j, i]):
                continue
            kept = layer.coef.detach().clone()
            with torch.no_grad():
                layer.coef[j, i] += 1.0
            if np.abs(self.truth() - before).max() > 1e-6 * np.abs(before).max():
                found.add((l, i, j))
            with torch.no_grad():
                layer.coef.copy_(kept)
        assert (self.truth() == before).all()
        return found


@functools.cache
def compiled(expression, *places):
    return sympy.lambdify(places, expression, "numpy")


def relative(values, truth):
    worst, size = np.abs(values - truth).max(), np.abs(truth).max()
    return worst / size if size > 0 else worst


def placeholders(expressions):
    return {
        tuple(map(int, curve.args[1:]))
        for expression in expressions
        for curve in expression.atoms(EdgeCurve)
    }


@settings(max_examples=NETWORKS, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    n=st.integers(1, 4),
    layers=LAYERS,
    seed=st.integers(0, 10**9),
    symbolic_only=st.booleans(),
    digits=st.integers(2, 7),
)
def test_formulas_of_random_networks_are_the_networks(n, layers, seed, symbolic_only, digits):
    case = Random(n, layers, seed, symbolic_only)
    truth = case.truth()
    assert np.isfinite(truth).all()
    found = formula(case.model, case.x, digits=digits)
    if not found.expressions:
        event("too large for a formula")
        return
    note(found.latex)

    values = case.values(found.variables, found.expressions, found.definitions)
    assert relative(values, truth) <= 1e-9
    assert found.full_error <= 1e-9
    exact = case.values(found.variables, found.exact_expressions, found.exact_definitions)
    assert relative(exact, truth) <= 1e-9

    written = [*found.expressions, *(each for _, each in found.definitions)]
    assert case.reaching() <= placeholders(written)
    assert len(placeholders(written)) == found.numeric_edges

    if found.text:
        event("not shown")
        return
    event("shown, nested" if not found.definitions else "shown, layer by layer")
    shown = case.values(found.variables, found.shown_expressions, found.shown_definitions)
    assert found.shown_error == pytest.approx(relative(shown, truth), rel=1e-6, abs=1e-12)
    assert found.digits == 12 or found.shown_error <= max(10.0 ** (1 - found.digits), 2e-9)
    assert placeholders([*found.shown_expressions, *(e for _, e in found.shown_definitions)]) == (
        placeholders(written)
    )


@settings(max_examples=NETWORKS // 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(n=st.integers(1, 3), layers=LAYERS, seed=st.integers(0, 10**9), exact=st.booleans())
def test_symbolic_formulas_of_random_networks_are_the_networks(n, layers, seed, exact):
    case = Random(n, layers, seed, symbolic_only=False)
    expressions, variables = symbolic_formula(case.model, exact=exact)
    assert relative(case.values(variables, expressions), case.truth()) <= 1e-9
    assert case.reaching() <= placeholders(expressions)


def test_the_random_networks_have_every_function_and_every_kind_of_edge():
    used, kinds, arities = set(), set(), set()
    for seed in range(40):
        case = Random(3, [[1, 3], [2]], seed, symbolic_only=False)
        used |= case.used
        for layer in case.model.layers:
            kinds |= set(layer.kinds().flatten().tolist())
            arities |= set(layer.nodes.arity)
    assert used == {function.name for function in FUNCTIONS}
    assert kinds == {0, 1, 2, 3}
    assert arities == {1, 2, 3}
