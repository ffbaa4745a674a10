"""What is sent and never confirmed is said, in the log and to whoever asks how the gateway is."""

import logging

import pytest

from edge_agent import answering
from edge_agent.answering import Answering
from edge_agent.changes import Changes


def test_batches_that_nobody_confirms_are_a_silence_until_one_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(answering, "SILENT_S", -1.0)
    told = Answering(Changes(logging.getLogger("test")), question="?")
    told.look()
    nothing_sent = told.silence
    told.sent(48)
    told.look()
    said = told.silence
    told.confirmed()
    expected = "48 batches sent for a minute, none was confirmed"
    assert (None, expected, None) == (nothing_sent, said, told.silence)
    assert [f"answers: {expected}", "answers: batches are confirmed again"] == caplog.messages
