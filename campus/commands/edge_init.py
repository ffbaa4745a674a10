"""`campus edge init`: looks where it is told for what a school has, and writes a gateway's folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.edge_check import read_rooms
from campus.commands.options import option, print_table
from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.discovery.layout import Layout
    from edge_agent.discovery.looking import Found
    from edge_agent.discovery.matching import ListedRoom
    from edge_agent.discovery.plugs import PlugBroker

_UNSET_BROKER = "mqtt://127.0.0.1:1883"
_NO_PLUG_BROKER = Text("有 --plug-user 而没有 --plug-broker", "--plug-user without --plug-broker")
_REFERENCE = Text("env:变量名 或 file:路径", "env:NAME or file:path")
Out = Annotated[Path, option("--out", Text("写入的文件夹", "the folder that is written"))]
School = Annotated[str, option("--school", Text("学校标识码", "the school's code"))]
District = Annotated[str, option("--district", Text("区划代码", "the district's code"))]
GatewayName = Annotated[str, option("--gateway", Text("网关名", "the gateway's name"))]
Rooms = Annotated[
    Path, option("--rooms", Text("本校房间清单（campus registry school 写出）", "the school's rooms"))
]
Ranges = Annotated[
    list[str] | None, option("--range", Text("寻找的网段，可多次给出", "a network to look in, repeatable"))
]
Hosts = Annotated[
    list[str] | None, option("--host", Text("寻找的地址，可多次给出", "an address to look at, repeatable"))
]
Community = Annotated[
    str | None,
    option("--community", Text(f"SNMP 团体名：{_REFERENCE.zh}", f"SNMP community: {_REFERENCE.en}")),
]
User = Annotated[str | None, option("--snmp-user", Text("SNMP v3 用户名", "user of SNMP v3"))]
Auth = Annotated[
    str | None,
    option("--snmp-auth", Text("SNMP v3 认证算法，如 sha256", "its authentication, such as sha256")),
]
AuthKey = Annotated[
    str | None,
    option("--snmp-auth-key", Text(f"认证口令：{_REFERENCE.zh}", f"its authentication key: {_REFERENCE.en}")),
]
Priv = Annotated[
    str | None, option("--snmp-priv", Text("SNMP v3 加密算法，如 aes128", "its privacy, such as aes128"))
]
PrivKey = Annotated[
    str | None,
    option("--snmp-priv-key", Text(f"加密口令：{_REFERENCE.zh}", f"its privacy key: {_REFERENCE.en}")),
]
Password = Annotated[
    str | None,
    option("--pjlink-password", Text(f"投影机口令：{_REFERENCE.zh}", f"of projectors: {_REFERENCE.en}")),
]
Tcp = Annotated[
    list[int] | None,
    option(
        "--tcp",
        Text("大屏与电脑的端口，可多次给出", "a port of panels and PCs, repeatable"),
        min=1,
        max=65535,
    ),
]
PlugBrokerUrl = Annotated[
    str | None,
    option(
        "--plug-broker",
        Text("计量插座所连的校内代理，如 mqtt://10.8.0.4", "the school's broker of metering plugs"),
    ),
]
PlugUser = Annotated[str | None, option("--plug-user", Text("该代理的用户名", "name at that broker"))]
PlugPassword = Annotated[
    str | None,
    option("--plug-password", Text(f"该代理的口令：{_REFERENCE.zh}", f"its password: {_REFERENCE.en}")),
]
PlugWait = Annotated[
    float,
    option(
        "--plug-wait",
        Text("听插座的秒数；有的几分钟才报一次", "seconds to listen for plugs; some tell every few minutes"),
        min=1,
        max=3600,
    ),
]
Devices = Annotated[
    Path | None,
    option(
        "--devices",
        Text(
            "学校已有的设备表（XLSX、CSV…）：名称、IP、MAC、房间、种类",
            "a list of devices that the school has (XLSX, CSV …): names, IP, MAC, rooms, types",
        ),
    ),
]
Broker = Annotated[str | None, option("--broker", Text("消息代理地址", "the broker's address"))]
SnmpPort = Annotated[int, option("--snmp-port", Text("SNMP 端口", "port of SNMP"), min=1, max=65535)]
PjlinkPort = Annotated[int, option("--pjlink-port", Text("PJLink 端口", "port of PJLink"), min=1, max=65535)]


def init(
    out: Out,
    school: School,
    district: District,
    gateway: GatewayName,
    rooms: Rooms,
    ranges: Ranges = None,
    hosts: Hosts = None,
    community: Community = None,
    snmp_user: User = None,
    snmp_auth: Auth = None,
    snmp_auth_key: AuthKey = None,
    snmp_priv: Priv = None,
    snmp_priv_key: PrivKey = None,
    pjlink_password: Password = None,
    tcp: Tcp = None,
    devices: Devices = None,
    plug_broker: PlugBrokerUrl = None,
    plug_user: PlugUser = None,
    plug_password: PlugPassword = None,
    plug_wait: PlugWait = 35,
    broker: Broker = None,
    snmp_port: SnmpPort = 161,
    pjlink_port: PjlinkPort = 4352,
) -> None:
    """Exit code 1 where nothing was found of which a configuration can be made."""
    from contract import Address, ContractError
    from edge_agent.discovery.access import Access, ways
    from edge_agent.discovery.device_table import read_device_table
    from edge_agent.discovery.layout import lay_out
    from edge_agent.discovery.looking import Look, look_around
    from edge_agent.discovery.places import addresses
    from edge_agent.discovery.plugs import look_for_plugs
    from edge_agent.discovery.writing import refuse_to_overwrite, write_folder
    from edge_agent.main import wall_clock
    from runtime.errors import ConfigError

    try:
        address = Address(district, school, gateway)
    except ContractError as error:
        raise ConfigError(str(error)) from error
    listed = _listed(rooms)
    refuse_to_overwrite(out, rooms)
    look = Look(
        snmp=ways(
            _absolute(community),
            Access(
                user=snmp_user,
                auth=snmp_auth,
                auth_key=_absolute(snmp_auth_key),
                priv=snmp_priv,
                priv_key=_absolute(snmp_priv_key),
            ),
        ),
        snmp_port=snmp_port,
        pjlink_port=pjlink_port,
        pjlink_password=_absolute(pjlink_password),
        tcp=tuple(tcp or ()),
    )
    table = None if devices is None else read_device_table(devices, listed)
    plugs_at = _plug_broker(plug_broker, plug_user, _absolute(plug_password), plug_wait)
    where = addresses(ranges or (), hosts or ())
    typer.echo(Text(f"寻找 {len(where)} 个地址……", f"looking at {len(where)} addresses …"))
    if not look.snmp:
        typer.echo(
            Text(
                "没有给 --community 或 --snmp-user：不寻找控制器和交换机",
                "no --community and no --snmp-user: no controllers or switches",
            )
        )
    found = look_around(where, look, wall_clock)
    _say_who_is_silent(found, hosts or (), asked_snmp=bool(look.snmp))
    plugs = None
    if plugs_at is not None:
        typer.echo(
            Text(
                f"听 {plugs_at.url} 的插座 {plug_wait:g} 秒……",
                f"listening for plugs at {plugs_at.url} for {plug_wait:g} s …",
            )
        )
        plugs = look_for_plugs(plugs_at)
    layout = lay_out(found, listed, look, table, plugs)
    written = write_folder(
        out, address=address, broker=broker or _UNSET_BROKER, layout=layout, look=look, rooms=rooms
    )
    _show(layout)
    _say(out, written, layout, broker)
    if not layout.can_run:
        raise typer.Exit(1)


def _plug_broker(
    url: str | None, user: str | None, password: str | None, wait_s: float
) -> "PlugBroker | None":
    """Raises ConfigError where it is not whole."""
    from pydantic import ValidationError

    from edge_agent.discovery.plugs import PlugBroker
    from runtime.errors import ConfigError
    from runtime.problems import problem_text

    if url is None:
        if user is not None or password is not None:
            raise ConfigError(_NO_PLUG_BROKER)
        return None
    broker = PlugBroker(url=url, username=user, password=password, wait_s=wait_s)
    try:
        broker.settings.read_password()
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False)
        raise ConfigError(f"--plug-broker: {problem_text(first)}") from error
    return broker


def _say_who_is_silent(found: "Sequence[Found]", hosts: Sequence[str], *, asked_snmp: bool) -> None:
    there = {one.host for one in found}
    for host in (host for host in hosts if host not in there):
        typer.echo(Text(f"{host}：无应答", f"{host}: no answer"))
    if asked_snmp and not any(one.kind in {"controller", "switch", "snmp"} for one in found):
        typer.echo(
            Text(
                "没有设备应答 SNMP：团体名或用户对吗？设备允许本机查询吗？",
                "nobody answers SNMP: is the community or user right, and may this machine ask?",
            )
        )


def _listed(path: Path) -> "list[ListedRoom]":
    """Raises NotRooms."""
    import csv

    from edge_agent.discovery.matching import ListedRoom
    from edge_agent.tables import read_text

    read_rooms(path)
    rows = list(csv.reader(read_text(path).splitlines()))[1:]
    return [
        ListedRoom(room=row[0].strip(), name=row[1].strip() if len(row) > 1 else "")
        for row in rows
        if row and row[0].strip()
    ]


def _absolute(reference: str | None) -> str | None:
    """A file that is named as seen from here is another as seen from the folder that is written."""
    scheme, _, rest = (reference or "").partition(":")
    return f"file:{Path(rest).absolute()}" if scheme == "file" and rest else reference


def _show(layout: "Layout") -> None:
    from rich.markup import escape
    from rich.table import Table

    heads = (
        Text("未定", "Open"),
        Text("填入", "Goes into"),
        Text("名称", "Name"),
        Text("可能的房间", "Likely rooms"),
        Text("原因", "Why"),
    )
    table = Table(*(str(head) for head in heads), box=None)
    for one in layout.open:
        cells = (one.device, one.table or "—", one.name or "—", " ".join(one.likely) or "—", str(one.why))
        table.add_row(*map(escape, cells))
    if table.row_count:
        print_table(table, width=160)


def _say(out: Path, written: list[str], layout: "Layout", broker: str | None) -> None:
    controllers, switches, left = len(layout.controllers), len(layout.switches), len(layout.open)
    aps, projectors, devices = len(layout.aps), len(layout.projectors), len(layout.devices)
    typer.echo(
        Text(
            f"控制器 {controllers}，交换机 {switches}；对上房间：接入点 {aps}，投影机 {projectors}，"
            f"设备表中的大屏和电脑 {devices}，插座 {len(layout.plugs)}；未定 {left}",
            f"{controllers} controllers, {switches} switches; with their room: {aps} access points, "
            f"{projectors} projectors, {devices} panels and PCs of the list, {len(layout.plugs)} plugs; "
            f"{left} left open",
        )
    )
    if layout.others:
        typer.echo(
            Text(
                f"设备表中另有 {layout.others} 台与房间无关的设备（交换机、打印机等），未写入",
                f"{layout.others} more devices of the list belong to no room (switches, printers …)",
            )
        )
    if left:
        typer.echo(
            Text(
                "未定的见 open.csv，房间见 rooms.csv",
                "what is open is in open.csv, the rooms are in rooms.csv",
            )
        )
    typer.echo(Text(f"{out}：已写 {'、'.join(written)}", f"{out}: wrote {', '.join(written)}"))
    if not layout.can_run:
        typer.echo(
            Text(
                "没有可用的设备，未写 edge.toml", "nothing that a gateway can read; edge.toml is not written"
            )
        )
    elif broker is None:
        typer.echo(
            Text("未给 --broker：请在 edge.toml 的 [broker] 填写", "no --broker: set its url in edge.toml")
        )
