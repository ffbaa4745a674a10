"""What is sent and never confirmed is said, in the log and to whoever asks how the gateway is."""

import logging

import pytest

from edge_agent.answering import Answering
from edge_agent.changes import Changes


def test_batches_that_nobody_confirms_are_a_silence_until_one_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now_s = [1000.0]
    told = Answering(Changes(logging.getLogger("test")), question="?", clock=lambda: now_s[0])
    # However long there was nothing to send: what has just been sent is no silence.
    silences = []
    for later_s, batches in ((3600, 0), (0, 40), (60, 8), (1, 0)):
        now_s[0] += later_s
        told.sent(batches)
        told.look()
        silences.append(told.silence)
    expected = "48 batches sent for a minute, none was confirmed"
    told.confirmed()
    assert [None, None, None, expected, None] == [*silences, told.silence]
    assert [f"answers: {expected}", "answers: batches are confirmed again"] == caplog.messages
    told.sent(1)
    now_s[0] += 59
    told.look()
    assert told.silence is None
