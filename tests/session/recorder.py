"""A session without its thread: what is done to a model becomes nodes of a history, losses and all."""

from kanwidget.fitting import fitting_dataset, name_after, root_mean_squares
from kanwidget.session import recording
from kanwidget.session.history import History


class Recorder:
    """Has of a Session what a script is made from: model, dataset and history."""

    def __init__(self, model, dataset):
        self.model, self.dataset = model, fitting_dataset(model, dataset)
        model.calibration = self.dataset.train_input
        name_after(model, self.dataset)
        self.history = History(model.snapshot(), recording.counts(model))
        self.recorder = recording.Recorder(model, self.dataset, self.history)
        self.recorder.changed = self.measure
        model.listeners.append(self.recorder.hear)
        model.beforehand.append(self.recorder.begin)
        self.measure()

    def measure(self):
        self.history.current.metrics |= root_mean_squares(self.model, self.dataset)

    def settle(self):
        with self.model.exclusive:
            self.recorder.settle()

    def undo(self):
        self.recorder.go(lambda history: history.undo())

    def redo(self):
        self.recorder.go(lambda history: history.redo())
