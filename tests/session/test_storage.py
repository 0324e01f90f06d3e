import copy
import errno
import os
import stat
import subprocess
import sys
import threading
import time

import msgspec
import pytest
import torch
from safetensors import safe_open

import kanwidget
from kanwidget.datasets import Dataset
from kanwidget.session import storage
from kanwidget.session.fingerprint import fingerprint
from kanwidget.session.states import same_bits, same_state
from kanwidget.session.storage import whole_file
from kanwidget.session.storage.file import StorageError
from kanwidget.symbolic import library
from kanwidget.symbolic.function import own_function
from tests.networks import hello_data, points
from tests.session.fuzz_files import reworded, taken_apart
from tests.session.histories import Recorded, recorded, some_data

NETWORKS = [
    {"width": (3, 4, 2)},
    {"width": (3, [1, 2], [1, 1]), "mult_arity": [2, [2, 3], 2], "grid": [2, 5], "k": [3, 2]},
    {"width": (3, 2, 2), "extrapolation": "zero", "base_fun": "identity", "affine_trainable": True},
    {"width": (3, 2, 1), "sp_trainable": False, "sb_trainable": False, "grid_eps": 1.0},
]
every_network = pytest.mark.parametrize("options", NETWORKS, ids=lambda o: str(o["width"]))
DTYPES = [torch.float32, torch.float64]


def stored(done, path, **options):
    storage.write(path, *done.parts, **options)
    return storage.read(path)


def same_but_for_data(a, b):
    """Whether two states are the same to the last bit, what they were looked at on too."""
    seen = (a.calibration is None) == (b.calibration is None)
    if a.calibration is not None:
        seen = same_bits(a.calibration, b.calibration)
        b = copy.copy(b)
        object.__setattr__(b, "calibration", a.calibration)
    return seen and same_state(a, b)


def plain(node):
    """Of a node all but its state."""
    return {name: value for name, value in vars(node).items() if name not in ("state", "curve")}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """The bytes of a file."""
    path = tmp_path_factory.mktemp("written") / "x.kan"
    storage.write(path, *recorded().parts)
    return path.read_bytes()


# ---------------------------------------------------------------------- what comes back


@pytest.mark.parametrize("dtype", DTYPES)
@every_network
def test_every_state_comes_back_to_the_last_bit(tmp_path, options, dtype):
    done = recorded(dtype=dtype, **options)
    before = done.model.snapshot()
    saved = stored(done, tmp_path / "x.kan")
    assert same_but_for_data(saved.model.snapshot(), before)
    assert type(saved.model) is kanwidget.KAN
    for old, new in zip(done.history.nodes, saved.history.nodes, strict=True):
        assert same_but_for_data(old.state, new.state)
        assert plain(old) == plain(new)
        assert repr(old.curve) == repr(new.curve)
    x = points(20, 3, -1.5, 1.5, dtype=dtype)
    for node in done.history.nodes:
        done.model.restore(node.state)
        saved.model.restore(saved.history.nodes[node.id].state)
        assert torch.equal(done.model(x), saved.model(x))
        assert repr(done.model) == repr(saved.model)


@every_network
def test_a_model_that_was_read_trains_as_the_one_that_was_written(tmp_path, options):
    done = recorded(**options)
    done.go(done.history.jump(4))
    saved = stored(done, tmp_path / "x.kan")
    for ours, theirs in zip(done.model.parameters(), saved.model.parameters(), strict=True):
        assert ours.requires_grad == theirs.requires_grad
    for model, data in ((done.model, done.data), (saved.model, saved.dataset)):
        model.fit(data, steps=3, lamb=1e-3)
        model.fit(data, opt="Adam", steps=3, update_grid=False)
    assert same_but_for_data(done.model.snapshot(), saved.model.snapshot())


