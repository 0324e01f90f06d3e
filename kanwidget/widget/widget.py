"""KANWidget: a session shown in a notebook, and the page's commands handed to it.

Messages arrive on whatever thread the kernel uses for them and only enqueue; views are sent from the
thread that made them, so that frames go out while a cell is running.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import anywidget
import torch
import traitlets
from ipywidgets import Widget

from kanwidget.datasets import Dataset
from kanwidget.fitting.optimizers import OPTIMIZERS
from kanwidget.formula.single import candidate_latex
from kanwidget.importance import METRICS
from kanwidget.model import KAN
from kanwidget.session import Session, commands
from kanwidget.session.commands import explain
from kanwidget.session.view import View
from kanwidget.symbolic.suggest import Candidate
from kanwidget.widget.comms import without_parent
from kanwidget.widget.scene import encode

STATIC = Path(__file__).parent.parent / "static"
SUGGESTION_POINTS = 64


class KANWidget(anywidget.AnyWidget):
    """A live KAN to train, prune and read by hand.

    Parameters
    ----------
    model : KAN or Session
        The model itself is worked on, not a copy; a session is shared with whoever else shows it.
    dataset : Dataset or dict, optional
        The data to train on; not needed with a session.
    **settings
        Starting values of the traits below.

    Attributes
    ----------
    lamb, lamb_entropy, prune_threshold, steps, optimizer, lr, metric, selected, theme :
        Two-way traits, to read, set, link and observe.
    losses, summary, formula_latex, formula_error, history, status, step, message :
        What the page shows, to read and observe.
    model, dataset, session :
        What the widget is bound to.

    Raises
    ------
    TypeError, ValueError
        If model or dataset are none, or do not fit together.
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"

    lamb = traitlets.Float(0.01, min=0.0).tag(sync=True)
    lamb_entropy = traitlets.Float(2.0, min=0.0).tag(sync=True)
    prune_threshold = traitlets.Float(0.03, min=0.0).tag(sync=True)
    steps = traitlets.Int(20, min=1, max=100_000).tag(sync=True)
    optimizer = traitlets.Enum(list(OPTIMIZERS), "LBFGS").tag(sync=True)
    lr = traitlets.Float(1.0).tag(sync=True)
    metric = traitlets.Enum(list(METRICS), "backward").tag(sync=True)
    selected = traitlets.List(traitlets.Int(), allow_none=True, default_value=None).tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], "auto").tag(sync=True)
    lang = traitlets.Enum(["en"], "en").tag(sync=True)

    version = traitlets.Int(0).tag(sync=True)
    status = traitlets.Unicode("idle").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    total_steps = traitlets.Int(0).tag(sync=True)
    losses = traitlets.Dict().tag(sync=True)
    summary = traitlets.Dict().tag(sync=True)
    formula_latex = traitlets.Unicode("").tag(sync=True)
    formula_error = traitlets.Dict().tag(sync=True)
    history = traitlets.Dict().tag(sync=True)
    message = traitlets.Dict().tag(sync=True)
    scene = traitlets.Bytes(b"").tag(sync=True)

    # ipywidgets closes what Python forgets, also a widget whose making failed
    _owner = False
    _unsubscribe: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, model: KAN | Session, dataset: Any = None, **settings: Any) -> None:
        if isinstance(model, Session):
            self.session, self._owner = model, False
        else:
            if dataset is None:
                raise TypeError("dataset is missing; KANWidget(model, dataset) needs the data")
            self.session, self._owner = Session(model, dataset), True
        self._sending = threading.Lock()
        self._shown: View | None = None
        super().__init__(**settings)
        if self.metric != self.session.metric:
            self.session.set_metric(self.metric)
        self._show(self.session.view)
        self._unsubscribe = self.session.subscribe(self._show)
        self.on_msg(self._receive)
        self.observe(self._rescore, "metric")
        self.observe(self._usual_lr, "optimizer")

    @property
    def model(self) -> KAN:
        """The live model."""
        return self.session.model

    @property
    def dataset(self) -> Dataset:
        """The data it is trained on."""
        return self.session.dataset

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is not None:
            try:
                self.session.model.check_edge(*value)
            except (KeyError, TypeError) as error:
                raise traitlets.TraitError(f"selected is {value!r}: {explain(error)}") from None
        return value

    def close(self) -> None:
        """Take the widget away; a session it made itself ends with it."""
        self._unsubscribe()
        if self._owner:
            self.session.close()
        super().close()

    def open(self) -> None:
        """Open the line to the page; ipywidgets calls it."""
        without_parent(super().open)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        # an echo says by its parent which of the page's messages it answers
        if isinstance(msg, dict) and msg.get("method") == "echo_update":
            super()._send(msg, buffers)
        else:
            without_parent(super()._send, msg, buffers)

    # ------------------------------------------------------------------ session to page

    def _show(self, view: View) -> None:
        """Set the traits that differ from the view shown before, as one message."""
        with self._sending:
            before = self._shown
            if before is not None and view.version <= before.version:
                return
            self._shown = view
            changed = {
                name: value
                for name, value in _traits(view).items()
                if before is None or value != getattr(self, name)
            }
            if before is None or view.picture is not before.picture:
                changed["scene"] = encode(view.picture, view.version)
            with self.hold_sync():
                for name, value in changed.items():
                    self.set_trait(name, value)

    # ------------------------------------------------------------------ page to session

    def _receive(self, widget: Widget, content: Any, buffers: Any) -> None:
        """Take a message {id, command, args}; answer {id, ok, result} or {id, ok, error}."""
        number = content.get("id") if isinstance(content, dict) else None
        try:
            if (
                not isinstance(content, dict)
                or isinstance(number, bool)
                or not isinstance(number, int)
            ):
                raise TypeError(f"the page sent {content!r:.200}; {{id, command, args}} is needed")
            name, arguments = content.get("command"), content.get("args", {})
            if name == "stop":
                self.session.stop()
                self.send({"id": number, "ok": True})
                return
            command = commands.parse(name, arguments)
            answer = self.session.submit(command)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            self.session.say("error", explain(error))
            self.send({"id": number, "ok": False, "error": explain(error)})
            return
        answer.add_done_callback(lambda future: self._answer(number, command, future))

    def _answer(self, number: int, command: commands.Command, future: Future[Any]) -> None:
        error = future.exception()
        if error is not None:
            self.send({"id": number, "ok": False, "error": explain(error)})
        elif isinstance(command, commands.Suggest):
            self.send(
                {"id": number, "ok": True, "result": self._suggestions(command, future.result())}
            )
        else:
            self.send({"id": number, "ok": True})

    def _suggestions(self, command: commands.Suggest, found: list[Candidate]) -> dict[str, Any]:
        """What the edge menu shows: the edge's curve, and every candidate's over the same inputs."""
        l, i, j = command.edge
        layer = self.model.layers[l]
        with torch.no_grad(), self.model.exclusive:
            column = self.model.node_values(self.model.training_inputs())[l][:, i]
            x = torch.linspace(float(column.min()), float(column.max()), SUGGESTION_POINTS).to(
                column
            )
            y = layer.edge_output(i, j, x)
        return {
            "edge": list(command.edge),
            "x": _numbers(x),
            "y": _numbers(y),
            "candidates": [
                {
                    "function": candidate.name,
                    "r2": candidate.r2,
                    "complexity": candidate.complexity,
                    "latex": candidate_latex(candidate),
                    "curve": _numbers(candidate.curve(x)),
                    "warning": candidate.warning,
                }
                for candidate in found
            ],
        }

    def _usual_lr(self, change: Any) -> None:
        """Another optimizer begins with its own usual learning rate."""
        self.lr = OPTIMIZERS[change["new"]]().lr

    def _rescore(self, change: Any) -> None:
        threading.Thread(target=self.session.set_metric, args=(change["new"],), daemon=True).start()


def _traits(view: View) -> dict[str, Any]:
    formula, message = view.formula, view.message
    return {
        "version": view.version,
        "status": view.status,
        "step": view.step,
        "total_steps": view.total_steps,
        "losses": view.losses,
        "summary": view.summary,
        "formula_latex": formula.latex,
        "formula_error": {
            "shown": formula.shown,
            "full": formula.full,
            "digits": formula.digits,
            "numeric_edges": formula.numeric_edges,
            "text": formula.text,
        },
        "history": view.history,
        "message": {"kind": message.kind, "text": message.text, "seq": message.number},
    }


def _numbers(values: torch.Tensor) -> list[float | None]:
    """Plain numbers; None where a function has no value."""
    return [v if math.isfinite(v) else None for v in values.double().tolist()]
