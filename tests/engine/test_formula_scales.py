"""Formulas speak the units of the data, also where the network was trained on normalised columns."""

import copy
import io
import json

import numpy as np
import pytest
import sympy
import torch

import kanwidget
from kanwidget.formula import formula, symbolic_formula
from kanwidget.symbolic import library
from tests.networks import points, remove_without_trace

INPUTS = ((3.0, -0.5), (2.0, 0.25))
OUTPUT = ((10.0,), (4.0,))


def line():
    """2u - v + 0.5 of normalised inputs."""
    model = kanwidget.KAN([2, 1])
    model.layers[0].set_symbolic(0, 0, library.get("x"), (1, 0, 2, 0.5))
    model.layers[0].set_symbolic(1, 0, library.get("x"), (1, 0, -1, 0))
    return model


def data(**options):
    def f(x):
        return 100 + 7 * x[:, [0]] ** 2 - x[:, [1]]

    return kanwidget.create_dataset(
        f, ranges=[(2, 6), (-30, 10)], train_num=200, test_num=50, **options
    )


def test_normalised_data_remember_their_scale():
    plain, dataset = data(), data(normalize_input=True, normalize_label=True)
    for kind, scale in (("input", dataset.input_scale), ("label", dataset.output_scale)):
        train = dataset[f"train_{kind}"]
        assert torch.allclose(train.mean(0), torch.zeros_like(train[0]), atol=1e-12)
        assert torch.allclose(train.std(0), torch.ones_like(train[0]))
        mean, std = (torch.tensor(part, dtype=torch.float64) for part in scale)
        for part in ("train", "val", "test"):
            assert torch.allclose(mean + std * dataset[f"{part}_{kind}"], plain[f"{part}_{kind}"])
    assert plain.input_scale is None
    assert dataset.choose_inputs([1]).input_scale == tuple((p[1],) for p in dataset.input_scale)
    assert dataset.to(torch.float32, "cpu").output_scale == dataset.output_scale
    assert data(normalize_label=True).input_scale is None


def test_data_normalised_twice_have_one_scale():
    plain, once = data(), data(normalize_input=True)
    shifted = once.choose_inputs([0, 1])
    twice = shifted.normalized(labels=False)
    mean, std = (torch.tensor(part, dtype=torch.float64) for part in twice.input_scale)
    assert torch.allclose(mean + std * twice.train_input, plain.train_input)


def test_constant_columns_are_only_shifted():
    x = np.column_stack([np.full(40, 7.0), np.arange(40.0)])
    dataset = kanwidget.create_dataset_from_data(x, x[:, 1], normalize_input=True)
    assert dataset.input_scale[1][0] == 1.0
    assert bool((dataset.train_input[:, 0] == 0).all())


def test_tables_can_be_normalised():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"mass": np.arange(30.0), "force": np.arange(30.0) * 9.81})
    table = kanwidget.create_dataset_from_table(
        frame, "force", normalize_input=True, normalize_label=True
    )
    assert table.input_scale is not None
    assert table.output_scale is not None


def test_the_formula_is_in_the_units_of_the_data():
    found = formula(
        line(), points(100, 2), var=["x", "y"], normalizer=INPUTS, output_normalizer=OUTPUT
    )
    # 10 + 4·(2·(x - 3)/2 - (y + 0.5)/0.25 + 0.5)
    assert found.latex == "4 x - 16 y - 8"
    assert found.full_error < 1e-14
    assert found.shown_error < 1e-14


def test_scales_of_hidden_functions_are_folded_before_anything_is_tidied():
    model = kanwidget.KAN([1, 1])
    model.layers[0].set_symbolic(0, 0, library.get("x^2"), (3.0, 6.0, 1.0, 0.0))
    expressions, (x,) = symbolic_formula(
        model, var=["x"], normalizer=([2.0], [3.0]), output_normalizer=([0.0], [0.5])
    )
    # (3·(x - 2)/3 + 6)² / 2
    assert expressions == [sympy.Float(0.5) * (x + sympy.Float(4.0)) ** 2]


