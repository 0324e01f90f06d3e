"""The pages are built without a warning, and what they and the README refer to is there."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import kanwidget

ROOT = Path(__file__).parents[1]
MAKE = re.search(r"-m sphinx (.*) build/docs$", (ROOT / "Makefile").read_text(), re.M)
LINK = re.compile(r"(?:\]\(|src=\")(?!\w+:)([^)\"#\s]+)")


class Page(HTMLParser):
    """What a built page refers to, and the places on it that others may refer to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.pictures, self.places = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        """Keep every address and every id."""
        told = dict(attributes)
        self.places |= {told["id"]} if "id" in told else set()
        self.links += [told[name] for name in ("href", "src") if told.get(name)]
        self.pictures += [told["src"]] if tag == "img" else []


def missing(pages):
    """Addresses on pages that lead nowhere, as (page, address)."""
    for path, page in pages.items():
        for address in page.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not there.is_file() or (
                place and there in pages and place not in pages[there].places
            ):
                yield path.name, address


def public(cls, *rooms):
    """Names of a class that its users call, but for those that modules define for others of ours."""
    for owner in cls.__mro__:
        if owner.__module__.startswith("kanwidget.") and owner.__module__ not in rooms:
            yield from (
                f"kanwidget.{cls.__name__}.{name}" for name in vars(owner) if is_public(name)
            )


def is_public(name):
    """Whether a name of a class is meant for its users."""
    return not name.startswith(("_", "check_", "get_extra", "set_extra"))


def test_pages_are_built_without_a_warning_and_all_they_refer_to_is_there(tmp_path):
    built = tmp_path / "docs"
    options = MAKE[1].replace("build/", f"{tmp_path}/").split()
    assert {"-W", "-n"} <= set(options)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, built],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0

    pages = {path.resolve(): Page(path) for path in built.rglob("*.html")}
    assert not sorted(missing(pages))
    shown = {Path(src).name for page in pages.values() for src in page.pictures}
    gallery = {path.name for path in (ROOT / "js/tests/gallery").glob("*.svg")}
    assert gallery <= shown
    assert len(gallery) >= 30
    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert notebooks <= {path.stem for path in pages}

    told = {place for page in pages.values() for place in page.places}
    names = {f"kanwidget.{name}" for name in kanwidget.__all__}
    names |= {*public(kanwidget.KAN, "kanwidget.network"), *public(kanwidget.Session)}
    assert not sorted(names - told)


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_files_that_texts_of_the_repository_link_to_are_there(name):
    links = LINK.findall((ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_trait_of_the_widget_is_told():
    page = (ROOT / "notebooks/docs/reference/widget.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)`", page, re.M))
    inherited = set(kanwidget.KANWidget.__mro__[2].class_trait_names())
    assert told == set(kanwidget.KANWidget.class_trait_names()) - inherited


@pytest.mark.parametrize("name", ["efficient_kan", "faq"])
def test_the_code_of_a_page_prints_what_stands_below_it(name, tmp_path):
    page = (ROOT / f"notebooks/docs/{name}.md").read_text(encoding="utf-8")
    code = "".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    told = "".join(re.findall(r"```text\n(.*?)```", page, re.DOTALL))
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.stderr, ran.stdout) == ("", told)
    assert ran.returncode == 0
    assert not list(tmp_path.iterdir())
