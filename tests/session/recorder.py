"""A session without its thread: what is done to a model becomes nodes of a history."""

from kanwidget.fitting import fitting_dataset, name_after, root_mean_squares
from kanwidget.session.calls import Call
from kanwidget.session.history import Action, History

MOMENTS = ("before", "fit begins", "step")
"""Events that are no actions."""


class Recorder:
    """Has of a Session what a script is made from: model, dataset and history."""

    def __init__(self, model, dataset):
        self.model, self.dataset = model, fitting_dataset(model, dataset)
        model.calibration = self.dataset.train_input
        name_after(model, self.dataset)
        self.history = History(model.snapshot(), self.metrics())
        model.listeners.append(self.hear)

    def metrics(self):
        return {"complexity": 0.0, **root_mean_squares(self.model, self.dataset)}

    def hear(self, event, details):
        if event not in MOMENTS:
            self.commit(Action(event, event, (Call.of(event, details, self.dataset),)))

    def commit(self, action):
        self.history.commit(action, self.model.snapshot(), self.metrics())

    def undo(self):
        self.model.restore(self.history.undo().state)

    def redo(self):
        self.model.restore(self.history.redo().state)
