"""Small random networks go through random sequences of actions, and every state is stored."""

import random

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.datasets import as_dataset
from kanwidget.session import storage
from kanwidget.session.history import Action, History
from kanwidget.session.states import same_state
from tests.engine.test_random_sequences import (
    DONE_TO_THE_MODEL,
    NETWORKS,
    Life,
    fit,
    load_state_dict,
    networks,
)

STEPS = st.lists(
    st.tuples(st.sampled_from([*DONE_TO_THE_MODEL, fit, load_state_dict]), st.integers(0, 2**16)),
    min_size=3,
    max_size=15,
)


@settings(max_examples=max(NETWORKS // 6, 1), suppress_health_check=list(HealthCheck))
@given(options=networks(), steps=STEPS)
def test_whatever_is_done_to_a_network_its_states_come_back(tmp_path_factory, options, steps):
    life = Life(kanwidget.KAN(**options), options["seed"])
    history = History(life.model.snapshot(), {})
    for operation, seed in steps:
        operation(life, random.Random(seed))
        action = Action(operation.__name__, operation.__name__, None, "by chance")
        history.commit(action, life.model.snapshot(), {})
        if seed % 4 == 0:
            life.model.restore(history.jump(seed % len(history.nodes)).state)
    path = tmp_path_factory.mktemp("stored") / "x.kan"
    data = as_dataset(life.data)
    for with_data in (True, False):
        storage.write(path, life.model, data, history, data=with_data)
        saved = storage.read(path, None if with_data else data)
        assert same_state(saved.model.snapshot(), history.current.state)
        # a file holds once what is the same anywhere, a history what is the same from state to state
        assert saved.history.memory.bytes <= history.memory.bytes
        for old, new in zip(history.nodes, saved.history.nodes, strict=True):
            assert same_state(old.state, new.state)
            life.model.restore(old.state)
            saved.model.restore(new.state)
            with torch.no_grad():
                assert torch.equal(life.model(life.probe), saved.model(life.probe))
