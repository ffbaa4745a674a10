"""Messages to people: what is refused for good stops nothing, what may come later is tried again."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from prometheus_client import CollectorRegistry

from rules.alerts.channel import Delivery, delivery
from rules.alerts.notices import Notice
from rules.alerts.notify import Notifier
from runtime import ConfigError
from runtime.language import Text
from tests.rules.build import DISTRICT
from tests.rules.telemetry import CODE, ms
from tests.servers import free_port
from tests.web import Answering, served

START = ms("2021-09-28T08:00")
# Which state a web hook answers with, by the title of the message.
Answer = Callable[[str], int]


def in_turn(*answers: int) -> Answer:
    """These states, one a message that comes, and 200 ever after."""
    states = list(answers)
    return lambda title: states.pop(0) if states else 200


@contextmanager
def receiver(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """A web hook; gives its address and the titles that it took."""
    taken: list[str] = []

    class Hook(Answering):
        def post(self) -> None:
            title = json.loads(self.body())["title"]
            state = answer(title)
            if state == 200:
                taken.append(title)
            self.send_response(state)
            self.end_headers()

    with served(Hook) as address:
        yield f"json://{address}/secret-path", taken


def message(title: str) -> Notice:
    return Notice(
        time_ms=START,
        district=DISTRICT,
        school=CODE,
        alert="down",
        kind="firing",
        severity="warning",
        title=Text(title, f"in English: {title}"),
        body=Text("一年一班 AP1", "R1 AP1"),
        subjects=1,
    )


def send(
    addresses: Sequence[str], titles: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> dict[str, float | None]:
    """Send these until every address has taken or refused each; gives the counts."""
    monkeypatch.setattr("rules.alerts.channel._BACKOFF_S", (0.02,))
    for number, address in enumerate(addresses):
        monkeypatch.setenv(f"HOOK{number}", address)
    metrics = CollectorRegistry()
    notifier = Notifier([f"env:HOOK{number}" for number in range(len(addresses))], metrics)
    notifier.start()
    for title in titles:
        notifier.send(message(title))

    def count(name: str) -> float:
        return metrics.get_sample_value(f"rules_alert_messages_{name}_total") or 0

    for _ in range(600):
        if count("sent") + count("refused") == len(titles) * len(addresses):
            break
        threading.Event().wait(0.05)
    notifier.stop()
    return {name: count(name) for name in ("sent", "refused", "dropped")}


def test_messages_reach_every_address_again_after_a_refusal_and_no_log_shows_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        receiver(in_turn(503, 500)) as (first, taken),
        receiver(in_turn()) as (second, others),
        caplog.at_level(logging.DEBUG),
    ):
        counts = send([first, second], ["一", "二"], monkeypatch)
    assert (["一", "二"], ["一", "二"]) == (taken, others)
    assert {"sent": 4, "refused": 0, "dropped": 0} == counts
    assert "alerts.notify[1] did not take a message (HTTP 503); it is tried again" in caplog.text
    assert "alerts.notify[1] takes messages again" in caplog.text
    assert "secret-path" not in caplog.text


def test_notices_go_out_in_the_language_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(in_turn()) as (address, titles_taken):
        monkeypatch.setenv("HOOK", address)
        notifier = Notifier(["env:HOOK"], CollectorRegistry(), "en")
        notifier.start()
        notifier.send(message("一"))
        notifier.stop()
    assert ["in English: 一"] == titles_taken


def test_a_message_that_is_refused_for_good_is_counted_and_the_next_one_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with receiver(lambda title: 413 if title == "长" else 200) as (address, taken):
        counts = send([address], ["一", "长", "二"], monkeypatch)
    assert (["一", "二"], {"sent": 2, "refused": 1, "dropped": 0}) == (taken, counts)
    assert "alerts.notify[1] refuses a message for good (HTTP 413): 长" in caplog.text


def test_where_the_address_does_not_say_which_it_is_the_next_messages_tell(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """403 may be a token that expired, or a word that a filter does not let through. Two are refused so."""
    with receiver(lambda title: 403 if title in {"甲", "乙"} else 200) as (address, taken):
        counts = send([address], ["甲", "乙", "三", "四"], monkeypatch)
    assert ({"三", "四"}, {"sent": 2, "refused": 2, "dropped": 0}) == (set(taken), counts)
    assert "refuses a message for good (HTTP 403, while another message was taken): 甲" in caplog.text


def test_an_address_that_refuses_everything_for_a_while_loses_no_message_and_keeps_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiver(in_turn(*[401] * 11)) as (address, taken):
        counts = send([address], ["一", "二", "三"], monkeypatch)
    assert {"sent": 3, "refused": 0, "dropped": 0} == counts
    assert {"一", "二", "三"} == set(taken)


@pytest.mark.parametrize(
    ("taken", "status", "expected"),
    [
        (True, None, Delivery("taken")),
        (False, None, Delivery("later", "no answer")),
        (False, 400, Delivery("never", "HTTP 400")),
        (False, 422, Delivery("never", "HTTP 422")),
        (False, 401, Delivery("later", "HTTP 401")),
        (False, 408, Delivery("later", "HTTP 408")),
        (False, 429, Delivery("later", "HTTP 429")),
        (False, 500, Delivery("later", "HTTP 500")),
    ],
)
def test_what_an_answer_says_of_the_message(taken: bool, status: int | None, expected: Delivery) -> None:
    assert expected == delivery(taken, status)


def test_an_address_that_is_away_for_good_delays_nobody_and_what_is_lost_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWAY", f"json://127.0.0.1:{free_port()}/")
    metrics = CollectorRegistry()
    notifier = Notifier(["env:AWAY"], metrics)
    notifier.start()
    for number in range(3):
        notifier.send(message(str(number)))
    notifier.stop()
    assert metrics.get_sample_value("rules_alert_messages_dropped_total") == 3


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("nonsense", r"alerts.notify\[1\]: the address at env:HOOK is none that Apprise understands"),
        ("", r"alerts.notify\[1\]: the secret at env:HOOK is empty"),
    ],
)
def test_an_address_that_cannot_work_is_refused_without_showing_it(
    value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", value)
    with pytest.raises(ConfigError, match=told):
        Notifier(["env:HOOK"], CollectorRegistry())
