"""One torch thread for all tests, and marks by folder."""

import os
import sys
from pathlib import Path

# before anything imports torch; the kernels that tests start inherit it
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# jsonschema would have it read a grammar for two seconds, in every process of the tests
sys.modules["rfc3987_syntax"] = None

from hypothesis import settings  # noqa: E402

# no test is about time, and what fails fails for everybody
settings.register_profile("kanwidget", deadline=None, derandomize=True)
settings.load_profile("kanwidget")

HERE = Path(__file__).parent
MARKS = {HERE / "browser": "browser", HERE / "benchmarks": "benchmark"}


def pytest_collection_modifyitems(items):
    """Mark the tests of a folder by its name, and run the browser tests last."""
    for item in items:
        for folder, mark in MARKS.items():
            if item.path.is_relative_to(folder):
                item.add_marker(mark)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