def test_what_a_person_does_not_train_stays_so(tmp_path):
    done = recorded()
    done.model.layers[0].coef.requires_grad_(False)
    saved = stored(done, tmp_path / "x.kan")
    first, second = saved.model.layers[:2]
    assert not first.coef.requires_grad
    assert second.coef.requires_grad


def test_what_states_share_is_stored_once_and_shared_again(tmp_path):
    done = recorded()
    saved = stored(done, tmp_path / "x.kan")
    assert saved.history.memory.bytes == done.history.memory.bytes
    for _ in range(60):
        done.do("lock_edge", l=0, i=0, j=0)
    large = stored(done, tmp_path / "y.kan").history
    assert large.memory.bytes == done.history.memory.bytes
    # a node more is a few lines more
    grown = os.path.getsize(tmp_path / "y.kan") - os.path.getsize(tmp_path / "x.kan")
    assert grown < 60 * 1000


def test_states_looked_at_on_the_data_have_the_data_themselves(tmp_path):
    done = recorded()
    saved = stored(done, tmp_path / "x.kan")
    data, nodes = saved.dataset, saved.history.nodes
    assert nodes[0].state.calibration is data.train_input
    assert nodes[6].state.calibration.shape == (30, 2)
    with safe_open(tmp_path / "x.kan", "pt") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    assert shapes.count([30, 3]) == 3
    assert shapes.count([30, 2]) == 3  # the labels, and none of the inputs that are left


def test_parts_of_the_data_that_are_the_same_are_stored_once(tmp_path):
    data = {key: values for key, values in some_data(3, 2).items() if "val" not in key}
    done = Recorded(kanwidget.KAN([3, 2]), data)
    saved = stored(done, tmp_path / "x.kan").dataset
    assert saved.val_input is saved.test_input
    assert saved.val_label is saved.test_label
    assert torch.equal(saved.test_label, data["test_label"])
    assert saved.train_input is not saved.test_input


def test_the_formula_of_a_state_is_stored_with_its_losses(tmp_path):
    done = recorded()
    first, second = done.history.nodes[:2]
    first.metrics |= {"formula": "x^{2}", "val_loss": 0.5}
    second.metrics |= {"val_loss": float("nan"), "train_loss": float("inf")}
    nodes = stored(done, tmp_path / "x.kan").history.nodes
    assert nodes[0].metrics == first.metrics
    assert nodes[1].metrics == second.metrics | {"val_loss": None, "train_loss": None}


def test_other_inputs_that_a_model_was_looked_at_on_come_along(tmp_path):
    done = recorded()
    done.model.get_act(points(7, 3))
    done.change("looked elsewhere")
    done.model.calibration = None
    done.change("looked nowhere")
    for data in (True, False):
        storage.write(tmp_path / "x.kan", *done.parts, data=data)
        nodes = storage.read(tmp_path / "x.kan", done.data).history.nodes
        assert torch.equal(nodes[-2].state.calibration, points(7, 3))
        assert nodes[-1].state.calibration is None


@every_network
def test_what_a_model_was_made_with_comes_back(tmp_path, options):
    model = kanwidget.KAN(**options, seed=7, dtype=torch.float32, device="cpu", noise_scale=1)
    done = Recorded(model, some_data(3, model.width[-1]))
    done.do("refine", new_grid=9)
    saved = stored(done, tmp_path / "x.kan")
    assert saved.model.made == {name: model.made[name] for name in model.made if name != "device"}
    again = kanwidget.KAN(**saved.model.made)
    x = points(10, 3)
    saved.model.restore(saved.history.nodes[0].state)
    assert torch.equal(again(x), saved.model(x))


def test_what_a_model_was_made_with_is_forgotten_where_it_began_as_another(tmp_path):
    model = kanwidget.KAN([3, 4, 2], base_fun=base)
    saved = Recorded(model, some_data(3, 2)).parts
    storage.write(tmp_path / "x.kan", *saved)
    made = storage.read(tmp_path / "x.kan", base_fun=base).model.made
    assert made == model.made
    model.refine(7)
    storage.write(tmp_path / "x.kan", *Recorded(model, some_data(3, 2)).parts)
    assert storage.read(tmp_path / "x.kan", base_fun=base).model.made == {}


