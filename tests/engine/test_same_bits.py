"""The same seed gives the same bits in every process, with every optimizer."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import hashlib, torch, kanwidget
from torch.utils.data import DataLoader, TensorDataset
from tests.networks import hello, hello_data, points

torch.set_num_threads(1)
data, x = hello_data(60), points(60, 2)
loader = DataLoader(
    TensorDataset(x, hello(x)), 16, shuffle=True, generator=torch.Generator().manual_seed(4)
)
fits = {
    "LBFGS": dict(opt="LBFGS", steps=4),
    "LM": dict(opt="LM", steps=5),
    "LBFGS in batches": dict(opt="LBFGS", steps=3, batch=20),
    "Adam": dict(opt="Adam", steps=15),
    "AdamW": dict(opt="AdamW", epochs=4, batch=16, scheduler=0.9),
    "SGD": dict(opt="SGD", steps=15, batch=16),
    "auto": dict(opt="auto", steps=4),
    "loader": dict(opt="AdamW", epochs=3),
    "patience": dict(opt="Adam", steps=25, lr=0.3, patience=3),
}
for name in kanwidget.fitting.families.OPTIMIZERS:
    fits.setdefault(name, dict(opt=name, steps=4))
for name, options in fits.items():
    model = kanwidget.KAN([2, 3, 1], seed=7)
    results = model.fit(loader if name == "loader" else data, lamb=0.001, seed=3, **options)
    bits = hashlib.sha256()
    for tensor in (*model.parameters(), *model.buffers()):
        bits.update(tensor.detach().contiguous().numpy().tobytes())
    print(name, bits.hexdigest(), [value.hex() for value in results["train_loss"]])
"""


def test_two_processes_agree_to_the_last_bit():
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=environment | {"PYTHONHASHSEED": str(number)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(2)
    ]  # fmt: skip
    told = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    first, second = [printed.splitlines() for printed, _ in told]
    assert len(first) >= 8
    assert len({line.split()[-1] for line in first}) > 5
    assert second == first
