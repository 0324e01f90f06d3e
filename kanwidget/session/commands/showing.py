"""What is asked to be shown elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kanwidget.model import KAN
from kanwidget.session.commands.looking import Inquiry

if TYPE_CHECKING:
    from kanwidget.session.album import Album
    from kanwidget.session.session import Session


@dataclass(frozen=True)
class ExportPage(Inquiry):
    """All states for a page that shows them without a kernel, which keeps the given values of controls."""

    name = "export_page"
    takes_long = True
    settings: dict[str, Any] = field(default_factory=dict)

    def check(self, model: KAN) -> None:
        if not isinstance(self.settings, Mapping):
            raise TypeError(f"settings is {self.settings!r:.60}; a dictionary is needed")

    def ask(self, session: Session) -> Callable[[], Album]:
        from kanwidget.session.album import album

        still, metric = session.model.still(), session.metric
        return lambda: album(still, session.dataset, session.history, metric)