def test_settings_and_the_time_come_back(tmp_path):
    settings = {"metric": "forward_u", "lamb": 1e-3, "seen": [1, None, {"a": True}], "ü": "☃"}
    saved = stored(recorded(), tmp_path / "x.kan", settings=settings)
    assert saved.settings == settings
    assert abs(saved.saved - time.time()) < 60
    with pytest.raises(ValueError, match="settings cannot be stored"):
        storage.write(tmp_path / "x.kan", *recorded().parts, settings={"model": torch.nn})


def test_states_that_were_let_go_stay_so(tmp_path):
    done = recorded()
    done.history.limit = limit = done.history.memory.bytes // 2
    done.history.let_go()
    gone = [node.id for node in done.history.nodes if node.state is None]
    assert gone
    saved = stored(done, tmp_path / "x.kan").history
    assert [node.id for node in saved.nodes if node.state is None] == gone
    assert (saved.limit, saved.gone) == (limit, done.history.gone)
    with pytest.raises(ValueError, match="was let go"):
        saved.jump(gone[0])


def test_a_history_goes_on_where_it_was(tmp_path):
    done = recorded()
    saved = stored(done, tmp_path / "x.kan")
    for history in (done.history, saved.history):
        assert (history.undo_label, history.redo_label) == ("expand_depth it", "expand_width it")
        assert history.redo().label == "expand_width it"
        assert history.jump(5).name == "a name ☃"
    again = Recorded.__new__(Recorded)
    again.model, again.data, again.history = saved.model, saved.dataset, saved.history
    again.go(again.history.jump(3))
    assert again.do("refine", new_grid=9).parent == 3
    assert stored(again, tmp_path / "x.kan").history.current.id == len(done.history.nodes)


def test_a_session_that_was_read_is_written_as_the_same(tmp_path):
    storage.write(tmp_path / "x.kan", *recorded().parts, settings={"a": 1})
    saved = storage.read(tmp_path / "x.kan")
    storage.write(tmp_path / "y.kan", saved.model, saved.dataset, saved.history, saved.settings)
    documents = []
    for name in ("x.kan", "y.kan"):
        text, _, _ = taken_apart((tmp_path / name).read_bytes())
        documents.append(msgspec.json.decode(text) | {"saved": 0})
    assert documents[0] == documents[1]


def test_half_characters_and_endless_labels_do_not_stand_in_the_way(tmp_path):
    done = recorded()
    done.change("label " * 1000, "because " * 1000)
    done.history.annotate(1, "half \ud83d and NUL \0")
    nodes = stored(done, tmp_path / "x.kan").history.nodes
    assert nodes[-1].label == ("label " * 1000)[:1000]
    assert nodes[1].note == "half ? and NUL \0"


def test_what_is_done_after_collecting_is_not_stored(tmp_path):
    done = recorded()
    contents = storage.collect(*done.parts)
    label, count = done.history.current.label, len(done.history.nodes)
    done.history.annotate(0, "later")
    done.do("refine", new_grid=11)
    done.history.nodes[2].state = None
    storage.put(contents, tmp_path / "x.kan")
    saved = storage.read(tmp_path / "x.kan").history
    assert len(saved.nodes) == count
    assert (saved.current.label, saved.nodes[0].note) == (label, "")
    assert saved.nodes[2].state is not None


# ---------------------------------------------------------------------- data


