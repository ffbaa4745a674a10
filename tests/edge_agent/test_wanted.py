"""What may be set from afar, whether it stays, and what is on the disk after a kill at any step."""

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from contract import Address, Wanted, encode, utc_text
from contract.wanted import content_hash
from edge_agent.kinds import KINDS
from edge_agent.tables import read_projectors
from edge_agent.wanted import shelf as shelves
from edge_agent.wanted.chances import counterparts, readable, unproven
from edge_agent.wanted.effective import with_wanted
from edge_agent.wanted.judging import Seen, check_verdict, verdict
from edge_agent.wanted.permitted import LISTS, PLACES, allowed_by, at_school, check, digest, merged
from edge_agent.wanted.shelf import Running, Shelf, Trial
from edge_agent.wanted.why import NotTakenError, Why, because
from runtime import ConfigError

HERE = Address("120116", "2112000001", "gw1")
OWN: dict[str, Any] = {
    "district": HERE.district,
    "broker": {"url": "mqtts://b:8883", "password": "env:BROKER"},
    "fleet": {"secrets": ["env:AC2", "file:keys/ac3"]},
    "snmp_wlan": [{"id": "ac1", "host": "10.8.0.2", "community": "env:AC1", "rooms": "aps.csv"}],
    "pjlink": [{"id": "p", "projectors": "projectors.csv"}],
    "ledger": [{"id": "ledger", "folder": "ledger"}],
    "probe": [{"id": "probes", "probes": "probes.csv", "ssids": ["Campus"]}],
}
APS = "ap,room\n00:11:22:33:44:55,101\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "projectors.csv").write_text(
        "host,room,password\n10.8.3.1,101,file:keys/p\n", encoding="utf-8"
    )
    return tmp_path


def refused(wanted: Mapping[str, Any], folder: Path, files: Mapping[str, str] | None = None) -> str | None:
    try:
        check(wanted, files or {}, allowed_by(OWN, folder), folder)
    except NotTakenError as error:
        return str(error.why)
    return None


def controller(**more: Any) -> dict[str, Any]:
    return {"snmp_wlan": [{"id": "ac1", "host": "10.8.0.9", "community": "env:AC1", **more}]}


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        (controller(), {}),
        (controller(rooms="aps.csv", interval_s=120), {"aps.csv": APS}),
        (controller(community="env:AC2"), {}),
        (controller(community="file:keys/ac3"), {}),
        (
            {"pjlink": [{"id": "p", "projectors": "p.csv"}]},
            {"p.csv": "host,room,password\n10.8.3.2,1,file:keys/p\n"},
        ),
        ({"ledger": [{"id": "other", "folder": "ledger"}]}, {}),
        ({"probe": [{"id": "x", "probes": "probes.csv", "ssids": ["New"]}]}, {}),
    ],
)
def test_collectors_targets_intervals_and_lists_may_be_set(
    wanted: dict[str, Any], files: dict[str, str], folder: Path
) -> None:
    assert refused(wanted, folder, files) is None


