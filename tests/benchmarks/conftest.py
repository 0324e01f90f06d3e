"""Gathers what the benchmarks measure; writes RESULTS.md when all of it has been."""

import time

import pytest
import torch

import kanwidget
from tests.benchmarks.measure import threads
from tests.benchmarks.rows import ROWS, WHY
from tests.benchmarks.table import Table
from tests.networks import hello

TABLE = pytest.StashKey[Table]()
BEGAN = pytest.StashKey[float]()


def pytest_configure(config):
    config.stash[TABLE] = Table(ROWS, WHY)
    config.stash[BEGAN] = time.monotonic()


def pytest_terminal_summary(terminalreporter, config):
    """A part of the measurements is printed and leaves the page as it is: that is of one run."""
    table = config.stash[TABLE]
    write = terminalreporter.write_line
    write("")
    if not table.missing:
        table.write()
        minutes = (time.monotonic() - config.stash[BEGAN]) / 60
        write(f"RESULTS.md is written; this took {minutes:.1f} minutes")
    elif table.filled:
        write(table.page())
        write(
            f"RESULTS.md is as it was: {len(table.missing)} of {len(ROWS)} rows were not measured"
        )


@pytest.fixture(scope="session")
def table(request):
    return request.config.stash[TABLE]


@pytest.fixture(autouse=True)
def one_thread():
    with threads(1):
        yield


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """pykan writes where it stands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def hello_data():
    """The hello world's data by seed, in float64."""

    def make(seed=0):
        return kanwidget.create_dataset(hello, train_num=1000, test_num=1000, seed=seed)

    return make


@pytest.fixture(scope="session")
def as_pykan_takes_it():
    """A dataset as pykan's dictionary in float32."""

    def make(dataset):
        names = ("train_input", "train_label", "test_input", "test_label")
        return {name: dataset[name].to(torch.float32) for name in names}

    return make
