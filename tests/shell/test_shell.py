import os
import re
import shlex
import signal
import subprocess
import sys
import timeit
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
import pytest

import kanwidget
from kanwidget.fitting import root_mean_squares
from kanwidget.formula.export import TARGETS
from kanwidget.session.calls import Call
from kanwidget.session.history import Action, History
from kanwidget.shell import _parser, export, files, lab, main
from kanwidget.shell.refusing import Refused, sentence
from kanwidget.shell.starter import starter
from kanwidget.symbolic.complexity import network_complexity
from tests.networks import hello

ROOT = Path(kanwidget.__file__).parents[1]
COMMANDS = ("lab", "show", "export", "replay")


def shell(*arguments, folder=ROOT, **options):
    """What a shell sees of the command: status, output, errors."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "kanwidget", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", **options,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def refused(capsys, *arguments):
    """The one sentence with which a command line is refused."""
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert printed.err.count("\n") == 1
    return printed.err.rstrip("\n")


# ---------------------------------------------------------------------- help


def test_help_lists_every_command_with_a_line_and_examples(capsys):
    for given in (["--help"], []):
        try:
            status = main(given)
        except SystemExit as ended:
            status = ended.code
        printed = capsys.readouterr().out
        assert status == 0
        for command in COMMANDS:
            assert re.search(rf"^    {command} +[a-z]", printed, re.MULTILINE)
            assert f"\n  kanwidget {command}" in printed


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_that_fit_a_page(command, capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main([command, "--help"])
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: kanwidget {command}")
    assert f"\nexamples:\n  kanwidget {command}" in printed
    assert max(map(len, printed.splitlines())) <= 110
    lines = [line for line in printed.splitlines() if line.startswith(f"  kanwidget {command}")]
    options = set(
        re.findall(r" (--?[a-z]+)", " ".join(line.partition(" -- ")[0] for line in lines))
    )
    assert options <= set(re.findall(r" (--?[a-z]+)", printed.partition("examples:")[0]))


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--version"])
    assert capsys.readouterr().out == f"kanwidget {version('kanwidget')}\n"
    assert version("kanwidget") == kanwidget.__version__


def test_help_comes_at_once():
    assert min(timeit.repeat(lambda: shell("--help"), number=1, repeat=3)) < 1.0
    # the figure to keep is 0.3 s; what takes longer than that is torch, which must not be loaded
    code = "import sys, kanwidget.shell; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "False\n"


def test_every_language_of_formulas_can_be_asked_for():
    assert export.FORMULAS == TARGETS


def test_what_the_readme_says_to_type_is_understood():
    lines = re.findall(
        r"^kanwidget .*", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {line.split()[1] for line in lines} == set(COMMANDS)
    for line in lines:
        given = shlex.split(line, comments=True)[1:]
        assert _parser().parse_args(given).command == given[0]


# ---------------------------------------------------------------------- bad usage


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "invalid choice: 'nonsense'"),
        ("show", "the following arguments are required: FILE.kan"),
        ("show no.kan", "no.kan: no such file"),
        ("show no.txt", "no.txt does not end in .kan"),
        ("show folder.kan", "folder.kan is a folder"),
        ("show bad.kan", "bad.kan is no file of kanwidget"),
        ("show bad.kan --compare 1", "expected 2 arguments"),
        ("show bad.kan -- --x", "only lab takes arguments after --"),
        ("export bad.kan", "required: --to"),
        ("export bad.kan --to fortran", "invalid choice: 'fortran'"),
        ("export bad.kan --to c --digits many", "invalid int value: 'many'"),
        ("export bad.kan --to python --digits 3", "--digits is for formulas"),
        ("export bad.kan --to html --name f", "--to html writes what there is to see"),
        ("export bad.kan --to notebook --name f", "--name is for formulas"),
        ("export bad.kan --to c", "bad.kan is no file of kanwidget"),
        ("replay no.py", "no.py: no such file"),
        ("replay bad.txt", "bad.txt does not end in .kan, .py or .ipynb"),
        ("replay bad.kan", "bad.kan is no file of kanwidget"),
        ("replay --quie bad.kan", "unrecognized arguments: --quie"),
        ("lab no.ipynb", "no.ipynb: no such file"),
        ("lab bad.kan", "kanwidget lab --new NAME.ipynb --session bad.kan"),
        ("lab --new bad.txt", "bad.txt does not end in .ipynb"),
        ("lab --new there.ipynb", "there.ipynb is already there, and is not overwritten"),
        ("lab --new x.ipynb there.ipynb", "so there.ipynb cannot be, too"),
        ("lab --new x.ipynb --session no.kan", "no.kan: no such file"),
        ("lab --session bad.kan", "--session goes with --new"),
        ("lab --new no/x.ipynb", "no such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(line, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("bad.kan").write_text("no session")
    Path("bad.txt").write_text("no session")
    Path("there.ipynb").write_text("mine")
    Path("folder.kan").mkdir()
    monkeypatch.setattr(lab, "wait", lambda command: pytest.fail("nothing is to be started"))
    assert said in refused(capsys, *line.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("bad.kan", "bad.txt", "folder.kan", "there.ipynb")
    ]
    assert Path("there.ipynb").read_text() == "mine"


def test_bad_usage_and_bad_files_end_with_2_and_no_traceback(tmp_path):
    (tmp_path / "bad.kan").write_bytes(b"\0" * 100)
    for arguments in (["show", "bad.kan"], ["export"], ["replay", "no.kan"]):
        status, output, errors = shell(*arguments, folder=tmp_path)
        assert (status, output) == (2, "")
        assert errors.startswith(f"kanwidget {arguments[0]}: ")
        assert errors.count("\n") == 1


def test_a_sentence_of_an_error_is_one_line():
    assert sentence(ValueError("one\n  two")) == "one two"
    assert sentence(KeyError("no such step")) == "no such step"
    assert sentence(FileNotFoundError(2, "No such file", "x.kan")) == "x.kan: no such file"
    assert sentence(ValueError()) == "ValueError"
    assert sentence(ValueError("a\x1b[31m b")) == "a [31m b"


# ---------------------------------------------------------------------- lab


@pytest.fixture
def started(monkeypatch):
    """Commands that would have been started."""
    commands = []
    monkeypatch.setattr(lab, "wait", lambda command: commands.append(command) or 7)
    return commands


def test_lab_opens_folders_and_notebooks_and_hands_arguments_on(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.ipynb").write_text("{}")
    Path("studies").mkdir()
    assert main(["lab"]) == 7
    assert main(["lab", "mine.ipynb", "--", "--port", "8899"]) == 7
    assert main(["lab", "studies"]) == 7
    jupyter = [sys.executable, "-m", "jupyterlab"]
    ends = [["."], ["mine.ipynb", "--port", "8899"], ["studies"]]
    assert started == [[*jupyter, *end] for end in ends]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.ipynb", "studies"]


def test_lab_writes_a_notebook_where_it_is_asked_to_and_opens_it(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["lab", "--new", "study.ipynb"]) == 7
    assert started[0][-1] == "study.ipynb"
    notebook = nbformat.read(tmp_path / "study.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert "KANWidget(model, dataset" in notebook.cells[-1].source


def test_lab_says_how_jupyterlab_is_installed_before_it_writes(
    started, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    assert "pip install 'kanwidget[lab]'" in refused(capsys, "lab", "--new", "study.ipynb")
    assert not list(tmp_path.iterdir())
    assert not started


def test_the_starter_notebook_of_a_new_network_trains_it():
    notebook = nbformat.reads(starter(Path("study.ipynb")), as_version=4)
    names = {}
    for cell in notebook.cells:
        exec(cell.source, names)
    try:
        names["kw"].session.train(steps=1)
        assert names["kw"].session.model is names["model"]
    finally:
        names["kw"].session.close()


def test_the_starter_notebook_of_a_session_names_its_file_from_where_it_will_run():
    notebook = nbformat.reads(starter(Path("a/study.ipynb"), Path('b/my "old".kan')), as_version=4)
    nbformat.validate(notebook)
    path = os.path.join("..", "b", 'my \\"old\\".kan')
    assert notebook.cells[1].source == f'session = Session.load("{path}")'


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_ctrl_c_is_the_commands_own_and_the_shell_waits_for_it(tmp_path):
    child = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: (print('asked', flush=True), sys.exit(5)))\n"
        "print('ready', flush=True)\ntime.sleep(60)"
    )
    parent = (
        "import sys\nfrom kanwidget.shell.lab import wait\n"
        f"sys.exit(wait([sys.executable, '-c', {child!r}]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=20)[0] == "asked\n"
    assert process.returncode == 5


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_an_end_by_a_signal_is_told_as_shells_do():
    assert lab.wait([sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"]) == 128 + 15
    assert lab.wait([sys.executable, "-c", "raise SystemExit(3)"]) == 3


# ---------------------------------------------------------------------- sessions


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A session of a few actions in a file; its steps are start, train, sine, (back) train, 'good'."""
    from kanwidget.session import storage

    path = tmp_path_factory.mktemp("study") / "study.kan"
    dataset = kanwidget.create_dataset(hello, n_var=2, train_num=100, test_num=50, seed=0)
    model = kanwidget.KAN([2, 1, 1], seed=0)
    model.get_act(dataset)

    def metrics():
        losses = root_mean_squares(model, dataset)
        return {"alive": len(model.edges()), "complexity": network_complexity(model), **losses}

    history = History(model.snapshot(), metrics())

    def do(label, method, **arguments):
        call = Call.of(method, arguments, dataset)
        call.do(model, dataset)
        history.commit(Action(label, method, (call,)), model.snapshot(), metrics())

    do("train 30 steps", "fit", dataset=dataset, steps=30, opt="LM")
    do("edge (0, 0, 0) → tanh", "fix_symbolic", l=0, i=0, j=0, fun_name="tanh")
    model.restore(history.undo().state)
    for l, i, name in ((0, 0, "sin"), (0, 1, "x^2"), (1, 0, "exp")):
        do(f"edge ({l}, {i}, 0) → {name}", "fix_symbolic", l=l, i=i, j=0, fun_name=name)
    do("train 20 steps", "fit", dataset=dataset, steps=20, opt="LM")
    history.rename(6, "good")
    history.annotate(6, "as it should be")
    storage.write(path, model, dataset, history)
    return path