@pytest.mark.parametrize(
    ("wanted", "files", "why"),
    [
        ({"broker": {"url": "mqtts://other:8883"}}, {}, "fleet.key key=broker"),
        ({"school": "2112000002"}, {}, "fleet.key key=school"),
        ({"identity": "x"}, {}, "fleet.key key=identity"),
        ({"spool": "/dev/null"}, {}, "fleet.key key=spool"),
        ({"fleet": {"master": "bureau"}}, {}, "fleet.key key=fleet"),
        ({"publish": {"window": 2}}, {}, "fleet.key key=publish"),
        ({"pjlink": {"id": "p"}}, {}, "fleet.key key=pjlink"),
        ({"pjlink": ["p"]}, {}, "fleet.key key=pjlink"),
        (controller(rooms="aps.csv"), {}, "fleet.list key=snmp_wlan.rooms name=aps.csv"),
        (
            controller(rooms="/etc/passwd"),
            {"aps.csv": APS},
            "fleet.list key=snmp_wlan.rooms name=/etc/passwd",
        ),
        (controller(rooms=["aps.csv"]), {"aps.csv": APS}, "fleet.list key=snmp_wlan.rooms name=['aps.csv']"),
        (
            controller(community="env:BROKER"),
            {},
            "fleet.secret_unknown key=snmp_wlan ac1 reference=env:BROKER",
        ),
        (
            controller(community="file:identity/identity.pem"),
            {},
            "fleet.secret_unknown key=snmp_wlan ac1 reference=file:identity/identity.pem",
        ),
        (
            {
                "presence": [
                    {"id": "r", "devices": "d.csv", "switches": [{"host": "h", "community": "env:X"}]}
                ]
            },
            {"d.csv": "type,room,host\n"},
            "fleet.secret_unknown key=presence r reference=env:X",
        ),
        (
            {"pjlink": [{"id": "p", "projectors": "p.csv"}]},
            {"p.csv": 'host,room,password\n10.8.3.2,1," env:BROKER "\n'},
            "fleet.secret_unknown key=p.csv reference=env:BROKER",
        ),
        ({"ledger": [{"id": "l", "folder": "/home"}]}, {}, "fleet.place key=ledger.folder name=/home"),
        ({"survey": [{"id": "s", "folder": "ledger"}]}, {}, "fleet.place key=survey.folder name=ledger"),
        # A list of probes holds commands: it never comes along, whatever it is called.
        (
            {"probe": [{"id": "x", "probes": "mine.csv", "ssids": ["C"]}]},
            {"mine.csv": "room,interface,command\n101,wlan0,rm -rf /\n"},
            "fleet.place key=probe.probes name=mine.csv",
        ),
    ],
)
def test_nothing_else_may_be_set_and_the_reason_is_a_value(
    wanted: dict[str, Any], files: dict[str, str], why: str, folder: Path
) -> None:
    assert why == refused(wanted, folder, files)


