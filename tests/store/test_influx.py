"""What is InfluxDB's own: addresses, credentials, and errors sorted by what the caller can do."""

import pytest

from contract import Address, Radio, to_point
from store import Query, Row, Select, StoreError, Unavailable, open_store
from tests.servers import Server, free_port

GATEWAY = Address("120116", "2112000001", "gw-1")
COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("influxdb://127.0.0.1:8086", "write influxdb://host:8086/bucket"),
        ("influxdb://user:secret@127.0.0.1/b", "must not hold a password"),
        ("influxdb://127.0.0.1/b?organisation=x", "no option is called 'organisation'"),
        ("postgres://127.0.0.1/b", "must begin with sqlite:///, influxdb:// or influxdbs://"),
        ("sqlite://file", "sqlite:///relative/path"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_with_what_to_write(url: str, reason: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(url)
    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_samples_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", "change-me")
    with pytest.raises(StoreError, match="CAMPUS_INFLUX_TOKEN still holds 'change-me'"):
        open_store("influxdb://127.0.0.1/b")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with (
        open_store(f"influxdb://127.0.0.1:{free_port()}/b") as store,
        pytest.raises(Unavailable, match=r"127\.0\.0\.1"),
    ):
        store.prepare()


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
