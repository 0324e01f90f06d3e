"""Questions about the session as a whole: its states, its script, its file."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kanwidget.model import KAN
from kanwidget.session.commands.base import Command

if TYPE_CHECKING:
    from kanwidget.session.comparing import Comparison
    from kanwidget.session.looking import Sight
    from kanwidget.session.session import Session

SUFFIX = ".kan"
FORMS = ("python", "notebook")


class Inquiry(Command, ABC):
    """A command that leaves model and history as they are, and is answered by the session.

    Attributes
    ----------
    takes_long : bool
        Whether what is left to do after `ask` is done aside, while a training goes on.
    """

    takes_long: ClassVar[bool] = False

    @abstractmethod
    def ask(self, session: Session) -> Callable[[], Any]:
        """Look at the live model as far as need be; returns what gives the answer without it."""


@dataclass(frozen=True)
class Look(Inquiry):
    """See a state of the history without going there."""

    name = "look"
    number: int

    def ask(self, session: Session) -> Callable[[], Sight]:
        seen = session.look(self.number)
        return lambda: seen


@dataclass(frozen=True)
class Compare(Inquiry):
    """What differs between two states; b is the current one where it is left out.

    The answer has what both look like besides.
    """

    name = "compare"
    takes_long = True
    a: int
    b: int | None = None

    def ask(self, session: Session) -> Callable[[], tuple[Comparison, Sight, Sight]]:
        from kanwidget.session.comparing import compare

        b = session.history.current.id if self.b is None else self.b
        ends = session.look(self.a), session.look(b)
        nodes = [session.history.node(end.number) for end in ends]
        still = session.model.still()
        return lambda: (compare(nodes[0], nodes[1], still), *ends)


@dataclass(frozen=True)
class Script(Inquiry):
    """The session as ``python`` or as a ``notebook`` that does all of it again.

    Where it cannot do without a file it is refused, unless there is a ``path`` to save the session to.
    """

    name = "script"
    form: str = "python"
    path: str | None = None

    def check(self, model: KAN) -> None:
        if self.form not in FORMS:
            raise ValueError(f"form is {self.form!r:.60}; {' or '.join(FORMS)} is needed")
        if self.path is not None:
            check_file(self.path)

    def ask(self, session: Session) -> Callable[[], str | dict[str, Any]]:
        path = self.path and os.path.expanduser(self.path)
        tell: Any = session.to_python if self.form == "python" else session.to_notebook
        told = tell(path=path, saving=path is not None)
        return lambda: told


@dataclass(frozen=True)
class Save(Inquiry):
    """Write the session into a file, whose name ends in ``.kan``; answers where it is."""

    name = "save"
    path: str

    def check(self, model: KAN) -> None:
        check_file(self.path)

    def ask(self, session: Session) -> Callable[[], str]:
        session.save(os.path.expanduser(self.path))
        path = session.path
        assert path is not None
        session.say("info", f"saved to {path}")
        return lambda: path


def check_file(path: object) -> None:
    """See that a path names a session's file; TypeError or ValueError where it does not."""
    if not isinstance(path, str):
        raise TypeError(f"path is {path!r:.60}; the name of a file is needed")
    if not path.endswith(SUFFIX) or not os.path.basename(path)[: -len(SUFFIX)].strip():
        raise ValueError(f"path is {path!r:.60}; a name that ends in {SUFFIX} is needed")
