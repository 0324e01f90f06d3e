"""A process that trains and saves by itself, to be killed; it tells what it has committed, and when."""

import sys
import time

import kanwidget
from kanwidget.session import Session, commands
from tests.networks import hello_data


def main(path):
    session = Session(kanwidget.KAN([2, 5, 1], seed=1), hello_data(100))
    session.autosave(path, every=0.2)
    session.annotate(0, "where it began")
    told = 0

    def tell():
        nonlocal told
        while told < len(session.history.nodes):
            print(f"{told} {time.time():.3f}", flush=True)
            told += 1

    tell()
    while True:
        running = session.submit(commands.Train(2000, "Adam"))
        for _ in range(3):
            time.sleep(0.05)
            session.fix_symbolic(0, 0, 0, "sin")
            session.unfix_symbolic(0, 0, 0)
            tell()
        session.stop()
        running.result()
        tell()


if __name__ == "__main__":
    main(sys.argv[1])
