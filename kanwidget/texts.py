"""Texts that somebody else wrote, shown to a person."""

from __future__ import annotations


def printable(text: str, instead: str = " ") -> str:
    """A text without characters that end a line unseen, or that a terminal takes for a command."""
    return "".join(each if each.isprintable() else instead for each in text)