def printed(capsys, *arguments):
    assert main([*map(str, arguments)]) == 0
    got = capsys.readouterr()
    assert got.err == ""
    return got.out


def test_show_prints_history_formula_and_front(study, capsys):
    history, formula, front = printed(capsys, "show", study).split("\n\n")
    lines = history.splitlines()
    assert lines[0].startswith("0  start · validation loss ")
    assert lines[2].startswith("├─ 2  edge (0, 0, 0) → tanh · ")
    assert lines[6].startswith("6  good (train 20 steps) · ")
    assert lines[6].endswith("complexity 6  ← here")
    assert lines[7] == "     as it should be"
    assert formula.startswith("formula of step 6 (good):\ny = ")
    assert "exp(" in formula
    assert "sin(" in formula
    assert front.splitlines()[-1].endswith("6  good")


def test_show_takes_a_step_by_number_or_name(study, capsys):
    assert "formula of step 0 (start):\ny = phi_1_0_0(" in printed(
        capsys, "show", study, "--node", 0
    )
    assert "formula of step 6 (good)" in printed(capsys, "show", study, "--node", "good")
    assert "no step is called 'bad'; names are 'good'" in refused(
        capsys, "show", str(study), "--node", "bad"
    )
    assert "there is no step 99" in refused(capsys, "show", str(study), "--node", "99")


