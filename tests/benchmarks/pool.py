"""Tasks in processes of their own, a few at once: none can take another down, and each ends in time."""

import contextlib
import multiprocessing
import os
import time
from multiprocessing.connection import wait

import torch

from tests.benchmarks.one_run import Outcome, run

JUDGED_IN = 60.0
"""Seconds after the search within which there must be a verdict."""
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


class Worker:
    """A process at work on one task."""

    def __init__(self, context, task, work):
        self.task = task
        self.answers, answer = context.Pipe(duplex=False)
        self.process = context.Process(target=_child, args=(work, task, answer), daemon=False)
        self.process.start()
        answer.close()
        self.began = time.monotonic()
        # a process needs a moment to begin, most of all where it has to import torch
        self.until = None

    def receive(self):
        """The outcome when there is one, or None."""
        try:
            kind, content = self.answers.recv()
        except EOFError:
            self.process.join()
            return self._failed(f"the process ended with exit code {self.process.exitcode}")
        if kind == "begins":
            self.until = time.monotonic() + 2 * self.task.seconds
        elif kind == "searched":
            self.until = time.monotonic() + JUDGED_IN
        elif kind == "failed":
            return self._failed(content)
        else:
            return content
        return None

    def overdue(self):
        """The outcome of a task that takes too long, or None."""
        if self.until is None or time.monotonic() <= self.until:
            return None
        return self._failed(f"stopped after {time.monotonic() - self.began:.0f} s")

    def end(self):
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.join()
        self.answers.close()

    def _failed(self, why):
        return Outcome(self.task, failure=why)


def outcomes(tasks, jobs, work=run):
    """Do the tasks, ``jobs`` at once; outcomes come as they are ready.

    Parameters
    ----------
    tasks : list of Task
    jobs : int
    work : callable
        From a task, and what to call when its search is over, to an outcome.
    """
    context = multiprocessing.get_context(METHOD)
    if METHOD == "forkserver":
        context.set_forkserver_preload(["tests.benchmarks.one_run", "sympy"])
    waiting, workers = list(reversed(tasks)), []
    with _one_thread():
        try:
            while waiting or workers:
                while waiting and len(workers) < jobs:
                    workers.append(Worker(context, waiting.pop(), work))
                ready = wait([worker.answers for worker in workers], timeout=0.5)
                for worker in list(workers):
                    outcome = worker.receive() if worker.answers in ready else worker.overdue()
                    if outcome is not None:
                        worker.end()
                        workers.remove(worker)
                        yield outcome
        finally:
            for worker in workers:
                worker.end()


def _child(work, task, answer):
    torch.set_num_threads(1)
    answer.send(("begins", None))
    try:
        outcome = work(task, lambda: answer.send(("searched", None)))
    except Exception as problem:  # whatever it was: the other tasks go on, and this one is printed
        answer.send(("failed", f"{type(problem).__name__}: {problem}"[:300]))
    else:
        answer.send(("done", outcome))
    answer.close()


@contextlib.contextmanager
def _one_thread():
    """For the processes that begin meanwhile; matrix libraries read it when they are loaded."""
    names = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
