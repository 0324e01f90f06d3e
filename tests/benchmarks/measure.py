"""Times of several works, taken turn by turn, and the peak memory of one."""

import contextlib
import gc
import json
import math
import random
import statistics
import time
from dataclasses import dataclass

import torch
from torch.profiler import ProfilerActivity, profile

BLOCK = 0.01
"""A work that takes less than this many seconds is done several times in a round."""
LONG = 0.15
"""One that takes more is not done once before, uncounted, in every round."""


@dataclass(frozen=True)
class Ratio:
    """A ratio of medians, and the quartiles of the ratios of single rounds."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class Times:
    """Seconds that each of some works took, one number a round."""

    seconds: dict[str, list[float]]

    def median(self, name):
        return statistics.median(self.seconds[name])

    def ratio(self, name, beside):
        """How many times longer ``beside`` takes than ``name``."""
        pairs = zip(self.seconds[name], self.seconds[beside], strict=True)
        rounds = [other / mine for mine, other in pairs]
        low, high = quartiles(rounds)
        return Ratio(self.median(beside) / self.median(name), low, high)


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def interleave(works, seconds=6.0, least=7, warm=True, clock=time.process_time):
    """Do each of the works once a round, in an order that changes, for about so many seconds.

    On a machine that others use too, what slows one work down slows down all of a round.  Before it is
    timed, a work is done once uncounted: it finds caches and memory as it leaves them itself, as in a
    training, not as another work did.  The garbage collector waits meanwhile, as in `timeit`.

    Parameters
    ----------
    works : dict of str to callable
    seconds : float
        When to stop.
    least : int
        Rounds, however long they take.
    warm : bool
        Do everything once before; a work that takes many seconds may do without.
    clock : callable
        The time that a processor works for this process is, where the works compute on one thread, the
        time that they take on a machine with nothing else to do.  `time.perf_counter` is for works that
        wait for other threads or for the disk, or use several processors.
    """
    calls, before = dict.fromkeys(works, 1), dict.fromkeys(works, 0)
    for name, work in works.items() if warm else ():
        work()
        taken = min(_seconds(work, 1, clock) for _ in range(2))
        calls[name] = min(max(1, math.ceil(BLOCK / taken)), 100)
        before[name] = int(taken < LONG)
    order, numbers = list(works), random.Random(0)
    taken = {name: [] for name in works}
    end, rounds = time.perf_counter() + seconds, 0
    with _no_garbage_collection():
        while rounds < least or time.perf_counter() < end:
            numbers.shuffle(order)
            for name in order:
                for _ in range(before[name]):
                    works[name]()
                taken[name].append(_seconds(works[name], calls[name], clock))
            gc.collect()
            rounds += 1
    return Times(taken)


def _seconds(work, calls, clock):
    began = clock()
    for _ in range(calls):
        work()
    return (clock() - began) / calls


@contextlib.contextmanager
def _no_garbage_collection():
    """Collect between rounds only, and only what they left behind."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def peak_memory(work, folder):
    """The most bytes of tensors that a work held at once, beyond those that were there before.

    It adds up every allocation and release of torch's CPU allocator, which the profiler writes down,
    temporary memory within torch's operators included.  What matrix libraries keep for themselves is
    not in it.  The same work gives the same number every time.
    """
    work()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        work()
    path = folder / "trace.json"
    recorded.export_chrome_trace(str(path))
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    changes = [event for event in events if event.get("name") == "[memory]"]
    held, now, most = {}, 0, 0
    for event in sorted(changes, key=lambda event: event["args"]["Ev Idx"]):
        address, size = event["args"]["Addr"], event["args"]["Bytes"]
        if size > 0:
            held[address] = size
            now += size
            most = max(most, now)
        else:  # what was there before counts neither way
            now -= held.pop(address, 0)
    return most


def bytes_of(tensors):
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@contextlib.contextmanager
def threads(number):
    """Torch on so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