def test_show_compares_two_steps(study, capsys):
    told = printed(capsys, "show", study, "--compare", "1", "good")
    assert told.startswith("step 1 (train 30 steps) → step 6 (good)\n")
    assert "edge (0, 0, 0): numeric → sin" in told


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("c", "double f(const double *x)"),
        ("javascript", "function f("),
        ("latex", r"\sin"),
        ("numpy", "def f("),
        ("sympy", "expressions"),
        ("torch", "class Formula"),
        ("svg", "<svg "),
        ("html", '<script type="application/json" id="kanwidget-data">'),
    ],
)
def test_export_writes_the_formula_in_each_language_and_what_there_is_to_see(
    study, target, part, capsys
):
    assert part in printed(capsys, "export", study, "--to", target)


def test_export_writes_to_a_file_with_the_digits_and_name_asked_for(study, tmp_path, capsys):
    out = tmp_path / "area.py"
    options = ["--digits", "3", "--name", "area", "-o", out]
    assert printed(capsys, "export", study, "--to", "numpy", *options) == ""
    names = {}
    exec(out.read_text(encoding="utf-8"), names)
    assert names["area"](np.array([[0.0, 0.0], [0.5, 1.0]])) == pytest.approx(
        np.exp([[0.0], [2.0]]), rel=1e-9
    )
    assert "numpy.sin(numpy.pi*x0)" in out.read_text(encoding="utf-8")
    for bad in (["--digits", "0"], ["--name", "1x"], ["-o", str(tmp_path / "no" / "x")]):
        refused(capsys, "export", str(study), "--to", "c", *bad)


