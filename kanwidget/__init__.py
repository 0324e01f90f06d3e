"""kanwidget: train, prune and read Kolmogorov-Arnold networks by hand in a notebook."""

from typing import TYPE_CHECKING, Any

from kanwidget.datasets import (
    Dataset,
    create_dataset,
    create_dataset_from_data,
    create_dataset_from_table,
)
from kanwidget.model import KAN

if TYPE_CHECKING:
    from kanwidget.session import Session
    from kanwidget.widget import KANWidget

__version__ = "0.1.0"
__all__ = [
    "KAN",
    "Dataset",
    "KANWidget",
    "Session",
    "create_dataset",
    "create_dataset_from_data",
    "create_dataset_from_table",
]


def __getattr__(name: str) -> Any:
    # the engine imports without Jupyter, and in a moment; these two are loaded when first asked for
    if name == "KANWidget":
        from kanwidget.widget import KANWidget

        return KANWidget
    if name == "Session":
        from kanwidget.session import Session

        return Session
    raise AttributeError(f"module 'kanwidget' has no attribute {name!r}")
