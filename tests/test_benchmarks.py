"""The tools of the benchmarks measure what they say; `make bench` itself asserts nothing about times."""

import itertools
import math
import time

import pytest
import torch

from tests.benchmarks import contestants
from tests.benchmarks.dense import DenseLayer, dense_kan, mlp
from tests.benchmarks.measure import Times, bytes_of, interleave, peak_memory, threads
from tests.benchmarks.rows import NETWORKS, ROWS, WHY
from tests.benchmarks.table import Row, Table, machine, quantity
from tests.networks import points

# ---------------------------------------------------------------------- the others


@pytest.mark.parametrize("adapted", [False, True])
@pytest.mark.parametrize("width", [[2, 5, 1], [4, 3, 2, 3]], ids=str)
def test_dense_network_computes_what_ours_does(width, adapted):
    x = points(300, width[0], dtype=torch.float32) ** 3
    ours = contestants.ours(width, dtype=torch.float32, extrapolation="zero", grid_eps=0.02)
    theirs = dense_kan(width)
    if adapted:
        contestants.adapt(ours, x)
    contestants.share_knots(theirs, ours)
    for layer, other in zip(ours.layers, theirs, strict=True):
        layer.coef.data = other.spline_weight.data.clone()
        layer.scale_sp.data = other.spline_scaler.data.clone()
        layer.scale_base.data = other.base_weight.data.clone()
        layer.structure_changed()
    inside = 0.99 * x
    torch.testing.assert_close(theirs(inside), ours(inside), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("grid", "k"), [(5, 3), (4, 1), (8, 2)])
def test_dense_bases_sum_to_one_within_the_grid_and_are_zero_beyond_all_knots(grid, k):
    layer = DenseLayer(3, 1, grid, k)
    torch.testing.assert_close(layer.bases(points(50, 3)).sum(-1), torch.ones(50, 3).double())
    assert layer.bases(torch.full((1, 3), 9.0)).count_nonzero() == 0


def test_wide_mlp_has_the_multiply_adds_of_the_kan():
    def multiply_adds(model):
        return sum(layer.weight.numel() for layer in model if hasattr(layer, "weight"))

    for width, _ in NETWORKS.values():
        edges = sum(a * b for a, b in itertools.pairwise(width))
        assert multiply_adds(mlp(width, contestants.FEATURES)) == contestants.FEATURES * edges


def test_products_count_forward_and_the_gradients_that_are_needed():
    work, operations = contestants.products([2, 5, 1], 100)
    work()
    assert operations == 2 * 100 * 9 * (2 * 10 + 3 * 5)


def test_batches_that_follow_each_other_are_different_tensors_within_the_grid():
    data = contestants.batches(20, 3, 2, number=4, skew=3.0)
    inputs = [next(data)[0] for _ in range(5)]
    assert inputs[4] is inputs[0]
    assert len({id(x) for x in inputs}) == 4
    assert all(x.min() >= -1 and x.max() <= 1 for x in inputs)
    assert inputs[0].median() < -0.5


# ---------------------------------------------------------------------- measuring


def test_every_work_is_timed_in_every_round():
    done = []
    works = {name: lambda name=name: done.append(name) for name in "ab"}
    times = interleave(works, seconds=0, least=5, warm=False)
    assert sorted(done) == ["a"] * 5 + ["b"] * 5
    assert [len(seconds) for seconds in times.seconds.values()] == [5, 5]


def test_a_sleep_takes_as_long_as_it_is_but_no_processor_time():
    works = {"ours": lambda: time.sleep(0.02)}
    assert interleave(works, seconds=0, least=3).median("ours") < 0.01
    wall = interleave(works, seconds=0, least=3, clock=time.perf_counter)
    assert wall.median("ours") >= 0.02


def test_ratio_is_of_medians_with_the_quartiles_of_the_rounds():
    times = Times({"ours": [1.0, 2.0, 3.0], "theirs": [2.0, 8.0, 9.0]})
    ratio = times.ratio("ours", "theirs")
    assert (ratio.middle, ratio.low, ratio.high) == (4.0, 2.5, 3.5)


def test_ratio_of_a_time_that_is_never_reached_is_nothing():
    times = Times({"ours": [1.0, math.inf, math.inf], "theirs": [2.0, 2.0, 2.0]})
    assert times.ratio("ours", "theirs").middle == 0


