"""What a person waits for in the widget.  ``python -m tests.benchmarks.ui --help``."""

from __future__ import annotations

import argparse
import datetime
import functools
import http.server
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.table import machine
from tests.benchmarks.ui import in_lab
from tests.benchmarks.ui.stopwatch import Spread, gestures
from tests.browser import chromium
from tests.browser.conftest import Opener
from tests.browser.desk import CELLS, Desk
from tests.browser.lab import Lab
from tests.browser.window import Window

HERE = Path(__file__).parent
PAGE = HERE.parent / "UI.md"
FRONT_END = HERE.parents[2] / "js"
PARTS = ("actions", "training", "redraw", "moving", "opening", "bundle")

HEAD = """# What a person waits for

`make bench-ui` wrote this on {date}, on {machine}, with a load of {load} over its last five minutes, of which
about 1 is this. It drives a real JupyterLab in a headless Chromium that draws without a graphics card.

- **From a click** to the end of the frame in which canvas and formula both show the new state; the canvas
  then glides there for another 180 ms, unless the system asks for less motion. The pointer rests on the
  button for {reading} ms before, and the button is held down for {pressed} ms. What unfix, restore, undo
  and redo lead to was seen shortly before, and is kept; all others lead to new states.
- **Scenes a second** come from the kernel; **drawn frames** are what the canvas shows between them too.
- **Redraw** is one frame in which every edge is painted anew.
- A scene holds 3,000 edges at most. Pan and zoom are measured at these in JupyterLab, and at 5,000 in the
  development page without a kernel.
- **Opening** is from Shift+Enter in a cell that shows a widget made before, and from the widget's coming into
  the page, to its first picture.

| what | measured | goal | |
|---|---|---|---|
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder's address while it is served."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def without_kernel(browser: Browser) -> dict[str, float]:
    """Drawn frames a second at 5,000 edges in the development page."""
    subprocess.run(["node", "build.js", "--dev"], cwd=FRONT_END, check=True, capture_output=True)
    with served(FRONT_END.parent) as address:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{address}/js/dev/index.html?width=1380&shape=50,50,50")
        page.get_by_test_id("most-edges").press("End")
        page.get_by_text("all 5,000 edges").wait_for()
        rates = {kind: gestures(page, kind) for kind in ("pan", "zoom")}
        page.close()
    return rates


def sizes() -> dict[str, int]:
    """Bytes of the bundle in all, and of our own code, styles and texts."""
    told = subprocess.run(
        ["node", "build.js", "--sizes"], cwd=FRONT_END, check=True, capture_output=True, text=True
    )
    return json.loads(told.stdout)


def row(what: str, measured: str, goal: str, holds: bool | None) -> str:
    mark = "" if holds is None else "✓" if holds else "missed"
    return f"| {what} | {measured} | {goal} | {mark} |"


def milliseconds(what: str, found: Spread, middle: float | None, late: float | None = None) -> str:
    measured = f"{found.middle:.0f} ms, 95 % within {found.late:.0f} ms ({found.count})"
    if middle is None:
        return row(what, measured, "", None)
    goal = f"≤ {middle:.0f} ms" + ("" if late is None else f", 95 % within {late:.0f} ms")
    return row(
        what, measured, goal, found.middle <= middle and (late is None or found.late <= late)
    )


def frames(what: str, rate: float, goal: float | None) -> str:
    text = "" if goal is None else f"≥ {goal:.0f}"
    return row(what, f"{rate:.1f} frames/s", text, None if goal is None else rate >= goal)


def kilobytes(what: str, size: int, most: int | None = None) -> str:
    text = "" if most is None else f"≤ {most} kB"
    holds = None if most is None else size <= 1000 * most
    return row(what, f"{size / 1000:.0f} kB", text, holds)


def measure(part: str, desk: Desk | None, browser: Browser) -> list[str]:
    """The rows of one part."""
    if part == "bundle":
        found = sizes()
        return [
            kilobytes("bundle", found["all"], 900),
            kilobytes("our own code in it", found["code"], 150),
            kilobytes("· and our own styles", found["styles"]),
            kilobytes("· and texts", found["texts"]),
        ]
    assert desk is not None
    if part == "actions":
        times = in_lab.actions(desk)
        rows = [milliseconds("click to new canvas and formula", times.pop("all"), 100, 250)]
        return rows + [milliseconds(f"· {name}", each, None) for name, each in times.items()]
    if part == "training":
        rates = in_lab.training(desk)
        return [
            frames("drawn while [2, 5, 1] is trained", rates["draws"], 30),
            frames("· scenes from the kernel", rates["frames"], None),
        ]
    if part == "redraw":
        return [milliseconds("redraw of 1,000 edges", in_lab.redraw(desk), 50)]
    if part == "moving":
        places = {
            "5,000 edges": without_kernel(browser),
            "3,000 edges in JupyterLab": in_lab.moving(desk),
        }
        return [
            frames(f"{kind} at {place}", rate, 50)
            for place, rates in places.items()
            for kind, rate in rates.items()
        ]
    found = in_lab.opening(desk)
    return [
        milliseconds("[784, 64, 10] opens", found["whole"], 1000),
        milliseconds("· in the page", found["page"], 300),
    ]


def main() -> None:
    """Measure, print as rows come, and write the page after a whole run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part of it")
    parser.add_argument("--write", action="store_true", help="write UI.md, of a whole run")
    wanted = parser.parse_args()
    parts = wanted.only or PARTS
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        lab = None if parts == ["bundle"] else Lab(Path(folder))
        opener = None if lab is None else Opener(Window(lab, browser), "bench-ui")
        desk = None if opener is None else Desk(opener(list(CELLS), height=1300), lambda: None)
        for part in parts:
            for line in measure(part, desk, browser):
                print(line, flush=True)
                rows.append(line)
            if desk is not None:
                desk.clear()
        if opener is not None and lab is not None:
            opener.close()
            lab.close()
        browser.close()
    if wanted.write and not wanted.only:
        load = f"{os.getloadavg()[1]:.1f}"
        today = datetime.date.today().isoformat()
        pace = {"reading": in_lab.READING, "pressed": in_lab.PRESSED}
        head = HEAD.format(date=today, machine=machine(), load=load, **pace)
        PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
        print(f"{PAGE.name} is written")


if __name__ == "__main__":
    main()
