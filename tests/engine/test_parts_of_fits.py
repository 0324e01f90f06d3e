"""A fit that was stopped or broken up is done again by its parts, to the last bit."""

import pytest

import kanwidget
from kanwidget.fitting import FitOptions, Trainer
from tests.networks import hello_data, same, state

FITS = {
    "LBFGS": {"opt": "LBFGS", "steps": 6, "lamb": 0.001},
    "LM": {"opt": "LM", "steps": 6},
    "Adam": {"opt": "Adam", "steps": 12, "lr": 0.02},
    "AdamW in batches": {"opt": "AdamW", "epochs": 3, "batch": 10, "seed": 4},
    "Adam on drawn batches": {"opt": "Adam", "steps": 9, "batch": 10, "scheduler": 0.9},
    "LBFGS in batches": {"opt": "LBFGS", "epochs": 2, "batch": 20},
    "torch's SGD": {"opt": "SGD", "steps": 7, "scheduler": 0.9},
}
MOVING = {"grid_update_num": 3, "stop_grid_update_step": 6}


def model():
    return kanwidget.KAN([2, 2, 1], seed=3)


def points_of(options):
    """The points a fit passes, and the state at each."""
    network, seen = model(), []
    for progress in Trainer(network, hello_data(40), FitOptions.of(**options)).steps():
        seen.append((progress.at, state(network)))
    return seen


@pytest.mark.parametrize("name", FITS)
def test_a_fit_stopped_at_a_point_is_at_the_state_it_had_there(name):
    options = FITS[name] | MOVING
    seen = points_of(options)
    assert [at for at, _ in seen] == sorted({at for at, _ in seen})
    for at, reached in seen[:: max(1, len(seen) // 5)]:
        network = model()
        network.fit(hello_data(40), **options, stop_at=at)
        assert same(network, reached), at


@pytest.mark.parametrize("name", FITS)
def test_a_fit_broken_up_by_a_change_is_its_parts(name):
    options = FITS[name] | MOVING
    seen = points_of(options)
    for n in range(0, len(seen) - 1, max(1, len(seen) // 5)):
        whole, parts, at = model(), model(), seen[n][0]
        steps = Trainer(whole, hello_data(40), FitOptions.of(**options)).steps()
        for _ in range(n + 1):
            progress = next(steps)
        assert progress.at == at
        whole.remove_edge(0, 0, 1)
        for progress in steps:
            last = progress.at
        parts.fit(hello_data(40), **options, stop_at=at)
        parts.remove_edge(0, 0, 1)
        told = []
        parts.listeners.append(lambda event, details, told=told: told.append((event, details)))
        parts.fit(hello_data(40), **options, resume_at=at)
        assert same(parts, state(whole)), at
        assert [details["progress"].at for event, details in told if event == "step"][-1] == last


def test_a_fit_tells_what_it_did_so_that_it_can_be_done_again():
    network, told = model(), []
    network.listeners.append(lambda event, details: told.append((event, details)))
    data = hello_data(40)
    network.fit(data, steps=3, lamb=0.01, opt_options={"memory": 5})
    options = {"memory": 5}
    assert [told[0][0], told[-1][0]] == ["step", "fit"]
    assert told[-1][1] == {"dataset": data, "steps": 3, "lamb": 0.01, "opt_options": options}
    told.clear()

    def stop(event, details):
        if event == "step" and details["progress"].at == (1, 5):
            raise KeyboardInterrupt

    network.listeners.append(stop)
    again = network.copy()
    with pytest.raises(KeyboardInterrupt):
        network.fit(data, steps=3)
    event, details = told[-1]
    assert event == "fit"
    assert details["stop_at"] == (1, 5)
    again.fit(**details)
    assert same(again, state(network))


@pytest.mark.parametrize("name", ["resume_at", "stop_at"])
@pytest.mark.parametrize("value", [3, (1,), (1, 2, 3), (-1, 0), (1.5, 0), (9, 0), "ab", (True, 0)])
def test_points_that_are_none_are_refused(name, value):
    network = model()
    before = state(network)
    with pytest.raises(ValueError, match=name):
        network.fit(hello_data(40), steps=5, **{name: value})
    assert same(network, before)
