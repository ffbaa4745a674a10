"""What is InfluxDB's own: addresses, credentials, and errors sorted by what the caller can do."""

import json
import os
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from contract import Address, Point, Radio, to_point
from store import Query, Row, Select, StoreError, Unavailable, open_store
from store.influx import InfluxStore
from store.influx_answer import QueryError, series_of
from tests.servers import Server, free_port
from tests.store.influx2_front import ORG, TOKEN, WRITE_ONLY, Front, influx2_front, serving

GATEWAY = Address("120116", "2112000001", "gw-1")
COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("influxdb://127.0.0.1:8086", "write influxdb://host:8086/bucket"),
        ("influxdb://user:secret@127.0.0.1/b", "must not hold a password"),
        ("influxdb://user:secret@127.0.0.1", "must not hold a password"),
        ("influxdb://127.0.0.1/b?organisation=x", "no option is called 'organisation'"),
        ("influxdb://127.0.0.1:99999/b", "a port is a number from 1 to 65535"),
        ("influxdb://127.0.0.1:many/b", "a port is a number from 1 to 65535"),
        ("influxdb://[::1/b", "this is no address"),
        ("postgres://user:secret@127.0.0.1/b", "must begin with sqlite:///, influxdb:// or influxdbs://"),
        ("sqlite://file", "sqlite:///relative/path"),
        ("sqlite:///a\0b", "sqlite:///relative/path"),
    ],
)
@pytest.mark.usefixtures("in_english")
def test_an_address_that_cannot_be_read_is_refused_with_what_to_write(url: str, reason: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(url)
    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.usefixtures("in_english")
def test_the_samples_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", "change-me")
    with pytest.raises(StoreError, match="CAMPUS_INFLUX_TOKEN still holds 'change-me'"):
        open_store("influxdb://127.0.0.1/b")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing", None, "cannot read '.*missing': No such file"),
        ("binary", b"\xff\xfe\x00", "cannot read '.*binary': it is no text file"),
        ("two lines", b"first\nsecond", "printable ASCII"),
        ("令牌", "令牌".encode(), "printable ASCII"),
    ],
)
@pytest.mark.usefixtures("in_english")
def test_a_file_that_holds_no_token_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    monkeypatch.delenv("CAMPUS_INFLUX_TOKEN", raising=False)
    monkeypatch.setitem(os.environ, "CAMPUS_INFLUX_TOKEN_FILE", str(tmp_path / name))
    with pytest.raises(StoreError, match=reason):
        open_store("influxdb://127.0.0.1/b")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with (
        open_store(f"influxdb://127.0.0.1:{free_port()}/b") as store,
        pytest.raises(Unavailable, match=r"127\.0\.0\.1"),
    ):
        store.prepare()


