"""What the README says to type works."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))


def test_the_code_ends_in_the_formula_and_python_ends_in_peace(tmp_path):
    asked = (
        "print(model.symbolic_formula(digits=4)[0][0])\n"
        "print(by_hand.symbolic_formula(exact=True)[0][0], found.expressions[0])\n"
        "kw.session.submit(kw_train)"
    )
    train = "from kanwidget.session.commands import Train\nkw_train = Train(steps=100_000)\n"
    ran = subprocess.run(
        [sys.executable, "-c", train + CODE + asked],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == {"study.kan", "study.py"}
    exact = "exp(x_2**2 + sin(pi*x_1))"
    assert ran.stdout.endswith(f"exp(x_2**2 + sin(3.1416*x_1))\n{exact} {exact}\n")


def test_what_the_widget_promises_is_shown_by_tests_that_are_there():
    folder = ROOT / "tests" / "browser"
    promised = re.findall(r"`(test_\w+)`", (folder / "README.md").read_text(encoding="utf-8"))
    there = re.findall(
        r"^def (test_\w+)", "".join(map(Path.read_text, folder.glob("test_*.py"))), re.M
    )
    assert len(promised) > 50
    assert set(promised) <= set(there)


def test_every_number_is_the_one_that_its_script_wrote():
    results, recovery = (
        (ROOT / f"tests/benchmarks/{name}.md").read_text(encoding="utf-8")
        for name in ("RESULTS", "RECOVERY")
    )
    measured = {cells(line)[:4] for line in results.splitlines() if line.startswith("| ")}
    section = README.partition("## How long it takes")[2]
    rows = [cells(line) for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 8
    assert [row for row in rows if row not in measured] == []
    found = re.findall(r"(\d+ of \d+) (?:runs )?of\stiers? ", section)
    assert found == re.findall(r"exact (\d+ of \d+) runs", recovery)


def cells(line):
    """What stands in a row of a table, but for remarks in brackets at the end."""
    return tuple(
        re.sub(r" \([^()]*\)$", "", cell.strip()) for cell in line.strip("| ").split(" | ")
    )
