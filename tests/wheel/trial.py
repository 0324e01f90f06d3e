"""A user's first minutes with the wheel: run by a Python that has it, with the quickstart's path.

It stands on its own, is told the folder that the wheel must lie in, and prints what it ran with.
"""

import importlib.metadata
import json
import shutil
import sys
import warnings
from pathlib import Path


def main(quickstart: str, folder: str) -> None:
    """Run the notebook cell by cell, as Jupyter's kernel does, and look at what came out."""
    import matplotlib as mpl

    mpl.use("Agg")
    import kanwidget

    package = Path(kanwidget.__file__).parent
    assert Path(folder).resolve() in package.resolve().parents, package
    assert shutil.which("node") is None, "Node is on PATH"
    assert (package / "py.typed").exists()
    shell = run(quickstart)
    formula = str(shell["formula"][0])
    assert formula == "exp(x_2**2 + sin(3.1416*x_1))", formula

    widget = shell["kw"]
    assert all(len(text) > 100_000 for text in (widget._esm, widget._css)), "no front end"
    bundle = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert {"application/vnd.jupyter.widget-view+json", "image/svg+xml"} <= set(data), set(data)
    widget.session.train(2)
    widget.session.fix_symbolic(0, 0, 0, "sin")
    assert "1 symbolic" in widget._repr_mimebundle_()[0]["text/plain"]
    widget.session.save("study.kan")
    assert kanwidget.Session.load("study.kan").model.symbolic_formula()
    widget.close()
    widget.session.close()
    print(f"Python {sys.version.split()[0]}:", ", ".join(versions()))
    print(formula)


def run(notebook: str) -> dict[str, object]:
    """Run a notebook's code; return its names."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for cell in json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            shell.run_cell("".join(cell["source"])).raise_error()
    return shell.user_ns


def versions() -> list[str]:
    """What kanwidget needs, as it is here."""
    needs = importlib.metadata.requires("kanwidget") or []
    names = [need.partition(">=")[0] for need in needs if "extra ==" not in need]
    return [f"{name} {importlib.metadata.version(name)}" for name in names]


if __name__ == "__main__":
    warnings.simplefilter("error", FutureWarning)
    main(*sys.argv[1:])
