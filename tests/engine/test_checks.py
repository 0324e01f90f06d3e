import numpy as np
import pytest

from kanwidget import checks


@pytest.mark.parametrize(
    "value", [0, 1, 0.0, 0.03, 5e-324, 1e300, np.float64(0.5), np.float32(0.5), np.int64(2)]
)
def test_numbers_become_floats(value):
    found = checks.number("edge_th", value, least=0)
    assert type(found) is float
    assert found == value


INFINITE = [float("nan"), float("inf"), -float("inf"), 10**400]
NO_NUMBERS = ["0.1", "", True, False, None, 1j, [0.1]]


@pytest.mark.parametrize("value", [-1, -1e-300, *INFINITE, *NO_NUMBERS], ids=lambda v: f"{v!r:.9}")
def test_other_values_get_a_sentence(value):
    with pytest.raises(ValueError, match=r"^edge_th is .* is needed$") as told:
        checks.number("edge_th", value, least=0)
    assert f"{value!r:.60}; a number of at least 0 is needed" in str(told.value)


@pytest.mark.parametrize(
    ("limits", "needed"),
    [
        ({}, "a finite number"),
        ({"above": 0}, "a number above 0"),
        ({"least": 0, "most": 1}, "a number from 0 to 1"),
    ],
)
def test_the_sentence_names_the_limits(limits, needed):
    with pytest.raises(ValueError, match=f"^lr is nan; {needed} is needed$"):
        checks.number("lr", float("nan"), **limits)


def test_limits_hold():
    assert checks.number("lr", 1e-300, above=0) == 1e-300
    assert checks.number("grid_eps", 1, least=0, most=1) == 1
    for value, limits in ((0, {"above": 0}), (1.1, {"least": 0, "most": 1})):
        with pytest.raises(ValueError, match="is needed"):
            checks.number("lr", value, **limits)


def test_whole_numbers_are_those_that_count():
    assert checks.whole("steps", np.int64(3), 1) == 3
    assert type(checks.whole("steps", np.int64(3), 1)) is int
    for value in (0, -1, 1.0, 2.5, True, "3", None, float("nan")):
        with pytest.raises(ValueError, match="a whole number of at least 1 is needed"):
            checks.whole("steps", value, 1)
