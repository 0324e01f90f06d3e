"""Three people at one session: whatever they do at once, nothing is lost and everything can be undone.

``make soak`` does so with 2,000 sequences of commands.
"""

import itertools
import os
import queue
import threading
import time
from concurrent.futures import CancelledError

import pytest
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

import kanwidget
from kanwidget.session import Session
from kanwidget.session.commands import COMMANDS, Edit
from kanwidget.session.states import same_state
from tests.networks import hello_data

SEQUENCES = 2 * int(os.environ.get("KANWIDGET_SOAK", "4"))
PEOPLE = 3
PATIENCE = 60.0
"""Seconds after which a command that has not been answered counts as lost."""
REFUSALS = (KeyError, TypeError, ValueError, RuntimeError, CancelledError)
EDITS = {name for name, command in COMMANDS.items() if issubclass(command, Edit)}

edges = st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1))
groups = st.lists(edges, max_size=4)


def of(name, *arguments):
    """An operation: the name of a method of the session, or of this file, and what it is given."""
    return st.tuples(st.just(name), st.tuples(*arguments))


OPERATIONS = st.one_of(
    of("train", st.integers(1, 30), st.sampled_from(["LBFGS", "Adam", "LM"])),
    of("train", st.integers(1, 30), st.sampled_from(["LBFGS", "Adam", "LM"])),
    of("prune", st.sampled_from([0.0, 0.05, 0.3])),
    of("remove_edge", edges), of("restore_edge", edges),
    of("fix_symbolic", edges, st.sampled_from(["sin", "x^2", "log", "nothing"])),
    of("unfix_symbolic", edges), of("suggest", edges),
    of("remove_node", st.integers(0, 1), st.integers(0, 2)), of("tidy"),
    of("act", st.sampled_from([
        ("refine", {"new_grid": 4}), ("perturb", {"mag": 0.1}), ("swap", {"l": 1, "i1": 0, "i2": 1}),
        ("lock_edge", {"l": 0, "i": 0, "j": 0}), ("unlock_edge", {"l": 0, "i": 0, "j": 0}),
        ("expand_width", {"layer_id": 1, "n_added_nodes": 1}), ("refine", {"grid": 4}),
    ])),
    of("remove_edges", groups), of("restore_edges", groups), of("lock_edges", groups),
    of("unlock_edges", groups), of("fix_edges", groups, st.sampled_from(["sin", "log", "nothing"])),
    of("unfix_edges", groups), of("name_node", st.integers(0, 2), st.integers(0, 1), st.just("a")),
    of("cost_of_removing", groups), of("cost_of_node", st.integers(0, 1), st.integers(0, 2)),
    of("undo"), of("undo"), of("redo"), of("jump", st.integers(0, 12)),
    of("annotate", st.integers(0, 5), st.text(max_size=5)), of("pin", st.integers(0, 5)),
    of("stop"), of("cancel"), of("pause"), of("resume"),
    of("set_metric", st.sampled_from(["backward", "forward_u"])),
    of("directly", st.sampled_from(["remove_edge", "restore_edge", "unfix_symbolic"]), edges),
    of("fit", st.integers(1, 3)), of("optimize", st.integers(1, 3)),
)  # fmt: skip


def perform(session, operation):
    """Do one operation, on the thread of whoever does it."""
    name, arguments = operation
    if name == "directly":
        method, edge = arguments
        return getattr(session.model, method)(*edge)
    if name == "fit":
        return session.model.fit(session.dataset, steps=arguments[0])
    if name == "optimize":
        return optimize(session.model, session.dataset, *arguments)
    if name == "train":
        return session.train(arguments[0], arguments[1])
    if name == "act":
        method, values = arguments[0]
        return session.act(method, **values)
    flat = [each for one in arguments for each in (one if isinstance(one, tuple) else (one,))]
    return getattr(session, name)(*flat)


def optimize(model, data, steps):
    """Steps of an optimizer of one's own."""
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        (model(data.train_input) - data.train_label).square().mean().backward()
        optimizer.step()


class Person(threading.Thread):
    """Does one operation after the other, and remembers what came of each."""

    def __init__(self, session):
        super().__init__(daemon=True)
        self.session, self.waiting, self.done = session, queue.Queue(), []
        self.start()

    def run(self):
        for operation in iter(self.waiting.get, None):
            try:
                self.done.append((operation[0], perform(self.session, operation), None))
            except REFUSALS as error:
                self.done.append((operation[0], None, error))
            except BaseException as error:  # the test shows it
                self.done.append((operation[0], None, error))
                raise


class Sessions(RuleBasedStateMachine):
    """A session, and three people at it."""

    def __init__(self):
        super().__init__()
        self.model = kanwidget.KAN([2, 2, 1], grid=3, seed=1)
        self.session = Session(self.model, hello_data(20))
        self.start = self.model.snapshot()
        self.versions = []
        self.session.subscribe(lambda view: self.versions.append(view.version))
        self.people = [Person(self.session) for _ in range(PEOPLE)]
        self.given = 0

    @rule(
        operations=st.lists(
            st.tuples(st.integers(0, PEOPLE - 1), OPERATIONS), min_size=1, max_size=4
        )
    )
    def give(self, operations):
        for person, operation in operations:
            self.people[person].waiting.put(operation)
            self.given += 1

    def teardown(self):
        for person in self.people:
            person.waiting.put(None)
        end = time.monotonic() + PATIENCE
        try:
            for person in self.people:
                while person.is_alive():
                    assert time.monotonic() < end, "a command was never answered"
                    person.join(0.2)
                    self.session.resume()  # a training that somebody has paused and left
            self.check()
        finally:
            self.session.close()

    def check(self):
        session, history = self.session, self.session.history
        done = list(itertools.chain.from_iterable(person.done for person in self.people))
        assert len(done) == self.given
        unexpected = [error for *_, error in done if error and not isinstance(error, REFUSALS)]
        assert not unexpected
        assert all(
            error.args and str(error)
            for *_, error in done
            if isinstance(error, (KeyError, ValueError))
        )
        assert self.versions == sorted(set(self.versions))

        session.stop()
        session._enqueue(lambda: None).result(PATIENCE)
        with self.model.exclusive:
            session._recorder.settle()
        assert not self.model.fitting
        assert same_state(self.model.snapshot(), history.current.state)

        edited = [name for name, _, error in done if name in EDITS and error is None]
        nodes = history.nodes
        recorded = [
            node.action.command
            for node in nodes
            if node.action.command in EDITS and not node.action.label.startswith("model.")
        ]
        assert sorted(edited) == sorted(recorded)
        assert [node.id for node in history.nodes] == list(range(len(nodes)))
        assert all(node.parent < node.id for node in history.nodes[1:])

        states = {node.id: node.state for node in history.nodes}
        for number in (len(nodes) // 2, len(nodes) - 1):
            session.jump(number)
            assert same_state(self.model.snapshot(), states[number])
        while history.current.parent is not None:
            session.undo()
        assert same_state(self.model.snapshot(), self.start)
        while history.current.redo is not None:
            session.redo()
        assert same_state(self.model.snapshot(), states[len(nodes) - 1])


def test_three_people_at_one_session_lose_nothing():
    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=5,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=SEQUENCES < 100,
        ),
    )


@pytest.mark.parametrize("operation", ["undo", "train"])
def test_a_call_that_would_wait_for_itself_is_refused(operation):
    session = Session(kanwidget.KAN([2, 2, 1]), hello_data(20))
    with session.model.exclusive, pytest.raises(RuntimeError, match="without end"):
        getattr(session, operation)()
    session.close()