def test_data_stay_out_of_the_file_where_asked(tmp_path):
    done = recorded()
    storage.write(tmp_path / "x.kan", *done.parts, data=False)
    with safe_open(tmp_path / "x.kan", "pt") as file:
        held = [file.get_tensor(name) for name in file.keys()]  # noqa: SIM118
    values = done.data.train_input[:, 0]
    assert not any(each.shape[0] == 30 and torch.equal(each[:, 0], values) for each in held)
    with pytest.raises(StorageError, match=r"^x.kan holds no data; give those it was written with"):
        storage.read(tmp_path / "x.kan")
    saved = storage.read(tmp_path / "x.kan", done.data)
    assert saved.dataset is done.data
    assert saved.fingerprint == fingerprint(done.data)
    assert same_state(saved.model.snapshot(), done.model.snapshot())
    assert all(
        same_but_for_data(old.state, new.state)
        for old, new in zip(done.history.nodes, saved.history.nodes, strict=True)
    )


@pytest.mark.parametrize("data", [True, False])
def test_other_data_are_refused(tmp_path, data):
    storage.write(tmp_path / "x.kan", *recorded().parts, data=data)
    with pytest.raises(StorageError, match=r"x.kan was written with other data than those given"):
        storage.read(tmp_path / "x.kan", some_data(3, 2, samples=31))


def test_data_may_be_given_as_they_were_given_to_the_session(tmp_path):
    raw = hello_data(40).to(torch.float32, "cpu")
    done = Recorded(kanwidget.KAN([2, 2, 1], dtype=torch.float64), raw)
    storage.write(tmp_path / "x.kan", *done.parts, data=False)
    for given in (raw, dict(raw)):
        saved = storage.read(tmp_path / "x.kan", given)
        assert torch.equal(saved.dataset.train_label, done.data.train_label)
        assert saved.model.calibration is saved.dataset.train_input


def test_names_and_scales_of_data_come_back(tmp_path):
    data = kanwidget.create_dataset_from_data(
        points(50, 2) * 9 + 4, points(50, 1, seed=1), input_names=["ü x", "y'"], output_names=["z"]
    ).normalized()
    saved = stored(Recorded(kanwidget.KAN([2, 2, 1]), data), tmp_path / "x.kan")
    assert isinstance(saved.dataset, Dataset)
    for name in ("input_names", "output_names", "input_scale", "output_scale"):
        assert getattr(saved.dataset, name) == getattr(data, name)
    assert all(torch.equal(saved.dataset[key], data[key]) for key in data)


# ---------------------------------------------------------------------- functions


def base(x):
    return torch.sin(x) + x


@pytest.fixture
def own():
    function = own_function("wobble", lambda u: torch.sin(3 * u) + u)
    yield function
    library.LIBRARY.pop("wobble", None)


def test_functions_of_ones_own_are_known_by_their_names(tmp_path, own):
    done = recorded()
    library.register(own)
    done.do("fix_symbolic", l=0, i=0, j=1, fun_name="wobble")
    assert stored(done, tmp_path / "x.kan").model.layers[0].functions[0, 1] is own
    library.remove_symbolic("wobble")
    with pytest.raises(StorageError, match=r"x.kan has a function 'wobble' that is not in the lib"):
        storage.read(tmp_path / "x.kan")
    saved = storage.read(tmp_path / "x.kan", functions={"wobble": own})
    assert same_but_for_data(saved.model.snapshot(), done.model.snapshot())


def test_a_function_is_not_taken_for_another_of_its_name(tmp_path):
    done = recorded()
    sine = own_function("sin", lambda u: torch.sin(u) + 1)
    done.model.fix_symbolic(0, 0, 1, sine)
    done.change("own sine")
    storage.write(tmp_path / "x.kan", *done.parts)
    with pytest.raises(StorageError, match="has a function 'sin' that is not the library's of tha"):
        storage.read(tmp_path / "x.kan")
    saved = storage.read(tmp_path / "x.kan", functions={"sin": sine})
    assert saved.model.layers[0].functions[0, 1] is sine
    again = own_function("sin", lambda u: torch.sin(u) + 2)
    done.model.fix_symbolic(0, 0, 1, again)
    done.change("another")
    with pytest.raises(StorageError, match="two functions of one's own are called 'sin'"):
        storage.write(tmp_path / "x.kan", *done.parts)


