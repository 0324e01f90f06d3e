"""A session as a script and as a notebook: what they say, and that they end where the session did."""

import ast
import dataclasses
import json
import math
import os
import random
import runpy
import shutil
import subprocess
import sys
from math import pi
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from torch import sin as sine

import kanwidget
from kanwidget.session import storage
from kanwidget.session.retelling.function_source import NoSource, source_of
from kanwidget.session.retelling.layout import laid_out
from kanwidget.session.retelling.notebook import to_notebook
from kanwidget.session.retelling.script import to_python
from kanwidget.symbolic import library
from tests.networks import hello
from tests.session.recorded import random_session, smooth
from tests.session.recorder import Recorder

ROOT = Path(__file__).parents[2]
SOAK = "KANWIDGET_SOAK" in os.environ
RUFF = shutil.which("ruff", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath]))


def short_session(data=None, **options):
    """A new network, trained and pruned."""
    if data is None:
        data = kanwidget.create_dataset(lambda x: torch.sin(3 * x[:, [0]]) + x[:, [1]] ** 2,
                                        train_num=60, test_num=30)  # fmt: skip
    session = Recorder(kanwidget.KAN([2, 2, 1], seed=3, **options), data)
    session.model.fit(session.dataset, steps=3, lamb=0.001)
    session.model.remove_edge(0, 0, 1)
    return session


def script(session, *arguments, **options):
    return to_python(session.model, session.dataset, session.history, *arguments, **options)


def run(text, folder, capsys, monkeypatch):
    """What a script prints; as if it were run in a folder."""
    path = folder / "script.py"
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    capsys.readouterr()
    runpy.run_path(str(path))
    return capsys.readouterr().out


@pytest.fixture
def ran(tmp_path, capsys, monkeypatch):
    return lambda text: run(text, tmp_path, capsys, monkeypatch)


def ends_like(session, printed):
    """Whether what a script printed is the session's formula and, to the last bit, its losses."""
    metrics = session.history.current.metrics
    lines = [f"{name} = {metrics[name]!r}" for name in ("train_loss", "val_loss", "test_loss")]
    formulas, _ = session.model.symbolic_formula(digits=4, exact=True)
    names = session.model.output_names
    lines += [f"{name} = {each}" for name, each in zip(names, formulas, strict=True)]
    return set(lines) <= set(printed.splitlines()) and "are those of the session." in printed


# ---------------------------------------------------------------------- what a script says


def test_a_script_reads_like_one_that_a_person_wrote():
    session = short_session()
    session.history.rename(2, "One edge less")
    session.history.annotate(2, "It did nothing for b.\n\nSee page 3.")
    val = [f"{node.metrics['val_loss']:.3g}" for node in session.history.nodes]
    text = script(session)
    losses = ast.literal_eval(text[text.index("expected = ") + 11 : text.index("}\n") + 1])
    assert losses == {
        name: value for name, value in session.history.current.metrics.items() if "loss" in name
    }
    data, _, rest = text.partition("if fingerprint(")
    assert data == (
        "# A session with a Kolmogorov-Arnold network: 2 actions, from the data to the result.\n"
        "#\n"
        f"# Written by kanwidget {kanwidget.__version__}. It does all of it again, and ends with a look"
        " at whether the losses\n"
        "# are those of the session.\n"
        "\n"
        "import math\n"
        "\n"
        "import kanwidget\n"
        "import torch\n"
        "from kanwidget.fitting import root_mean_squares\n"
        "from kanwidget.session.fingerprint import fingerprint\n"
        "\n"
        "# --- data ---------------------------------------------------------------------\n"
        "\n"
        "dataset = kanwidget.create_dataset(\n"
        "    lambda x: torch.sin(3 * x[:, [0]]) + x[:, [1]] ** 2, train_num=60, test_num=30\n"
        ")\n"
        "\n"
    )
    actions = rest[rest.index("# --- model") : rest.index("expressions, variables")]
    formula = "phi_1_0_0(phi_0_0_0(x_1) + phi_0_1_0(x_2)) + phi_1_1_0(phi_0_1_1(x_2))"
    assert actions.startswith(
        "# --- model --------------------------------------------------------------------\n"
        "\n"
        "model = kanwidget.KAN([2, 2, 1], seed=3)\n"
        "model.get_act(dataset)\n"
        "\n"
        "# --- actions ------------------------------------------------------------------\n"
        "\n"
        f"model.fit(dataset, steps=3, lamb=0.001)  # validation loss {val[1]}\n"
        "\n"
        "# One edge less\n"
        "#\n"
        "# It did nothing for b.\n"
        "#\n"
        "# See page 3.\n"
        f"model.remove_edge(0, 0, 1)  # validation loss {val[2]}\n"
        "\n"
        "# --- result -------------------------------------------------------------------\n"
        "\n"
        "# In the session: y = "
    ), actions
    assert formula.split("(")[0] in actions


