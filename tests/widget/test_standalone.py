"""The page without a kernel: one file with everything in it, and nothing that it loads."""

import json
import re
import struct
from base64 import b64decode

import pytest

from kanwidget import KAN, KANWidget
from tests.widget.widgets import DATA, settle, wait_until


@pytest.fixture
def kw():
    widget = KANWidget(KAN([2, 1, 1], seed=0), DATA, lamb=0.125, theme="dark")
    widget.session.train(2)
    widget.session.fix_symbolic(0, 0, 0, "sin")
    settle(widget.session)
    yield widget
    widget.close()
    widget.session.close()


def data_of(html):
    (data,) = re.findall(
        r'<script type="application/json" id="kanwidget-data">(.*?)</script>', html
    )
    return json.loads(data)


def test_the_page_holds_every_state_with_its_traits_and_its_scene(kw, tmp_path):
    html = kw.export_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text() == html
    data = data_of(html)
    assert set(data["states"]) == {"0", "1", "2"}
    assert data["current"] == 2
    assert data["settings"]["lamb"] == 0.125
    assert data["settings"]["theme"] == "dark"
    state = {name: data["values"][place] for name, place in data["states"]["2"].items()}
    for name in ("formula_latex", "formula_error", "losses", "summary"):
        assert state[name] == getattr(kw, name), name
    magic, scene_format = struct.unpack_from("<2I", b64decode(state["scene"]))
    assert (magic, scene_format) == struct.unpack_from("<2I", kw.scene)
    assert [node["kept"] for node in data["history"]["nodes"]] == [True] * 3


def test_edges_can_be_inspected_in_the_page(kw):
    data = data_of(kw.export_html())
    assert {number: len(edges) for number, edges in data["inspections"].items()} == {
        "0": 3,
        "1": 3,
        "2": 3,
    }
    inspected = data["values"][data["inspections"]["2"]["0,0,0"]]
    assert inspected["edge"] == [0, 0, 0]
    assert inspected["function"] == "sin"
    assert len(inspected["x"]) == len(inspected["y"]) > 10


def test_the_page_loads_nothing_and_stands_for_itself_without_scripts(kw):
    html = kw.export_html()
    body = re.sub(r"<script.*?</script>|<style>.*?</style>", "", html, flags=re.DOTALL)
    assert "default-src 'none'" in body
    assert not re.findall(r'(?:src|href)="(?!data:)', body)
    assert re.search(r"<noscript><svg .*sin.*</svg></noscript>", body, re.DOTALL)
    assert "KANWidget of KAN [2, 1, 1]" in re.findall("<title>(.*?)</title>", html)[0]
    # what two states have in common is there once
    assert html.count('"test_loss"') <= 3 + 3


def test_texts_of_a_person_end_no_script(kw):
    kw.session.annotate(1, "</script><script>alert(1)</script><!--")
    html = kw.export_html()
    assert data_of(html)["history"]["nodes"][1]["note"] == "</script><script>alert(1)</script><!--"
    assert html.count("</script>") == 2
    assert "alert(1)</" not in html


def test_a_page_may_begin_at_another_step(kw):
    data = data_of(kw.export_html(node=1))
    assert data["current"] == 1
    with pytest.raises(KeyError, match="there is no step 9"):
        kw.export_html(node=9)


def test_nothing_is_written_where_there_is_no_folder(kw, tmp_path):
    for export in (kw.export_html, kw.export_svg):
        with pytest.raises(ValueError, match="there is no folder"):
            export(tmp_path / "nowhere" / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_the_picture_is_written_with_its_formula(kw, tmp_path):
    svg = kw.export_svg(tmp_path / "network.svg")
    assert (tmp_path / "network.svg").read_text() == svg
    assert svg.startswith("<svg ")
    assert "sin(" in svg


def test_the_page_asks_for_a_page_with_the_values_of_its_controls(kw):
    sent = []
    kw.send = lambda content, buffers=None: sent.append(content)
    asked = {"settings": {"lamb": 0.5, "evil": "x"}}
    kw._receive(kw, {"id": 1, "command": "export_page", "args": asked}, [])
    wait_until(lambda: sent)
    (answer,) = sent
    assert answer["ok"], answer
    settings = data_of(answer["result"])["settings"]
    assert settings["lamb"] == 0.5
    assert settings["metric"] == "backward"
    assert "evil" not in settings
