"""One look at each address: who answers there, and what it says of itself."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from contract import AccessPoint
from edge_agent.collectors.pjlink_client import Denied, Place, Unreachable
from edge_agent.collectors.pjlink_client import ask as ask_projector
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.discovery.access import Access
from edge_agent.profiles.choosing import Device, ask_what_it_is
from edge_agent.settings import SNMP_PORT
from edge_agent.snmp.asking import Failed, Garbled, Silent, oid_of
from edge_agent.snmp.opening import opener
from edge_agent.tables import PJLINK_PORT, RoomMap
from runtime import secret
from runtime.language import Text

Kind = Literal["controller", "switch", "snmp", "projector", "answers"]
# How many addresses are looked at together: a school's network is not to notice.
_TOGETHER = 64
_OBJECT = oid_of("1.3.6.1.2.1.1.2.0")
_PORTS_OF_A_BRIDGE = oid_of("1.3.6.1.2.1.17.1.2.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is asked of every address."""

    snmp: tuple[Access, ...] = ()
    snmp_port: int = SNMP_PORT
    pjlink_port: int = PJLINK_PORT
    pjlink_password: str | None = None
    tcp: tuple[int, ...] = ()
    timeout_s: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Somebody at an address. trouble: why it cannot be used as it is. access: how it was asked over SNMP.

    refused: it answered, and not to what was asked: by another way it may.
    """

    host: str
    kind: Kind
    name: str = ""
    says: str = ""
    aps: tuple[AccessPoint, ...] = ()
    password: str = ""
    trouble: Text | None = None
    access: Access | None = None
    refused: bool = False


def look_around(hosts: Sequence[str], look: Look, clock: Callable[[], int]) -> list[Found]:
    """Everybody who answers at `hosts`, in their order. Raises ConfigError for a secret that is not there."""
    if look.pjlink_password is not None:
        secret(look.pjlink_password, key="--pjlink-password")

    async def run() -> list[Found]:
        few = asyncio.Semaphore(_TOGETHER)

        async def at(host: str) -> list[Found]:
            async with few:
                return await _at(host, look, clock)

        return [device for found in await asyncio.gather(*map(at, hosts)) for device in found]

    return asyncio.run(run())


async def _at(host: str, look: Look, clock: Callable[[], int]) -> list[Found]:
    asked = await asyncio.gather(_snmp(host, look, clock), _projector(host, look))
    found = [answer for answer in asked if answer is not None]
    if not found and look.tcp:
        answers = await asyncio.gather(*(_connects(host, port, look.timeout_s) for port in look.tcp))
        ports = [str(port) for port, open_ in zip(look.tcp, answers, strict=True) if open_]
        if ports:
            found.append(Found(host=host, kind="answers", says="TCP " + " ".join(ports)))
    return found


async def _snmp(host: str, look: Look, clock: Callable[[], int]) -> Found | None:
    """By the first way that it understands; else why not by the first that it answered."""
    refused: Found | None = None
    for access in look.snmp:
        found = await _snmp_as(host, access, look, clock)
        if found is not None and not found.refused:
            return found
        refused = refused or found
    return refused


async def _snmp_as(host: str, access: Access, look: Look, clock: Callable[[], int]) -> Found | None:
    if not await _answers_snmp(host, access, look):
        return None
    source = opener(access.agent(host, look.snmp_port))()
    try:
        device = await ask_what_it_is(source, None)
        bridge = _PORTS_OF_A_BRIDGE in await source.get((_PORTS_OF_A_BRIDGE,))
    except Failed as error:
        garbled = Text("SNMP 应答无法识别", "its SNMP answer is not understood")
        why = garbled if isinstance(error, Garbled) else error.text
        return Found(host=host, kind="snmp", trouble=why, refused=True)
    finally:
        source.close()
    if device.profile is not None:
        found = await _controller(host, access, look, clock, device)
        # A maker's switches call themselves like its controllers; only these tell of access points.
        if found.kind == "controller" or not bridge:
            return found
    if bridge:
        return Found(host=host, kind="switch", says=device.name, access=access)
    return Found(
        host=host,
        kind="snmp",
        says=device.name,
        trouble=Text("既不是已知的控制器，也不是交换机", "neither a controller that is known nor a switch"),
    )


async def _answers_snmp(host: str, access: Access, look: Look) -> bool:
    """A short look: who answers at all is asked with patience. What goes wrong otherwise shows then."""
    source = opener(access.agent(host, look.snmp_port, timeout_s=look.timeout_s, retries=1))()
    try:
        await source.get((_OBJECT,))
    except Silent:
        return False
    except Failed:
        return True
    finally:
        source.close()
    return True


async def _controller(
    host: str, access: Access, look: Look, clock: Callable[[], int], device: Device
) -> Found:
    """Its access points, as the gateway itself will read them."""
    settings = access.agent(host, look.snmp_port)
    wlan = SnmpWlan(settings, rooms=RoomMap(), open_source=opener(settings), recall=lambda _: None)
    result = await wlan.collect(clock)
    aps = tuple(reading for reading in result.readings if isinstance(reading, AccessPoint))
    (run,) = result.runs
    kind: Kind = "controller"
    says = f"{device.profile.name if device.profile else ''} {device.name}".strip()
    trouble = None
    if run.status != "ok":
        why = str(result.words.get(run.target, Text(run.status, run.status)))
        trouble = Text(f"未读全，接入点可能不止这些：{why}", f"not read whole, there may be more: {why}")
    if not aps and run.status in {"ok", "unsupported"}:
        kind, trouble = "snmp", Text("没有给出任何接入点", "it tells of no access point")
    return Found(host=host, kind=kind, says=says, aps=aps, trouble=trouble, access=access)


async def _projector(host: str, look: Look) -> Found | None:
    first = await _ask_projector(host, look, None)
    if first is None or first.password == "" or look.pjlink_password is None:
        return first
    password = secret(look.pjlink_password, key="--pjlink-password")
    return await _ask_projector(host, look, password)


async def _ask_projector(host: str, look: Look, password: str | None) -> Found | None:
    """`password` of what was found: the reference with which it answers, or would have to be asked."""
    reference = look.pjlink_password or "env:" if password is not None else ""
    place = Place(
        host=host,
        port=look.pjlink_port,
        password=password,
        connect_timeout_s=look.timeout_s,
        reply_timeout_s=4,
    )
    try:
        said = await ask_projector(place, ("NAME", "INF1", "INF2"))
    except Unreachable:
        return None
    except Denied as error:
        return Found(host=host, kind="projector", password=reference or "env:", trouble=error.text)
    values = said.values
    trouble = said.broken if not said.heard else None
    says = " ".join(values[key] for key in ("INF1", "INF2") if values.get(key))
    return Found(
        host=host,
        kind="projector",
        name=values.get("NAME", ""),
        says=says,
        password=reference,
        trouble=trouble,
    )


async def _connects(host: str, port: int, within_s: float) -> bool:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(within_s):
            _, writer = await asyncio.open_connection(host, port)
        writer.transport.abort()
        return True
    return False
