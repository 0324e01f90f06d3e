"""A page draws what it has time for, and a page that nobody looks at costs next to nothing."""

import time

import pytest

import kanwidget
from kanwidget.session import commands
from kanwidget.widget import KANWidget
from kanwidget.widget.frames import LOST, MOST, SILENCE, UNDERWAY, Audience
from tests.widget.widgets import DATA, LONG, assert_mirrors, look, say, settle, wait_until


@pytest.fixture
def kw():
    made = KANWidget(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()
    made.session.close()


@pytest.fixture
def pictures(kw):
    """Versions of the pictures that were sent."""
    sent = []
    kw.observe(lambda change: sent.append(kw.version), "scene")
    return sent


def train(kw):
    running = kw.session.submit(commands.Train(LONG, "Adam"))
    wait_until(lambda: kw.session.view.step > 1)
    return running


def frames_in(kw, seconds):
    """How many frames the session made in so many seconds."""
    before = kw.session.view.version
    time.sleep(seconds)
    return kw.session.view.version - before


def test_where_nobody_looks_no_picture_is_made_and_numbers_follow_once_a_second(kw, pictures):
    steps = []
    kw.observe(lambda change: steps.append(change["new"]), "step")
    train(kw)
    pictures.clear()
    steps.clear()
    assert frames_in(kw, 2.2 * SILENCE) > 20
    assert pictures == []
    assert 1 <= len(steps) <= 3
    kw.session.stop()
    settle(kw.session)
    assert_mirrors(kw)


def test_a_page_that_draws_at_once_sees_nearly_every_frame(kw, pictures):
    look(kw)
    train(kw)
    pictures.clear()
    first, began = kw.session.view.version, time.monotonic()
    wait_until(lambda: kw.session.view.version >= first + 25, seconds=30)
    made, seconds = kw.session.view.version - first, time.monotonic() - began
    assert 0.7 * made < len(pictures) <= 34 * seconds + 1
    kw.session.stop()


def test_a_frame_waits_until_those_before_it_are_drawn(kw, pictures):
    say(kw, looks=True)
    train(kw)
    for _ in range(5):
        wait_until(lambda: kw.session.view.version > kw.version + 2)  # no more go out
        pictures.clear()
        drawn = kw.version
        say(kw, seen=drawn - 100)
        assert kw.version == drawn
        say(kw, seen=drawn)
        assert kw.version > drawn
        wait_until(lambda: len(pictures) > 3)
    kw.session.stop()


def test_a_page_that_does_not_answer_has_one_frame_a_second_until_it_counts_as_lost(kw, pictures):
    say(kw, looks=True)
    train(kw)
    wait_until(lambda: kw.session.view.version > kw.version + 2)
    pictures.clear()
    frames_in(kw, 2.2 * SILENCE)
    assert 1 <= len(pictures) <= 3
    kw.session.stop()


def test_all_that_is_no_frame_is_sent_whoever_looks(kw, pictures):
    train(kw)
    for looks in (False, True):
        say(kw, looks=looks)
        wait_until(lambda: kw.session.view.version > kw.version + 2)
        pictures.clear()
        kw.session.remove_edge(0, 0, int(looks))
        assert kw.summary["alive"] == 8 - looks
        assert len(pictures) == 1
        kw.session.say("info", "hello")
        assert kw.message["text"] == "hello"
    kw.session.stop()


def test_a_page_that_comes_back_has_the_picture_of_now(kw, pictures):
    look(kw)
    train(kw)
    say(kw, looks=False)
    frames_in(kw, 0.3)  # one may have been on its way
    pictures.clear()
    assert frames_in(kw, 0.5) > 5
    assert pictures == []
    say(kw, looks=True)
    assert len(pictures) >= 1
    assert pictures[-1] >= kw.session.view.version - 3
    pictures.clear()
    frames_in(kw, 0.5)
    assert len(pictures) > 4
    kw.session.stop()
    settle(kw.session)
    assert_mirrors(kw)


def test_one_of_two_pages_is_enough_and_the_last_that_goes_ends_the_pictures(kw, pictures):
    look(kw, "a")
    look(kw, "b", draws=False)
    train(kw)
    frames_in(kw, 0.3)
    assert len(pictures) > 2
    say(kw, "a", gone=True)
    assert kw._audience.is_looking
    assert not kw._audience.has_left
    say(kw, "b", gone=True)
    say(kw, "a", seen=kw.version)  # said before it went, and late
    assert kw._audience.has_left
    frames_in(kw, 0.3)  # one may have been on its way
    pictures.clear()
    frames_in(kw, 0.5)
    assert pictures == []
    kw.session.stop()


def test_what_a_view_says_is_not_answered_and_nonsense_is_said_so(kw):
    replies = []
    kw.send = replies.append
    for told in ({}, {"looks": 1}, {"seen": True}, {"seen": "1"}, {"gone": None}, {"what": True},
                 {"looks": True, "seen": 1}):  # fmt: skip
        before = kw.message["seq"]
        say(kw, **told)
        assert kw.message["seq"] == before + 1
        assert kw.message["kind"] == "error"
        assert "is needed" in kw.message["text"]
    for view in (None, "", 3, "x" * 41, ["a"]):
        say(kw, view, looks=True)
        assert kw.message["kind"] == "error"
    assert not kw._audience.is_looking
    assert replies == []


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_frames_go_out_for_so_long_as_one_may_be_underway_and_go_on_with_the_answer():
    clock = Clock()
    audience = Audience(clock)
    audience.hear({"view": "a", "looks": True})
    for first in (0, 100, 200):
        sent, since = [], clock.now
        while audience.has_time():
            sent.append(first + len(sent))
            audience.sent(sent[-1])
            clock.now += 1 / 30
        assert UNDERWAY <= clock.now - since < UNDERWAY + 1 / 30
        assert audience.hear({"view": "a", "seen": first - 1}) is False
        assert not audience.has_time()
        audience.hear({"view": "a", "seen": sent[-1]})
        assert audience.has_time()


def test_what_a_page_was_sent_out_of_sight_is_not_waited_for_when_it_is_back():
    clock = Clock()
    audience = Audience(clock)
    audience.hear({"view": "a", "looks": False})
    for version in range(3):
        audience.sent(version)
        clock.now += LOST
    assert audience.hear({"view": "a", "looks": True}) is True
    assert audience.is_looking
    assert audience.has_time()


def test_a_page_that_is_lost_is_drawn_for_no_more_until_it_answers():
    clock = Clock()
    audience = Audience(clock)
    audience.hear({"view": "a", "looks": True})
    version = 0
    while clock.now <= LOST:
        assert audience.is_looking
        assert audience.has_time()
        audience.sent(version)
        assert audience.has_time() == (version == 0)
        clock.now += UNDERWAY
        assert not audience.has_time()
        clock.now += SILENCE - UNDERWAY
        version += 1
    assert not audience.is_looking
    assert audience.hear({"view": "a", "seen": 3}) is True
    assert audience.is_looking


def test_what_a_page_has_drawn_while_it_went_out_of_sight_does_not_bring_it_back():
    audience = Audience(Clock())
    assert audience.hear({"view": "a", "looks": True}) is True
    assert audience.hear({"view": "a", "looks": False}) is False
    assert audience.hear({"view": "a", "seen": 3}) is False
    assert not audience.is_looking
    assert audience.hear({"view": "a", "looks": True}) is True


def test_views_without_end_are_not_remembered():
    audience = Audience(Clock())
    for number in range(3 * MOST):
        audience.hear({"view": str(number), "looks": False})
    assert len(audience._looks) == MOST
