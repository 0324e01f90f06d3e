import pytest

import kanwidget
from tests.networks import hello, hello_data


def made():
    model, data = kanwidget.KAN([2, 1, 1], seed=1), hello_data(60)
    model.get_act(data)
    return model, data


def test_a_new_name_is_in_the_formula():
    model, _ = made()
    model.rename_input(1, " speed ")
    model.rename_output(0, "drag")
    assert (model.input_names, model.output_names) == (["x_1", "speed"], ["drag"])
    model.auto_symbolic(lib=["x"])
    (formula,), _ = model.symbolic_formula()
    assert {str(symbol) for symbol in formula.free_symbols} == {"x_1", "speed"}


def test_names_stay_while_the_data_are_the_same_and_go_with_others():
    model, data = made()
    model.rename_input(0, "a")
    model.fit(data, steps=2)
    model.get_act(data)
    assert model.input_names == ["a", "x_2"]
    model.prune_input(active_inputs=[0])
    model.fit(data, steps=1)
    assert model.input_names == ["a"]
    other = kanwidget.create_dataset(hello, train_num=20, test_num=20, input_names=["u", "v"])
    model.fit(other, steps=1)
    assert model.input_names == ["u"]


def test_names_of_before_come_back_with_the_state_of_before():
    model, data = made()
    before = model.snapshot()
    model.rename_input(0, "a")
    model.restore(before)
    model.fit(data, steps=1)
    assert model.input_names == ["x_1", "x_2"]


@pytest.mark.parametrize(
    ("index", "name", "error", "sentence"),
    [
        (2, "a", KeyError, r"node \(0, 2\) has no name of its own"),
        (True, "a", KeyError, "has no name"),
        (0, 3, TypeError, "name is 3"),
        (0, "", ValueError, "1 to 60 letters"),
        (0, "a\x00", ValueError, "1 to 60 letters"),
        (0, "\ud800", ValueError, "1 to 60 letters"),
        (0, "x_2", ValueError, "name is 'x_2', which input 1 has already"),
    ],
)
def test_what_cannot_be_a_name_is_refused(index, name, error, sentence):
    model, _ = made()
    with pytest.raises(error, match=sentence):
        model.rename_input(index, name)
    assert model.input_names == ["x_1", "x_2"]
