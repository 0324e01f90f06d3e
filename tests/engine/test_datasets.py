import random
import re

import numpy as np
import pandas as pd
import pytest
import torch

import kanwidget
from kanwidget import create_dataset, create_dataset_from_data, create_dataset_from_table
from kanwidget.datasets import as_dataset
from tests.networks import hello, hello_data

PARTS = [f"{part}_{kind}" for part in ("train", "val", "test") for kind in ("input", "label")]


def table(rows=50):
    x = np.linspace(0, 1, rows)
    return pd.DataFrame({"a": x, "n": np.arange(rows), "kind": ["s"] * rows, "T": x**1.5})


def refused(kind, sentence, call, *arguments, **options):
    with pytest.raises(kind, match=re.escape(sentence)) as told:
        call(*arguments, **options)
    assert len(str(told.value)) < 300


def test_function_is_sampled_on_its_box():
    data = create_dataset(
        hello, 2, ranges=[(0, 1), (-3, -2)], train_num=60, test_num=40, val_num=20, seed=3
    )
    sizes = {"train": 60, "val": 20, "test": 40}
    for part, size in sizes.items():
        x, y = data[f"{part}_input"], data[f"{part}_label"]
        assert (x.shape, y.shape) == ((size, 2), (size, 1))
        assert x.dtype == y.dtype == torch.float64
        assert torch.equal(y, hello(x))
        assert bool((x[:, 0] >= 0).all() and (x[:, 0] <= 1).all())
        assert bool((x[:, 1] >= -3).all() and (x[:, 1] <= -2).all())
    assert data.input_names == ("x_1", "x_2")
    assert data.output_names == ("y",)


def test_same_seed_gives_the_same_data_and_another_others():
    first, again, other = (hello_data(seed=seed) for seed in (1, 1, 2))
    assert all(torch.equal(first[part], again[part]) for part in PARTS)
    assert not any(torch.equal(first[part], other[part]) for part in PARTS)
    x = torch.arange(20.0)
    shuffled = [create_dataset_from_data(x, x, seed=seed) for seed in (1, 1, 2)]
    assert torch.equal(shuffled[0].train_input, shuffled[1].train_input)
    assert not torch.equal(shuffled[0].train_input, shuffled[2].train_input)


def test_global_random_numbers_are_left_alone():
    def states():
        numpy_state = np.random.get_state()  # noqa: NPY002
        return [torch.get_rng_state().tolist(), str(numpy_state), str(random.getstate())]

    before = states()
    data = hello_data(50)
    create_dataset_from_data(np.arange(20.0), np.arange(20.0))
    model = kanwidget.KAN([2, 3, 1], seed=4, sparse_init=True)
    model.fit(data, steps=2, batch=20)
    model.fit(data, opt="Adam", steps=2, batch=20)
    model.prune(0.0, 0.0)
    assert states() == before


def test_data_are_split_without_loss():
    x = torch.arange(101.0)
    data = create_dataset_from_data(x, 2 * x, train_ratio=0.7, val_ratio=0.2)
    assert [len(data[f"{part}_input"]) for part in ("train", "val", "test")] == [71, 20, 10]
    parts = [data[f"{part}_input"] for part in ("train", "val", "test")]
    together = torch.cat(parts).flatten()
    assert torch.equal(together.sort().values, x.double())
    assert not torch.equal(together, x.double())
    for part in ("train", "val", "test"):
        assert torch.equal(data[f"{part}_label"], 2 * data[f"{part}_input"])


def test_rest_is_halved_without_a_share_for_validation():
    data = create_dataset_from_data(np.arange(100.0), np.arange(100.0), train_ratio=0.8)
    assert [len(data[f"{part}_input"]) for part in ("train", "val", "test")] == [80, 10, 10]


@pytest.mark.parametrize(
    "values",
    [
        list(range(20)),
        np.arange(20),
        np.arange(20, dtype=np.float16),
        torch.arange(20),
        np.arange(20) > 9,
        pd.Series(np.arange(20)),
    ],
    ids=lambda v: f"{type(v).__name__}",
)
def test_many_kinds_of_arrays_become_columns_of_float64(values):
    data = create_dataset_from_data(values, values)
    assert data.train_input.dtype == data.train_label.dtype == torch.float64
    assert data.train_input.shape[1] == data.train_label.shape[1] == 1


def test_arrays_given_are_not_shared():
    x = np.arange(20.0)
    data = create_dataset_from_data(x, x)
    before = data.train_input.clone()
    x += 100
    assert torch.equal(data.train_input, before)


