"""End to end: publish batches through a real mosquitto, ingest them into a real InfluxDB, wait for the acks.

The yardstick is the same lines written straight to the same InfluxDB in the same run, in requests of the
same size as ingest's; rounds alternate, so that a machine that slows down slows both.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from campus.bench.signing import Signing
from campus.servers import Server, free_port, influxd, mosquitto, running
from contract import (
    AccessPoint,
    Address,
    CollectorRun,
    Envelope,
    Radio,
    Reading,
    RoomDevice,
    decode_ack,
    encode,
    to_point,
    utc_text,
)
from store.line_protocol import encode_line

_ADDRESS = Address("120116", "2112000001", "bench")
_EPOCH = "00000000000000bb"
_T0 = 1_790_000_000_000
_LINES_PER_WRITE = 5000
# Batches on the way at once, as a few dozen gateways with windows of their own would have.
_WINDOW = 64
_GIVE_UP_S = 300.0
# Batches before the clock starts: what is made once is not counted a reading.
_WARM_UP = 10


def measure(
    *, batches: int, readings: int, rounds: int, say: Callable[[str], None], proven: bool = False
) -> list[float]:
    """Print one line a round and the median; gives each round's ratio. `proven`: signed and checked."""
    address = _ADDRESS
    work = [_batch(seq, readings) for seq in range(1, batches + 1)]
    lines = [
        encode_line(to_point(address, _EPOCH, seq, reading))
        for seq, batch in enumerate(work, 1)
        for reading in batch
    ]
    payloads = [_payload(seq, batch) for seq, batch in enumerate(work, 1)]
    gateway = Signing.new(address) if proven else None
    if gateway:
        payloads = [gateway.signed(address.topic("readings"), payload) for payload in payloads]
    total = len(lines)
    say(f"{batches} batches × {readings} readings = {total} readings, {rounds} rounds")
    ratios = []
    with tempfile.TemporaryDirectory() as name, servers(Path(name)) as (broker, influx):
        for number in range(1, rounds + 1):
            straight = total / _write_straight(influx, f"straight{number}", lines)
            trust = gateway.trust(Path(name)) if gateway else ""
            with ingesting(Path(name), broker, influx, f"ingest{number}", trust) as process:
                _publish(broker, address, payloads[:_WARM_UP])
                before = cpu_seconds(process.pid)
                seconds = _publish(broker, address, payloads)
                cpu = cpu_seconds(process.pid) - before
            bare = total / _bare_decode(payloads)
            through = total / seconds
            ratios.append(through / straight)
            say(
                f"round {number}: end to end {through:,.0f}/s, straight {straight:,.0f}/s, "
                f"ratio {ratios[-1]:.2f}; {total / cpu:,.0f} readings a CPU-second of ingest, "
                f"a bare json.loads of the same bytes {bare:,.0f}"
            )
    say(f"median ratio {statistics.median(ratios):.2f}")
    return ratios


def _bare_decode(payloads: list[bytes]) -> float:
    """CPU seconds to make lists and dicts of all batches, without a look at what is in them."""
    began = time.process_time()
    for payload in payloads:
        json.loads(payload)
    return time.process_time() - began


def _batch(seq: int, readings: int) -> list[Reading]:
    """A round of a school's devices: radios most, then access points, devices, and one run."""
    time_ms = _T0 + seq * 60_000
    made: list[Reading] = [
        CollectorRun(time=time_ms, collector="ac1", target="10.0.0.2", status="ok", rows=readings)
    ]
    for index in range(readings - 1):
        room, ap = f"J{index % 40}", f"2102350PKF10J{index // 3:07d}"
        if index % 3 < 2:
            made.append(
                Radio(
                    time=time_ms,
                    ap=ap,
                    radio=str(index % 3),
                    room=room,
                    up=True,
                    band="5",
                    channel=36 + index % 8 * 4,
                    width_mhz=80,
                    tx_power_dbm=20,
                    utilisation_pct=(seq + index) % 100,
                    noise_dbm=-95,
                    clients=(seq * index) % 40,
                )
            )
        elif index % 2:
            made.append(
                AccessPoint(
                    time=time_ms,
                    ap=ap,
                    room=room,
                    state="up",
                    clients=(seq + index) % 60,
                    uptime_s=seq * 60,
                    cpu_pct=index % 50,
                    memory_pct=40,
                )
            )
        else:
            made.append(
                RoomDevice(
                    time=time_ms,
                    device=f"TY-{index}",
                    type="projector",
                    room=room,
                    reachable=True,
                    power="on",
                    condition="ok",
                    lamp_h=seq,
                )
            )
    return made


