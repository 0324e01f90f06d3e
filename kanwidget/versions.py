"""Versions of a network as pykan numbers them, kept in memory: "0.0", "0.1", …, and "1.1" after going back.

A session keeps the whole history of a model, with branches; this is for who writes code as in pykan, with
``KAN(…, auto_save=True)``.  Nothing is written to disk.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kanwidget.network import Network, Snapshot

if TYPE_CHECKING:
    from typing_extensions import Self


class Versions(Network):
    """A network that keeps a version after everything that is done to it, where ``auto_save`` is True.

    Attributes
    ----------
    auto_save : bool
        Copies begin with False, and without versions.
    round, state_id : int
        Number of the version "round.state_id" that the network is, or comes from.
    """

    auto_save = False
    round = 0
    state_id = 0

    def begin_versions(self) -> None:
        """Keep the network as it is now as version 0.0."""
        self.round = self.state_id = 0
        self._versions: dict[str, Snapshot] = {"0.0": self.snapshot()}
        self._log = ["### Round 0 ###", "init => 0.0"]

    def __getstate__(self) -> dict[str, Any]:
        own = ("auto_save", "round", "state_id", "_versions", "_log")
        return {name: value for name, value in super().__getstate__().items() if name not in own}

    def tell(self, event: str, **details: Any) -> None:
        """Tell the listeners, and keep a version of what is done."""
        super().tell(event, **details)
        if self._acting or event == "step":
            return
        if event == "rewind":
            self.round, self.state_id = self.round + 1, int(details["model_id"].split(".")[1])
            self._log.append(f"### Round {self.round} ###")
            self._keep()
        else:
            self.log_history(event)

    def log_history(self, method_name: str) -> None:
        """Keep the network as it is now as the next version, where ``auto_save`` is True."""
        if not self.auto_save:
            return
        with self.exclusive:
            if not hasattr(self, "_versions"):
                self.begin_versions()
                return
            before = f"{self.round}.{self.state_id}"
            self.state_id += 1
            self._log.append(f"{before} => {method_name} => {self.round}.{self.state_id}")
            self._keep()

    def _keep(self) -> None:
        self._versions[f"{self.round}.{self.state_id}"] = self.snapshot()

    def history(self, k: int | str = "all") -> None:
        """Print what was done from version to version, or the last ``k`` lines of it."""
        lines = getattr(self, "_log", [])
        for line in lines if k == "all" else lines[-int(k) :]:
            print(line)

    def rewind(self, model_id: str) -> Self:
        """Become a former version, such as "0.2", and return this very network; a new round begins.

        Raises
        ------
        KeyError
            If there is no such version; ``KAN(…, auto_save=True)`` keeps them.
        """
        snapshot = self._kept_version(model_id)
        with self.action("rewind", model_id=model_id):
            self.restore(snapshot)
        return self

    def checkout(self, model_id: str) -> Self:
        """A copy of a former version, such as "0.2"; this network stays as it is.

        KeyError where there is no such version.
        """
        snapshot = self._kept_version(model_id)
        with self.exclusive:
            made = copy.deepcopy(self)
        made.restore(snapshot)
        return made

    def _kept_version(self, model_id: str) -> Snapshot:
        versions = getattr(self, "_versions", {})
        if model_id not in versions:
            there = (
                f"there are {', '.join(versions)}"
                if versions
                else (
                    "none are kept: KAN(…, auto_save=True) keeps them, and a Session has the whole history"
                )
            )
            raise KeyError(f"version {model_id!r:.60} is not there; {there}")
        return versions[model_id]
