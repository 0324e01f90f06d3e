"""The widget outside of a live page: what is saved with a notebook, and files that show it without one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kanwidget.plotting.svg import to_svg
from kanwidget.session.album import album
from kanwidget.session.storage import whole_file
from kanwidget.widget import fallback

if TYPE_CHECKING:
    from kanwidget.session import Session

Path = str | os.PathLike[str]


class Exporting:
    """What `KANWidget` can be made into; mixed into it."""

    if TYPE_CHECKING:
        session: Session
        _audience: Any

    @property
    def was_seen(self) -> bool:
        """Whether a page has shown it."""
        return bool(self._audience.has_come)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The view, and what stands for it where nothing can show that."""
        inherited: Any = super()
        data, metadata = inherited._repr_mimebundle_(**options)
        return data | fallback.bundle(self.session.view), metadata

    def _ipython_display_(self) -> None:
        """Show the widget, as the result of a cell or by `display`."""
        fallback.Output(self)

    def export_html(self, path: Path | None = None, node: int | None = None) -> str:
        """One HTML file that shows the session without a kernel, and needs no network.

        It has the state as it is, with its formula and losses, and all states before and beside it to
        step through; of a large history those nearest to it, up to about 27 MB.

        Parameters
        ----------
        path : str or path, optional
            Where to write it: ``"study.html"``.
        node : int, optional
            The step to begin with; the current one where it is not given.

        Returns
        -------
        str

        Raises
        ------
        KeyError
            If there is no such step.
        ValueError
            If its state was let go, or path is no place for a file.
        """
        from kanwidget.widget.standalone import LOOKS, SETTINGS, html

        if path is not None:
            whole_file.place(path)
        session = self.session
        seen = album(session.model, session.dataset, session.history, session.metric, node)
        settings = {name: getattr(self, name) for name in SETTINGS + LOOKS if hasattr(self, name)}
        return _written(html(seen, settings), path)

    def export_svg(self, path: Path | None = None) -> str:
        """The network as one SVG in the layout of a plot, with its formula below.

        Parameters
        ----------
        path : str or path, optional
            Where to write it: ``"network.svg"``.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If path is no place for a file.
        """
        title, *formula = fallback.in_words(self.session.view).splitlines()
        return _written(to_svg(self.session.view.picture, title, formula), path)


def _written(text: str, path: Path | None) -> str:
    if path is not None:
        whole_file.replace(path, [text.encode()])
    return text
