"""One torch thread for all tests, also in the kernels they start: set before torch is imported."""

import os

for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
