"""A gateway's edge.toml, of what was found."""

import json
from collections.abc import Iterator

from contract import Address
from edge_agent.discovery.layout import Layout
from edge_agent.discovery.looking import Found, Look
from edge_agent.settings import SNMP_PORT
from runtime.language import Text


def configuration(address: Address, broker: str, layout: Layout, look: Look) -> str:
    """edge.toml. What has no table yet stands there commented out."""
    return "\n".join(_lines(address, broker, layout, look)) + "\n"


def _lines(address: Address, broker: str, layout: Layout, look: Look) -> Iterator[str]:
    yield str(Text("# campus edge init 写出；每项设置的说明见 sample.toml", "# Written by campus edge init"))
    yield from (f"{key} = {_text(getattr(address, key))}" for key in ("district", "school", "gateway"))
    yield from ("", "[broker]", f"url = {_text(broker)}")
    for number, controller in enumerate(layout.controllers, 1):
        yield from ("", "[[snmp_wlan]]", f'id = "ac{number}"')
        yield from _agent(controller, look)
        yield 'rooms = "aps.csv"'
    if layout.projectors:
        yield from ("", "[[pjlink]]", 'id = "projectors"', 'projectors = "projectors.csv"')
    if layout.plugs and layout.plug_broker:
        own = layout.plug_broker
        yield from ("", "[[mqtt_power]]", 'id = "plugs"', f"url = {_text(own.url)}")
        given = (("username", own.username), ("password", own.password))
        yield from (f"{key} = {_text(value)}" for key, value in given if value is not None)
        yield 'plugs = "plugs.csv"'
    off = "" if layout.devices else "# "
    if layout.switches or layout.devices:
        yield from ("", f"{off}[[presence]]", f'{off}id = "presence"', f'{off}devices = "devices.csv"')
    for switch in layout.switches:
        yield f"{off}[[presence.switches]]"
        yield from (f"{off}{line}" for line in _agent(switch, look))


def _agent(found: Found, look: Look) -> Iterator[str]:
    yield f"host = {_text(found.host)}"
    if look.snmp_port != SNMP_PORT:
        yield f"port = {look.snmp_port}"
    for key, value in found.access.values.items() if found.access else ():
        yield f"{key} = {_text(value)}"


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=False)
