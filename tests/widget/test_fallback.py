"""What stands for the widget where there is no kernel."""

import pytest

from kanwidget import KAN, KANWidget
from kanwidget.widget import fallback
from kanwidget.widget.plain_formula import plain
from tests.widget.widgets import DATA, settle

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def kw():
    widget = KANWidget(KAN([2, 1, 1], seed=0), DATA)
    yield widget
    widget.close()
    widget.session.close()


def test_the_bundle_has_the_view_and_picture_formula_and_text(kw):
    kw.session.fix_symbolic(0, 0, 0, "sin")
    settle(kw.session)
    data, metadata = kw._repr_mimebundle_()
    assert set(data) == {VIEW, "image/svg+xml", "text/latex", "text/plain"}
    assert metadata == {} or VIEW not in metadata.get("ignored", {})
    assert data[VIEW]["model_id"] == kw.model_id
    assert data["text/latex"] == f"$\\displaystyle {kw.formula_latex}$"
    first, formula = data["text/plain"].splitlines()
    assert first.startswith("KANWidget of KAN [2, 1, 1]: 3 of 3 edges, 1 symbolic, validation loss")
    assert "sin(" in formula
    assert "\\" not in formula
    assert formula in data["image/svg+xml"] or "…" in data["image/svg+xml"]


def test_without_a_formula_the_text_says_why():
    widget = KANWidget(KAN([2, 40, 1], seed=0), DATA)
    data = fallback.bundle(widget.session.view)
    assert "text/latex" not in data
    assert widget.formula_error["text"] in data["text/plain"]
    widget.close()
    widget.session.close()


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{3 x_{1}}{2} + \sin{\left(\pi x_{2} \right)}", "(3 x_1)/2 + sin(π x_2)"),
        (r"e^{x_{1}^{2}} - 0.5", "e^(x_1^2) - 0.5"),
        (r"\begin{aligned} y &= h_{0} \\ h_{0} &= \varphi_{0,1,0}\left(x_{2}\right) \end{aligned}",
         "y = h_0\nh_0 = φ_0,1,0(x_2)"),
        (r"\sqrt{\left|{x_{1}}\right|} \operatorname{atan}{\left(x \right)}", "√(|x_1|) atan(x)"),
        (r"\htmlData{edge=0,0,0}{2 x_{1}}", "2 x_1"),
        (r"\mystery{x}} + {", "mysteryx + "),
        ("", ""),
    ],
)  # fmt: skip
def test_latex_becomes_readable_text(latex, text):
    assert plain(latex).strip() == text.strip()
