"""What was found, as a gateway's configuration: rows that are sure, and rows that are left open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge_agent.discovery.device_table import DeviceTable, Listed
from edge_agent.discovery.looking import Found, Look
from edge_agent.discovery.matching import ListedRoom, Match, match_all
from edge_agent.discovery.plugs import NO_POWER, PlugBroker, PlugsSeen
from edge_agent.tables import PJLINK_PORT, spelling
from runtime.language import Text

_NO_NAME = Text("设备没有给出名称", "it tells no name")
_NO_MATCH = Text("名称与清单中的房间对不上", "its name is that of no room in the list")
_SEVERAL = Text("名称可能指几间或另一间房", "its name may mean several rooms, or another")
_DIFFERENT = Text("名称与设备表说的房间不同", "its name says another room than the list of devices")
_LISTED_OPEN = Text("设备表中的房间对不上", "the list of devices names no room of the school for it")
_NOT_TOLD = Text(
    "设备表中有，但没有控制器报告它", "it is in the list of devices, and no controller tells of it"
)
_NO_PROJECTOR = Text(
    "设备表中有，但没有应答 PJLink", "it is in the list of devices, and does not answer PJLink"
)
_NO_TYPE = Text("设备表中没有写种类", "the list of devices does not say what it is")
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
    """`aps`, `projectors` and `devices` are lines of the tables, without their heads.

    devices: of the school's own list; nobody has asked them yet. others: its rows that no room is judged by.
    """

    controllers: list[Found] = field(default_factory=list)
    switches: list[Found] = field(default_factory=list)
    aps: dict[str, str] = field(default_factory=dict)
    projectors: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    devices: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    plugs: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    plug_broker: PlugBroker | None = None
    open: list[Open] = field(default_factory=list)
    others: int = 0

    @property
    def can_run(self) -> bool:
        return bool(self.controllers or self.projectors or self.devices or self.plugs)


def lay_out(
    found: Sequence[Found],
    rooms: Sequence[ListedRoom],
    look: Look,
    table: DeviceTable | None = None,
    plugs: PlugsSeen | None = None,
) -> Layout:
    """Place what is sure; everything else stands in `open`. table: the list that the school has itself."""
    layout, listed = Layout(), table or DeviceTable()
    places = _places(found, rooms)
    for device in found:
        twin = _twin(device, layout)
        if twin is not None:
            why = Text(
                f"与 {twin} 是同一台控制器（接入点相同）", f"the controller at {twin}: the same access points"
            )
            layout.open.append(Open(table="edge.toml", device=device.host, name=device.says, why=why))
        elif device.kind == "controller":
            layout.controllers.append(device)
            _place_aps(device, places, listed, layout)
        elif device.kind == "projector":
            _place_projector(device, places, look, listed, layout)
        elif device.kind == "switch":
            layout.switches.append(device)
        elif device.kind != "answers" or not _is_device(listed.find(host=device.host)):
            likely = _likely(listed.find(host=device.host))
            kind = "devices.csv" if device.kind == "answers" else ""
            why = device.trouble or _SILENT_KIND
            layout.open.append(Open(table=kind, device=device.host, name=device.says, likely=likely, why=why))
    if plugs is not None:
        _place_plugs(plugs, rooms, listed, layout)
    _place_listed(found, listed, layout)
    if not layout.devices:
        for switch in layout.switches:
            why = Text("交换机：有了 devices.csv 后可启用", "a switch: of use once there is a devices.csv")
            layout.open.append(Open(table="edge.toml", device=switch.host, name=switch.says, why=why))
    return layout


def _is_device(device: Listed | None) -> bool:
    """Whether it goes into devices.csv by what the school's list says of it."""
    return device is not None and device.type in {"panel", "class_pc"} and bool(device.room.room)


def _likely(device: Listed | None) -> tuple[str, ...]:
    return () if device is None else ((device.room.room,) if device.room.room else device.room.likely)


def _place_listed(found: Sequence[Found], table: DeviceTable, layout: Layout) -> None:
    """What the list has beside what was found: panels and PCs go into devices.csv, the rest is told."""
    projectors = {device.host for device in found if device.kind == "projector"}
    told = [ap for controller in layout.controllers for ap in controller.aps]
    known = {spelling(name) for ap in told for name in (ap.ap, ap.name) if name}
    for device in table.devices:
        if device.type == "other":
            layout.others += 1
        elif _is_device(device) and (device.host or device.mac):
            own = _once(device.asset, [line[0] for line in layout.devices])
            layout.devices.append((own, device.type, device.host, device.mac, device.room.room))
        elif (device.type == "projector" and device.host in projectors) or _told_by(known, device):
            continue  # placed with what was found
        else:
            layout.open.append(_open_row(device))
    for odd in table.odd:
        layout.open.append(Open(table="", device=odd.called, why=odd.why))


def _once(asset: str, before: Sequence[str]) -> str:
    """An asset number names one device; of the next it is its address."""
    return "" if asset in before else asset


