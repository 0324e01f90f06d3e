"""What was done in a session, told as chapters of Python: the data, the model, the actions, the end.

Whatever a history brings from a file appears as comments and as plain values only.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from os import PathLike
from typing import Any

import kanwidget.session.fingerprint as fingerprints
from kanwidget.datasets import Dataset
from kanwidget.fitting import root_mean_squares
from kanwidget.model import KAN
from kanwidget.network import Snapshot
from kanwidget.session.history import History, Node
from kanwidget.session.retelling.chapters import Chapter, Story, clean, formulas_of
from kanwidget.session.retelling.function_source import NoSource, Source, source_of
from kanwidget.session.retelling.layout import laid_out
from kanwidget.session.retelling.plain import differs, keywords, made_again, words, written
from kanwidget.session.states import same_state
from kanwidget.session.view import LOSSES
from kanwidget.symbolic import library

OWN_NAMES = frozenset(
    {
        *(
            "dataset",
            "expected",
            "expression",
            "expressions",
            "fingerprint",
            "formula",
            "kanwidget",
        ),
        *(
            "loss",
            "losses",
            "math",
            "model",
            "name",
            "print",
            "root_mean_squares",
            "saved",
            "storage",
        ),
        *("sympy", "torch", "variables", "zip"),
    }
)
"""Names that a story uses for itself."""
IMPORTS = {
    "fingerprint(": "from kanwidget.session.fingerprint import fingerprint",
    "kanwidget.": "import kanwidget",
    "math.": "import math",
    "root_mean_squares(": "from kanwidget.fitting import root_mean_squares",
    "storage.": "from kanwidget.session import storage",
    "sympy.": "import sympy",
    "torch.": "import torch",
}
LONGEST_FORMULA = 300
"""Of more characters than that, nobody compares one."""
OTHER_DATA = "The data differ from those of the session in some digits; so may what follows."


def story(
    model: KAN,
    dataset: Dataset,
    history: History,
    path: str | PathLike[str] | None = None,
    upto: int | None = None,
) -> Story:
    """Tell how a state was reached; see `kanwidget.session.retelling.script.to_python`."""
    node = history.current if upto is None else history.node(upto)
    return _Teller(model, dataset, history.path(node), path).told()


class _Teller:
    def __init__(
        self, model: KAN, dataset: Dataset, nodes: list[Node], path: str | PathLike[str] | None
    ) -> None:
        self._still, self._dataset, self._nodes = model.copy(), dataset, nodes
        self._path = None if path is None else str(path)
        self._read = False
        self._story = Story(len(nodes) - 1, self._formulas())

    def told(self) -> Story:
        """All chapters, and the imports that they need."""
        told = self._story
        told.chapters = [
            self._functions(),
            self._data(),
            self._model(),
            self._actions(),
            self._end(),
        ]
        code = "\n".join(each.code for chapter in told.chapters for each in chapter.passages)
        told.imports |= {
            line
            for word, line in IMPORTS.items()
            if re.search(rf"(?<![\w.\"']){re.escape(word)}", code)
        }
        return told

    # ------------------------------------------------------------------ chapters

    def _functions(self) -> Chapter:
        """What the library has to know besides."""
        chapter = Chapter("Functions")
        calls = [call for node in self._nodes for call in node.action.calls or ()]
        named = {word for call in calls for word in words(call.arguments)} & set(library.LIBRARY)
        own = sorted(named - library.BUILT_IN)
        if own:
            chapter.add(
                "",
                f"Functions of one's own: add {', '.join(own)} here, with kanwidget.add_symbolic as it "
                "was done before the session.",
            )
        if any(call.method == "auto_symbolic" for call in calls):
            for name, complexity in sorted(library.CHANGED.items()):
                chapter.add(laid_out(f"kanwidget.set_complexity({name!r}, {complexity!r})"))
        return chapter

    def _data(self) -> Chapter:
        chapter = Chapter("Data")
        try:
            self._recipe(chapter)
        except NoSource as why:
            self._need_file(f"{why}, so the data cannot be made again")
            chapter.add(
                laid_out(f"saved = storage.read({self._path!r})") + "\ndataset = saved.dataset"
            )
            self._read = True
        return chapter

    def _recipe(self, chapter: Chapter) -> None:
        """Make the data as they were made."""
        recipe = self._dataset.recipe
        if recipe is None:
            raise NoSource("no function gave the data")
        function, made = self._source(recipe.function), made_again(self._dataset)
        if fingerprints.fingerprint(made) != fingerprints.fingerprint(self._dataset):
            raise NoSource("the function gives other data each time")
        if function.definitions:
            chapter.add(function.definitions)
        arguments = [function.expression, *keywords(recipe.arguments)]
        lines = [f"dataset = kanwidget.create_dataset({', '.join(arguments)})"]
        for method, values in recipe.changes:
            lines.append(f"dataset = dataset.{method}({', '.join(map(written, values))})")
        chapter.add("\n".join(map(laid_out, lines)))
        chapter.add(
            f'if fingerprint(dataset) != "{fingerprints.fingerprint(made)}":\n'
            f'    print("{OTHER_DATA}")'
        )

    def _model(self) -> Chapter:
        chapter, start = Chapter("Model"), self._nodes[0]
        made = self._made(chapter, start.state)
        if made is None:
            self._need_file("the model was changed before the session began")
            self._take_from_file(chapter, 0, "As it was when the session began.")
            return chapter
        model, state = made, start.state
        assert state is not None
        chapter.add("model.get_act(dataset)")
        names = [(state.input_names, "input_names"), (state.output_names, "output_names")]
        for given, name in names:
            if list(given) != getattr(model, name):
                chapter.add(laid_out(f"model.{name} = {list(given)!r}"))
        for name in ("input_scale", "output_scale"):
            scale = getattr(state, name)
            if scale is not None:
                same = scale == getattr(self._dataset, name)
                chapter.add(
                    laid_out(f"model.{name} = {f'dataset.{name}' if same else repr(scale)}")
                )
        return chapter

    def _made(self, chapter: Chapter, start: Snapshot | None) -> KAN | None:
        """The model as it was made, written down; None where the session began with another state."""
        given = getattr(self._still, "made", None)
        known = inspect.signature(KAN).parameters
        if not isinstance(given, Mapping) or start is None or not set(given) <= set(known):
            return None
        try:
            model, lines = KAN(**given), self._making(given)
        except (TypeError, ValueError):  # a description that came from elsewhere
            return None
        # these the data give, and they are written below
        named = ("input_names", "output_names", "input_scale", "output_scale")
        begun: dict[str, Any] = {name: getattr(start, name) for name in named}
        new = replace(model.snapshot(), calibration=None, **begun)
        if not same_state(new, replace(start, calibration=None)):
            return None
        for line in lines:
            chapter.add(line)
        return model

    def _making(self, given: Mapping[str, Any]) -> list[str]:
        """Lines that make the model; ValueError for what cannot be written."""
        rest, lines = dict(given), []
        arguments = [written(rest.pop("width"))]
        if callable(rest.get("base_fun")):
            function = self._source(rest.pop("base_fun"))
            arguments.append(f"base_fun={function.expression}")
            lines = [function.definitions] if function.definitions else []
        arguments += keywords(rest)
        return [*lines, laid_out(f"model = kanwidget.KAN({', '.join(arguments)})")]

    def _actions(self) -> Chapter:
        chapter, loss = Chapter("Actions", remarks=True), self._nodes[0].metrics.get("val_loss")
        self._remark(chapter, self._nodes[0])
        for node in self._nodes[1:]:
            said = [clean(node.name), clean(node.note)]
            if node.action.calls is None:
                why = clean(node.action.because)
                said.insert(0, clean(node.action.label) + (f": {why}" if why else ""))
                self._need_file(f"step {node.id} ({said[0]}) is no call that does the same again")
                if node.state is None:
                    raise ValueError(
                        f"step {node.id} ({said[0]}) is no call that does the same again, and its state "
                        "was let go to save memory"
                    )
                self._take_from_file(chapter, node.id, *said)
            else:
                if len(node.action.calls) != 1:
                    said.insert(0, clean(node.action.label))
                now = node.metrics.get("val_loss")
                beside = f"validation loss {now:.3g}" if differs(loss, now) else ""
                lines = [call.code() for call in node.action.calls]
                code = [laid_out(line, beside if line is lines[-1] else "") for line in lines]
                chapter.add("\n".join(code), "\n\n".join(filter(None, said)))
            loss = node.metrics.get("val_loss")
        return chapter

    def _remark(self, chapter: Chapter, start: Node) -> None:
        """What was written on the start."""
        said = "\n\n".join(filter(None, [clean(start.name), clean(start.note)]))
        if said:
            chapter.add("", said)

    def _end(self) -> Chapter:
        chapter, formulas = Chapter("Result"), "; ".join(self._story.formulas)
        if self._story.formulas:
            chapter.add(
                "expressions, variables = model.symbolic_formula(digits=4, exact=True)\n"
                "for name, expression in zip(model.output_names, expressions, strict=True):\n"
                '    print(f"{name} = {expression}")',
                f"In the session: {formulas}" if len(formulas) <= LONGEST_FORMULA else "",
            )
        known = self._losses()
        if known:
            chapter.add(
                "losses = root_mean_squares(model, dataset)\n"
                + "expected = {\n"
                + "".join(f'    "{name}": {float(loss)!r},\n' for name, loss in known.items())
                + "}\n"
                "for name, loss in expected.items():\n"
                '    print(f"{name} = {losses[name]!r}")\n'
                "    if not math.isclose(losses[name], loss, rel_tol=1e-9, abs_tol=1e-14):\n"
                '        raise SystemExit(f"{name} was {loss!r} in the session: this is not the same.")\n'
                'print("The losses are those of the session.")'
            )
        return chapter

    def _losses(self) -> dict[str, float]:
        """The finite ones at the end, measured where nobody did."""
        node = self._nodes[-1]
        losses = {name: node.metrics.get(name) for name in LOSSES}
        if not any(name in node.metrics for name in LOSSES) and node.state is not None:
            self._still.restore(node.state)
            losses = dict(root_mean_squares(self._still, self._dataset))
        return {
            name: loss for name, loss in losses.items() if loss is not None and math.isfinite(loss)
        }

    # ------------------------------------------------------------------ the file beside

    def _need_file(self, why: str) -> None:
        if self._path is None:
            raise ValueError(
                f"{why}; save the session and give its file as path, which the script will read"
            )

    def _take_from_file(self, chapter: Chapter, number: int, *said: str) -> None:
        """Be in a state that the file has."""
        if not self._read:
            chapter.add(laid_out(f"saved = storage.read({self._path!r}, dataset)"))
            self._read = True
        code = f"model.restore(saved.history.nodes[{number}].state)"
        if number == 0:
            code = f"model = saved.model\n{code}"
        chapter.add(code, "\n\n".join(filter(None, said)))

    # ------------------------------------------------------------------ what is written

    def _source(self, function: Callable[..., Any]) -> Source:
        """The source of a function, with its imports among those of the story."""
        source = source_of(function)
        taken = set(re.findall(r"^(?:def )?(\w+)", source.definitions, re.MULTILINE))
        clash = sorted(
            (taken & OWN_NAMES)
            | {
                name
                for name, line in source.imports.items()
                if name in OWN_NAMES and line != f"import {name}"
            }
        )
        if clash:
            raise NoSource(
                f"its function calls something {clash[0]}, which the script does as well"
            )
        self._story.imports |= set(source.imports.values())
        return source

    def _formulas(self) -> list[str]:
        """The formulas at the end."""
        state = self._nodes[-1].state
        if state is None:
            return []
        self._still.restore(state)
        self._still.get_act(self._dataset)
        return formulas_of(self._still)
