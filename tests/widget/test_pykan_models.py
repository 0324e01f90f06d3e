"""The widget on models of pykan's: they are shown, trained and read as they come."""

import json

import pytest
import torch

import kanwidget
from kanwidget.session import Session, storage
from kanwidget.session.opening import OPENED
from kanwidget.widget import KANWidget
from tests.parity.pykan_models import MODELS, data, fitted, kept_away
from tests.widget.widgets import assert_mirrors, scene_of, settle


@pytest.fixture(scope="module")
def kan(tmp_path_factory):
    with kept_away(tmp_path_factory.mktemp("kan")) as made:
        yield made


@pytest.fixture
def show():
    """Shows a model in a widget, which is closed at the end."""
    shown = []

    def make(*arguments, **settings):
        shown.append(KANWidget(*arguments, **settings))
        return shown[-1]

    yield make
    for kw in shown:
        kw.close()
        kw.session.close()


def test_it_is_trained_pruned_made_symbolic_and_undone_and_pykans_stays(kan, show):
    theirs, dataset = kan([2, 3, 1], grid=5), data()
    before = {name: values.clone() for name, values in theirs.state_dict().items()}
    kw = show(theirs, dataset)
    assert isinstance(kw.model, kanwidget.KAN)
    assert (kw.message["kind"], kw.message["text"]) == ("info", OPENED)
    x = dataset["test_input"]
    torch.testing.assert_close(kw.model(x).float(), theirs(x), rtol=1e-5, atol=1e-5)
    session = kw.session
    session.train(steps=10, lamb=0.001)
    assert kw.losses["train"][-1] < 0.5 * kw.losses["train"][0]
    session.prune(threshold=0.05)
    edge = kw.model.edges()[0]
    session.fix_symbolic(*edge, "sin")
    assert "sin" in kw.formula_latex
    session.undo()
    assert "sin" not in kw.formula_latex
    session.redo()
    settle(session)
    assert_mirrors(kw)
    assert all(torch.equal(values, before[name]) for name, values in theirs.state_dict().items())
    back = kw.model.to_pykan()
    torch.testing.assert_close(back(x), kw.model(x).float(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "name",
    [
        *("symbolic", "own functions", "deeper", "products of three", "constant input"),
        *("removed", "pruned products", "sine as base", "grid and k a layer"),
    ],
)
def test_models_of_all_kinds_are_shown_and_trained(kan, show, name):
    theirs = MODELS[name](kan)
    samples = data(theirs.width_in[0])
    labels = torch.zeros(80, theirs.width_in[-1])
    kw = show(theirs, samples | {"train_label": labels, "test_label": labels})
    assert len(scene_of(kw)["layer"]) == sum(layer.n_in * layer.n_out for layer in kw.model.layers)
    assert kw.formula_latex
    kw.session.train(steps=1)
    assert_mirrors(kw)


def test_pruned_inputs_take_the_data_from_before(kan, show):
    kw = show(MODELS["pruned input"](kan), data(3))
    assert kw.dataset.input_names == ("x_1", "x_3")
    last = kan([3, 2, 1]).prune_input(active_inputs=[0, 1])
    assert show(last, data(3)).dataset.input_names == ("x_1", "x_2")


# of ipympl's own toolbar
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments to super:DeprecationWarning")
def test_a_class_made_from_theirs_and_an_explorer_of_one(kan, show):
    class Mine(type(kan([2, 1]))):
        pass

    theirs = Mine(width=[2, 2, 1], auto_save=False)
    assert show(theirs, data()).model.width == [2, 2, 1]
    explorer = kanwidget.explorer(theirs, data(), lamb=0.5)
    assert explorer.widget.model.width == [2, 2, 1]
    explorer.close()
    explorer.widget.session.close()


def test_a_session_of_one_is_saved_loaded_and_told(kan, tmp_path):
    session = Session(fitted(kan), data())
    session.train(steps=2)
    y = session.model(data()["test_input"])
    session.save(tmp_path / "s.kan")
    again = storage.read(tmp_path / "s.kan")
    assert len(again.history.nodes) == 2
    loaded = Session.load(tmp_path / "s.kan")
    torch.testing.assert_close(loaded.model(data()["test_input"]).shape, y.shape)
    script = session.to_python(path=tmp_path / "t.kan")
    assert "t.kan" in script
    assert "model.fit(" in script
    json.dumps(session.to_notebook(path=tmp_path / "t.kan"))
    session.close()
    loaded.close()


def test_what_cannot_be_opened_is_said_in_a_sentence(kan):
    theirs, dataset = kan([2, 1]), data()
    with pytest.raises(TypeError, match="dataset is missing"):
        KANWidget(theirs)
    with pytest.raises(ValueError, match="the dataset has 3 inputs and 1 outputs"):
        KANWidget(kan([4, 1]), data(3))
    theirs.act_fun[0].coef.data[0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="coef of layer 0 holds values that are NaN"):
        KANWidget(theirs, dataset)
    del theirs.mult_arity
    with pytest.raises(ValueError, match="has no mult_arity; models of pykan"):
        KANWidget(theirs, dataset)
    other = type("KAN", (torch.nn.Linear,), {"__module__": "kanary.model"})
    with pytest.raises(TypeError, match=r"a kanwidget\.KAN is needed"):
        KANWidget(other(2, 1), dataset)