def test_names_of_columns_are_taken_from_the_table():
    data = create_dataset_from_table(table(), target="T")
    assert (data.input_names, data.output_names) == (("a", "n"), ("T",))
    data = create_dataset_from_table(table(), ["T", "n"], inputs=["a"], train_ratio=0.5, seed=3)
    assert (data.input_names, data.output_names) == (("a",), ("T", "n"))
    assert len(data.train_input) == 25
    torch.testing.assert_close(data.train_label[:, 0], data.train_input[:, 0] ** 1.5)
    model = kanwidget.KAN([1, 2])
    model.fit(data, steps=1)
    assert (model.input_names, model.output_names) == (["a"], ["T", "n"])


def test_csv_files_are_read_with_their_names(tmp_path):
    path = tmp_path / "planets.csv"
    table().to_csv(path, index=False)
    for given in (path, str(path)):
        data = create_dataset_from_table(given, "T", inputs="a")
        assert (data.input_names, data.output_names) == (("a",), ("T",))
        torch.testing.assert_close(data.train_label, data.train_input**1.5)


def test_unknown_columns_and_columns_of_text_are_named():
    refused(KeyError, "no column 'Z'; the columns are", create_dataset_from_table, table(), "Z")
    refused(KeyError, "no column 'b'", create_dataset_from_table, table(), "T", inputs=["a", "b"])
    for target, inputs in (("T", ["kind"]), ("kind", ["a"])):
        refused(
            TypeError,
            "column 'kind' holds",
            create_dataset_from_table,
            table(),
            target,
            inputs=inputs,
        )
    only = table()[["T", "kind"]]
    refused(ValueError, "no input columns are left", create_dataset_from_table, only, "T")


def test_gap_in_a_table_is_found_by_row_and_column():
    frame = table()
    frame.loc[7, "a"] = np.nan
    refused(ValueError, "first in row 7, column 'a'", create_dataset_from_table, frame, "T")
    frame = table()
    frame.loc[3, "T"] = np.inf
    refused(ValueError, "first in row 3, column 'T'", create_dataset_from_table, frame, "T")


NAN = np.array([1.0, np.nan] * 10)
BAD_DATA = [
    (ValueError, "inputs has 10 values that are NaN or infinite", NAN, np.arange(20.0), {}),
    (ValueError, "labels has 10 values that are NaN or infinite", np.arange(20.0), NAN, {}),
    (ValueError, "inputs have 20 rows and labels 19", np.zeros((20, 2)), np.zeros(19), {}),
    (ValueError, "inputs has the shape (2, 2, 2)", np.zeros((2, 2, 2)), np.zeros(2), {}),
    (ValueError, "inputs has the shape ()", 3.0, np.zeros(2), {}),
    (ValueError, "labels has the shape (0, 1)", np.zeros(4), [], {}),
    (TypeError, "inputs holds", ["a", "b"], np.zeros(2), {}),
    (TypeError, "inputs holds", None, np.zeros(2), {}),
    (TypeError, "labels holds complex values", np.zeros(2), np.zeros(2, dtype=complex), {}),
    (ValueError, "train_ratio is 1.5", np.zeros(20), np.zeros(20), {"train_ratio": 1.5}),
    (ValueError, "train_ratio is 0", np.zeros(20), np.zeros(20), {"train_ratio": 0}),
    (ValueError, "train_ratio is -0.1", np.zeros(20), np.zeros(20), {"train_ratio": -0.1}),
    (ValueError, "train_ratio is 'half'", np.zeros(20), np.zeros(20), {"train_ratio": "half"}),
    (ValueError, "val_ratio '0.1'", np.zeros(20), np.zeros(20), {"val_ratio": "0.1"}),
    (
        ValueError,
        "val_ratio 0.2",
        np.zeros(20),
        np.zeros(20),
        {"train_ratio": 0.8, "val_ratio": 0.2},
    ),
    (ValueError, "3 rows are too few", np.zeros(3), np.zeros(3), {}),
    (
        ValueError,
        "names are ['a']; 2 different",
        np.zeros((20, 2)),
        np.zeros(20),
        {"input_names": ["a"]},
    ),
    (
        ValueError,
        "names are ['a', 'a']; 2 different",
        np.zeros((20, 2)),
        np.zeros(20),
        {"input_names": ["a", "a"]},
    ),
    (ValueError, "names are [' ']", np.zeros(20), np.zeros(20), {"output_names": [" "]}),
    (ValueError, "names are [3]", np.zeros(20), np.zeros(20), {"output_names": [3]}),
]