@pytest.mark.parametrize("generation", [1, 2])
def test_a_database_or_bucket_that_is_made_has_shards_of_thirteen_weeks(
    influx: Server, monkeypatch: pytest.MonkeyPatch, generation: int
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    name = f"long-shards-{generation}"
    with influx2_front(influx.port, port := free_port()):
        asked = port if generation == 2 else influx.port
        store = InfluxStore.from_url(f"influxdb://127.0.0.1:{asked}/{name}?org={ORG}")
        store.prepare()
        assert generation == store.generation
        (policies,) = store.influxql(f'SHOW RETENTION POLICIES ON "{name}"')
        store.close()
    (policy,) = (dict(zip(policies["columns"], row, strict=True)) for row in policies["values"])
    assert ("0s", "2184h0m0s", True) == (policy["duration"], policy["shardGroupDuration"], policy["default"])


@pytest.mark.usefixtures("in_english")
def test_a_wrong_token_is_unavailable_and_says_what_to_set(
    front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", "not-the-token")
    with open_store(f"{front}bucket?org=binhai") as store, pytest.raises(Unavailable) as refused:
        store.query(COUNT)
    assert "set CAMPUS_INFLUX_TOKEN" in str(refused.value)
    assert "not-the-token" not in str(refused.value)


def test_a_token_can_come_from_a_file(
    front: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("secret") / "token"
    file.write_text("a-token-of-the-test\n")
    monkeypatch.delenv("CAMPUS_INFLUX_TOKEN", raising=False)
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN_FILE", str(file))
    with open_store(f"{front}from-file?org=binhai") as store:
        store.prepare()
        assert [] == store.query(COUNT)


def test_a_missing_database_is_unavailable_not_empty(influx: Server) -> None:
    with (
        open_store(f"influxdb://127.0.0.1:{influx.port}/never-made") as store,
        pytest.raises(Unavailable, match="database not found"),
    ):
        store.query(COUNT)


def test_the_servers_only_organisation_need_not_be_named(front: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", "a-token-of-the-test")
    with open_store(f"{front}no-org-named") as store:
        store.prepare()
        written = store.write(
            [to_point(GATEWAY, "e" * 16, 1, Radio(time=1_790_000_000_000, ap="A", radio="0"))]
        )
        rows = store.query(COUNT)
    assert ([], [Row({}, None, {"n": 1})]) == (written, rows)


RADIO = to_point(GATEWAY, "e" * 16, 1, Radio(time=1_790_000_000_000, ap="A", radio="0"))


def test_a_token_that_may_only_write_is_enough_for_a_bucket_that_is_there(
    front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    with open_store(f"{front}made-before?org={ORG}") as store:
        store.prepare()
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", WRITE_ONLY)
    with open_store(f"{front}made-before?org={ORG}") as store:
        store.prepare()
        assert [] == store.write([RADIO])


def test_a_bucket_that_the_token_may_not_create_is_unavailable_and_says_so(
    front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", WRITE_ONLY)
    with open_store(f"{front}never-made?org={ORG}") as store:
        for attempt in (store.prepare, lambda: store.write([RADIO]), lambda: store.write([RADIO])):
            with pytest.raises(Unavailable, match="never-made"):
                attempt()
        with pytest.raises(Unavailable):
            store.prepare()


@pytest.mark.usefixtures("in_english")
def test_a_wrong_organisation_is_an_error_to_mend_not_to_wait_for(
    front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    with open_store(f"{front}b?org=nobody") as store, pytest.raises(StoreError) as refused:
        store.prepare()
    assert (False, True) == (
        isinstance(refused.value, Unavailable),
        "there is no organisation 'nobody'" in str(refused.value),
    )


@pytest.mark.usefixtures("in_english")
def test_where_the_token_sees_no_organisation_it_must_be_named(
    front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", WRITE_ONLY)
    with open_store(f"{front}b") as store, pytest.raises(StoreError, match="this token sees none"):
        store.prepare()


@pytest.mark.parametrize("status", [429, 503])
def test_a_servers_wish_when_to_come_back_is_passed_on(
    front: str, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    with open_store(f"{front}busy?org={ORG}") as store:
        store.prepare()
        monkeypatch.setattr(Front, "overloaded", [status])
        with pytest.raises(Unavailable) as refused:
            store.write([RADIO])
    assert 7.0 == refused.value.retry_after_s


def test_without_a_database_a_3_x_server_has_no_data_yet(
    front3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    with open_store(f"{front3}later") as store:
        assert [] == store.query(COUNT)
        assert [] == store.write([RADIO])
        assert [Row({}, None, {"n": 1})] == store.query(COUNT)


def test_a_3_x_server_names_the_line_that_it_refuses(front3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    clash = replace(Radio.measurement, fields=(replace(Radio.measurement.fields[0], type="text"),))
    wrong = Point(clash, RADIO.tags, RADIO.time + 1, ("seven",))
    with open_store(f"{front3}clash") as store:
        store.write([RADIO])
        rejected = store.write([wrong, RADIO._replace(time=RADIO.time + 2)])
        rows = store.query(COUNT)
    assert [wrong] == [item.point for item in rejected]
    assert "field type conflict" in rejected[0].reason
    assert [Row({}, None, {"n": 2})] == rows


def test_an_answer_that_the_server_cut_off_is_no_answer() -> None:
    def chunk(*, more: bool) -> bytes:
        series = {"name": "radio", "columns": ["time", "seq"], "values": [[1, 1]]}
        return json.dumps({"results": [{"series": [series], "partial": more}]}).encode() + b"\n"

    assert 2 == len(list(series_of([chunk(more=True), chunk(more=False)])))
    with pytest.raises(QueryError, match="cut off"):
        list(series_of([chunk(more=True), chunk(more=True)]))


def test_a_connection_that_breaks_in_the_middle_of_an_answer_is_unavailable() -> None:
    class Breaking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b'8\r\n{"result\r\n')
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """A test's server keeps quiet."""

    port = free_port()
    with (
        serving(Breaking, port),
        open_store(f"influxdb://127.0.0.1:{port}/b") as store,
        pytest.raises(Unavailable),
    ):
        store.query(COUNT)