def _paths(model: type[BaseModel], before: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        parts = [field.annotation, *get_args(field.annotation)]
        if any(part is Path or Path in get_args(part) for part in parts):
            found.add(before + name)
        for part in parts:
            for inner in (part, *get_args(part)):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    found |= _paths(inner, f"{before}{name}.")
    return found


def test_every_path_of_a_collector_is_a_list_that_comes_along_or_a_place_of_the_school() -> None:
    for kind in KINDS:
        known = {LISTS[kind.name]} if kind.name in LISTS else set[str]()
        assert _paths(kind.settings) == known | set(PLACES.get(kind.name, ())), kind.name


def test_wanted_collectors_stand_in_place_of_the_own_ones_and_nothing_else_does(folder: Path) -> None:
    found = merged(OWN, controller(rooms="aps.csv"), folder / "7")
    assert {"district", "broker", "fleet", "snmp_wlan"} == set(found)
    assert (OWN["broker"], str(folder / "7" / "aps.csv")) == (found["broker"], found["snmp_wlan"][0]["rooms"])


def test_a_list_that_lies_elsewhere_still_names_the_schools_own_secrets(folder: Path) -> None:
    text = "host,room,password\n10.8.3.2,1,file:keys/p\n10.8.3.3,2,env:P\n"
    assert f"host,room,password\n10.8.3.2,1,file:{folder}/keys/p\n10.8.3.3,2,env:P\n" == at_school(
        text, folder
    )
    assert APS == at_school(APS, folder)


def test_a_hand_edit_of_collectors_or_lists_is_noticed_and_one_of_the_rest_is_none(folder: Path) -> None:
    before = digest(OWN, folder)
    assert before == digest({**OWN, "broker": {"url": "mqtt://c:1883"}}, folder)
    assert before != digest({**OWN, "ledger": []}, folder)
    (folder / "projectors.csv").write_text("host,room\n10.8.3.9,101\n", encoding="utf-8")
    assert before != digest(OWN, folder)


def test_what_names_a_person_or_fills_a_status_is_not_told() -> None:
    why = because("fleet.config", why="电话 13800138000", names=("x" * 1000, "a\nb"))
    assert {"why": "…", "names": ("x" * 199 + "…", "a·b")} == why.args


def seen(*rounds: str, interval_s: float = 60) -> Seen:
    return Seen(interval_s=interval_s, rounds=rounds)


@pytest.mark.parametrize(
    ("worked", "now", "waited_s", "expected"),
    [
        (["a"], {"a": seen()}, 1, "wait"),
        (["a"], {"a": seen("ok", "ok")}, 1, "wait"),
        (["a"], {"a": seen("ok", "ok", "ok")}, 1, "keep"),
        (["a"], {"a": seen("timeout", "partial", "timeout")}, 1, "keep"),
        (["a"], {"a": seen("timeout", "timeout")}, 1, "wait"),
        (
            ["a"],
            {"a": seen("timeout", "auth", "timeout")},
            1,
            ("fleet.lost", {"collectors": ("a",), "rounds": 3}),
        ),
        # What is slow shows in one round.
        (
            ["a"],
            {"a": seen("config", interval_s=3600)},
            1,
            ("fleet.lost", {"collectors": ("a",), "rounds": 1}),
        ),
        (["a"], {"a": seen("ok", interval_s=3600)}, 1, "keep"),
        # What did not work before need not work now, and what is new neither.
        ([], {"a": seen("timeout", "timeout", "timeout")}, 1, "keep"),
        (["b"], {"a": seen("refused"), "b": seen("ok", "ok", "ok")}, 1, "keep"),
        # What was taken away does not fail; all of it taken away, one of the others must work.
        (["a", "b"], {"b": seen("ok", "ok", "ok")}, 1, "keep"),
        (["a"], {"c": seen("ok", "ok", "ok")}, 1, "keep"),
        (
            ["a"],
            {"c": seen("refused", "refused", "refused")},
            1,
            ("fleet.lost", {"collectors": ("c",), "rounds": 3}),
        ),
        (["a"], {"a": seen("ok")}, 10_000, ("fleet.hangs", {"collectors": ("a",)})),
    ],
)
def test_settings_stay_where_what_worked_works_still(
    worked: Sequence[str], now: Mapping[str, Seen], waited_s: float, expected: object
) -> None:
    answer = verdict(worked, now, rounds=3, waited_s=waited_s)
    assert expected == ((answer.code, answer.args) if isinstance(answer, Why) else answer)


def test_a_check_refuses_what_worked_and_cannot_be_read() -> None:
    assert check_verdict(["a"], {"a": "ok", "b": "timeout"}) is None
    assert because("fleet.check", collectors=("a",)) == check_verdict(["a"], {"a": "none", "b": "ok"})


@pytest.mark.parametrize(
    ("new", "proved", "waiting", "asked", "found", "outdone"),
    [
        ({"a": "pjlink"}, ["a"], (), (), {}, ()),
        ({"a": "pjlink"}, [], ("a",), ("a",), {"a": "partial"}, ("a",)),
        ({"a": "pjlink"}, [], ("a",), ("a",), {"a": "timeout"}, ()),
        # By another name: whatever of its kind is gone.
        ({"p2": "pjlink", "b": "beacon"}, ["b"], ("p2",), ("a",), {"a": "ok"}, ("p2",)),
        # What is new altogether has nothing that it could be compared with.
        ({"a": "pjlink", "b": "beacon", "c": "ledger"}, ["a", "b"], (), (), {}, ()),
        # One name for two kinds is two things.
        ({"a": "snmp_wlan", "b": "beacon"}, ["b"], (), (), {}, ()),
    ],
)
def test_what_has_not_worked_yet_waits_where_the_settings_before_can_be_asked_for_it(
    new: dict[str, str],
    proved: Sequence[str],
    waiting: Sequence[str],
    asked: Sequence[str],
    found: dict[str, str],
    outdone: Sequence[str],
) -> None:
    old = {"a": "pjlink", "b": "beacon"}
    assert waiting == unproven(new, old, proved)
    assert asked == counterparts(waiting, new, old)
    assert outdone == readable(waiting, new, old, found)


def version(number: int, settings: str = "[[ledger]]\n") -> Wanted:
    files = {"aps.csv": f"ap,room\nA,{number}\n"}
    return Wanted(
        district=HERE.district,
        school=HERE.school,
        gateway=HERE.gateway,
        version=number,
        made=utc_text(1_800_000_000_000),
        settings=settings,
        files=files,
        sha256=content_hash(settings, files),
    )


def running(wanted: Wanted) -> Running:
    return Running(version=wanted.version, sha256=wanted.sha256, since_ms=5)


def taken(shelf: Shelf, wanted: Wanted) -> None:
    """As a desk takes a version and keeps it."""
    shelf.put(wanted.version, encode(wanted))
    shelf.remember(seen=wanted.version, seen_sha256=wanted.sha256)
    shelf.lay_out(wanted, shelf.folder)
    shelf.remember(trial=Trial(running=running(wanted), worked=("ledger",)))
    shelf.remember(good=running(wanted), trial=None)
    shelf.clear()


def test_a_kill_at_any_write_leaves_the_old_version_or_the_new_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    write = shelves.write_file
    for killed_at in range(7):
        folder = tmp_path / str(killed_at)
        shelf = Shelf(folder, HERE)
        taken(shelf, version(1))
        writes = iter(range(10))

        def dying(path: Path, content: bytes, at: int = killed_at, number: Any = writes) -> None:
            if next(number) == at:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.with_name(f".{path.name}.new").write_bytes(content[: len(content) // 2])
                raise KeyboardInterrupt
            write(path, content)

        with monkeypatch.context() as patched:
            patched.setattr(shelves, "write_file", dying)
            with contextlib.suppress(KeyboardInterrupt):
                taken(shelf, version(2))
        after = Shelf(folder, HERE)
        kept = after.content(after.memory.running)
        assert kept in (version(1), version(2))
        lists = after.lay_out(kept, folder)
        assert kept.files["aps.csv"] == (lists / "aps.csv").read_text(encoding="utf-8")
        found.add(kept.version)
    assert {1, 2} == found


def test_a_copy_that_is_damaged_or_gone_is_not_run(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HERE)
    taken(shelf, version(1))
    assert version(1) == shelf.content(shelf.memory.running)
    file = tmp_path / "1.json"
    file.write_bytes(file.read_bytes().replace(b"A,1", b"A,2"))
    assert shelf.content(shelf.memory.running) is None
    file.unlink()
    assert shelf.content(shelf.memory.running) is None


def test_what_another_gateway_kept_here_or_nobody_can_read_counts_for_nothing(tmp_path: Path) -> None:
    taken(Shelf(tmp_path, HERE), version(1))
    assert 1 == Shelf(tmp_path, HERE).memory.running.version
    assert 0 == Shelf(tmp_path, Address("120116", "2112000002", "gw1")).memory.running.version
    (tmp_path / "state.json").write_bytes(b'{"v":1')
    assert 0 == Shelf(tmp_path, HERE).memory.running.version


def test_only_what_runs_or_may_come_back_is_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HERE)
    for number in (1, 2, 3):
        taken(shelf, version(number))
    assert {"3", "3.json", "state.json"} == {path.name for path in tmp_path.iterdir()}
    shutil.rmtree(tmp_path)
    tmp_path.write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(ConfigError):
        shelf.remember(seen=4)


def test_settings_of_the_bureau_are_found_wherever_the_gateway_was_started_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`campus edge --config gw/edge.toml`: the lists lie in gw/, not in gw/gw/."""
    (tmp_path / "gw/keys").mkdir(parents=True)
    (tmp_path / "gw/keys/p").write_text("secret", encoding="utf-8")
    files = {"p.csv": "host,room,password\n10.8.3.1,101,file:keys/p\n"}
    wanted = version(1, '[[pjlink]]\nid = "p"\nprojectors = "p.csv"\n').model_copy(update={"files": files})
    own = {"district": HERE.district, "school": HERE.school, "gateway": HERE.gateway}
    own_file = {**own, "broker": {"url": "mqtt://127.0.0.1"}}
    monkeypatch.chdir(tmp_path)
    settings = with_wanted(own_file, wanted, Shelf(Path("gw/spool.wanted"), HERE), Path("gw/edge.toml"))
    settings.prepare()
    monkeypatch.chdir("/")
    projectors = read_projectors(settings.pjlink[0].projectors)
    assert [("10.8.3.1", "secret")] == [(found.host, found.password) for found in projectors]
