"""KANWidget: a session shown in a notebook, and the page's commands handed to it.

Messages arrive on whatever thread the kernel uses for them and only enqueue; views are sent from the
thread that made them, so that frames go out while a cell is running.
"""

from __future__ import annotations

import logging
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

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.fitting.families import NAMES, OPTIMIZERS
from kanwidget.formula.single import candidate_latex
from kanwidget.importance import METRICS
from kanwidget.model import KAN
from kanwidget.picture import Picture
from kanwidget.session import Session, commands
from kanwidget.session.commands import explain
from kanwidget.session.searching import summary
from kanwidget.session.view import View, finite
from kanwidget.symbolic.suggest import Candidate
from kanwidget.widget.comms import without_parent
from kanwidget.widget.scene import encode

SUGGESTION_POINTS = 64
log = logging.getLogger(__name__)


def _built(name: str) -> str:
    path = Path(__file__).parent.parent / "static" / name
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: build the front end with `make build`, or install a wheel"
        )
    return path.read_text(encoding="utf-8")


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

    # as text: of a path anywidget keeps a signal that would hold every widget for good
    _esm = _built("widget.js")
    _css = _built("widget.css")

    lamb = traitlets.Float(0.01).tag(sync=True)
    lamb_entropy = traitlets.Float(2.0).tag(sync=True)
    prune_threshold = traitlets.Float(0.03).tag(sync=True)
    steps = traitlets.Int(20).tag(sync=True)
    optimizer = traitlets.Enum(list(NAMES), "LBFGS").tag(sync=True)
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
        self._waiting: View | None = None
        self._showing = False
        self._drawn: Picture | None = None
        try:
            super().__init__(**self._completed(settings))
            if self.metric != self.session.metric:
                self.session.set_metric(self.metric)
        except BaseException:
            self._close_session()
            raise
        self._show(self.session.view)
        self._unsubscribe = self.session.subscribe(self._show)
        self.on_msg(self._receive)
        self.observe(self._rescore, "metric")
        self.observe(self._begin_as_usual, "optimizer")

    def _completed(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Settings with those that follow from others or from the session."""
        usual: dict[str, Any] = {"metric": self.session.metric}
        lr = _usual_lr(settings.get("optimizer"))
        return usual | ({} if lr is None else {"lr": lr}) | settings

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
        if value is not None and len(value) != 3:
            raise traitlets.TraitError(
                f"selected is {value!r}; None or [layer, input node, output node] is needed"
            )
        if value is not None:
            try:
                self.session.model.check_edge(*value)
            except KeyError as error:
                raise traitlets.TraitError(f"selected is {value!r}: {explain(error)}") from None
        return value

    @traitlets.validate("lamb", "lamb_entropy", "prune_threshold", "lr", "steps")
    def _check_number(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        try:
            if name == "steps":
                return checks.whole(name, value, 1)
            limit = {"above": 0} if name == "lr" else {"least": 0}
            return checks.number(name, value, **limit)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    def close(self) -> None:
        """Take the widget away; a session it made itself ends with it."""
        self._unsubscribe()
        self._close_session()
        super().close()

    def _close_session(self) -> None:
        if self._owner:
            self.session.close()

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
        """Show a view; one that comes while another is being shown waits for it to end.

        It may come from another thread, or from an observer of a trait that is just being set.
        """
        with self._sending:
            if self._waiting is None or view.version > self._waiting.version:
                self._waiting = view
            if self._showing:
                return
            self._showing = True
        try:
            while (latest := self._next()) is not None:
                self._set_traits(latest)
        except BaseException:
            self._showing = False
            raise

    def _next(self) -> View | None:
        with self._sending:
            view, self._waiting = self._waiting, None
            self._showing = view is not None
            return view

    def _set_traits(self, view: View) -> None:
        """Set the traits that differ from this view, as one message."""
        first = self._drawn is None
        if not first and view.version <= self.version:
            return
        new = _traits(view) | {"metric": self.session.metric}
        changed = {n: value for n, value in new.items() if first or value != getattr(self, n)}
        if view.picture is not self._drawn:
            changed["scene"] = encode(view.picture, view.version)
            self._drawn = view.picture
        if self.selected and not self.model.has_edge(*self.selected):
            changed["selected"] = None
        with self.hold_sync():
            for name, value in changed.items():
                try:
                    self.set_trait(name, value)
                except Exception:  # a person's observer must not keep the rest from being shown
                    log.exception("an observer of %s failed", name)

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
            return
        result = self._as_data(command, future.result())
        self.send({"id": number, "ok": True} | ({} if result is None else {"result": result}))

    def _as_data(self, command: commands.Command, result: Any) -> Any:
        """What the page is told besides that a command was done."""
        if isinstance(command, commands.Suggest):
            return self._suggestions(command, result)
        if isinstance(command, commands.Proposals):
            return [{name: _plain(value) for name, value in each.items()} for each in result]
        if isinstance(command, commands.Auto):
            return summary(result, self.dataset, self.model)
        return None

    def _suggestions(self, command: commands.Suggest, found: list[Candidate]) -> dict[str, Any]:
        """What the edge menu shows: the edge's curve, and every candidate's over the same inputs."""
        l, i, j = command.edge
        layer = self.model.layers[l]
        with torch.no_grad(), self.model.exclusive:
            column = self.model.node_values(self.model.training_inputs())[l][:, i]
            x = torch.linspace(
                float(column.min()), float(column.max()), SUGGESTION_POINTS, dtype=column.dtype
            ).to(column.device)
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
                    "loss_change": finite(candidate.loss_change),
                }
                for candidate in found
            ],
        }

    def _begin_as_usual(self, change: Any) -> None:
        """Another optimizer begins with its own usual learning rate."""
        lr = _usual_lr(change["new"])
        if lr is not None:
            self.lr = lr

    def _rescore(self, change: Any) -> None:
        if change["new"] != self.session.metric:
            self.session.set_metric(change["new"], wait=False)


def _usual_lr(optimizer: Any) -> float | None:
    """An optimizer's usual learning rate; None where 'auto' is yet to choose."""
    return OPTIMIZERS[optimizer].usual_lr if optimizer in OPTIMIZERS else None


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


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    return finite(value) if isinstance(value, float) else value
