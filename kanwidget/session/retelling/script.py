"""A session as a script: Python that anybody can read, run and put beside a paper."""

from __future__ import annotations

import re
import textwrap
from os import PathLike

from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.history import History
from kanwidget.session.retelling.chapters import Chapter, Passage
from kanwidget.session.retelling.layout import WIDTH
from kanwidget.session.retelling.story import story
from kanwidget.version import __version__

STANDARD = ("math",)
"""Modules that come with Python, whose imports stand first."""
DEFINITION = re.compile("^def ", re.MULTILINE)
"""What stands apart by two empty lines."""


def to_python(
    model: KAN,
    dataset: Dataset,
    history: History,
    path: str | PathLike[str] | None = None,
    upto: int | None = None,
) -> str:
    """A script that makes the data and the model and does every action again, by kanwidget's own names.

    In a new process it ends in the same formula and losses, and says so where it does not.  Names and
    notes of steps are its comments.

    Parameters
    ----------
    model : KAN
        The live one; it stays as it is.
    dataset : Dataset
    history : History
    path : str or path, optional
        The session's file, which the script reads what no call does again from: data that no function
        gave, a model that was not new, actions that were none of the model's own.
    upto : int, optional
        The step that the script leads to; the current one where not given.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a file is needed and none is given, with the reason; or a state that is needed was let go.
    KeyError
        If there is no such step.
    """
    told = story(model, dataset, history, path, upto)
    parts = [
        _comment(f"{title(told.actions)}\n\n{origin()}"),
        "\n".join(imports(told.imports)),
        *(text for chapter in told.chapters if (text := _chapter(chapter))),
    ]
    return "\n\n".join(parts) + "\n"


def title(actions: int) -> str:
    """What the whole is."""
    count = "one action" if actions == 1 else f"{actions} actions"
    return f"A session with a Kolmogorov-Arnold network: {count}, from the data to the result."


def origin() -> str:
    """Where it comes from and what it does."""
    return (
        f"Written by kanwidget {__version__}. It does all of it again, and ends with a look at "
        "whether the losses are those of the session."
    )


def imports(lines: set[str]) -> list[str]:
    """Imports as they are ordinarily sorted: Python's own, then others; whole modules first."""

    def place(line: str) -> tuple[bool, bool, str]:
        kind, module = line.split()[:2]
        return module.split(".")[0] not in STANDARD, kind == "from", line

    ordered = sorted(lines, key=place)
    own = [line for line in ordered if not place(line)[0]]
    others = [line for line in ordered if place(line)[0]]
    return [*own, *([""] if own and others else []), *others]


def _chapter(chapter: Chapter) -> str:
    """A chapter under its title; one without passages is none."""
    rule = f"# --- {chapter.title.lower()} ".ljust(WIDTH - 20, "-")
    if not chapter.passages:
        return ""
    gap = "\n\n\n" if DEFINITION.match(chapter.passages[0].code) else "\n\n"
    return rule + gap + code_of(chapter)


def code_of(chapter: Chapter) -> str:
    """The passages of a chapter one after the other."""
    text, last = "", ""
    for passage in chapter.passages:
        if last:
            apart = "\n" in last or "\n" in passage.code or passage.before
            defines = DEFINITION.search(last) or DEFINITION.search(passage.code)
            text += "\n\n\n" if defines else "\n\n" if apart else "\n"
        text, last = text + with_remark(passage), passage.code or passage.before
    return text


def with_remark(passage: Passage) -> str:
    """Its code under what is said of it."""
    return "\n".join(filter(None, [_comment(passage.before), passage.code]))


def _comment(text: str) -> str:
    """Text as lines of comments; paragraphs stay paragraphs."""
    lines = []
    for line in text.split("\n") if text else []:
        wrapped = textwrap.wrap(line, WIDTH - 2, break_on_hyphens=False, break_long_words=False)
        lines += [f"# {each}" for each in wrapped] or ["#"]
    return "\n".join(lines)
