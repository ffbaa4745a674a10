"""Whatever is wrong with a program's settings, it ends in one line that names the place, and exit code 2."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

HERE = Path(__file__).parent
REGISTRY = HERE.parent / "cases" / "rules" / "small"
PASSWORD = "Passw0rd-of-the-test"

BROKER = 'url = "mqtt://127.0.0.1:1"\nusername = "u"\npassword = "file:password"'
RIGHT = {
    "edge": (
        'district = "120116"\nschool = "2112000001"\ngateway = "gw1"\n'
        f"[broker]\n{BROKER}\n"
        '[[snmp_wlan]]\nid = "ac1"\nhost = "127.0.0.1"\ncommunity = "file:password"\nrooms = "aps.csv"\n'
        '[[pjlink]]\nid = "p"\nprojectors = "projectors.csv"\n'
        '[[survey]]\nid = "s"\nfolder = "survey"\n[[ledger]]\nid = "l"\nfolder = "survey"\n'
    ),
    "ingest": f'store = "sqlite:///a.sqlite"\nquarantine = "q.sqlite"\n[broker]\n{BROKER}\n',
    "rules": 'registry = "registry"\nstore = "sqlite:///a.sqlite"\n',
    "board": 'registry = "registry"\nstore = "sqlite:///a.sqlite"\nport = 18998\n',
}
REGISTRY_LINE = 'registry = "registry"'
PRESENCE = 'folder = "survey"\n[[presence]]\nid = "r"\ndevices = "devices.csv"\nsearch = {}'
POWER = 'folder = "survey"\n[[mqtt_power]]\nid = "w"\nplugs = "plugs.csv"\nurl = "{}"'
COMMANDS = {"edge": ["edge"], "ingest": ["ingest"], "rules": ["rules", "watch"], "board": ["board"]}


class Wrong(NamedTuple):
    """A line of a right configuration and what stands in its place; what the message must name."""

    right: str
    wrong: str
    names: str


# A line is found by its beginning; "" is written before the first line.
EVERYWHERE = (
    Wrong("", "x = " + "[" * 4000 + "]" * 4000, "toml: "),
    Wrong("", "x = " + "{a=" * 4000 + "1" + "}" * 4000, "toml: "),
    Wrong("", ".".join("a" * 300) + " = 1", "toml: "),
    Wrong("", "x = " + "9" * 5000, "toml: "),
    Wrong("", "x = 1979-13-01", "toml: "),
    Wrong("", "x = 1", "x: "),
    Wrong("", '"store " = 1', "store : "),
    Wrong("", "health.port = 99999", "health.port: "),
)
BROKERS = (
    Wrong("url", f'url = "mqtt://u:{PASSWORD}@h"', "broker.url: "),
    Wrong("url", f'url = "mqtt://u:{PASSWORD}@h:99999"', "broker.url: "),
    Wrong("url", f'url = "mqtt://{PASSWORD}@h:0"', "broker.url: "),
    Wrong("url", f'url = "mqtt:/u:{PASSWORD}@h"', "broker.url: "),
    Wrong("url", f'url = "mqtt://u:a/{PASSWORD}@h"', "broker.url: "),
    Wrong("url", f'url = "http://u:{PASSWORD}@h"', "broker.url: "),
    Wrong("url", 'url = "mqtt://h:99999"', "broker.url: "),
    Wrong("url", 'url = "mqtt://h:0"', "broker.url: "),
    Wrong("url", 'url = "mqtt://a..b"', "broker.url: "),
    Wrong("url", 'url = "mqtt://a b"', "broker.url: "),
    Wrong("url", 'url = "mqtt://h?x=1"', "broker.url: "),
    Wrong("url", 'url = "mqtt://[::1"', "broker.url: "),
    Wrong("url", 'url = "mqtt://127.0.0.1"\nca_file = "no-pem.pem"', "broker: "),
    Wrong("url", 'url = "mqtts://127.0.0.1"\nca_file = "no-pem.pem"', "broker.ca_file: "),
    Wrong("url", 'url = "mqtts://127.0.0.1"\nca_file = "nowhere.pem"', "broker.ca_file: "),
    Wrong("url", 'url = "mqtts://127.0.0.1"\nca_file = "survey"', "broker.ca_file: "),
    Wrong("url", 'url = "mqtts://127.0.0.1"\nca_file = "a\\u0000b"', "broker.ca_file: "),
    Wrong("username", "", "broker: "),
    Wrong("username", 'username = ""', "broker.username: "),
    Wrong("password", f'password = "{PASSWORD}"', "broker.password: "),
    Wrong("password", 'password = "file:not-utf8"', "broker.password: "),
    Wrong("password", 'password = "file:survey"', "broker.password: "),
    Wrong("password", 'password = "file:nowhere"', "broker.password: "),
    Wrong("password", 'password = "file:/dev/zero"', "broker.password: "),
    Wrong("password", 'password = "file:two-lines"', "broker.password: "),
    Wrong("password", 'password = "file:empty"', "broker.password: "),
    Wrong("password", 'password = "file:a\\u0000b"', "broker.password: "),
    Wrong("password", f'password = "file:{"x" * 5000}"', "broker.password: "),
    Wrong("password", 'password = "env:NOWHERE_SET"', "broker.password: "),
    Wrong("password", 'password = "file:password"\nkeepalive_s = true', "broker.keepalive_s: "),
)
STORES = (
    Wrong("store", f'store = "influxdb://u:{PASSWORD}@h/b"', "store"),
    Wrong("store", f'store = "influxdb://u:a/{PASSWORD}@h/b"', "store"),
    Wrong("store", f'store = "postgres://u:{PASSWORD}@h/b"', "postgres://…@h/b"),
    Wrong("store", 'store = "influxdb://h:99999/b"', "store"),
    Wrong("store", 'store = "influxdb://h:0/b"', "store"),
    Wrong("store", 'store = "influxdb://h/b?org=a&org=b"', "store"),
    Wrong("store", 'store = "sqlite:///survey"', "store"),
    Wrong("store", 'store = "sqlite:////dev/null"', "store"),
    Wrong("store", 'store = "sqlite:///password/a.sqlite"', "store"),
    Wrong("store", f'store = "sqlite:///{"x" * 300}"', "store"),
    Wrong("store", 'store = "sqlite:///a\\u0000b"', "store: "),
    Wrong("store", f'store = "{"x" * 200_000}"', "store: "),
)
REGISTRIES = (
    Wrong("registry", 'registry = "nowhere"', "nowhere"),
    Wrong("registry", 'registry = "password"', "password"),
    Wrong("registry", f'registry = "{"x" * 300}"', "registry: "),
    Wrong("registry", 'registry = "a\\u0000b"', "registry: "),
)
WRONG = {
    "edge": (
        *EVERYWHERE,
        *BROKERS,
        Wrong("gateway", 'gateway = "gw1"\nspool = "survey"', "spool: "),
        Wrong("gateway", f'gateway = "gw1"\nspool = "{"x" * 300}"', "spool: "),
        Wrong("host", 'host = "10.0.0.1:161"', "host: "),
        Wrong("folder", PRESENCE.format("99999"), "search: "),
        Wrong("folder", PRESENCE.format('"10.0.0.0/99"'), "search: "),
        Wrong("folder", PRESENCE.format('"10.0.0.1"\nports = [0]'), "ports.0: "),
        Wrong("folder", POWER.format(f"mqtt://u:{PASSWORD}@h"), "url: "),
        Wrong("folder", POWER.format("mqtt://h:99999"), "url: "),
        Wrong("folder", POWER.format('mqtt://h"\nca_file = "no-pem.pem'), "mqtt_power.0: "),
        Wrong("folder", POWER.format('mqtts://h"\nca_file = "no-pem.pem'), "no-pem.pem"),
        Wrong("host", 'host = "127.0.0.1"\nport = 99999', "port: "),
        Wrong("host", 'host = "127.0.0.1"\ntimeout_s = nan', "timeout_s: "),
        Wrong("community", f'community = "{PASSWORD}"', "community: "),
        Wrong("community", 'community = "file:not-utf8"', "community: "),
        Wrong("rooms", 'rooms = "long-cell.csv"', "long-cell.csv"),
        Wrong("rooms", 'rooms = "survey"', "rooms: "),
        Wrong("projectors", 'projectors = "long-cell.csv"', "long-cell.csv"),
        Wrong("projectors", 'projectors = "long-port.csv"', "long-port.csv"),
        Wrong("folder", 'folder = "survey"\ntimezone = "Asia"', "timezone: "),
        Wrong("folder", f'folder = "survey"\ntimezone = "{"x" * 300}"', "timezone: "),
    ),
    "ingest": (
        *EVERYWHERE,
        *BROKERS,
        *STORES,
        Wrong("quarantine", 'quarantine = "survey"', "quarantine: "),
        Wrong("quarantine", 'quarantine = "q.sqlite"\n[health]\nhost = "a b"', "health.host: "),
    ),
    "rules": (
        *EVERYWHERE,
        *REGISTRIES,
        *STORES,
        Wrong("store", 'store = "sqlite:///a.sqlite"\nstandard = "no-such"', "no-such"),
        Wrong("store", 'store = "sqlite:///a.sqlite"\n[alerts]\nrules = "nowhere.toml"', "nowhere.toml"),
        Wrong("store", 'store = "sqlite:///a.sqlite"\n[alerts]\nrules = "not-utf8"', "not-utf8"),
        Wrong(
            "store", f'store = "sqlite:///a.sqlite"\n[alerts]\nnotify = ["{PASSWORD}"]', "alerts.notify.0: "
        ),
        Wrong("store", 'store = "sqlite:///a.sqlite"\n[alerts]\nnotify = ["file:not-utf8"]', "alerts.notify"),
    ),
    "board": (
        *EVERYWHERE[:-1],
        *REGISTRIES,
        *STORES,
        Wrong("port", "port = 0", "port: "),
        Wrong("port", "port = 99999", "port: "),
        Wrong("port", 'host = "\\u0000"', "host: "),
        Wrong("port", 'host = "\\u202e"', "host: "),
        Wrong("port", 'timezone = "Asia"', "timezone: "),
        Wrong("port", 'standard = "empty"', "empty"),
    ),
}
# What is given on the command line, or stands in files of another kind.
COMMAND_LINES: Mapping[str, list[str]] = {
    "scenario-nowhere": ["sim", "--scenario", "nowhere.toml"],
    "scenario-not-utf8": ["sim", "--scenario", "not-utf8.toml"],
    "scenario-unknown": ["sim", "--scenario", "no-such"],
    "scenario-long": ["sim", "--scenario", "x" * 5000],
    "demo-scenario": ["demo", "--scenario", "nowhere.toml"],
    "edge-folder-as-config": ["edge", "--config", "survey"],
    "ingest-device-as-config": ["ingest", "--config", "/dev/zero"],
    "edge-long-config": ["edge", "--config", "x" * 5000],
    "verify-loss-store": ["verify-loss", "--store", f"influxdb://u:{PASSWORD}@h/b"],
    "verify-loss-nowhere": ["verify-loss", "--store", "sqlite:///nowhere.sqlite"],
    "evaluate-registry": ["rules", "evaluate", "--registry", "x" * 5000],
    "evaluate-day": ["rules", "evaluate", "--registry", "registry", "--as-of", "2026-13-40"],
    "push-address": ["dashboards", "push", "--url", f"u:{PASSWORD}@h", "--token", "file:password"],
    "push-token": ["dashboards", "push", "--url", "http://127.0.0.1:1", "--token", PASSWORD],
    "push-token-not-utf8": ["dashboards", "push", "--url", "http://127.0.0.1:1", "--token", "file:not-utf8"],
    "push-nobody": ["dashboards", "push", "--url", "http://127.0.0.1:1", "--token", "file:password"],
    "build-zone": ["dashboards", "build", "--timezone", "Asia/Nowhere"],
    "build-board": ["dashboards", "build", "--board", "127.0.0.1:8080"],
    "build-standard": ["dashboards", "build", "--standard", "no-such"],
    "ca-config": ["ca", "list", "--config", "not-utf8"],
    "build-config": ["dashboards", "build", "--config", "not-utf8"],
    "backup-store": ["backup", "--out", "b.tar.gz", "--store", f"influxdb://u:{PASSWORD}@h/b"],
    "store-token": ["store", "token", "--read", "--store", f"influxdb://u:{PASSWORD}@h/b"],
}


def edited(text: str, wrong: Wrong) -> str:
    if not wrong.right:
        return f"{wrong.wrong}\n{text}"
    return re.sub(rf"(?m)^{wrong.right} = .*$", lambda _: wrong.wrong, text, count=1)


def in_other_forms(text: str) -> Iterator[tuple[str, bytes]]:
    """The same as a program under Windows may write it, and whether that is TOML still."""
    yield "utf16", text.encode("utf-16")
    yield "binary", bytes(range(256))
    yield "gbk", f"# 中文\n{text}".encode("gbk")
    yield "nul", f"{text}\0".encode()
    yield "twice", (text + text).encode()
    yield "empty", b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wrong")
    (path / "registry").symlink_to(REGISTRY)
    (path / "survey").mkdir()
    (path / "password").write_text("a password\n")
    (path / "two-lines").write_text("a\nb\n")
    (path / "empty").write_bytes(b"")
    (path / "no-pem.pem").write_text("hello")
    for name in ("not-utf8", "not-utf8.toml"):
        (path / name).write_bytes(b"\xff\xfe\xe9pass" * 200)
    (path / "aps.csv").write_text("ap,room\nA1,R1\n")
    (path / "projectors.csv").write_text("host,room\n127.0.0.1,R1\n")
    (path / "devices.csv").write_text("type,room,host\npanel,R1,127.0.0.1\n")
    (path / "plugs.csv").write_text("topic,kind,room\nplug1,tasmota,R1\n")
    (path / "long-cell.csv").write_text('ap,room\nA1,"' + "x" * 200_000 + "\n")
    (path / "long-port.csv").write_text(f"host,room,port\n127.0.0.1,R1,{'9' * 5000}\n")
    return path


def outcomes(folder: Path, cases: Mapping[str, list[str]], *, patience_s: float) -> dict[str, dict[str, Any]]:
    asked = [{"args": args, "cwd": str(folder), "env": {"CAMPUS_LANG": "en"}} for args in cases.values()]
    done = subprocess.run(
        [sys.executable, str(HERE / "forked.py"), str(patience_s)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return dict(zip(cases, json.loads(done.stdout), strict=True))


def problem(outcome: Mapping[str, Any], names: str) -> str:
    """What is not as it should be, "" where all is."""
    said = outcome["stderr"]
    if outcome["code"] != 2:
        return f"ends with {outcome['code']}: {said[-300:]}"
    if "Traceback" in said or not said.startswith("campus: "):
        return f"is no message: {said[-300:]}"
    if names not in said or len(said) > 3000:
        return f"does not say {names!r} in short: {said[-300:]}"
    return "shows the password" if PASSWORD in said + outcome["stdout"] else ""


def test_every_wrong_setting_is_one_line_and_exit_code_2(folder: Path) -> None:
    cases: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for program, rows in WRONG.items():
        for number, row in enumerate(rows):
            config = folder / f"{program}-{number}.toml"
            config.write_text(edited(RIGHT[program], row))
            cases[str(config)] = [*COMMANDS[program], "--config", str(config)]
            names[str(config)] = row.names
        for form, content in in_other_forms(RIGHT[program]):
            config = folder / f"{program}-{form}.toml"
            config.write_bytes(content)
            cases[str(config)] = [*COMMANDS[program], "--config", str(config)]
            names[str(config)] = config.name
    found = outcomes(folder, cases, patience_s=20)
    assert {} == {case: wrong for case, outcome in found.items() if (wrong := problem(outcome, names[case]))}


def test_every_wrong_command_line_is_one_line_and_exit_code_2(folder: Path) -> None:
    found = outcomes(folder, COMMAND_LINES, patience_s=20)
    assert {} == {case: wrong for case, outcome in found.items() if (wrong := problem(outcome, ""))}


def test_the_right_settings_are_taken_with_the_marks_and_line_breaks_of_windows(folder: Path) -> None:
    cases = {}
    for program, text in RIGHT.items():
        config = folder / f"{program}-right.toml"
        config.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        cases[program] = [*COMMANDS[program], "--config", str(config)]
    found = outcomes(folder, cases, patience_s=1.5)
    assert dict.fromkeys(RIGHT) == {program: outcome["code"] for program, outcome in found.items()}
