"""Networks and data know how they were made, so that they can be made again."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
import torch

import kanwidget
from kanwidget.session.fingerprint import fingerprint
from tests.networks import hello, same, state

MADE = [
    {"width": [2, 3, 1], "seed": 1},
    {"width": [2, [3, 1], 1], "mult_arity": 3, "seed": 5},
    {"width": [2, 3, 1], "grid": [3, 5], "k": 2, "base_fun": "identity", "seed": 0},
    {"width": [2, 1], "sparse_init": True, "grid_range": [-2.0, 2.0], "seed": 3},
    {"width": [2, 1], "affine_trainable": True, "dtype": torch.float32, "seed": 3},
]


@pytest.mark.parametrize("made", MADE)
def test_a_network_is_made_again_from_what_it_says(made):
    model = kanwidget.KAN(**made)
    assert model.made == made
    assert same(kanwidget.KAN(**model.made), state(model))


def test_what_was_given_is_told_as_plain_data_and_defaults_are_not():
    model = kanwidget.KAN(
        (np.int64(2), (3, 1), 1), grid=3, device=torch.device("cpu"), grid_range=np.array([-1, 1])
    )
    assert model.made == {"width": [2, [3, 1], 1], "seed": 1}
    assert [type(n) for n in kanwidget.KAN(np.array([2, 1]).tolist()).made["width"]] == [int, int]


def test_copies_of_a_network_know_it_too():
    model = kanwidget.KAN([2, 1], grid=7)
    model.prune_input(active_inputs=[1])
    for other in (model.copy(), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.made == {"width": [2, 1], "grid": 7, "seed": 1}


def again(dataset):
    made = kanwidget.create_dataset(dataset.recipe.function, **dataset.recipe.arguments)
    for method, arguments in dataset.recipe.changes:
        made = getattr(made, method)(*arguments)
    return made


def test_sampled_data_are_made_again_by_their_recipe():
    data = kanwidget.create_dataset(
        hello, 2, np.array([[-1, 1], [0, 2]]), 30, 20, seed=4, normalize_label=True
    )
    arguments = data.recipe.arguments
    assert arguments == {
        **{"ranges": [[-1, 1], [0, 2]], "train_num": 30, "test_num": 20, "seed": 4},
        "normalize_label": True,
    }
    changed = data.choose_inputs([1]).normalized(labels=False).to(torch.float32, "cpu")
    assert [method for method, _ in changed.recipe.changes] == ["choose_inputs", "normalized", "to"]
    for each in (data, changed):
        assert fingerprint(again(each)) == fingerprint(each)


def test_changes_that_change_nothing_are_no_part_of_the_recipe():
    data = kanwidget.create_dataset(hello, train_num=10, test_num=10)
    assert data.to(torch.float64, "cpu") is data
    assert data.normalized(False, False) is data
    assert data.recipe.changes == ()


def test_data_that_no_function_gave_have_no_recipe():
    data = kanwidget.create_dataset_from_data(torch.rand(20, 2), torch.rand(20))
    assert data.recipe is None
    assert data.normalized().choose_inputs([0]).recipe is None


def test_copies_of_data_hold_no_function():
    data = kanwidget.create_dataset(lambda x: x, 1, train_num=10, test_num=10)
    for other in (copy.deepcopy(data), pickle.loads(pickle.dumps(data))):
        assert other.recipe is None
        assert fingerprint(other) == fingerprint(data)
    assert "recipe" not in repr(data)
    assert dataclasses.replace(data).recipe is data.recipe
