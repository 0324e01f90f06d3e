"""Constants of the session's model: put in one form, set one by one, undone."""

import math

import pytest
import torch

import kanwidget
from kanwidget.discovery.refit import refit
from kanwidget.session import Session
from tests.engine.test_gauge import constants, symbolic
from tests.engine.test_refit import NEAR, mse
from tests.networks import hello_data, same, state


@pytest.fixture
def session():
    model, data = symbolic([2, 1, 1], NEAR), hello_data(300)
    noise = torch.randn(300, 1, generator=torch.Generator().manual_seed(1000), dtype=torch.float64)
    data = dict(data, train_label=data["train_label"] + 0.01 * noise)
    refit(model, data["train_input"], data["train_label"])
    made = Session(model, kanwidget.datasets.as_dataset(data))
    yield made
    made.close()


def test_proposals_change_nothing_and_are_what_snap_takes(session):
    before = state(session.model)
    proposals = session.proposals()
    assert same(session.model, before)
    assert len(session.history.nodes) == 1
    pi = next(each for each in proposals if each["base"] == "pi")
    assert (pi["edge"], pi["constant"], pi["p"], pi["q"]) == ((0, 0, 0), "a", 1, 1)
    taken = {key: pi[key] for key in ("constant", "p", "q", "base")}
    done = session.snap(*pi["edge"], **taken)
    assert session.model.layers[0].affine[0, 0, 0].item() == math.pi
    assert done["loss_after"] == pytest.approx(pi["loss_after"], rel=1e-6)
    assert session.view.message.text.startswith("a of (0, 0, 0) to pi: validation loss")


def test_every_step_can_be_undone(session):
    states = [state(session.model)]
    session.tidy()
    states.append(state(session.model))
    while proposals := [each for each in session.proposals() if each["holds"]]:
        first = {key: proposals[0][key] for key in ("constant", "p", "q", "base")}
        session.snap(*proposals[0]["edge"], **first)
        states.append(state(session.model))
        assert len(states) < 15
    assert session.model.layers[0].affine[0, 0, 0].item() == math.pi
    for before in reversed(states[:-1]):
        session.undo()
        assert same(session.model, before)


def test_all_at_once_is_one_step(session):
    before = state(session.model)
    done = session.snap_all()
    assert {(each["p"], each["q"], each["base"]) for each in done} <= {
        (0, 1, "1"), (1, 1, "1"), (1, 1, "pi"), (0, 1, "0"),
    }  # fmt: skip
    assert constants(session.model)[0, 0, 0] == [math.pi, 0.0, 1.0, 0.0]
    assert mse(session.model, session.dataset.val_input, session.dataset.val_label) < 1e-25
    assert session.undo() == "snap all constants"
    assert same(session.model, before)


def test_a_constant_that_an_edge_has_not_is_refused_and_nothing_changes(session):
    session.model.unfix_symbolic(0, 1, 0)
    before = state(session.model)
    with pytest.raises(ValueError, match=r"edge \(0, 1, 0\) has no constant a"):
        session.snap(0, 1, 0, "a", 1)
    assert same(session.model, before)


def test_a_number_outside_a_domain_is_refused_and_nothing_changes():
    data = kanwidget.create_dataset(
        lambda x: torch.log(x[:, [0]] + 2), n_var=1, train_num=100, test_num=50
    )
    model = symbolic([1, 1], {(0, 0, 0): ("log", (1.0, 2.03, 1.0, 0.0))})
    session = Session(model, data)
    try:
        before = state(model)
        with pytest.raises(ValueError, match="no finite value"):
            session.snap(0, 0, 0, "b", 1, 2)
        assert same(model, before)
    finally:
        session.close()
