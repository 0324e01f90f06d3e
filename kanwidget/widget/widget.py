"""KANWidget: a session shown in a notebook, and the page's commands handed to it.

Views are sent from the thread that made them, so that frames go out while a cell is running; a frame
that had to wait for the page goes out with the page's answer.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from ipywidgets import Widget

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.fitting.families import NAMES, OPTIMIZERS
from kanwidget.importance import METRICS
from kanwidget.model import KAN
from kanwidget.picture import Picture
from kanwidget.session import Session
from kanwidget.session.commands import explain
from kanwidget.session.steering import check_slow, check_threads, cores
from kanwidget.session.view import View
from kanwidget.widget.comms import without_parent
from kanwidget.widget.exporting import Exporting
from kanwidget.widget.frames import Audience
from kanwidget.widget.holding import hold, let_go, weakly
from kanwidget.widget.interrupts import stop_on_interrupt
from kanwidget.widget.messages import is_of_a_view, receive
from kanwidget.widget.scene import encode

log = logging.getLogger(__name__)
_made: weakref.WeakSet[KANWidget] = weakref.WeakSet()


def _built(name: str) -> str:
    path = Path(__file__).parent.parent / "static" / name
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: build the front end with `make build`, or install a wheel"
        )
    return path.read_text(encoding="utf-8")


class KANWidget(Exporting, anywidget.AnyWidget):
    """A live KAN to train, prune and read by hand.

    Parameters
    ----------
    model : KAN, Session or pykan model
        The model itself is worked on, not a copy; a session is shared with whoever else shows it.  In
        place of one of pykan's, ``kw.model`` is a KAN with its numbers: see `kanwidget.KAN.from_pykan`.
    dataset : Dataset or dict, optional
        The data to train on; not needed with a session, or where the model has one.  With other data
        a new session takes the model over.
    **settings
        Starting values of the traits below.

    Attributes
    ----------
    lamb, lamb_entropy, prune_threshold, steps, optimizer, lr, selected :
        Two-way traits, to read, set, link and observe.
    metric, digits, slow, threads :
        Two-way too, and the same for all widgets of a session; ``digits`` of the formula's numbers is None
        for all.
    theme, palette, lang :
        How it looks and which language it speaks, two-way too.
    losses, summary, formula_latex, formula_error, formula_outputs, history, status, step, message :
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
    digits = traitlets.Int(4, allow_none=True).tag(sync=True)
    selected = traitlets.List(traitlets.Int(), allow_none=True, default_value=None).tag(sync=True)
    slow = traitlets.Float(0.0).tag(sync=True)
    threads = traitlets.Union([traitlets.Int(), traitlets.Unicode()], default_value="auto").tag(
        sync=True
    )
    theme = traitlets.Enum(["auto", "light", "dark", "contrast"], "auto").tag(sync=True)
    palette = traitlets.Enum(["standard", "okabe-ito", "grey"], "standard").tag(sync=True)
    lang = traitlets.Enum(["en", "zh", "ja", "ko"], "en").tag(sync=True)
    cores = traitlets.Int(1).tag(sync=True)

    version = traitlets.Int(0).tag(sync=True)
    status = traitlets.Unicode("idle").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    total_steps = traitlets.Int(0).tag(sync=True)
    losses = traitlets.Dict().tag(sync=True)
    summary = traitlets.Dict().tag(sync=True)
    formula_latex = traitlets.Unicode("").tag(sync=True)
    formula_error = traitlets.Dict().tag(sync=True)
    formula_outputs: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    history = traitlets.Dict().tag(sync=True)
    message = traitlets.Dict().tag(sync=True)
    scene = traitlets.Bytes(b"").tag(sync=True)

    # ipywidgets closes what Python forgets, also a widget whose making failed
    _unsubscribe: Callable[[], None] = staticmethod(lambda: None)
    _own_layout: Widget | None = None

    def __init__(self, model: KAN | Session, dataset: Any = None, **settings: Any) -> None:
        self.session = model if isinstance(model, Session) else Session.of(model, dataset)
        self._sending = threading.Lock()
        self._audience = Audience()
        self._waiting: View | None = None
        self._shown: View | None = None
        self._drawn: Picture | None = None
        self._showing = self._missed = False
        super().__init__(**self._completed(settings))
        if "layout" not in settings:
            self._own_layout = self.layout
        if self.metric != self.session.metric:
            self.session.set_metric(self.metric)
        if self.digits != self.session.digits:
            self.session.set_digits(self.digits)
        self.session.slow, self.session.threads = self.slow, self.threads
        self._show(self.session.view)
        self._unsubscribe = self.session.subscribe(weakly(self._show))
        self.on_msg(self._receive)
        self.observe(self._rescore, "metric")
        self.observe(self._write_anew, "digits")
        self.observe(self._begin_as_usual, "optimizer")
        self.observe(self._steer, ["slow", "threads"])
        for other in list(_made):
            if other._audience.has_left:
                let_go(other)
        _made.add(self)
        stop_on_interrupt()

    @classmethod
    def load(cls, path: str | os.PathLike[str], dataset: Any = None, **settings: Any) -> KANWidget:
        """A widget for a session from a file, which goes on where it was saved.

        Parameters
        ----------
        path : str or path
            ``"x.kan"``, as `kanwidget.Session.save` or ``autosave`` wrote it.
        dataset : Dataset or dict, optional
            Where the file was written without data: the same ones.
        **settings
            Starting values of the traits.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is no session, is damaged, or was written by a later version; or the data are missing
            or others.
        """
        return cls(Session.load(path, dataset), **settings)

    def _completed(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Settings with those that follow from others or from the session."""
        usual: dict[str, Any] = _settings(self.session) | {"cores": cores()}
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

    @traitlets.validate("digits")
    def _check_digits(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is not None and not 1 <= value <= 12:
            raise traitlets.TraitError(f"digits is {value}; 1 to 12, or None for all, is needed")
        return value

    @traitlets.validate("slow", "threads")
    def _check_steering(self, proposal: Any) -> Any:
        check = check_slow if proposal["trait"].name == "slow" else check_threads
        try:
            return check(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

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
        """Take the widget away; the session goes on, and so does what it is doing."""
        self._unsubscribe()
        super().close()
        if self._own_layout is not None:  # a widget of its own, which ipywidgets would leave open
            self._own_layout.close()

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
        self._show_waiting()

    def _show_waiting(self) -> None:
        with self._sending:
            if self._showing:
                return
            self._showing = True
        try:
            while (latest := self._next()) is not None:
                self._set_traits(*latest)
        except BaseException:
            self._showing = False
            raise

    def _next(self) -> tuple[View, bool] | None:
        """The view to be shown now, and whether with its picture."""
        with self._sending:
            view, whole = self._waiting, self._missed or not self._is_frame
            self._showing = view is not None and (whole or self._audience.has_time())
            if view is None or not self._showing:
                return None
            self._waiting, self._missed = None, False
            return view, whole or self._audience.is_looking

    @property
    def _is_frame(self) -> bool:
        """Whether there is nothing more in the waiting view than how far a training is."""
        shown, new = self._shown, self._waiting
        return (
            shown is not None
            and new is not None
            and new.status == shown.status == "training"
            and new.message is shown.message
            and new.formula is shown.formula
            and new.history is shown.history
        )

    def _set_traits(self, view: View, with_picture: bool) -> None:
        """Set the traits that differ from this view, as one message."""
        first = self._shown is None
        if not first and view.version < self.version:
            return
        new = _traits(view) | _settings(self.session)
        changed = {n: value for n, value in new.items() if first or value != getattr(self, n)}
        self._shown = view
        with_picture = with_picture and view.picture is not self._drawn
        if with_picture:
            changed["scene"] = encode(view.picture, view.version)
            self._drawn = view.picture
        if self.selected and not self.model.has_edge(*self.selected):
            changed["selected"] = None
        self._audience.sent(view.version if with_picture else None)
        with self.hold_sync():
            for name, value in changed.items():
                try:
                    self.set_trait(name, value)
                except Exception:  # a person's observer must not keep the rest from being shown
                    log.exception("an observer of %s failed", name)

    # ------------------------------------------------------------------ page to session

    def _receive(self, widget: Widget, content: Any, buffers: Any) -> None:
        """Take what the page sends: what is asked for, or what one of its views says of itself."""
        if not is_of_a_view(content):
            receive(self.session, content, self.send)
            return
        try:
            has_missed = self._audience.hear(content)
        except TypeError as error:
            self.session.say("error", explain(error))
            return
        if not self._audience.has_left:
            hold(self)
        if has_missed:
            with self._sending:
                self._missed, self._waiting = True, self.session.view
        self._show_waiting()

    def _begin_as_usual(self, change: Any) -> None:
        """Another optimizer begins with its own usual learning rate."""
        lr = _usual_lr(change["new"])
        if lr is not None:
            self.lr = lr

    def _steer(self, change: Any) -> None:
        setattr(self.session, change["name"], change["new"])

    def _rescore(self, change: Any) -> None:
        if change["new"] != self.session.metric:
            try:
                self.session.set_metric(change["new"], wait=False)
            except RuntimeError as error:  # its session is over
                self.session.say("error", explain(error))

    def _write_anew(self, change: Any) -> None:
        if change["new"] != self.session.digits:
            try:
                self.session.set_digits(change["new"], wait=False)
            except RuntimeError as error:  # its session is over
                self.session.say("error", explain(error))


def _usual_lr(optimizer: Any) -> float | None:
    """An optimizer's usual learning rate; None where 'auto' is yet to choose."""
    return OPTIMIZERS[optimizer].usual_lr if optimizer in OPTIMIZERS else None


def _settings(session: Session) -> dict[str, Any]:
    """What all widgets of a session have in common besides its view."""
    return {name: getattr(session, name) for name in ("metric", "digits", "slow", "threads")}


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
            "pending": formula.pending,
        },
        "formula_outputs": list(formula.outputs),
        "history": view.history,
        "message": {"kind": message.kind, "text": message.text, "seq": message.number},
    }