def _told_by(known: set[str], device: Listed) -> bool:
    """Whether a controller tells of an access point by one of its names."""
    names = (device.mac, device.serial, device.name)
    return device.type == "access_point" and any(spelling(name) in known for name in names if name)


_MISSING = {
    "access_point": ("aps.csv", _NOT_TOLD),
    "projector": ("projectors.csv", _NO_PROJECTOR),
    "": ("", _NO_TYPE),
}


def _open_row(device: Listed) -> Open:
    table, why = _MISSING.get(device.type, ("devices.csv", _LISTED_OPEN))
    told = Text(f"{why.zh}（{device.cell}）", f"{why.en} ({device.cell})")
    name = " ".join(dict.fromkeys(filter(None, (device.name, device.written))))
    where = device.host or device.mac or device.serial
    return Open(table=table, device=where, name=name, likely=_likely(device), why=told)


def _joined(by_name: Match, device: Listed | None) -> tuple[Match, Text | None]:
    """What name and list say together; why it is open where they say two rooms."""
    if device is None or not device.room.room:
        return by_name, None
    if by_name.room and by_name.room != device.room.room:
        return Match(likely=(by_name.room, device.room.room)), _DIFFERENT
    return device.room, None


def _places(found: Sequence[Found], rooms: Sequence[ListedRoom]) -> Mapping[str, Match]:
    """The room of every name; those of access points and those of projectors are judged each together."""
    aps = [ap.name or "" for device in found for ap in device.aps]
    projectors = [device.name for device in found if device.kind == "projector"]
    return {**match_all(projectors, rooms), **match_all(aps, rooms)}


def _twin(device: Found, layout: Layout) -> str | None:
    """The other address of a controller: the same access points, and some there are."""
    own = {ap.ap for ap in device.aps}
    same = (other.host for other in layout.controllers if own and own == {ap.ap for ap in other.aps})
    return next(same, None)


def _place_aps(device: Found, places: Mapping[str, Match], table: DeviceTable, layout: Layout) -> None:
    if device.trouble is not None:
        layout.open.append(Open(table="aps.csv", device=device.host, name=device.says, why=device.trouble))
    for ap in device.aps:
        found, why = _joined(places[ap.name or ""], table.find(names=(ap.ap, ap.name)))
        if found.room and layout.aps.setdefault(ap.ap, found.room) == found.room:
            continue
        likely, why = found.likely, why or _why(ap.name or "", found.likely)
        if found.room:
            # Two controllers call it differently.
            likely, why = (layout.aps.pop(ap.ap), found.room), _SEVERAL
        layout.open.append(Open(table="aps.csv", device=ap.ap, name=ap.name or "", likely=likely, why=why))


def _place_projector(
    projector: Found, places: Mapping[str, Match], look: Look, table: DeviceTable, layout: Layout
) -> None:
    device = table.find(host=projector.host)
    found, why = _joined(places[projector.name], device)
    if found.room and projector.trouble is None:
        port = "" if look.pjlink_port == PJLINK_PORT else str(look.pjlink_port)
        own = _once(device.asset if device else "", [line[3] for line in layout.projectors])
        layout.projectors.append((projector.host, port, projector.password, own, found.room))
        return
    layout.open.append(
        Open(
            table="projectors.csv",
            device=projector.host,
            name=projector.name or projector.says,
            likely=(found.room,) if found.room else found.likely,
            why=projector.trouble or why or _why(projector.name, found.likely),
        )
    )


def _place_plugs(seen: PlugsSeen, rooms: Sequence[ListedRoom], table: DeviceTable, layout: Layout) -> None:
    layout.plug_broker = seen.broker
    if seen.trouble is not None:
        layout.open.append(Open(table="plugs.csv", device=seen.broker.url, why=seen.trouble))
    places = match_all([name for plug in seen.plugs for name in plug.names], rooms)
    for plug in seen.plugs:
        device = table.find(names=(plug.mac, *plug.names))
        found, why = _joined(_one_of([places[name] for name in plug.names]), device)
        if found.room and plug.meters:
            channel = str(plug.channel) if plug.channel else ""
            own = plug.device if plug.channel else ""
            layout.plugs.append((plug.topic, plug.kind, own, found.room, channel))
            continue
        likely = (found.room,) if found.room else found.likely
        name = " ".join(plug.names)
        why = (why or _why(name, likely)) if plug.meters else NO_POWER
        layout.open.append(Open(table="plugs.csv", device=plug.device, name=name, likely=likely, why=why))


def _one_of(matches: Sequence[Match]) -> Match:
    """What several names of one device say together."""
    sure = tuple(dict.fromkeys(match.room for match in matches if match.room))
    if len(sure) == 1:
        return Match(room=sure[0])
    return Match(likely=sure or tuple(dict.fromkeys(room for match in matches for room in match.likely)))


def _why(name: str, likely: Sequence[str]) -> Text:
    return _NO_NAME if not name else _SEVERAL if likely else _NO_MATCH
