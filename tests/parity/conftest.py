"""A class of pykan's for all tests of a module."""

import pytest

from tests.parity.pykan_models import kept_away


@pytest.fixture(scope="module")
def kan(tmp_path_factory):
    """Makes pykan's networks: ``kan([2, 5, 1], grid=5)``."""
    with kept_away(tmp_path_factory.mktemp("kan")) as made:
        yield made