def _payload(seq: int, batch: list[Reading]) -> bytes:
    values = {"epoch": _EPOCH, "seq": seq, "sent": utc_text(_T0), "readings": tuple(batch)}
    return encode(Envelope.model_validate(values))


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Server, Server]]:
    with (
        running(mosquitto(folder / "mosquitto", config="max_queued_messages 100000")) as broker,
        running(influxd(folder / "influxd")) as influx,
    ):
        yield broker, influx


def _write_straight(influx: Server, database: str, lines: list[str]) -> float:
    """Seconds to write the lines with one connection, one request after the other."""
    http = urllib3.PoolManager(retries=False)
    base = f"http://127.0.0.1:{influx.port}"
    http.request("POST", f"{base}/query", fields={"q": f'CREATE DATABASE "{database}"'})
    began = time.perf_counter()
    for start in range(0, len(lines), _LINES_PER_WRITE):
        body = "\n".join(lines[start : start + _LINES_PER_WRITE]).encode()
        answer = http.request("POST", f"{base}/write?db={database}&precision=ms", body=body)
        if answer.status != 204:
            raise RuntimeError(f"the straight write was refused: {answer.data!r}")
    seconds = time.perf_counter() - began
    http.clear()
    return seconds


@contextmanager
def ingesting(
    folder: Path, broker: Server, influx: Server, database: str, trust: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """`campus ingest` as a process of its own, ready to receive."""
    health = free_port()
    config = folder / f"{database}.toml"
    config.write_text(
        f'store = "influxdb://127.0.0.1:{influx.port}/{database}"\n'
        f'quarantine = "{folder / database}.sqlite"\n'
        f'[broker]\nurl = "mqtt://127.0.0.1:{broker.port}"\n'
        f"[batch]\nreadings = {_LINES_PER_WRITE}\n[health]\nport = {health}\n{trust}"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "campus.main", "ingest", "--config", str(config)],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        _wait_healthy(health, process)
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    http = urllib3.PoolManager(retries=False)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if http.request("GET", f"http://127.0.0.1:{port}/healthz").status == 200:
                http.clear()
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.05)
    raise RuntimeError("ingest did not become ready")


def _publish(broker: Server, address: Address, payloads: list[bytes]) -> float:
    """Seconds from the first publish to the last acknowledgement by ingest."""
    room, finished = threading.Semaphore(_WINDOW), threading.Event()
    waiting = set(range(1, len(payloads) + 1))
    subscribed = threading.Event()

    def on_ack(_client: object, _data: object, message: object) -> None:
        for first, last in decode_ack(message.payload).seqs:  # type: ignore[attr-defined]  # an MQTTMessage
            for seq in range(first, last + 1):
                if seq in waiting:
                    waiting.discard(seq)
                    room.release()
        if not waiting:
            finished.set()

    client = Client(CallbackAPIVersion.VERSION2, client_id="campus-bench")
    client.on_message = on_ack
    client.on_subscribe = lambda *_: subscribed.set()
    client.max_inflight_messages_set(_WINDOW)
    client.connect("127.0.0.1", broker.port)
    client.subscribe(address.topic("ack"), 1)
    client.loop_start()
    try:
        if not subscribed.wait(10):
            raise RuntimeError("the broker did not take the subscription")
        began = time.perf_counter()
        for payload in payloads:
            if not room.acquire(timeout=_GIVE_UP_S):
                raise RuntimeError("ingest stopped acknowledging")
            client.publish(address.topic("readings"), payload, qos=1)
        if not finished.wait(_GIVE_UP_S):
            raise RuntimeError(f"{len(waiting)} batches were never acknowledged")
        return time.perf_counter() - began
    finally:
        client.disconnect()
        client.loop_stop()


def cpu_seconds(pid: int) -> float:
    """Processor time of a running process so far."""
    cells = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")