def test_the_error_is_measured_in_the_units_of_the_data():
    model, x = kanwidget.KAN([1, 1]), points(100, 1)
    model.layers[0].set_symbolic(0, 0, library.get("x"), (1, 0, 1.23456789, 0))
    plain = formula(model, x, digits=3)
    shifted = formula(model, x, digits=3, output_normalizer=([1000.0], [1.0]))
    assert 1e-5 < plain.shown_error < 1e-3
    assert shifted.shown_error <= plain.shown_error
    values = float(shifted.shown_expressions[0].subs(shifted.variables[0], 0.5))
    assert values == pytest.approx(1000 + 0.5 * 1.23456789, abs=1)


def test_a_fit_makes_the_network_remember():
    dataset = data(normalize_input=True, normalize_label=True)
    model = kanwidget.KAN([2, 1])
    model.fit(dataset, steps=2)
    assert model.input_scale == dataset.input_scale
    assert model.output_scale == dataset.output_scale
    for l, i, j in model.edges():
        model.fix_symbolic(l, i, j, "x^2" if i == 0 else "x")
    model.fit(dataset, steps=20)
    found = formula(model, dataset.train_input)
    x = data().test_input
    expression = sympy.lambdify(found.variables, found.expressions[0])
    values = torch.as_tensor(expression(*x.T.numpy()))[:, None]
    assert torch.allclose(values, data().test_label, rtol=1e-6)
    assert model.symbolic_formula()[0][0].free_symbols == set(found.variables)
    model.fit(data(), steps=1)
    assert model.input_scale is None


def test_the_scale_survives_copies_saving_undo_and_pruned_inputs():
    model = line()
    model.input_scale, model.output_scale = INPUTS, OUTPUT
    loaded = kanwidget.KAN([1, 1])
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    loaded.load_state_dict(torch.load(file, weights_only=True))
    for other in (model.copy(), copy.deepcopy(model), loaded):
        assert (other.input_scale, other.output_scale) == (INPUTS, OUTPUT)
    before = model.snapshot()
    remove_without_trace(model.layers[0], 0, 0)
    model.prune_input(active_inputs=[1])
    assert model.input_scale == ((-0.5,), (0.25,))
    model.restore(before)
    assert model.input_scale == INPUTS


def test_states_from_before_there_were_scales_are_loaded():
    from kanwidget.saving import packed, unpacked

    model = line()
    state = model.state_dict()
    extra = unpacked(state["_extra_state"])
    assert json.dumps(extra["input_scale"]) == "null"
    del extra["input_scale"], extra["output_scale"]
    state["_extra_state"] = packed(extra)
    other = line()
    other.input_scale = INPUTS
    other.load_state_dict(state)
    assert other.input_scale is None


def test_a_session_shows_the_units_of_the_data():
    dataset = data(normalize_input=True, normalize_label=True)
    model = kanwidget.KAN([2, 1])
    for i in range(2):
        model.layers[0].set_symbolic(i, 0, library.get("x"), (1, 0, 1, 0))
    session = kanwidget.Session(model, dataset)
    try:
        assert model.input_scale == dataset.input_scale
        assert session.view.formula.full < 1e-12
        expected = formula(model, dataset.train_input).latex
        assert session.view.formula.latex == expected
        unscaled = formula(
            model, dataset.train_input, normalizer=([0, 0], [1, 1]), output_normalizer=([0], [1])
        )
        assert unscaled.latex == "x_{1} + x_{2}" != expected
    finally:
        session.close()


@pytest.mark.parametrize(
    "normalizer", [([1.0], [1.0]), ([0, 0], [1, 0]), "ab", ([0, 0], [1, float("nan")]), 3]
)
def test_a_wrong_normalizer_is_explained(normalizer):
    with pytest.raises(ValueError, match=r"normalizer is .* of 2 finite numbers"):
        symbolic_formula(line(), normalizer=normalizer)


def test_pykans_rows_of_means_are_taken():
    mean, std = (torch.tensor([part]) for part in INPUTS)
    given = symbolic_formula(line(), normalizer=[mean, std])
    assert given == symbolic_formula(line(), normalizer=INPUTS)
