"""Does the search find known formulas again?  ``python -m tests.benchmarks.recovery --help``.

Every target from the same wide start, with the same settings; each run is one line as it ends, then come
tables by tier.  The page RECOVERY.md is written by whole runs only.
"""

import argparse
import datetime
import statistics
import time
from pathlib import Path

from tests.benchmarks.one_run import HIDDEN, SAMPLES, VERDICT_POINTS, Task, short
from tests.benchmarks.pool import outcomes
from tests.benchmarks.table import machine
from tests.benchmarks.targets import EVERY, LISTS

HERE = Path(__file__).parent
PAGES = {"public": HERE / "RECOVERY.md", "others": HERE / "RECOVERY_OTHERS.md"}
SECONDS, HELLO_SECONDS = 25.0, 5.0
HELLO_SEEDS, NOISE_SEEDS = 20, 10
NOISES = (0.01, 0.05)
GOALS = {"numeric": 0.9, "exact": 0.75}
"""Shares of the runs on tiers 0 to 2."""

HEAD = """# Formulas found again: {name}

`python -m tests.benchmarks.recovery {options}` wrote this on {date}, on {machine}.
The {count} runs took {minutes:.1f} minutes, {jobs} at once, each on one torch thread.

Every run starts from `KAN([n, {hidden}, 1], seed=s)` and calls `auto(dataset, seconds={seconds:g}, seed=s)`,
the same for all targets; the library is the usual one and J0. Data are {samples} points for training, as
many for validation and for test, uniform in the ranges. The verdicts are on {points} other points:

- **numeric**: no point is off by more than 1e-4 standard deviations of the true values; **outside** says the
  same of points on a box that is 20 % wider at each end, without the range itself. Points where the truth is
  not finite are left out.
- **snapped**: no number of the formula is a decimal, and it agrees with the truth to 12 digits or more.
- **exact**: sympy proves it equal to the truth. Where the two agree to 40 digits and sympy finds no proof in
  time, the run counts as **unproved**, not as exact.
"""


def main(arguments=None, write=print):
    """Run what the command line says; returns the outcomes."""
    options = _options(arguments)
    if options.hello or options.noise:
        return _hello(options, write) if options.hello else _noise(options, write)
    seconds = options.seconds or SECONDS
    lists = ["public", "others"] if options.targets == "all" else [options.targets]
    every = []
    for name in lists:
        chosen = [each.id for each in LISTS[name] if not options.only or each.id in options.only]
        tasks = [Task(id, seed, seconds) for id in chosen for seed in range(options.seeds or 3)]
        began = time.monotonic()
        done = _print_as_they_come(tasks, options.jobs, write)
        minutes = (time.monotonic() - began) / 60
        if not done:
            continue
        write("")
        for line in table(done) + shares(done):
            write(line)
        write(f"{len(done)} runs of {name} targets took {minutes:.1f} minutes")
        if options.write and not options.only:
            PAGES[name].write_text(page(name, done, options, seconds, minutes), encoding="utf-8")
            write(f"{PAGES[name].name} is written")
        every += done
    return every


def _options(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.recovery", description=__doc__
    )
    parser.add_argument("--targets", choices=list(LISTS), default="public")
    parser.add_argument("--only", type=lambda text: text.split(","), help="ids: hellokan,divide")
    parser.add_argument("--seeds", type=int, help="3 for targets, 20 for --hello, 10 for --noise")
    parser.add_argument(
        "--seconds", type=float, help=f"a run: {SECONDS:g}, {HELLO_SECONDS:g} for --hello"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument("--write", action="store_true", help="write the page of a whole run")
    parser.add_argument("--hello", action="store_true", help="the hello world alone, many seeds")
    parser.add_argument(
        "--noise", action="store_true", help="the hello world with 1 %% and 5 %% noise"
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.only or ()) - {each.id for each in LISTS[options.targets]})
    if unknown:
        parser.error(
            f"--only names {', '.join(unknown)}; "
            f"the {options.targets} targets are {', '.join(each.id for each in LISTS[options.targets])}"
        )
    return options


def _print_as_they_come(tasks, jobs, write):
    done = []
    for outcome in outcomes(tasks, jobs):
        write(outcome.line())
        done.append(outcome)
    return sorted(done, key=lambda each: tasks.index(each.task))


