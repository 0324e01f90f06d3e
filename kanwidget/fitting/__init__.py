"""Training: a generator of steps, its optimizers, losses and penalties."""

from kanwidget.fitting.data import fitting_dataset, name_after
from kanwidget.fitting.measure import root_mean_squares
from kanwidget.fitting.options import FitOptions, spelled_out
from kanwidget.fitting.progress import Bar, FitResults, Progress
from kanwidget.fitting.trainer import Trainer

__all__ = [
    "Bar",
    "FitOptions",
    "FitResults",
    "Progress",
    "Trainer",
    "fitting_dataset",
    "name_after",
    "root_mean_squares",
    "spelled_out",
]
