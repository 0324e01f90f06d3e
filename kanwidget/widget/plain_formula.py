"""A formula's LaTeX as one line of plain text an equation, for where nobody sets it."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&]|\s+|[^\\{}^_&\s]", re.DOTALL)
_SIGNS = {
    "pi": "π", "varphi": "φ", "phi": "φ", "cdot": "·", "times": "×", "infty": "∞", "lvert": "|",
    "rvert": "|", "mid": "|", "leq": "≤", "geq": "≥", "alpha": "α", "beta": "β", "gamma": "γ",
    "delta": "δ", "theta": "θ", "lambda": "λ", "mu": "μ", "sigma": "σ", "omega": "ω",
}  # fmt: skip
_SILENT = {"left", "right", "displaystyle", "bigl", "bigr", "Bigl", "Bigr", "limits", "quad"}
_NAMES = {"operatorname", "text", "mathrm", "mathit", "textit"}


def plain(latex: str) -> str:
    """LaTeX as the formulas of this package are written in, as text: ``(3 x_1)/2 + sin(π x_2)``.

    Commands that are not known keep their names.
    """
    body = re.sub(r"\\(begin|end)\{[a-z*]+\}", "", latex)
    lines = [_Reader(line).read() for line in re.split(r"\\\\(?:\[[^]]*\])?", body)]
    return "\n".join(line for line in lines if line)


class _Reader:
    """Reads one line, group by group."""

    def __init__(self, line: str) -> None:
        self._tokens = _TOKEN.findall(line)
        self._at = 0

    def read(self) -> str:
        text = self._until_end()
        while self._at < len(self._tokens):  # a brace too many
            self._at += 1
            text += self._until_end()
        text = re.sub(r"\s+", " ", text).strip()
        return re.sub(r"\( ", "(", re.sub(r" \)", ")", text))

    def _until_end(self) -> str:
        parts: list[str] = []
        while self._at < len(self._tokens) and self._tokens[self._at] != "}":
            parts.append(self._one())
        return "".join(parts)

    def _one(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        if token == "{":
            inside = self._until_end()
            self._at += 1
            return inside
        if token in "^_":
            return token + _grouped(self._argument())
        if token == "&":
            return ""
        return self._command(token[1:]) if token.startswith("\\") else token

    def _command(self, name: str) -> str:
        if name == "frac":
            return f"{_grouped(self._argument())}/{_grouped(self._argument())}"
        if name == "sqrt":
            return f"√({self._argument()})"
        if name in _NAMES:
            return self._argument()
        if name == "htmlData":
            self._argument()
            return self._argument()
        if name in _SILENT or not name[:1].isalpha():
            return " " if name in (" ", ",", ";", "quad") else name if name in "{}%_#&" else ""
        return _SIGNS.get(name, name)

    def _argument(self) -> str:
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._one().strip() if self._at < len(self._tokens) else ""


def _grouped(text: str) -> str:
    return text if re.fullmatch(r"[\w.,π]*", text) else f"({text})"