@pytest.mark.skipif(RUFF is None, reason="ruff is installed with make check")
def test_scripts_are_formatted_and_nothing_in_them_is_unused(tmp_path):
    for seed in range(3):
        session = random_session(seed)
        path = tmp_path / f"script_{seed}.py"
        path.write_text(script(session), encoding="utf-8")
    rules = ["--select", "E,F,W,I,B,UP,C4,RUF", "--line-length", "100", "--isolated"]
    for command in (["check", *rules], ["format", "--diff", "--line-length", "100", "--isolated"]):
        done = subprocess.run(
            [RUFF, command[0], "--no-cache", *command[1:], "."],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def test_a_script_can_lead_to_any_step(ran):
    session = short_session()
    session.undo()
    session.model.fix_symbolic(0, 0, 1, "sin")
    assert "fix_symbolic" in script(session)
    text = script(session, upto=2)
    assert "remove_edge" in text
    assert "fix_symbolic" not in text
    assert f"val_loss = {session.history.nodes[2].metrics['val_loss']!r}" in ran(text)
    with pytest.raises(KeyError, match="no step 9"):
        script(session, upto=9)


def test_a_script_of_no_actions_is_the_start(ran):
    data = kanwidget.create_dataset(hello_again, train_num=20, test_num=20)
    session = Recorder(kanwidget.KAN([2, 1]), data)
    text = script(session)
    assert "0 actions" in text
    assert ends_like(session, ran(text))


def test_telling_a_session_leaves_its_model_as_it_is():
    session = short_session()
    version, told = session.model.version, []
    session.model.listeners.append(lambda event, details: told.append(event))
    script(session)
    script(session, upto=0)
    assert (session.model.version, told) == (version, [])


@pytest.mark.parametrize(
    "written",
    [
        "one\rimport os; os.abort()",
        "two\x0cimport os; os.abort()",
        "three\nimport os; os.abort()",
        "four\r\nimport os; os.abort()",
        'five """\nimport os; os.abort()',
        "six\x00\x85\u2028import os; os.abort()",
        "seven \\\nimport os; os.abort()",
        "\nimport os; os.abort()\n",
    ],
)
def test_names_and_notes_stay_comments_whatever_they_hold(written):
    session = short_session()
    clean = ast.dump(ast.parse(script(session)))
    session.history.rename(1, written)
    session.history.annotate(2, written)
    session.history.annotate(0, written)
    text = script(session)
    assert "os.abort" in text
    assert ast.dump(ast.parse(text)) == clean
    text.encode()


def test_names_of_columns_are_texts_whatever_they_hold(ran):
    names = ["a'\n\"", "\\"]
    data = kanwidget.create_dataset(
        lambda x: torch.sin(x[:, 0] + x[:, 1]), train_num=30, test_num=20,
        input_names=names, output_names=["print('no')"],
    )  # fmt: skip
    session = short_session(data)
    printed = ran(script(session))
    assert "are those of the session." in printed
    assert "no" not in printed.split()


# ---------------------------------------------------------------------- the data


def hello_again(x):
    """The hello world of KANs, with this module's own names."""
    return np.exp(1.0) * sine(pi * x[:, [0]]) * torch.exp(x[:, [1]] ** 2) * FACTOR


FACTOR = 0.5


def annotated(x: torch.Tensor, power: int = 2) -> torch.Tensor:
    return x[:, [0]] ** power + max(0, 1) * x[:, [1]]


@pytest.mark.parametrize(
    "function",
    [
        hello,
        hello_again,
        annotated,
        lambda x: torch.exp(-x[:, [0]]) * x[:, [1]],
        {
            "one": lambda x: x,
            "two": lambda x: torch.where(
                x[:, [0]] > 0,  # which is φ
                x[:, [1]],
                0.5,
            ),
        }["two"],
        lambda x: sum(torch.exp(x[:, [k]]) ** (k + 1) for k in range(2)),
        (lambda x, y=3: x[:, [0]] ** y, lambda x, y=4: x[:, [0]] ** y)[1],
    ],
)
def test_the_source_of_a_function_does_what_it_does(function):
    source = source_of(function)
    names = {}
    exec("\n".join(source.imports.values()) + "\n" + source.definitions, names)
    x = torch.rand(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(eval(source.expression, names)(x), function(x))


def closure(factor):
    return lambda x: factor * x[:, [0]]


def helped(x):
    return hello(x) + 1


THREE = 3


def raised(x, power=THREE):
    return x[:, [0]] ** power


def counting(x):
    global COUNT
    COUNT += 1
    return x[:, [0]] * COUNT


COUNT = 0
NOWHERE = eval("lambda x: x[:, [0]]")


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (closure(2.0), "reads factor from where it was made"),
        (helped, "reads hello"),
        (counting, "sets COUNT"),
        (raised, "has a default that is no plain value"),
        (NOWHERE, "source of its function is not known"),
        (torch.nn.Linear(2, 1).double(), "no function of Python"),
        (torch.sin, "no function of Python"),
    ],
)
def test_functions_that_read_more_than_their_source_have_none(function, why):
    with pytest.raises(NoSource, match=why):
        source_of(function)


