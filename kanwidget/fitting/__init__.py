"""Training: a generator of steps, its optimizers and its penalties."""

from kanwidget.fitting.trainer import (
    FitOptions,
    Progress,
    Trainer,
    fitting_dataset,
    root_mean_squares,
)

__all__ = ["FitOptions", "Progress", "Trainer", "fitting_dataset", "root_mean_squares"]
