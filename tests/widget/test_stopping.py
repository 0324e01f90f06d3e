"""A training ends soon after the page has said stop; all tries and the figures are for make bench."""

import pytest

from tests.widget.stopping import CASES, stops


@pytest.mark.parametrize("case", ["[2,5,1] LBFGS"])
def test_a_training_ends_soon_after_stop(case):
    times = stops(*CASES[case], tries=5)
    assert float(times[:, 0].median()) < 0.2
    assert float(times[:, 1].max()) < 0.2