@pytest.mark.parametrize(
    "make",
    [
        lambda: kanwidget.create_dataset(closure(2.0), train_num=30, test_num=20),
        lambda: kanwidget.create_dataset(
            lambda x: x[:, [0]] + 0.1 * torch.randn(len(x), 1), train_num=30, test_num=20
        ),
        lambda: kanwidget.create_dataset_from_data(
            np.linspace(-1, 1, 80).reshape(40, 2), range(40)
        ),
        lambda: dataclasses.replace(
            (data := kanwidget.create_dataset(hello, train_num=30, test_num=20)),
            train_label=data.train_label + 1,
        ),
    ],
    ids=["closure", "noise", "arrays", "replaced"],
)
def test_data_that_cannot_be_made_again_come_from_the_file(make, ran, tmp_path):
    session = short_session(make())
    generator = torch.random.get_rng_state()
    with pytest.raises(
        ValueError, match="the data cannot be made again; save the session and give"
    ):
        script(session)
    assert torch.equal(torch.random.get_rng_state(), generator)
    storage.write(tmp_path / "run.kan", session.model, session.dataset, session.history)
    text = script(session, "run.kan")
    assert 'saved = storage.read("run.kan")\ndataset = saved.dataset\n' in text
    assert "model = kanwidget.KAN([2, 2, 1], seed=3)" in text
    assert ends_like(session, ran(text))


def test_normalised_and_chosen_columns_are_part_of_the_data(ran):
    data = kanwidget.create_dataset(
        lambda x: torch.sin(x[:, 0] + x[:, 2]), 3, ranges=[(0, 1), (0, 2), (0, 3)],
        train_num=50, test_num=20, normalize_input=True,
    ).choose_inputs([0, 2]).normalized(inputs=False)  # fmt: skip
    session = short_session(data, dtype=torch.float32)
    text = script(session)
    assert "dataset = dataset.choose_inputs([0, 2])\n" in text
    assert 'dataset = dataset.to(torch.float32, "cpu")\n' in text
    assert "model.output_scale = dataset.output_scale\n" in text
    assert ends_like(session, ran(text))


def test_other_data_are_told(ran):
    text = script(short_session()).replace("torch.sin(3 * x", "torch.sin(3.0000000001 * x")
    with pytest.raises(SystemExit, match=r"_loss was .* in the session: this is not the same\."):
        ran(text)


