"""The bureau's own certificates: looked at in files and at servers, told before they end until replaced."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from rules.alerts.replay import replay
from rules.alerts.rules_file import AlertRules, load_alert_rules
from rules.stored.tables import ALERT_MESSAGE
from rules.watch.alerting import AlertService
from rules.watch.certificates import LOOK_MS, CertificateWatch, of_server
from rules.watch.settings import AlertSettings, CertificateSettings
from store import Query, Select, Store, open_store
from tests.rules.telemetry import ms, one_school, room
from tests.servers import free_port

NOW = ms("2021-09-28T08:00")
DAY_MS = 86_400_000


def certificate(folder: Path, name: str, *, days: int, now_ms: int = NOW) -> Path:
    """A PEM file with key and certificate that ends so many days after a moment."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime.fromtimestamp(now_ms / 1000, UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin - timedelta(days=400))
        .not_valid_after(begin + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = folder / name
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@contextmanager
def serving(pem: Path, port: int) -> Iterator[None]:
    """A server that shows a certificate and says nothing more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", port))

    def answer() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(peer, server_side=True).close()
            except OSError:
                peer.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def hasty() -> AlertRules:
    shipped = load_alert_rules()
    (asked,) = (one for one in shipped.alerts if one.name == "bureau-certificate")
    return shipped.model_copy(update={"alerts": (asked.model_copy(update={"for_s": 0}),), "group_wait_s": 0})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        opened.prepare()
        yield opened


def told(store: Store) -> list[tuple[str, str, str]]:
    rows = store.query(
        Query(
            measurement=ALERT_MESSAGE,
            select=(Select("title"), Select("body"), Select("body_en")),
            group_by=ALERT_MESSAGE.tag_names,
        )
    )
    return [
        (row.tags["kind"], str(row.values["title"]), str(row.values["body"]))
        for row in sorted(rows, key=lambda row: row.time or 0)
    ]


def rounds(store: Store, *steps: Callable[[int], object]) -> None:
    """An hour apart: something happens, then a round of alerts."""
    alerts = AlertService(AlertSettings(), lambda: one_school(room()), lambda: 0.0)
    alerts.rules = hasty()
    for number, step in enumerate(steps):
        step(NOW + number * LOOK_MS)
        assert alerts.round(store, NOW + number * LOOK_MS) is not None
    again = replay(
        store, one_school(room()), hasty(), since_ms=NOW, until_ms=NOW + 9 * LOOK_MS, every_ms=LOOK_MS
    )
    assert told(store) == [
        (one.kind, one.title.zh, one.body.zh) for one in sorted(again.notices, key=lambda one: one.time_ms)
    ]


def test_a_file_whose_certificate_ends_is_told_until_it_is_replaced(store: Store, tmp_path: Path) -> None:
    path = certificate(tmp_path, "board.pem", days=30)
    watch = CertificateWatch(CertificateSettings(files=(path,)))

    def replaced(now_ms: int) -> None:
        certificate(tmp_path, "board.pem", days=365)
        watch.look(store, now_ms)

    rounds(store, lambda now_ms: watch.look(store, now_ms), replaced)
    assert [
        ("firing", "【严重】教育局 · 教育局证书将到期 · 1", f"{path} 证书 30 天内到期"),
        ("resolved", "【恢复】教育局 · 教育局证书将到期 · 1", f"{path} 的证书已更换，或不再查看"),
    ] == told(store)


def test_a_server_is_asked_for_what_it_shows_and_one_that_is_away_is_told(
    store: Store, tmp_path: Path
) -> None:
    port = free_port()
    watch = CertificateWatch(CertificateSettings(servers=(f"127.0.0.1:{port}",)))

    def there(now_ms: int) -> None:
        with serving(certificate(tmp_path, "server.pem", days=90), port):
            watch.look(store, now_ms)

    rounds(store, there, lambda now_ms: watch.look(store, now_ms), there)
    assert [
        ("firing", f"127.0.0.1:{port} 无法连接，不知证书何时到期"),
        ("resolved", f"127.0.0.1:{port} 的证书已更换，或不再查看"),
    ] == [(kind, body) for kind, _, body in told(store)]


def test_what_the_settings_no_longer_name_fires_no_more(store: Store, tmp_path: Path) -> None:
    old = certificate(tmp_path, "old.pem", days=-3)
    steps = [CertificateWatch(CertificateSettings(files=files)) for files in ((old,), ())]
    rounds(store, *(lambda now_ms, watch=watch: watch.look(store, now_ms) for watch in steps))
    assert ["firing", "resolved"] == [kind for kind, _, _ in told(store)]
    assert f"{old} 证书已到期 3 天，不再被接纳" == told(store)[0][2]


def test_of_a_chain_the_first_end_counts_and_what_holds_none_is_told(store: Store, tmp_path: Path) -> None:
    chain, junk = tmp_path / "chain.pem", tmp_path / "junk.pem"
    parts = [certificate(tmp_path, f"{days}.pem", days=days).read_bytes() for days in (300, 7)]
    chain.write_bytes(b"".join(parts))
    junk.write_text("no certificate", encoding="utf-8")
    watch = CertificateWatch(CertificateSettings(files=(chain, junk)))
    rounds(store, lambda now_ms: watch.look(store, now_ms))
    assert [f"{chain} 证书 7 天内到期\n{junk} 证书无法读取，不知何时到期"] == [
        body for *_, body in told(store)
    ]


def test_it_is_looked_at_once_an_hour(store: Store, tmp_path: Path) -> None:
    path = certificate(tmp_path, "a.pem", days=90)
    watch = CertificateWatch(CertificateSettings(files=(path,)))
    watch.look(store, NOW)
    path.unlink()
    watch.look(store, NOW + LOOK_MS - 1)
    rounds(store)
    assert [] == told(store)


def test_whoever_speaks_no_tls_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def hang_up() -> None:
            plain.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        found = of_server(f"127.0.0.1:{port}")
        thread.join()
    assert (None, "unreachable") == found


@pytest.mark.parametrize("wrong", ["board.example", "board.example:0", "https://board.example:443", ":443"])
def test_a_server_is_written_as_host_and_port(wrong: str) -> None:
    with pytest.raises(ValidationError):
        CertificateSettings(servers=(wrong,))
