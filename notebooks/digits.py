"""Train a KAN to tell handwritten digits apart.

``python digits.py --data mnist`` takes MNIST from torchvision, which downloads it once, 28 × 28 pixels and
60,000 images to learn from.  ``python digits.py --data digits`` takes the 1,797 images of 8 × 8 pixels that
come with scikit-learn, and needs no network.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import AdamW
from torch.optim.lr_scheduler import ExponentialLR
from tqdm.auto import tqdm

from kanwidget import KAN

BATCH = 64


class Images(NamedTuple):
    """Images (N, pixels) between -1 and 1, and the digits (N,) that they show."""

    pixels: Tensor
    digits: Tensor


class Settings(NamedTuple):
    """Hidden nodes, and how to train; the learning rate falls by ``decay`` after every epoch."""

    hidden: int
    epochs: int
    lr: float
    decay: float = 0.8
    weight_decay: float = 1e-4
    label_smoothing: float = 0.0


SETTINGS = {
    "mnist": Settings(hidden=64, epochs=10, lr=1e-3),
    # 40 times fewer images are 40 times fewer steps: they are larger ones, towards less certain answers
    "digits": Settings(hidden=256, epochs=12, lr=1e-2, label_smoothing=0.1),
}


# ---------------------------------------------------------------------- data


def load(data: str = "digits", folder: str = "data") -> dict[str, Images]:
    """Images to train on, to watch and to test with: "train", "val" and "test"."""
    return mnist(folder) if data == "mnist" else small_digits()


def mnist(folder: str) -> dict[str, Images]:
    """MNIST, downloaded into ``folder`` where it does not lie there yet."""
    try:
        from torchvision.datasets import MNIST
    except ImportError:
        raise ImportError("MNIST comes through torchvision: pip install torchvision") from None

    def images(train: bool) -> Images:
        found = MNIST(folder, train=train, download=True)
        return Images(found.data.flatten(1) / 127.5 - 1, found.targets)

    return {**split(images(train=True), val=5_000), "test": images(train=False)}


def small_digits() -> dict[str, Images]:
    """scikit-learn's digits, of which 360 are for the test and 180 to watch."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError("the digits come with scikit-learn: pip install scikit-learn") from None
    pixels, digits = load_digits(return_X_y=True)
    images = Images(torch.tensor(pixels / 8 - 1, dtype=torch.float32), torch.tensor(digits))
    return split(images, val=180, test=360)


def split(images: Images, **sizes: int) -> dict[str, Images]:
    """Shuffle images, and take parts of the given sizes; what is left is "train"."""
    order = torch.randperm(len(images.digits), generator=torch.Generator().manual_seed(0))
    rows = order.split([*sizes.values(), len(order) - sum(sizes.values())])
    names = [*sizes, "train"]
    return {name: Images(*(each[part] for each in images)) for name, part in zip(names, rows)}


# ---------------------------------------------------------------------- training


def network(images: Images, hidden: int, seed: int = 0) -> KAN:
    """A KAN from pixels to ten scores, one a digit."""
    return KAN([images.pixels.shape[1], hidden, 10], grid=5, k=3, seed=seed, dtype=torch.float32)


def optimizer_of(model: nn.Module, settings: Settings) -> AdamW:
    """All parameters are moved in one go."""
    return AdamW(
        model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay, fused=True
    )


def train_epoch(
    model: nn.Module, images: Images, optimizer: AdamW, label_smoothing: float = 0.0
) -> tuple[float, float]:
    """One pass over all images in batches; returns loss and accuracy, both as met on the way."""
    loss_sum, right = 0.0, 0
    order = torch.randperm(len(images.digits))
    for rows in order.split(BATCH):
        pixels, digits = (each[rows] for each in images)
        optimizer.zero_grad()
        scores = model(pixels)
        loss = cross_entropy(scores, digits, label_smoothing=label_smoothing)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(rows)
        right += int((scores.argmax(1) == digits).sum())
    return loss_sum / len(order), right / len(order)


@torch.no_grad()
def evaluate(model: nn.Module, images: Images) -> tuple[float, float]:
    """Cross-entropy and accuracy."""
    scores = model(images.pixels)
    accuracy = (scores.argmax(1) == images.digits).double().mean()
    return cross_entropy(scores, images.digits).item(), accuracy.item()


def train(model: nn.Module, parts: dict[str, Images], settings: Settings) -> list[float]:
    """Train, watched by a bar; returns the validation accuracy after every epoch."""
    optimizer = optimizer_of(model, settings)
    scheduler = ExponentialLR(optimizer, settings.decay)
    accuracies = []
    with tqdm(range(settings.epochs), unit="epoch") as bar:
        for _ in bar:
            lr = optimizer.param_groups[0]["lr"]
            loss, accuracy = train_epoch(model, parts["train"], optimizer, settings.label_smoothing)
            val_loss, val_accuracy = evaluate(model, parts["val"])
            scheduler.step()
            accuracies.append(val_accuracy)
            bar.set_postfix(
                loss=f"{loss:.3f}",
                accuracy=f"{accuracy:.1%}",
                lr=f"{lr:.1e}",
                val_loss=f"{val_loss:.3f}",
                val_accuracy=f"{val_accuracy:.1%}",
            )
    return accuracies


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=SETTINGS, default="digits")
    parser.add_argument("--folder", default="data", help="where MNIST is, or will be")
    parser.add_argument("--epochs", type=int, help="other than the data's own number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    told = parser.parse_args()

    settings = SETTINGS[told.data]
    if told.epochs is not None:
        settings = settings._replace(epochs=told.epochs)
    try:
        loaded = load(told.data, told.folder)
    except ImportError as error:
        parser.exit(1, f"{error}\n")
    parts = {
        name: Images(*(each.to(told.device) for each in images)) for name, images in loaded.items()
    }
    torch.manual_seed(told.seed)  # of the order of the batches
    model = network(parts["train"], settings.hidden, told.seed).to(told.device)
    train(model, parts, settings)
    loss, accuracy = evaluate(model, parts["test"])
    print(f"test: cross-entropy {loss:.3f}, accuracy {accuracy:.2%}")


if __name__ == "__main__":
    main()
