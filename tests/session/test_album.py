"""Albums: every state of a history as it looks, whatever the model does meanwhile."""

import numpy as np
import pytest

from kanwidget import KAN, Session
from kanwidget.session import album as albums
from kanwidget.session.album import album
from tests.networks import hello_data
from tests.session.test_session import settled


@pytest.fixture
def session():
    made = Session(KAN([2, 2, 1], seed=0), hello_data(60))
    made.train(2)
    made.fix_symbolic(0, 0, 0, "sin")
    made.undo()
    made.remove_edge(0, 1, 1)
    yield made
    made.close()


def of(session, **options):
    return album(session.model, session.dataset, session.history, session.metric, **options)


def test_every_state_is_seen_as_the_session_showed_it(session):
    shown = session.view
    seen = of(session)
    assert (seen.current, seen.left_out, set(seen.views)) == (3, 0, {0, 1, 2, 3})
    assert seen.views[3].formula.latex == shown.formula.latex
    assert seen.views[3].summary == shown.summary
    assert seen.views[3].losses == shown.losses
    np.testing.assert_array_equal(seen.views[3].picture.curve, shown.picture.curve)
    assert seen.views[2].summary["symbolic"] == 1
    assert "\\sin" in seen.views[2].formula.latex
    assert len(seen.views[0].losses["train"]) == 0
    assert len(seen.views[1].losses["train"]) == 2
    assert [seen.views[n].history["current"] for n in range(4)] == [0, 1, 2, 3]


def test_the_model_and_its_history_stay_as_they_are(session):
    before, current = settled(session).version, session.history.current
    state = session.model.snapshot()
    of(session)
    assert session.history.current is current
    assert session.view.version == before
    assert albums.View is type(session.view)
    now = session.model.snapshot()
    for old, new in zip(state.layers, now.layers, strict=True):
        np.testing.assert_array_equal(old["coef"], new["coef"])


def test_the_nearest_states_come_first_where_there_is_not_room_for_all(session, monkeypatch):
    monkeypatch.setattr(albums, "MOST_BYTES", 0)
    seen = of(session, current=2)
    assert (list(seen.views), seen.left_out, seen.current) == ([2], 3, 2)
    assert list(of(session, current=2, most=1).views) == [2]


def test_states_that_were_let_go_are_left_out(session):
    session.history.node(1).state = None
    assert set(of(session).views) == {0, 2, 3}
    with pytest.raises(ValueError, match=r"step 1 \(train 2 steps\) was let go"):
        of(session, current=1)
    with pytest.raises(KeyError, match="there is no step 9"):
        of(session, current=9)
