"""What was found, as a gateway's configuration: rows that are sure, and rows that are left open."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contract import Address
from edge_agent.discovery.looking import Found, Look
from edge_agent.discovery.matching import ListedRoom, Match, match_all
from edge_agent.settings import SNMP_PORT
from edge_agent.tables import PJLINK_PORT
from runtime.language import Text

_NO_NAME = Text("设备没有给出名称", "it tells no name")
_NO_MATCH = Text("名称与清单中的房间对不上", "its name is that of no room in the list")
_SEVERAL = Text("名称可能指几间或另一间房", "its name may mean several rooms, or another")
_SILENT_KIND = Text("有应答，种类未知：大屏还是电脑？", "it answers; panel or PC is not known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A device that nobody placed. table: the file into which it goes once somebody has."""

    table: str
    device: str
    name: str = ""
    likely: tuple[str, ...] = ()
    why: Text


@dataclass(slots=True, kw_only=True)
class Layout:
    """`aps` and `projectors` are lines of the tables, without their heads."""

    controllers: list[Found] = field(default_factory=list)
    switches: list[Found] = field(default_factory=list)
    aps: dict[str, str] = field(default_factory=dict)
    projectors: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    open: list[Open] = field(default_factory=list)

    @property
    def can_run(self) -> bool:
        return bool(self.controllers or self.projectors)


def lay_out(found: Sequence[Found], rooms: Sequence[ListedRoom], look: Look) -> Layout:
    """Place what is sure; everything else stands in `open`, nothing is left out."""
    layout = Layout()
    places = _places(found, rooms)
    for one in found:
        twin = _twin(one, layout)
        if twin is not None:
            why = Text(
                f"与 {twin} 是同一台控制器（接入点相同）", f"the controller at {twin}: the same access points"
            )
            layout.open.append(Open(table="edge.toml", device=one.host, name=one.says, why=why))
        elif one.kind == "controller":
            layout.controllers.append(one)
            _place_aps(one, places, layout)
        elif one.kind == "projector":
            _place_projector(one, places, look, layout)
        elif one.kind == "switch":
            layout.switches.append(one)
            why = Text("交换机：有了 devices.csv 后可启用", "a switch: of use once there is a devices.csv")
            layout.open.append(Open(table="edge.toml", device=one.host, name=one.says, why=why))
        else:
            table = "devices.csv" if one.kind == "answers" else ""
            layout.open.append(
                Open(table=table, device=one.host, name=one.says, why=one.trouble or _SILENT_KIND)
            )
    return layout


def _places(found: Sequence[Found], rooms: Sequence[ListedRoom]) -> Mapping[str, Match]:
    """The room of every name; those of access points and those of projectors are judged each together."""
    aps = [ap.name or "" for one in found for ap in one.aps]
    projectors = [one.name for one in found if one.kind == "projector"]
    return {**match_all(projectors, rooms), **match_all(aps, rooms)}


def _twin(one: Found, layout: Layout) -> str | None:
    """The other address of a controller: the same access points, and some there are."""
    own = {ap.ap for ap in one.aps}
    same = (other.host for other in layout.controllers if own and own == {ap.ap for ap in other.aps})
    return next(same, None)


def _place_aps(one: Found, places: Mapping[str, Match], layout: Layout) -> None:
    if one.trouble is not None:
        layout.open.append(Open(table="aps.csv", device=one.host, name=one.says, why=one.trouble))
    for ap in one.aps:
        found = places[ap.name or ""]
        if found.room and layout.aps.setdefault(ap.ap, found.room) == found.room:
            continue
        if found.room:
            # Two controllers call it differently.
            likely = (layout.aps.pop(ap.ap), found.room)
            layout.open.append(
                Open(table="aps.csv", device=ap.ap, name=ap.name or "", likely=likely, why=_SEVERAL)
            )
        else:
            why = _why(ap.name or "", found.likely)
            layout.open.append(
                Open(table="aps.csv", device=ap.ap, name=ap.name or "", likely=found.likely, why=why)
            )


def _place_projector(one: Found, places: Mapping[str, Match], look: Look, layout: Layout) -> None:
    found = places[one.name]
    if found.room and one.trouble is None:
        port = "" if look.pjlink_port == PJLINK_PORT else str(look.pjlink_port)
        layout.projectors.append((one.host, port, one.password, "", found.room))
        return
    why = one.trouble or _why(one.name, found.likely)
    layout.open.append(
        Open(
            table="projectors.csv",
            device=one.host,
            name=one.name or one.says,
            likely=found.likely,
            why=why,
        )
    )


def _why(name: str, likely: Sequence[str]) -> Text:
    return _NO_NAME if not name else _SEVERAL if likely else _NO_MATCH


def configuration(address: Address, broker: str, layout: Layout, look: Look) -> str:
    """edge.toml. What has no table yet stands there commented out."""
    return "\n".join(_lines(address, broker, layout, look)) + "\n"


def _lines(address: Address, broker: str, layout: Layout, look: Look) -> Iterator[str]:
    yield str(Text("# campus edge init 写出；每项设置的说明见 sample.toml", "# Written by campus edge init"))
    yield from (f"{key} = {_text(getattr(address, key))}" for key in ("district", "school", "gateway"))
    yield from ("", "[broker]", f"url = {_text(broker)}")
    for number, one in enumerate(layout.controllers, 1):
        yield from ("", "[[snmp_wlan]]", f'id = "ac{number}"')
        yield from _agent(one, look)
        yield 'rooms = "aps.csv"'
    if layout.projectors:
        yield from ("", "[[pjlink]]", 'id = "projectors"', 'projectors = "projectors.csv"')
    if layout.switches:
        yield from ("", "# [[presence]]", '# id = "presence"', '# devices = "devices.csv"')
    for one in layout.switches:
        yield "# [[presence.switches]]"
        yield from (f"# {line}" for line in _agent(one, look))


def _agent(one: Found, look: Look) -> Iterator[str]:
    yield f"host = {_text(one.host)}"
    if look.snmp_port != SNMP_PORT:
        yield f"port = {look.snmp_port}"
    for key, value in one.access.values.items() if one.access else ():
        yield f"{key} = {_text(value)}"


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=False)