def test_a_base_function_of_ones_own_is_brought_along(tmp_path):
    done = recorded(base_fun=base)
    storage.write(tmp_path / "x.kan", *done.parts)
    with pytest.raises(StorageError, match=r"x.kan has a base function of somebody's own"):
        storage.read(tmp_path / "x.kan")
    saved = storage.read(tmp_path / "x.kan", base_fun=base)
    assert same_but_for_data(saved.model.snapshot(), done.model.snapshot())


# ---------------------------------------------------------------------- what is no such file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no file of kanwidget"),
        (b"PK\3\4 a zip file or a pickle", "is no file of kanwidget"),
        (b"\2\0\0\0\0\0\0\0{}", "is no file of kanwidget"),
        (b"\x50\0\0\0\0\0\0\0{}", "ends in the midst of its header"),
    ],
)
def test_other_files_are_told(tmp_path, content, said):
    (tmp_path / "x.kan").write_bytes(content)
    with pytest.raises(StorageError, match=f"^x.kan .*{said}"):
        storage.read(tmp_path / "x.kan")


def test_a_file_of_tensors_is_none_of_ours(tmp_path):
    from safetensors.torch import save_file

    save_file({"0": torch.zeros(3)}, tmp_path / "x.kan")
    with pytest.raises(StorageError, match="is no file of kanwidget"):
        storage.read(tmp_path / "x.kan")


def test_what_is_not_there_or_no_file_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        storage.read(tmp_path / "none.kan")
    with pytest.raises(StorageError, match="is no ordinary file"):
        storage.read(tmp_path)
    with pytest.raises(StorageError, match="is no ordinary file"):
        storage.read("/dev/zero")
    with pytest.raises(ValueError, match="null"):
        storage.read("a\0b")
    for path in (3, None, b"x.kan"):
        with pytest.raises(TypeError, match=r"path is .*; a text or a pathlib.Path is needed"):
            storage.read(path)
        with pytest.raises(TypeError, match=r"path is .*; a text or a pathlib.Path is needed"):
            storage.write(path, *recorded().parts)


def test_of_a_large_file_of_something_else_only_the_header_is_read(tmp_path, raw):
    from safetensors.torch import save_file

    save_file({"0": torch.zeros(3)}, tmp_path / "x.kan")
    os.truncate(tmp_path / "x.kan", 10**11)  # which takes no room on the disk
    with pytest.raises(StorageError, match="is no file of kanwidget"):
        storage.read(tmp_path / "x.kan")
    (tmp_path / "y.kan").write_bytes(raw)
    os.truncate(tmp_path / "y.kan", 10**11)
    with pytest.raises(StorageError, match=r"y.kan is damaged: it is not as long as it was"):
        storage.read(tmp_path / "y.kan")


