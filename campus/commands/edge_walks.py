"""`campus edge snmprec` and `campus edge record`: what a controller says, from a file and into one."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campus.commands.options import argument, option, print_table
from runtime.language import Text

if TYPE_CHECKING:
    from contract import Reading
    from edge_agent.collectors.base import Round

File = Annotated[Path, argument(Text("录制文件", "the recorded walk"))]
Rooms = Annotated[
    Path | None, option("--rooms", Text("接入点与房间对照表 aps.csv", "which room each access point serves"))
]
Profile = Annotated[
    str, option("--profile", Text("型号表；缺省自动识别", "the profile; default: by what the device is"))
]
Host = Annotated[str, argument(Text("控制器的地址", "the controller's address"))]
Out = Annotated[Path, option("--out", Text("写入的 .snmprec 文件", "the .snmprec to write"))]
Port = Annotated[int, option("--port", Text("端口", "the port"), min=1, max=65535)]
Community = Annotated[
    str | None,
    option("--community", Text("团体名：env:变量名 或 file:文件", "the community: env:NAME or file:PATH")),
]
User = Annotated[str | None, option("--user", Text("SNMP v3 用户名", "the user of SNMP v3"))]
Auth = Annotated[str, option("--auth", Text("SNMP v3 认证算法", "how SNMP v3 authenticates"))]
AuthKey = Annotated[
    str | None, option("--auth-key", Text("认证口令：env: 或 file:", "its key: env:NAME or file:PATH"))
]
Priv = Annotated[str, option("--priv", Text("SNMP v3 加密算法", "how SNMP v3 encrypts"))]
PrivKey = Annotated[
    str | None, option("--priv-key", Text("加密口令：env: 或 file:", "its key: env:NAME or file:PATH"))
]


def snmprec(file: File, rooms: Rooms = None, profile: Profile = "auto") -> None:
    """Read a recorded walk as a gateway would."""
    from edge_agent.collectors.snmp_wlan import SnmpWlan
    from edge_agent.main import wall_clock
    from edge_agent.snmp.recorded import Recorded, read_recording
    from edge_agent.tables import read_room_map

    objects = read_recording(file)
    settings = _settings(id="recorded", host="127.0.0.1", community="env:NOT_ASKED", profile=profile)
    wlan = SnmpWlan(
        settings, rooms=read_room_map(rooms), open_source=lambda: Recorded(objects), recall=lambda _: None
    )
    _show(asyncio.run(wlan.collect(wall_clock)))


def record(
    host: Host,
    out: Out,
    community: Community = None,
    port: Port = 161,
    profile: Profile = "auto",
    user: User = None,
    auth: Auth = "sha256",
    auth_key: AuthKey = None,
    priv: Priv = "aes128",
    priv_key: PrivKey = None,
) -> None:
    """Record what a controller says, without what names anyone."""
    from edge_agent.profiles import PROFILES
    from edge_agent.recording import NotRecorded, Recording
    from edge_agent.recording import record as record_from
    from edge_agent.snmp.asking import Failed
    from edge_agent.snmp.opening import opener

    who: dict[str, Any] = {"community": community}
    if user is not None:
        who = {"version": "3", "user": user}
        who |= {"auth": auth, "auth_key": auth_key} if auth_key else {}
        who |= {"priv": priv, "priv_key": priv_key} if priv_key else {}
    settings = _settings(id="recorded", host=host, port=port, profile=profile, **who)
    source = opener(settings)()

    async def run() -> Recording:
        try:
            return await record_from(source, PROFILES.get(settings.profile))
        except Failed as error:
            raise NotRecorded(Text(f"{host}：{error.text.zh}", f"{host}: {error.text.en}")) from error
        finally:
            source.close()

    recording = asyncio.run(run())
    out.write_text("\n".join(recording.lines) + "\n", encoding="utf-8")
    typer.echo(
        Text(
            f"已写入 {out}：{len(recording.lines)} 个对象，另有 {recording.left_out} 行索引不符，未写入",
            f"{out}: {len(recording.lines)} objects; {recording.left_out} rows of another form left out",
        )
    )


def _settings(**values: Any) -> Any:
    """Settings as a configuration file has them; raises ConfigError."""
    from pydantic import ValidationError

    from edge_agent.settings import SnmpWlanSettings
    from runtime import ConfigError
    from runtime.problems import problem_with_value

    try:
        return SnmpWlanSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        problem = problem_with_value(first)
        raise ConfigError(f"{name}: {problem}" if name else str(problem)) from error


def _show(result: "Round") -> None:
    from rich.table import Table

    from contract import AccessPoint, Radio

    (run,) = result.runs
    typer.echo(f"{run.status}  {run.rows}/{'?' if run.expected is None else run.expected}")
    if reason := result.reason_of(run):
        typer.echo(reason)
    radios: dict[str, list[Reading]] = {}
    for reading in result.readings:
        if isinstance(reading, Radio):
            radios.setdefault(reading.ap, []).append(reading)
    words = (
        Text("接入点", "access point"),
        Text("房间", "room"),
        Text("状态", "state"),
        Text("名称", "name"),
        Text("型号", "model"),
        Text("终端", "clients"),
        Text("网络", "networks"),
        Text("射频", "radios"),
    )
    table = Table(*(str(word) for word in words))
    for ap in result.readings:
        if isinstance(ap, AccessPoint):
            told = (ap.name, ap.model, ap.clients, ap.ssids)
            cells = ["—" if value is None else str(value) for value in told]
            table.add_row(ap.ap, ap.room, ap.state, *cells, "; ".join(map(_radio, radios.get(ap.ap, []))))
    if table.row_count:
        print_table(table, width=160)


def _radio(radio: Any) -> str:
    """One radio in a few words: `1: 5 GHz ch 149, 33 %`."""
    parts = [
        f"{radio.band} GHz" if radio.band else None,
        f"ch {radio.channel}" if radio.channel else None,
        f"{radio.utilisation_pct} %" if radio.utilisation_pct is not None else None,
        f"{radio.noise_dbm} dBm" if radio.noise_dbm is not None else None,
    ]
    return f"{radio.radio}: " + (" ".join(part for part in parts if part) or "—")