def _hello(options, write):
    seconds = options.seconds or HELLO_SECONDS
    tasks = [Task("hellokan", seed, seconds) for seed in range(options.seeds or HELLO_SEEDS)]
    done = _print_as_they_come(tasks, options.jobs, write)
    taken = _taken(done)
    exact = sum(each.exact for each in done)
    write(
        f"hello world: {exact} of {len(done)} exact (goal 19 of 20), "
        f"median {statistics.median(taken):.1f} s, longest {max(taken):.1f} s (goal 5 s)"
        if taken
        else f"hello world: none of {len(done)} runs ended with a formula"
    )
    return done


def _noise(options, write):
    seconds = options.seconds or SECONDS
    every = []
    for noise in NOISES:
        seeds = range(options.seeds or NOISE_SEEDS)
        tasks = [Task("hellokan", seed, seconds, noise) for seed in seeds]
        done = _print_as_they_come(tasks, options.jobs, write)
        right = sum(each.structure for each in done)
        write(f"{noise:.0%} noise: {right} of {len(done)} have the right structure (goal 8 of 10)")
        every += done
    return every


def _taken(done):
    return [each.seconds for each in done if not each.failure]


def table(done):
    """Lines of a Markdown table by tier."""
    lines = [
        "| tier | runs | numeric | outside | snapped | exact | unproved | failed | median s | longest s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for tier in sorted({each.task.tier for each in done}):
        some = [each for each in done if each.task.tier == tier]
        counts = [
            sum(getattr(each, name) for each in some)
            for name in ("numeric", "outside", "snapped", "exact", "unproved")
        ]
        taken = _taken(some)
        times = [f"{statistics.median(taken):.1f}", f"{max(taken):.1f}"] if taken else ["", ""]
        cells = [tier, len(some), *counts, sum(bool(each.failure) for each in some), *times]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def shares(done):
    """Sentences on the runs of tiers 0 to 2, and on tier 3, beside the goals."""
    lines = [""]
    for name, some in (
        ("tiers 0 to 2", [each for each in done if each.task.tier < 3]),
        ("tier 3", [each for each in done if each.task.tier == 3]),
    ):
        if not some:
            continue
        parts = []
        for kind, goal in GOALS.items():
            held = sum(getattr(each, kind) for each in some)
            targets = {each.task.target for each in some}
            ever = {each.task.target for each in some if getattr(each, kind)}
            beside = f", goal {goal:.0%}" if name != "tier 3" else ""
            parts.append(
                f"{kind} {held} of {len(some)} runs ({held / len(some):.0%}{beside}; "
                f"{len(ever)} of {len(targets)} targets with some seed)"
            )
        lines.append(f"{name}: {', '.join(parts)}.  ")
    return lines


def page(name, done, options, seconds, minutes):
    """The Markdown page of a whole run."""
    head = HEAD.format(
        name=f"{name} targets",
        options=f"--targets {name} --seeds {options.seeds or 3} --seconds {seconds:g} --write",
        date=datetime.date.today().isoformat(),
        machine=machine(),
        count=len(done),
        minutes=minutes,
        jobs=options.jobs,
        hidden=HIDDEN,
        seconds=seconds,
        samples=f"{SAMPLES:,}",
        points=f"{VERDICT_POINTS:,}",
    )
    runs = ["| target | tier | truth | seed | s | in range | outside | verdict | formula |"]
    runs.append("|---|---|---|---|---|---|---|---|---|")
    for each in done:
        cells = [each.task.target, each.task.tier, _code(EVERY[each.task.target].expression, 60)]
        cells.append(each.task.seed)
        if each.failure:
            cells += ["", "", "", "failed", short(each.failure, 80).replace("|", "\\|")]
        else:
            cells += [
                f"{each.seconds:.1f}",
                f"{each.numeric_error:.0e}",
                f"{each.outside_error:.0e}",
            ]
            cells += [_kind(each), _code(each.formula, 120)]
        runs.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([head, *table(done), *shares(done), "", *runs]) + "\n"


def _kind(outcome):
    for name in ("exact", "unproved", "snapped", "numeric"):
        if getattr(outcome, name):
            return name
    return "–"


def _code(expression, most):
    return f"`{short(str(expression), most)}`".replace("|", "\\|")


if __name__ == "__main__":
    main()