def test_export_goes_to_the_step_asked_for(study, capsys):
    first = printed(capsys, "export", study, "--to", "sympy", "--node", "3")
    last = printed(capsys, "export", study, "--to", "sympy", "--node", "good")
    assert first != last
    assert last == printed(capsys, "export", study, "--to", "sympy")


def test_a_step_whose_state_is_gone_or_whose_name_is_not_its_own_is_refused():
    history = History(kanwidget.KAN([1, 1], seed=0).snapshot(), {})
    for name in ("twice", "twice", "gone"):
        history.commit(Action("on", "on"), history.current.state, {})
        history.rename(history.current.id, name)
    history.nodes[3].state = None
    assert files.step(history, "1") is history.nodes[1]
    with pytest.raises(Refused, match="2 steps are called 'twice'"):
        files.step(history, "twice")
    for wanted in ("gone", "3", None):
        with pytest.raises(Refused, match=r"the state of step 3 \(gone\) was let go"):
            files.step(history, wanted)


def test_a_reader_that_has_seen_enough_is_no_fault(study):
    code = f'"{sys.executable}" -m kanwidget show "{study}" | head -c 5'
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {code}"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("0  st", "")


def test_a_terminal_without_arrows_gets_question_marks(study):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "kanwidget", "show", str(study)],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "edge (0, 0, 0) ? tanh" in done.stdout


# ---------------------------------------------------------------------- replay


def test_export_writes_what_was_done_as_a_script_and_a_notebook_that_replay(
    study, tmp_path, capsys
):
    script, notebook = tmp_path / "study.py", tmp_path / "study.ipynb"
    assert printed(capsys, "export", study, "--to", "python", "-o", script) == ""
    assert printed(capsys, "export", study, "--to", "notebook", "-o", notebook) == ""
    nbformat.validate(nbformat.read(notebook, as_version=4))
    assert "fix_symbolic(0, 1, 0" in script.read_text(encoding="utf-8")
    assert "tanh" not in script.read_text(encoding="utf-8")
    assert "came out the same" in printed(capsys, "replay", study)
    for path, said in ((script, "The losses are those of the session."), (notebook, "exp(x_2**2")):
        status, output, errors = shell("replay", str(path))
        assert (status, errors) == (0, "")
        assert said in output
    assert printed(capsys, "replay", "--quiet", script) == ""


def test_a_script_in_another_folder_finds_the_session(study, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(study.parent)
    out = os.path.relpath(tmp_path / "study.py")
    printed(capsys, "export", study.name, "--to", "python", "-o", out)
    assert main(["replay", "--quiet", out]) == 0
    assert repr(os.path.relpath(study, tmp_path)) in Path(out).read_text().replace('"', "'")


def test_a_replay_that_ends_otherwise_exits_with_1(study, tmp_path, capsys):
    script = tmp_path / "study.py"
    printed(capsys, "export", study, "--to", "python", "-o", script)
    told = script.read_text(encoding="utf-8")
    changed = re.sub(r'("val_loss": )\S+,', r"\g<1>0.5,", told)
    assert changed != told
    script.write_text(changed, encoding="utf-8")
    status, output, errors = shell("replay", str(script))
    assert (status, errors) == (1, "")
    assert "val_loss was 0.5 in the session: this is not the same." in output
