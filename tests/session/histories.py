"""Sessions' parts made without a session: a model, its data, and a history of real actions."""

import torch

import kanwidget
from kanwidget.fitting import fitting_dataset
from kanwidget.session.calls import Call
from kanwidget.session.history import NO_LOSSES, Action, History, LossCurve
from tests.networks import mixed_model


class Recorded:
    """A model and its data, whose actions go into a history."""

    def __init__(self, model, data):
        self.model, self.data = model, fitting_dataset(model, data)
        model.calibration = self.data.train_input
        self.history = History(model.snapshot(), self.metrics())

    def metrics(self):
        alive = len(self.model.edges())
        return {"alive": alive, "complexity": 2.0 * alive, "val_loss": 0.5, "train_loss": None}

    def do(self, method, **arguments):
        call = Call.of(method, arguments, self.data)
        call.do(self.model, self.data)
        curve = NO_LOSSES
        if method == "fit":
            penalty = (0.0, 0.125, float("inf")) if arguments.get("lamb") else ()
            curve = LossCurve((0.5, float("inf"), 0.25), (0.75, 0.5, float("nan")), penalty)
        action = Action(f"{method} it", method, (call,))
        return self.history.commit(action, self.model.snapshot(), self.metrics(), curve, 0.125)

    def change(self, label, because="by hand"):
        """What no call does again."""
        action = Action(label, "changed", None, because)
        return self.history.commit(action, self.model.snapshot(), self.metrics())

    def go(self, node):
        self.model.restore(node.state)

    @property
    def parts(self):
        return self.model, self.data, self.history


def some_data(inputs, outputs, dtype=torch.float64, samples=30):
    def target(x):
        return torch.stack([torch.sin((n + 2) * x.sum(1)) for n in range(outputs)], 1)

    return kanwidget.create_dataset(
        target, n_var=inputs, train_num=samples, test_num=samples, seed=3
    ).to(dtype, "cpu")


def recorded(width=(3, 4, 2), dtype=torch.float64, **options):
    """A tree of states of every kind, with names, notes, losses and columns that are gone."""
    model = mixed_model(width, dtype, **options)
    done = Recorded(model, some_data(width[0], model.width[-1], dtype))
    model.input_names = list("uvwxyz"[: model.width[0]])
    done.change("names")
    done.do("fit", dataset=done.data, steps=2, lamb=1e-3)
    done.do("lock_edge", **dict(zip("lij", model.edges()[0], strict=True)))
    l, i, j = next(edge for edge in model.edges() if edge[0] == 1)
    done.do("fix_symbolic", l=l, i=i, j=j, fun_name="exp")
    l, i, j = model.edges()[1]
    done.do("remove_edge", l=l, i=i, j=j)
    done.do("prune_input", active_inputs=[0, model.width[0] - 1])
    done.history.rename(5, "a name ☃")
    done.history.annotate(5, "two\nlines")
    done.go(done.history.jump(2))
    done.do("refine", new_grid=[layer.grid + 2 for layer in model.layers])
    done.history.pin(7)
    done.do("expand_depth")
    done.do("expand_width", layer_id=1, n_added_nodes=1)
    done.go(done.history.undo())
    return done