def test_a_small_file_does_not_ask_for_much_memory(tmp_path):
    sums = 4000
    done = Recorded(kanwidget.KAN([1, [sums, 0]], grid=1, k=1), some_data(1, sums, samples=2))
    storage.write(tmp_path / "x.kan", *done.parts)
    raw = (tmp_path / "x.kan").read_bytes()
    document = msgspec.json.decode(taken_apart(raw)[0])
    # one node that multiplies half of all sums, and as many that do not
    document["structures"][0]["arity"] = [sums // 2, *[1] * (sums // 2)]
    (tmp_path / "x.kan").write_bytes(reworded(raw, document))
    with pytest.raises(StorageError, match="a node has too many factors"):
        storage.read(tmp_path / "x.kan")


def test_what_a_file_says_of_itself_is_shown_on_one_line(tmp_path, raw):
    document = msgspec.json.decode(taken_apart(raw)[0]) | {"\x1b[2J\n\u202e\ud7ff ☃": 1}
    (tmp_path / "x\n.kan").write_bytes(reworded(raw, document))
    with pytest.raises(StorageError, match="☃") as error:
        storage.read(tmp_path / "x\n.kan")
    assert str(error.value).startswith("x .kan is damaged: ")
    assert str(error.value).isprintable()


def test_a_newer_version_asks_for_an_update(tmp_path, raw):
    document = {"format": 2, "all else": "is different"}
    (tmp_path / "x.kan").write_bytes(reworded(raw, document))
    with pytest.raises(StorageError) as error:
        storage.read(tmp_path / "x.kan")
    assert str(error.value) == (
        "x.kan was made by a newer kanwidget (format 2; this one reads 1): update kanwidget"
    )


def test_every_flipped_byte_and_every_missing_end_is_seen(tmp_path):
    done = Recorded(kanwidget.KAN([1, 1], grid=1, k=1), some_data(1, 1, samples=2))
    storage.write(tmp_path / "x.kan", *done.parts)
    raw = (tmp_path / "x.kan").read_bytes()
    for place in range(0, len(raw), 7):
        for changed in (raw[:place], raw[:place] + bytes([raw[place] ^ 4]) + raw[place + 1 :]):
            (tmp_path / "x.kan").write_bytes(changed)
            with pytest.raises(StorageError):
                storage.read(tmp_path / "x.kan")


HOSTILE = {
    "a parent that comes later": ("nodes", 3, "parent", 7),
    "a step that is its own parent": ("nodes", 3, "parent", 3),
    "two starts": ("nodes", 3, "parent", None),
    "redo of something else": ("nodes", 3, "redo", 1),
    "no such current step": ("current", 100),
    "a method that is no action": ("nodes", 3, "calls", 0, 0, "__class__"),
    "a method that changes nothing": ("nodes", 3, "calls", 0, 0, "export"),
    "a name that is code": ("nodes", 3, "calls", 0, 1, {"l=print(1)#": 1}),
    "an argument that the method lacks": ("nodes", 3, "calls", 0, 1, {"self": 1}),
    "an unknown kind of value": ("nodes", 3, "calls", 0, 1, {"l": {"$": "eval", "text": "1"}}),
    "an endless number": ("nodes", 3, "calls", 0, 1, {"l": 10**40}),
    "a text as a metric": ("nodes", 3, "metrics", {"val_loss": "small"}),
    "losses and no complexity": ("nodes", 3, "metrics", {"val_loss": 1.0, "complexity": None}),
    "a name that is too long": ("nodes", 3, "name", "n" * 201),
    "a label that is too long": ("nodes", 3, "label", "n" * 1001),
    "losses that are not there": ("nodes", 3, "losses", 1),
    "fewer factors than sums": ("structures", 0, "arity", 0, 2),
    "a billion factors": ("structures", 0, "arity", 0, 10**9),
    "another order": ("structures", 0, "k", 2),
    "a function of no edge": ("structures", 0, "functions", [[9, 9, 0]]),
    "symbolic edges without functions": ("structures", 0, "functions", []),
    "an unknown function": ("functions", 0, "name", "__import__('os')"),
    "a layer twice": ("nodes", 0, "state", 1, 1, ("nodes", 0, "state", 1, 0)),
    "a tensor that is not there": ("nodes", 0, "state", 1, 0, 1, 0, 10**6),
    "names that are not enough": ("ends", 0, "input_names", ["x"]),
    "columns that are not there": ("ends", 0, "columns", [[3, [0, 1, 3]]]),
    "a deviation of 0": ("ends", 0, "input_scale", [[0, 0, 0], [1, 0, 1]]),
    "data that are not there": ("data", "parts", 0, 10**6),
    "data that are something else": ("data", "parts", 0, 0),
    "another dtype": ("dtype", "float32"),
    "a model made of another shape": ("made", "width", [10**8, 10**8]),
    "a model made in another way": ("made", {"width": [3, 4, 2], "seed": 1, "__class__": "x"}),
    "a field more": ("nodes", 3, "__reduce__", ["os.system", "id"]),
    "settings nested deeply": ("settings", {"a": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}),
}


def changed(document, way):
    """The document with what stands at the end of a way put there."""
    *way, last, value = way
    place = document
    for each in way:
        place = place[each]
    if isinstance(value, tuple):
        found = document
        for each in value:
            found = found[each]
        value = copy.deepcopy(found)
    place[last] = value
    return document


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_fit_together_is_refused(tmp_path, raw, name):
    document = msgspec.json.decode(taken_apart(raw)[0])
    (tmp_path / "x.kan").write_bytes(reworded(raw, changed(document, HOSTILE[name])))
    with pytest.raises(StorageError, match=r"^x.kan ") as error:
        storage.read(tmp_path / "x.kan")
    assert "not as it was written" not in str(error.value)
    assert len(str(error.value)) < 500


# ---------------------------------------------------------------------- writing


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    done = recorded()
    storage.write(tmp_path / "x.kan", *done.parts)
    before = (tmp_path / "x.kan").read_bytes()
    done.do("refine", new_grid=9)

    def failing(error):
        def fail(*arguments):
            raise error

        return fail

    for name in ("fsync", "replace"):
        for error in (OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()):
            with monkeypatch.context() as patched:
                patched.setattr(os, name, failing(error))
                with pytest.raises(type(error)):
                    storage.write(tmp_path / "x.kan", *done.parts)
            assert [path.name for path in tmp_path.iterdir()] == ["x.kan"]
            assert (tmp_path / "x.kan").read_bytes() == before
    storage.write(tmp_path / "x.kan", *done.parts)
    assert (tmp_path / "x.kan").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == ["x.kan"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    opened = os.open
    full = lambda path, flags, mode=0o777: opened("/dev/full", os.O_WRONLY)  # noqa: E731
    with monkeypatch.context() as patched:
        patched.setattr(whole_file.os, "open", full)
        with pytest.raises(OSError, match="No space left"):
            storage.write(tmp_path / "x.kan", *recorded().parts)
    assert not list(tmp_path.iterdir())


def test_permissions_are_kept_and_those_of_a_new_file_are_the_usual_ones(tmp_path):
    path, usual = tmp_path / "x.kan", tmp_path / "usual"
    usual.write_bytes(b"")
    done = recorded()
    storage.write(path, *done.parts)
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    storage.write(path, *done.parts)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_one(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "x.kan").symlink_to(tmp_path / "there" / "y.kan")
    storage.write(tmp_path / "x.kan", *recorded().parts)
    assert (tmp_path / "x.kan").is_symlink()
    assert storage.read(tmp_path / "there" / "y.kan").model


def test_a_path_that_is_no_place_for_a_file_is_told_before_anything_is_done(tmp_path):
    done = recorded()
    for path, said in (
        (tmp_path, "is a folder; the name of a file is needed"),
        (tmp_path / "no" / "x.kan", "there is no folder .*/no'; make it first"),
        ("/dev/null", "is no ordinary file"),
        ("", "names no file"),
        ("a\0b", "names no file"),
    ):
        with pytest.raises(ValueError, match=said):
            storage.write(path, *done.parts)
    assert not list(tmp_path.iterdir())
    storage.write(str(tmp_path / "without suffix"), *done.parts)
    assert [path.name for path in tmp_path.iterdir()] == ["without suffix"]


def test_what_killed_processes_have_left_is_cleared_after_an_hour(tmp_path):
    ours, others = tmp_path / ".x.kan.0123abcd.part", tmp_path / ".y.kan.0123abcd.part"
    for path in (ours, others):
        path.write_bytes(b"half")
    storage.write(tmp_path / "x.kan", *recorded().parts)
    assert ours.exists()
    for path in (ours, others):
        os.utime(path, (time.time() - 4000,) * 2)
    storage.write(tmp_path / "x.kan", *recorded().parts)
    assert not ours.exists()
    assert others.exists()


def test_a_session_that_no_file_can_hold_is_not_written(tmp_path):
    done = recorded()
    storage.write(tmp_path / "x.kan", *done.parts)
    before = (tmp_path / "x.kan").read_bytes()
    with torch.no_grad():
        done.model.layers[0].knots[0, 0] = float("nan")
    done.change("broken")
    with pytest.raises(StorageError, match=r"x.kan cannot be written: the knots of layer 0 of"):
        storage.write(tmp_path / "x.kan", *done.parts)
    assert (tmp_path / "x.kan").read_bytes() == before


def test_data_that_no_file_can_hold_are_told(tmp_path):
    done = recorded()
    halves = done.data.to(torch.float16, "cpu")
    with pytest.raises(
        StorageError, match=r"x.kan cannot be written: train_input .* torch.float16"
    ):
        storage.write(tmp_path / "x.kan", done.model, halves, done.history)
    assert not list(tmp_path.iterdir())


def test_numbers_that_are_none_come_back(tmp_path):
    done = recorded()
    with torch.no_grad():
        done.model.layers[0].coef[0] = float("nan")
        done.model.layers[1].affine[0] = float("inf")
    done.change("diverged")
    saved = stored(done, tmp_path / "x.kan")
    assert same_but_for_data(saved.model.snapshot(), done.model.snapshot())


KILLER = """
import os, random, signal, sys, time
from kanwidget.session import storage
from tests.session.histories import recorded
path, choose, counts = sys.argv[1], random.Random(0), []
done = recorded()
storage.write(path, *done.parts, settings={"count": -1})
for _ in range(20):
    writer = os.fork()
    if not writer:
        for count in range(10**6):
            storage.write(path, *done.parts, settings={"count": count})
    time.sleep(0.3 * choose.random())
    os.kill(writer, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(writer, 0)[1]) == signal.SIGKILL
    saved = storage.read(path)
    assert len(saved.history.nodes) == 10
    counts.append(saved.settings["count"])
print(*counts)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_a_process_killed_while_it_writes_leaves_a_file_that_reads(tmp_path):
    killer = [sys.executable, "-c", KILLER, str(tmp_path / "x.kan")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(killer, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert len(set(done.stdout.split())) > 3


def test_threads_that_write_one_file_leave_one_of_theirs(tmp_path):
    done, errors = recorded(), []

    def write(number):
        try:
            for _ in range(5):
                storage.write(tmp_path / "x.kan", *done.parts, settings={"thread": number})
                storage.read(tmp_path / "x.kan")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert storage.read(tmp_path / "x.kan").settings["thread"] in range(4)
    assert [path.name for path in tmp_path.iterdir()] == ["x.kan"]


def test_penalties_come_back_and_files_without_them_still_open(tmp_path):
    done = recorded()
    assert any(node.curve.penalty for node in done.history.nodes)
    saved = stored(done, tmp_path / "x.kan")
    for was, now in zip(done.history.nodes, saved.history.nodes, strict=True):
        assert repr(now.curve) == repr(was.curve)
    plain_one = Recorded(done.model, done.data)
    plain_one.do("fit", dataset=plain_one.data, steps=2)
    storage.write(tmp_path / "y.kan", *plain_one.parts)
    newer = (tmp_path / "y.kan").read_bytes()
    document = msgspec.json.decode(taken_apart(newer)[0])
    for step in document["nodes"]:
        del step["penalty"]
    older = reworded(newer, document)
    (tmp_path / "y.kan").write_bytes(older)
    assert b'"penalty"' not in older
    back = storage.read(tmp_path / "y.kan").history.nodes[1].curve
    assert repr(back) == repr(plain_one.history.nodes[1].curve)
