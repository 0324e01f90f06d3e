"""Whatever a page sends: one answer, no crash, and a model that is as before or one action further."""

import gc
import json
import os
import random
import resource
import time

import kanwidget
from kanwidget.session.states import same_state
from kanwidget.widget import KANWidget
from tests.networks import hello_data
from tests.widget.fuzz import CANARY, mutated
from tests.widget.widgets import wait_until

MESSAGES = 10 * int(os.environ.get("KANWIDGET_SOAK", "8"))
A_WIDGET = 50
"""Messages after which there is a fresh widget: as long a history is measured after each of them."""
LONGEST_ANSWER = 1000


def fresh():
    model = kanwidget.KAN([2, 2, 1], seed=1)
    made = KANWidget(model, hello_data(20))
    made.session.remove_edge(1, 1, 0)
    made.session.fix_symbolic(0, 0, 0, "sin")
    made.replies = []
    made.send = lambda answer, buffers=None: made.replies.append(answer)
    return made


def can_be_answered(content):
    number = content.get("id") if isinstance(content, dict) else None
    return isinstance(number, int) and not isinstance(number, bool)


def says_of_itself(content):
    return isinstance(content, dict) and "view" in content and "command" not in content


def peak():
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def settled(kw):
    """Wait until nothing runs any more."""
    kw.session.resume()
    performer = kw.session._performer
    workers = performer.worker, performer.aside
    wait_until(lambda: not performer.running and not any(each.is_busy for each in workers), 30)


def check(kw, content, buffers):
    """Send a message; return whether it was done."""
    session, history = kw.session, kw.session.history
    with kw.model.exclusive:
        before, nodes, at = kw.model.snapshot(), len(history.nodes), history.current
    count, began = len(kw.replies), time.monotonic()
    kw._receive(kw, content, buffers)
    assert time.monotonic() - began < 1
    session.stop()
    settled(kw)
    replies = kw.replies[count:]
    if says_of_itself(content):
        assert replies == []
        return True
    (answer,) = replies
    assert answer["ok"] in (True, False)
    assert answer["id"] == content["id"] if can_be_answered(content) else not answer["ok"]
    json.dumps(answer, allow_nan=False)
    with kw.model.exclusive:
        after = kw.model.snapshot()
    assert same_state(after, history.current.state)
    if not answer["ok"]:
        assert 0 < len(answer["error"]) < LONGEST_ANSWER
        assert "\n" not in answer["error"]
        assert (len(history.nodes), history.current) == (nodes, at)
    if history.current is at:
        assert same_state(after, before)
    elif content["command"] not in ("undo", "redo", "jump"):
        assert history.current.parent is not None
        assert len(history.nodes) == nodes + 1 or content["command"] == "auto"
    json.dumps({n: v for n, v in kw.get_state().items() if n != "scene"}, allow_nan=False)
    return answer["ok"]


def test_whatever_goes_wrong_with_a_message_it_is_answered_once_and_harms_nothing(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.chdir(tmp_path)
    rng = random.Random(5)
    done = refused = 0
    kw = fresh()
    before = peak()
    for number in range(MESSAGES):
        if number % A_WIDGET == A_WIDGET - 1:
            kw.close()
            kw.session.close()
            kw = fresh()
        content, buffers = mutated(rng)
        try:
            ok = check(kw, content, buffers)
        except BaseException:
            print(f"message {number}: {content!r:.1000}")
            raise
        done, refused = done + ok, refused + (not ok)
        if number % 50 == 0:
            gc.collect()
        if kw.session.history.current.id != 2:
            kw.session.jump(2)
    kw.close()
    kw.session.close()
    print(f"{done} done, {refused} refused, {peak() - before:.0f} MB more at most")
    assert min(done, refused) > 0.1 * MESSAGES
    assert peak() - before < 300
    assert not (tmp_path / CANARY).exists()
    assert list(tmp_path.iterdir()) == []
    failed = [each for each in caplog.records if each.levelname in ("ERROR", "CRITICAL")]
    assert failed == []
