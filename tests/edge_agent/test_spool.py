"""The spool's promise: every reading is accounted for, always, also after a crash."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from contract import MAX_MESSAGE_BYTES, AccessPoint, Account, CollectorRun, SignalSample, decode_envelope
from edge_agent.spool import Spool
from runtime import ConfigError

NOW = 1_790_000_000_000


def reading(number: int, *, time: int = NOW, name: str | None = None) -> AccessPoint:
    return AccessPoint(time=time, ap=f"SER{number}", state="up", name=name)


def spool(folder: Path, **bounds: int) -> Spool:
    return Spool(folder / "spool.sqlite", **bounds)


def totals(account: Account) -> tuple[int, int, int, int]:
    return account.produced, account.acknowledged, account.pending, account.dropped


def test_what_is_sent_is_an_envelope_of_the_contract(tmp_path: Path) -> None:
    readings = (
        reading(1, name='教室 "1" \\'),
        CollectorRun(time=NOW, collector="ac1", target="10.0.0.1", status="ok"),
    )
    with closing(spool(tmp_path)) as spooled:
        (seq,) = spooled.append(readings, now_ms=NOW)
        payload = spooled.envelope(seq, sent_ms=NOW)
        assert payload is not None
        decoded = decode_envelope(payload, now_ms=NOW)
        assert (decoded.epoch, decoded.seq, decoded.readings, decoded.refused) == (
            spooled.epoch,
            seq,
            readings,
            None,
        )


def test_a_round_is_split_by_count(tmp_path: Path) -> None:
    with closing(spool(tmp_path, batch_max_readings=3)) as spooled:
        assert spooled.append([reading(n) for n in range(7)], now_ms=NOW) == [1, 2, 3]


def test_several_ranges_are_confirmed_at_once_and_what_lies_between_is_not(tmp_path: Path) -> None:
    with closing(spool(tmp_path, batch_max_readings=1)) as spooled:
        spooled.append([reading(number) for number in range(6)], now_ms=NOW)
        gone = spooled.acknowledge(spooled.epoch, [(1, 1), (3, 4), (6, 6)])
        assert (4, [2, 5], (6, 4, 2, 0)) == (
            gone,
            [batch.seq for batch in spooled.oldest(9)],
            totals(spooled.account()),
        )


def test_what_could_not_be_committed_takes_up_nothing_of_the_bounds(tmp_path: Path) -> None:
    with closing(spool(tmp_path, max_bytes=2_000)) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
        for _ in range(20):
            with pytest.raises(sqlite3.Error):
                spooled.append([reading(2, name="x" * 256)], now_ms=NOW, notes={"file": None})  # type: ignore[dict-item] # refused
        spooled.append([reading(3)], now_ms=NOW)
        assert (22, 0, 2, 0) == totals(spooled.account())


def test_of_what_is_beyond_the_bounds_no_more_than_that_is_given_up(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "another.sqlite")) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
        size = spooled._bytes
    with closing(spool(tmp_path, max_bytes=2 * size, max_age_ms=1000)) as spooled:
        for number in (1, 2, 3):
            spooled.append([reading(number)], now_ms=NOW, sure=True)
        left = [[batch.seq for batch in spooled.oldest(9)]]
        for later in (1000, 1001):
            spooled.append([], now_ms=NOW + later, sure=True)
            left.append([batch.seq for batch in spooled.oldest(9)])
        assert [[2, 3], [2, 3], []] == left


def test_no_message_is_larger_than_the_contract_allows(tmp_path: Path) -> None:
    readings = [reading(n, name="宽" * 256) for n in range(800)]
    with closing(spool(tmp_path, batch_max_readings=5000)) as spooled:
        payloads = [spooled.envelope(seq, sent_ms=NOW) for seq in spooled.append(readings, now_ms=NOW)]
    sizes = [len(payload) for payload in payloads if payload]
    received = [r for p in payloads if p for r in decode_envelope(p, now_ms=NOW).readings]
    assert (max(sizes) <= MAX_MESSAGE_BYTES, len(sizes), received) == (True, 3, readings)


def test_of_readings_with_one_identity_the_last_is_kept_and_counted_once(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        (seq,) = spooled.append([reading(1, name="first"), reading(2), reading(1, name="last")], now_ms=NOW)
        payload = spooled.envelope(seq, sent_ms=NOW)
        assert payload is not None
        names = {
            r.ap: r.name for r in decode_envelope(payload, now_ms=NOW).readings if isinstance(r, AccessPoint)
        }
        assert (names, totals(spooled.account())) == ({"SER1": "last", "SER2": None}, (2, 0, 2, 0))


def test_a_sample_from_a_file_is_produced_once_however_often_the_file_comes(tmp_path: Path) -> None:
    samples = [SignalSample(time=NOW, room="101", point=str(n), band="5", rssi_dbm=-60) for n in range(3)]
    with closing(spool(tmp_path)) as spooled:
        first = spooled.append(samples[:2], now_ms=NOW)
        spooled.acknowledge(spooled.epoch, [(1, 1)])
        again = spooled.append(samples, now_ms=NOW)
        assert (first, again, totals(spooled.account())) == ([1], [2], (3, 2, 1, 0))


def test_nothing_to_keep_makes_no_batch(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        assert (spooled.append([], now_ms=NOW), totals(spooled.account())) == ([], (0, 0, 0, 0))


def test_an_acknowledgement_counts_once_and_only_for_its_own_epoch(tmp_path: Path) -> None:
    with closing(spool(tmp_path, batch_max_readings=2)) as spooled:
        spooled.append([reading(n) for n in range(6)], now_ms=NOW)
        counts = [
            spooled.acknowledge("0" * 16, [(1, 3)]),
            spooled.acknowledge(spooled.epoch, [(2, 2), (7, 2**63 - 1)]),
            spooled.acknowledge(spooled.epoch, [(2, 2)]),
        ]
        assert (counts, [batch.seq for batch in spooled.oldest(9)]) == ([0, 2, 0], [1, 3])


def test_a_number_is_never_used_twice_also_after_the_spool_was_empty(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
        spooled.acknowledge(spooled.epoch, [(1, 1)])
    with closing(spool(tmp_path)) as spooled:
        assert (spooled.append([reading(2)], now_ms=NOW), spooled.last_seq) == ([2], 2)


def test_beyond_its_size_the_oldest_are_dropped_and_counted(tmp_path: Path) -> None:
    size = len(reading(1).model_dump_json(exclude_none=True)) + 2
    with closing(spool(tmp_path, max_bytes=3 * size)) as spooled:
        for number in range(5):
            spooled.append([reading(number)], now_ms=NOW)
        assert ([batch.seq for batch in spooled.oldest(9)], totals(spooled.account())) == (
            [3, 4, 5],
            (5, 0, 3, 2),
        )


def test_beyond_its_age_a_batch_is_dropped_and_counted(tmp_path: Path) -> None:
    with closing(spool(tmp_path, max_age_ms=1000)) as spooled:
        for moment in (NOW, NOW + 900, NOW + 1100):
            spooled.append([reading(1, time=moment)], now_ms=moment, sure=True)
        assert ([batch.seq for batch in spooled.oldest(9)], totals(spooled.account())) == (
            [2, 3],
            (3, 0, 2, 1),
        )


@pytest.mark.parametrize("glitch_ms", [NOW + 40 * 86_400_000, 1_577_900_000_000])
def test_a_clock_that_nobody_confirmed_drops_nothing_by_age(tmp_path: Path, glitch_ms: int) -> None:
    with closing(spool(tmp_path, max_age_ms=1000)) as spooled:
        spooled.append([reading(1)], now_ms=NOW, sure=True)
        spooled.append([reading(2, time=glitch_ms)], now_ms=glitch_ms)
        # What a wrong clock stamped is not old because the clock is right again.
        spooled.append([reading(3)], now_ms=NOW + 100, sure=True)
        assert totals(spooled.account()) == (3, 0, 3, 0)


def test_notes_are_kept_with_the_readings(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1)], now_ms=NOW, notes={"survey:a.csv": "12:34"})
    with closing(spool(tmp_path)) as spooled:
        assert (spooled.recall("survey:a.csv"), spooled.recall("survey:b.csv")) == ("12:34", None)


def test_a_failed_commit_keeps_neither_readings_nor_notes(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        with pytest.raises(sqlite3.Error):
            spooled.append([reading(1)], now_ms=NOW, notes={"file": None})  # type: ignore[dict-item] # refused by the table
        account = spooled.account()
        assert (totals(account), account.untaken, spooled.recall("file")) == ((1, 0, 0, 0), 1, None)


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    with closing(spool(tmp_path)), pytest.raises(ConfigError) as raised:
        spool(tmp_path)
    assert str(raised.value) == (f"缓存 {tmp_path}/spool.sqlite 正被另一个进程使用，每个网关须用各自的缓存")


def test_a_folder_that_is_missing_is_a_wrong_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="无法使用缓存"):
        spool(tmp_path / "missing")


@pytest.mark.parametrize("damage", [(0, b"this is no database"), (4096, b"\xff" * 8192)])
def test_a_damaged_file_is_moved_aside_and_a_new_epoch_begins(
    tmp_path: Path, damage: tuple[int, bytes]
) -> None:
    with closing(spool(tmp_path, batch_max_readings=20)) as spooled:
        spooled.append([reading(n, name="x" * 200) for n in range(200)], now_ms=NOW)
        epoch = spooled.epoch
    at, rubbish = damage
    with (tmp_path / "spool.sqlite").open("r+b") as file:
        file.seek(at)
        file.write(rubbish)
    with closing(spool(tmp_path)) as spooled:
        actual = (spooled.epoch != epoch, totals(spooled.account()), spooled.append([reading(1)], now_ms=NOW))
    kept = (tmp_path / "spool.sqlite.damaged-1").exists()
    assert (actual, kept) == ((True, (0, 0, 0, 0), [1]), True)


class SpoolMachine(RuleBasedStateMachine):
    """Any order of appending, acknowledging, ageing and reopening; beside it, what must come out."""

    seqs = Bundle("seqs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = NOW
        self.given: list[int] = []
        self.produced = self.acknowledged = 0
        self.open()
        self.epoch = self.spool.epoch

    def open(self) -> None:
        self.spool = spool(Path(self.folder.name), max_bytes=4000, max_age_ms=60_000, batch_max_readings=4)

    @rule(target=seqs, count=st.integers(0, 10), length=st.integers(0, 200), sure=st.booleans())
    def append(self, count: int, length: int, sure: bool) -> object:
        self.now += 1
        readings = [reading(n, time=self.now, name="x" * length) for n in range(count)]
        seqs = self.spool.append(readings, now_ms=self.now, sure=sure)
        assert all(seq > last for seq, last in zip(seqs, [max(self.given, default=0), *seqs], strict=False))
        self.given += seqs
        self.produced += count
        return multiple(*seqs)

    @rule(first=consumes(seqs), length=st.integers(0, 3))
    def acknowledge(self, first: int, length: int) -> None:
        self.acknowledged += self.spool.acknowledge(self.epoch, [(first, first + length)])

    @rule(seq=seqs)
    def acknowledge_for_another_spool(self, seq: int) -> None:
        assert self.spool.acknowledge("f" * 16, [(seq, seq)]) == 0

    @rule(ms=st.integers(1, 50_000))
    def wait(self, ms: int) -> None:
        self.now += ms

    @rule()
    def reopen(self) -> None:
        self.spool.close()
        self.open()

    @invariant()
    def the_account_balances(self) -> None:
        account = self.spool.account()
        assert account.produced == account.acknowledged + account.pending + account.dropped
        assert account.untaken is None

    @invariant()
    def the_account_is_right(self) -> None:
        account = self.spool.account()
        envelopes = [self.spool.envelope(batch.seq, sent_ms=self.now) for batch in self.spool.oldest(10_000)]
        waiting = sum(len(decode_envelope(e, now_ms=self.now).readings) for e in envelopes if e)
        actual = (account.epoch, account.produced, account.acknowledged, account.pending, account.last_seq)
        assert actual == (self.epoch, self.produced, self.acknowledged, waiting, max(self.given, default=0))

    @invariant()
    def the_size_is_bounded(self) -> None:
        envelopes = [self.spool.envelope(batch.seq, sent_ms=self.now) for batch in self.spool.oldest(10_000)]
        assert sum(len(e) for e in envelopes if e) <= 4000 + 200 * len(envelopes)

    def teardown(self) -> None:
        self.spool.close()
        self.folder.cleanup()


# Every step is an fsync; more examples would only wait for the disk.
SpoolMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestSpoolMachine = SpoolMachine.TestCase