def test_a_loss_that_is_another_ends_a_script_with_a_sentence(ran):
    text = script(short_session()).replace("lamb=0.001", "lamb=0.0010001")
    with pytest.raises(SystemExit, match=r"train_loss was 0\.\d+ in the session"):
        ran(text)


# ---------------------------------------------------------------------- model and actions


def test_a_model_that_was_not_new_comes_from_the_file(ran, tmp_path):
    data = kanwidget.create_dataset(hello, train_num=40, test_num=20)
    model = kanwidget.KAN([2, 2, 1])
    model.fit(data, steps=1)
    session = Recorder(model, data)
    session.model.remove_edge(0, 1, 1)
    with pytest.raises(ValueError, match="changed before the session began; save the session"):
        script(session)
    storage.write(tmp_path / "run.kan", session.model, session.dataset, session.history)
    text = script(session, tmp_path / "run.kan")
    assert "kanwidget.KAN(" not in text
    assert "model.restore(saved.history.nodes[0].state)" in text
    assert ends_like(session, ran(text))


def test_an_own_base_function_is_written_out(ran):
    session = short_session(base_fun=lambda x: torch.tanh(x) / 2)
    text = script(session)
    assert "model = kanwidget.KAN([2, 2, 1], base_fun=lambda x: torch.tanh(x) / 2, seed=3)" in text
    assert ends_like(session, ran(text))


def test_what_no_call_does_again_is_a_state_of_the_file(ran, tmp_path):
    session = short_session()
    with torch.no_grad():
        session.model.layers[0].coef.mul_(1.1)
    session.model.fix_symbolic(1, 0, 0, "x^2")
    session.history.annotate(3, "My own optimizer.")
    reason = (
        r"step 3 \(changed directly: .*\) is no call that does the same again; save the session"
    )
    with pytest.raises(ValueError, match=reason):
        script(session)
    assert "restore" not in script(session, upto=2)
    storage.write(tmp_path / "run.kan", session.model, session.dataset, session.history)
    text = script(session, "run.kan")
    assert (
        'saved = storage.read("run.kan", dataset)\n'
        "\n"
        "# changed directly: this was no action of the model\n"
        "#\n"
        "# My own optimizer.\n"
        "model.restore(saved.history.nodes[3].state)\n"
    ) in text
    assert ends_like(session, ran(text))
    session.history.nodes[3].state = None
    with pytest.raises(ValueError, match="its state was let go to save memory"):
        script(session, "run.kan")


def test_functions_of_ones_own_are_named_and_changed_complexities_set(ran):
    kanwidget.add_symbolic("bump", lambda u: torch.exp(-(u**4)))
    try:
        kanwidget.set_complexity("sin", 7)
        session = short_session()
        session.model.fix_symbolic(0, 0, 0, "bump")
        session.model.auto_symbolic(lib=["sin", "x"], r2_threshold=0.5)
        text = script(session)
        assert "# Functions of one's own: add bump here, with kanwidget.add_symbolic as it" in text
        assert 'kanwidget.set_complexity("sin", 7.0)\n' in text
        assert ends_like(session, ran(text))
        kanwidget.remove_symbolic("bump")
        with pytest.raises(KeyError, match="unknown function 'bump'"):
            ran(text)
    finally:
        kanwidget.set_complexity("sin", None)
        library.LIBRARY.pop("bump", None)
    assert "one's own" not in script(short_session())


def test_of_large_networks_there_is_no_formula(ran):
    session = Recorder(
        kanwidget.KAN([2, 70, 1]), kanwidget.create_dataset(hello_again, train_num=30, test_num=20)
    )
    text = script(session)
    assert "symbolic_formula" not in text
    assert "are those of the session." in ran(text)