def test_peak_memory_is_the_most_that_was_held_at_once(tmp_path):
    """Of x → x + 1 → (x + 1)² with 1 MB each, the first is let go before a third is made."""
    x = torch.zeros(250_000)
    # numbers such as the 1 take a few bytes each
    assert 2_000_000 <= peak_memory(lambda: (x + 1).square().add(1), tmp_path) < 2_000_100
    assert peak_memory(lambda: x.sum(), tmp_path) < 1000


def test_peak_memory_counts_what_backward_needs_and_the_same_every_time(tmp_path):
    layer, x = torch.nn.Linear(500, 500), torch.zeros(1000, 500)

    def work():
        layer.zero_grad()
        layer(x).square().sum().backward()

    first, second = peak_memory(work, tmp_path), peak_memory(work, tmp_path)
    assert first == second
    # outputs and their gradient at least, besides the gradients of the weights
    assert first >= 2 * 1000 * 500 * 4 + bytes_of(layer.parameters())


def test_threads_are_put_back():
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


# ---------------------------------------------------------------------- the table


@pytest.fixture
def table():
    rows = {
        "fast": Row("forward", "dense", ratio=2),
        "short": Row("plot", "pykan", bound=0.06),
        "rate": Row("frames", unit="1/s", bound=30),
        "plain": Row("formula"),
    }
    return Table(rows, {"fast": "Because."})


def line(table, name):
    (found,) = [line for line in table.page().splitlines() if line.startswith(f"| {name} |")]
    return found


def test_goals_that_are_held_and_goals_that_are_not(table):
    table.fill("fast", 0.002, 0.003)
    table.fill("short", 0.05, 0.9, note="two files")
    table.fill("rate", 31.0)
    table.fill("plain", 0.04)
    assert line(table, "forward") == "| forward | 2 ms | dense 3 ms | 1.5 | ≥ 2× | **no** |"
    assert line(table, "plot") == "| plot | 50 ms (two files) | pykan 900 ms | 18 | ≤ 60 ms | yes |"
    assert line(table, "frames") == "| frames | 31 a second |  |  | ≥ 30 a second | yes |"
    assert line(table, "formula") == "| formula | 40 ms |  |  |  |  |"
    (missed,) = [line for line in table.page().splitlines() if line.startswith("- ")]
    assert missed == "- **forward beside dense**: 1.5×, goal ≥ 2×. Because."


def test_a_reason_is_not_shown_where_the_goal_is_held(table):
    table.fill("fast", 0.001, 0.003)
    assert "Because." not in table.page()


def test_rates_are_the_better_the_larger(table):
    table.fill("rate", 29.0)
    assert "**no**" in line(table, "frames")
    rows = Table({"r": Row("training", "dense", "1/s", ratio=2.3)}, {})
    rows.rate("r", Times({"ours": [1.0, 1.0], "dense": [2.5, 2.5]}), 100, "dense")
    expected = "| training | 100 a second | dense 40 a second | 2.5 (2.5 to 2.5) | ≥ 2.3× | yes |"
    assert line(rows, "training") == expected


def test_rows_that_were_not_measured_are_known(table):
    table.fill("plain", 1.0)
    assert table.missing == ["forward", "plot", "frames"]


def test_quantities_have_three_digits_and_a_fitting_unit():
    assert quantity(0.00014, "s") == "140 µs"
    assert quantity(0.0123456, "s") == "12.3 ms"
    assert quantity(22.04, "s") == "22 s"
    assert quantity(7_430_000, "B") == "7.43 MB"
    assert quantity(12345.6, "1/s") == "12,346 a second"
    assert quantity(0, "") == "0"


def test_reasons_are_given_for_rows_that_have_a_goal():
    assert {name for name, row in ROWS.items() if row.goal} >= set(WHY)


def test_page_has_machine_method_and_rows(table, tmp_path, monkeypatch):
    from tests.benchmarks import table as module

    monkeypatch.setattr(module, "PAGE", tmp_path / "RESULTS.md")
    table.fill("plain", 0.04)
    table.write()
    page = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert machine() in page
    assert line(table, "formula") in page
    assert "{" not in page


def test_machine_is_named_with_its_versions():
    assert f"torch {torch.__version__}" in machine()
