"""Stop, 100 times at random moments: until the fit has ended, until it is answered, until all is measured."""

import pytest

from tests.widget.stopping import CASES, LIMIT, stops


@pytest.mark.parametrize("case", CASES)
def test_stop(case):
    times = stops(*CASES[case], tries=100)
    for name, column in zip(("fit ended", "answered", "idle"), times.T, strict=True):
        p95, most = float(column.quantile(0.95)), float(column.max())
        print(f"\n{case}: {name} after {1000 * float(column.median()):.1f} ms, "
              f"p95 {1000 * p95:.1f} ms, at most {1000 * most:.1f} ms")  # fmt: skip
    assert float(times[:, :2].quantile(0.95, 0).max()) <= LIMIT