@pytest.mark.parametrize(
    ("kind", "sentence", "x", "y", "options"), BAD_DATA, ids=[case[1] for case in BAD_DATA]
)
def test_data_that_cannot_be_used_are_explained(kind, sentence, x, y, options):
    refused(kind, sentence, create_dataset_from_data, x, y, **options)


BAD_SAMPLING = [
    ("ranges are (1, -1)", {"ranges": (1, -1)}),
    ("ranges are (1, 1)", {"ranges": (1, 1)}),
    ("ranges are [(0, 1)]; (low, high) or a list of 2", {"ranges": [(0, 1)]}),
    ("ranges are (0, inf)", {"ranges": (0, float("inf"))}),
    ("ranges are 'ab'", {"ranges": "ab"}),
    ("ranges are None", {"ranges": None}),
    ("ranges are [(0, 1), 3]", {"ranges": [(0, 1), 3]}),
    ("n_var is 0", {"n_var": 0}),
    ("n_var is 1.5", {"n_var": 1.5}),
    ("n_var is '2'", {"n_var": "2"}),
    ("train_num is 1", {"train_num": 1}),
    ("test_num is 'many'", {"test_num": "many"}),
    ("val_num is -3", {"val_num": -3}),
]


@pytest.mark.parametrize(
    ("sentence", "options"), BAD_SAMPLING, ids=[case[0] for case in BAD_SAMPLING]
)
def test_sampling_that_cannot_be_done_is_explained(sentence, options):
    refused(ValueError, sentence, create_dataset, hello, **options)


def test_labels_of_a_function_must_fit_its_samples():
    refused(ValueError, "f gives 7 labels for 1000 samples", create_dataset, lambda x: x[:7, 0])
    refused(ValueError, "values that are NaN", create_dataset, lambda x: torch.log(x[:, [0]]))


def test_one_dimensional_labels_are_a_column_and_never_broadcast():
    x = torch.rand(30, 2, generator=torch.Generator().manual_seed(0))
    label = x.sum(1)
    data = {"train_input": x, "train_label": label, "test_input": x, "test_label": label}
    assert as_dataset(data).train_label.shape == (30, 1)
    assert create_dataset_from_data(x, label).train_label.shape[1] == 1
    assert create_dataset(lambda x: x.sum(1)).train_label.shape == (1000, 1)
    model = kanwidget.KAN([2, 1], dtype=torch.float64)
    model.fit(data, steps=1, update_grid=False)
    loss = model.fit(data, steps=20)["train_loss"][-1]
    assert loss < 1e-3
    column = {**data, "train_label": label[:, None], "test_label": label[:, None]}
    other = kanwidget.KAN([2, 1], dtype=torch.float64)
    other.fit(column, steps=1, update_grid=False)
    other.fit(column, steps=20)
    assert torch.equal(model(x), other(x))


def test_pykans_dictionary_is_a_dataset():
    data = hello_data(30)
    short = {key: data[key].numpy() for key in data if not key.startswith("val")}
    taken = as_dataset(short)
    assert torch.equal(taken.val_input, data.test_input)
    assert torch.equal(taken.train_label, data.train_label)
    assert as_dataset(data) is data
    assert as_dataset(dict(data)).input_names == ("x_1", "x_2")
    assert as_dataset({**data, "input_names": ["a", "b"]}).input_names == ("a", "b")
    assert {**data}.keys() == set(PARTS)


def test_dictionaries_that_are_no_dataset_are_explained():
    data = dict(hello_data(30))
    refused(TypeError, "dataset is a list", as_dataset, [1, 2])
    refused(TypeError, "dataset is a NoneType", as_dataset, None)
    del data["test_label"]
    refused(ValueError, "dataset lacks test_label", as_dataset, data)
    data = dict(hello_data(30))
    refused(ValueError, "val_label", as_dataset, {**data, "val_label": data["val_label"][:3]})
    refused(ValueError, "test_input", as_dataset, {**data, "test_input": torch.zeros(30, 3)})
    nan = torch.full((30, 1), torch.nan)
    refused(
        ValueError, "dataset['train_label'] has 30 values", as_dataset, {**data, "train_label": nan}
    )


def test_a_dataset_reads_like_a_dictionary():
    data = hello_data(30)
    assert list(data) == PARTS
    assert len(data) == 6
    assert data["train_input"] is data.train_input
    with pytest.raises(KeyError, match="a dataset has no 'train'"):
        data["train"]
    assert repr(data) == "Dataset(x_1, x_2 → y; train 30, val 30, test 30)"
