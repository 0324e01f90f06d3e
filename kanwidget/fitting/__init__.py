"""Training: a generator of steps, its optimizers and its penalties."""

from kanwidget.fitting.trainer import FitOptions, Progress, Trainer, fitting_dataset

__all__ = ["FitOptions", "Progress", "Trainer", "fitting_dataset"]
