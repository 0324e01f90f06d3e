"""The core journey: what must work wherever the widget is shown, seen from the page alone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.hand import Hand
from tests.browser.surface import Surface

SETUP = """
import torch
from kanwidget import KAN, KANWidget, create_dataset

dataset = create_dataset(
    lambda x: torch.exp(torch.sin(torch.pi * x[:, [0]])), n_var=2, train_num=500, seed=1
)
model = KAN(width=[2, 1, 1], grid=5, k=3, seed=1)
"""
"""The second input has nothing to do with the output: its edge is what pruning takes away."""
SHOW = "kw = KANWidget(model, dataset, lamb=0.001, lamb_entropy=2.0, steps=20)\nkw"


class Eye(Hand):
    """A hand on a page whose kernel cannot be asked: it believes what it sees."""

    notebook: Surface

    def wait_until_idle(self, seconds: float = 60) -> None:
        expect(self.get("train")).to_have_attribute("data-state", "idle", timeout=seconds * 1000)

    def set_lamb(self, value: str) -> None:
        self.type_into("lamb-value", value)
        expect(self.get("lamb-value")).to_have_value(value)


def drive(surface: Surface) -> Eye:
    """Train by button, prune by slider, click an edge, take a function, undo and redo it."""
    hand = Eye(surface)
    formula, summary = hand.get("formula"), hand.get("summary")
    expect(hand.canvas).to_have_attribute("data-frames", re.compile("[1-9]"))
    surface.screenshot("1-fresh")
    hand.train(20)
    with surface.dragging(hand.get("prune"), 0.55):
        expect(hand.get("prune-preview")).to_contain_text("1 of 3")
    expect(summary).to_contain_text("2 of 3 edges")
    hand.take((0, 0, 0), "sin")
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\sin"))
    expect(formula.locator(".katex").first).to_contain_text("sin")
    expect(summary).to_contain_text("1 symbolic")
    surface.screenshot("2-taken")
    hand.get("undo").click()
    expect(summary).to_contain_text("0 symbolic")
    expect(formula).not_to_have_attribute("data-latex", re.compile(r"\\sin"))
    hand.get("redo").click()
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\sin"))
    by_keys(hand)
    return hand


def by_keys(hand: Eye) -> None:
    """Train, take another function, remove, undo and redo by keys, none of which the host hears."""
    keyboard, menu = hand.notebook.page.keyboard, hand.get("edge-menu")
    formula, summary = hand.get("formula"), hand.get("summary")
    hand.get("train").press("Enter")
    expect(hand.get("train")).to_have_attribute("data-state", "training")
    hand.wait_until_idle()
    hand.canvas.focus()
    keyboard.press("ArrowUp")
    keyboard.press("Home")
    expect(hand.widget.locator(".kw-tip")).to_be_visible()
    keyboard.press("Enter")
    expect(menu.get_by_test_id("candidate").first).to_be_focused(timeout=20_000)
    keyboard.press("ArrowDown")
    taken = menu.get_by_test_id("candidate").nth(1)
    expect(taken).to_be_focused()
    before = hand.latex()
    keyboard.press("Enter")
    expect(formula).not_to_have_attribute("data-latex", before)
    keyboard.press("Escape")
    expect(hand.canvas).to_be_focused()
    keyboard.press("Control+z")
    expect(formula).to_have_attribute("data-latex", before)
    keyboard.press("Delete")
    expect(summary).not_to_contain_text("2 of 3 edges")
    keyboard.press("Control+z")
    expect(summary).to_contain_text("2 of 3 edges")
    keyboard.press("Control+Shift+z")
    expect(summary).not_to_contain_text("2 of 3 edges")
    keyboard.press("Control+z")
    expect(formula).to_have_attribute("data-latex", before)
    keyboard.press("?")
    expect(hand.get("help")).to_be_visible()
    keyboard.press("Escape")
    expect(hand.canvas).to_be_focused()


def has_letters_of_its_own(hand: Eye) -> bool:
    """Whether the formula is set in the fonts that came with the widget, and the page has them."""
    return hand.get("formula").evaluate(
        """async formula => {
            const letter = formula.querySelector(".katex .mathnormal, .katex .mord");
            const [family] = getComputedStyle(letter).fontFamily.split(",");
            await document.fonts.ready;
            return [...document.fonts].some(font =>
                family.includes("Kanwidget_") && font.status === "loaded" &&
                font.family.replaceAll('"', "") === family.replaceAll('"', "")
            );
        }"""
    )


def complaints(surface: Surface) -> list[str]:
    """What the page's console says of faults of ours."""
    lines = [line.lower() for line in surface.console]
    return [
        line
        for line in lines
        if line.startswith("uncaught") or (line.startswith("error") and "kanwidget" in line)
    ]