@pytest.mark.parametrize(
    ("line", "laid"),
    [
        ("f('a', 'b\"', '')", 'f("a", \'b"\', "")'),
        ("ffffff(aaaaaa, bbbbbbbbbb, c=1)", "ffffff(\n    aaaaaa, bbbbbbbbbb, c=1\n)"),
        (
            "f(aaaaaaaaaaaa, bbbbbbbbbbb, c=1)",
            "f(\n    aaaaaaaaaaaa,\n    bbbbbbbbbbb,\n    c=1,\n)",
        ),
        ("a = [1111111111, 22222222222]", "a = [\n    1111111111,\n    22222222222,\n]"),
        (
            "f(g={'aaaaa': (1111, 22222)}, h=22222)",
            'f(\n    g={\n        "aaaaa": (\n            1111,\n            22222,\n        )'
            ",\n    },\n    h=22222,\n)",
        ),
        ("a.b.c(lambda x, y: f(x) + 1)", "a.b.c(\n    lambda x, y: f(x) + 1\n)"),
        ("φφφφφφφφ(φφφφφφφφ, ψψψψψψψ, 'χ')", 'φφφφφφφφ(\n    φφφφφφφφ, ψψψψψψψ, "χ"\n)'),
    ],
)
def test_long_lines_are_broken_as_ruff_breaks_them(line, laid):
    assert laid_out(line, width=27) == laid
    assert ast.dump(ast.parse(laid_out(line))) == ast.dump(ast.parse(line))


# ---------------------------------------------------------------------- notebooks


def test_a_notebook_has_notes_between_its_cells_and_ends_like_the_session(
    tmp_path, capsys, monkeypatch
):
    session = short_session()
    session.model.fit(session.dataset, steps=1)
    session.model.fit(session.dataset, steps=2)
    session.history.annotate(2, "Some **thoughts**.")
    notebook = to_notebook(session.model, session.dataset, session.history)
    nbformat.validate(nbformat.from_dict(json.loads(json.dumps(notebook))))
    cells = [(cell["cell_type"], cell["source"]) for cell in notebook["cells"]]
    texts = [text for kind, text in cells if kind == "markdown"]
    assert texts[0].startswith("# A session with a Kolmogorov-Arnold network: 4 actions")
    assert texts[1:] == ["## Data", "## Model", "## Actions", "Some **thoughts**.", "## Result"]
    place = cells.index(("markdown", "Some **thoughts**."))
    assert cells[place - 1][1].startswith("model.fit(dataset, steps=3, lamb=0.001)")
    assert [line.split("  #")[0] for line in cells[place + 1][1].splitlines()] == [
        "model.remove_edge(0, 0, 1)",
        "model.fit(dataset, steps=1)",
        "model.fit(dataset, steps=2)",
    ]
    assert cells[-2:] == [("code", "model.plot()"), ("code", "formula(model, dataset.train_input)")]
    code = "\n".join(text for kind, text in cells[:-2] if kind == "code")
    assert ends_like(session, run(code, tmp_path, capsys, monkeypatch))


# ---------------------------------------------------------------------- recorded sessions

SESSIONS, TOGETHER = (20, 1) if SOAK else (2, 2)
RUN_ALL = """
import runpy, sys
for path in sys.argv[1:]:
    print("#", path)
    runpy.run_path(path)
"""


@pytest.mark.parametrize("first", range(0, SESSIONS, TOGETHER))
def test_recorded_sessions_end_in_the_same_formula_and_losses_in_a_new_process(first, tmp_path):
    sessions = {f"s{seed}.py": random_session(seed) for seed in range(first, first + TOGETHER)}
    for name, session in sessions.items():
        (tmp_path / name).write_text(script(session), encoding="utf-8")
        assert len(session.history.path()) > 15
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, *sessions],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(random.randrange(1000))},
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    printed = dict(part.split("\n", 1) for part in done.stdout.split("# ")[1:])
    assert list(printed) == list(sessions)
    for name, session in sessions.items():
        assert math.isfinite(session.history.current.metrics["val_loss"])
        assert ends_like(session, printed[name]), name


def test_a_live_session_is_told_like_any_other(ran):
    data = kanwidget.create_dataset(smooth, train_num=60, test_num=30)
    session = kanwidget.Session(kanwidget.KAN([2, 3, 1], seed=2), data)
    session.train(3, lamb=0.001)
    session.prune(0.01)
    session.undo()
    session.fix_symbolic(0, 0, 0, "sin")
    session.train(4, "Adam")
    session.model.fit(data, "LM", steps=3)
    session.act("refine", new_grid=5)
    node = session.history.current
    printed = ran(script(session))
    session.close()
    assert "val_loss = " in printed
    assert ends_like(session, printed)
    assert node.label == "refine(5)"
