"""The script of the digits runs as a command, and says what it lacks."""

import subprocess
import sys

import pytest

from notebooks import digits


def test_a_command_trains_on_the_small_digits(tmp_path):
    command = [sys.executable, digits.__file__, "--data", "digits", "--epochs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    accuracy = float(done.stdout.rpartition("accuracy ")[2].rstrip("%\n"))
    assert 85 < accuracy <= 100
    assert all(name in done.stderr for name in ("loss=", "accuracy=", "lr=", "val_accuracy="))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("data", "package", "install"),
    [
        ("digits", "sklearn.datasets", "pip install scikit-learn"),
        ("mnist", "torchvision.datasets", "pip install torchvision"),
    ],
)
def test_a_missing_package_is_named(data, package, install, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=install):
        digits.load(data, str(tmp_path))


def test_images_are_shared_out_without_loss():
    parts = digits.load("digits")
    assert {name: len(images.digits) for name, images in parts.items()} == {
        "val": 180,
        "test": 360,
        "train": 1257,
    }
    assert all(float(images.pixels.min()) >= -1 for images in parts.values())
    assert all(float(images.pixels.max()) <= 1 for images in parts.values())
