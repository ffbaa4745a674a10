"""The broker's rules as they should be, as they are, and what leads from one to the other. Reads nothing.

Everything that is not allowed is refused. A gateway has a role of its own, with its own topics alone. The
shared subscription is ingest's, by its full name, which nobody else knows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract import Address, subscription
from runtime.language import Text
from trust.authority import user_name
from trust.register import GatewayRow, Means

Command = dict[str, Any]

ADMIN, INGEST = "campus-admin", "ingest"
CONTROL = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{CONTROL}/response"
SEND, RECEIVE, SUBSCRIBE = "publishClientSend", "publishClientReceive", "subscribeLiteral"
# To let go of a subscription hurts nobody.
DEFAULTS = {SEND: False, RECEIVE: False, "subscribe": False, "unsubscribe": True}
# How a client that we made is known again.
MARK = "campus: "
_GATEWAY_NAME = re.compile(r"[0-9]{10}\.[a-z0-9-]{1,32}")

Acl = tuple[str, str]
"""What may be done, and on which topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`mark`: how it proves who it is, since when; where that changes it is made anew, its session ends."""

    means: Means
    mark: str
    roles: tuple[str, ...]
    client_id: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Roles with what they allow, and clients; `defaults` for what no role mentions."""

    roles: Mapping[str, frozenset[Acl]]
    clients: Mapping[str, Client | None]
    defaults: Mapping[str, bool] = field(default_factory=lambda: DEFAULTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Commands in the order in which they are given, what they mean, and what only a person can mend."""

    commands: tuple[Command, ...] = ()
    lines: tuple[Text, ...] = ()
    problems: tuple[Text, ...] = ()


def wanted_rules(gateways: Iterable[GatewayRow], share: str) -> Rules:
    """The rules for these gateways and for ingest."""
    roles, clients = dict(fixed_roles(share)), dict[str, Client | None]()
    for row in gateways:
        name = user_name(row.address)
        roles[name] = gateway_role(row.address)
        clients[name] = gateway_client(row)
    return Rules(roles=roles, clients=clients)


def gateway_client(row: GatewayRow) -> Client:
    # A certificate's bearer gets its user name as client id from the broker itself.
    bound = client_id(row.address) if row.means == "password" else None
    mark = f"{MARK}{row.means} {row.since_ms}"
    return Client(means=row.means, mark=mark, roles=(user_name(row.address),), client_id=bound)


def client_id(address: Address) -> str:
    """What a gateway calls itself; with a password it is let in under this name only."""
    return f"campus-{address.district}-{address.school}-{address.gateway}"


def gateway_role(address: Address) -> frozenset[Acl]:
    """A gateway says its own readings and status, and hears what is for it; nothing else."""
    return frozenset(
        {
            (SEND, address.topic("readings")),
            (SEND, address.topic("status")),
            (SUBSCRIBE, address.topic("ack")),
            (RECEIVE, address.topic("ack")),
            (SUBSCRIBE, address.topic("wanted")),
            (RECEIVE, address.topic("wanted")),
        }
    )


def fixed_roles(share: str) -> Mapping[str, frozenset[Acl]]:
    """The administrator's, who keeps rules and wanted settings and hears how gateways fare; and ingest's."""
    return {
        ADMIN: frozenset(
            {
                (SEND, CONTROL),
                (SUBSCRIBE, RESPONSE),
                (RECEIVE, RESPONSE),
                (SEND, subscription("wanted")),
                (SUBSCRIBE, subscription("wanted")),
                (RECEIVE, subscription("wanted")),
                (SUBSCRIBE, subscription("status")),
                (RECEIVE, subscription("status")),
            }
        ),
        INGEST: frozenset(
            {
                (SUBSCRIBE, subscription("readings", share=share)),
                # Should a later mosquitto look at what is shared instead of the whole name.
                (SUBSCRIBE, subscription("readings")),
                (SUBSCRIBE, subscription("status")),
                (RECEIVE, subscription("readings")),
                (RECEIVE, subscription("status")),
                (SUBSCRIBE, subscription("wanted")),
                (RECEIVE, subscription("wanted")),
                (SEND, subscription("ack")),
            }
        ),
    }


def plan(wanted: Rules, found: Rules) -> Plan:
    """What to tell the broker; nothing where all is as it should be."""
    commands: list[Command] = []
    lines: list[Text] = []
    problems: list[Text] = []
    if found.defaults != wanted.defaults:
        commands.append(default_command(wanted.defaults))
        lines.append(Text("缺省拒绝一切", "whatever is not allowed is refused"))
    for name in sorted(found.clients.keys() - wanted.clients.keys()):
        if _GATEWAY_NAME.fullmatch(name):
            leave = _leave_commands(name, found.clients[name])
            commands += leave
            if leave:
                lines.append(Text(f"- {name} 不再有任何权限", f"- {name} may do nothing any more"))
        elif name not in {ADMIN, INGEST}:
            problems.append(
                Text(
                    f"用户 {name} 不是本平台建立的，未改动",
                    f"user {name} was not made by this platform and is left as it is",
                )
            )
    commands += _role_commands(wanted, found)
    for name, client in wanted.clients.items():
        made, problem = _client_commands(name, client, name in found.clients, found.clients.get(name))
        commands += made
        problems += problem
        if made:
            lines.append(Text(f"+ {name} 的权限已更新", f"+ {name} has its rights"))
    for name in sorted(found.roles.keys() - wanted.roles.keys()):
        kept = found.clients.get(name)
        if _GATEWAY_NAME.fullmatch(name) and (kept is None or kept.means == "certificate"):
            commands.append({"command": "deleteRole", "rolename": name})
    return Plan(commands=tuple(commands), lines=tuple(lines), problems=tuple(problems))


def default_command(defaults: Mapping[str, bool]) -> Command:
    acls = [{"acltype": kind, "allow": allow} for kind, allow in defaults.items()]
    return {"command": "setDefaultACLAccess", "acls": acls}


def acl_list(acls: Iterable[Acl]) -> list[Command]:
    return [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for kind, topic in sorted(acls)]


def _leave_commands(name: str, found: Client | None) -> list[Command]:
    """A password is kept, disabled: whose school was struck out by mistake needs no new one when it is back.

    A certificate's bearer is not asked whether it is disabled, and so is taken out.
    """
    if found is None or found.means == "certificate":
        return [{"command": "deleteClient", "username": name}]
    return [{"command": "disableClient", "username": name}] if found.enabled else []


def _role_commands(wanted: Rules, found: Rules) -> list[Command]:
    commands: list[Command] = []
    for name, acls in wanted.roles.items():
        if name not in found.roles:
            commands.append({"command": "createRole", "rolename": name, "acls": acl_list(acls)})
        elif found.roles[name] != acls:
            commands.append({"command": "modifyRole", "rolename": name, "acls": acl_list(acls)})
    return commands


def _client_commands(
    name: str, wanted: Client | None, exists: bool, found: Client | None
) -> tuple[list[Command], list[Text]]:
    """`found` is None as well where a client is there that is not quite as we make them."""
    if wanted is None or found == wanted:
        return [], []
    if wanted.means == "password" and (found is None or found.mark != wanted.mark):
        problem = Text(
            f"消息代理中没有 {name} 的口令：请用 campus ca code … --password 重新生成",
            f"the broker has no password for {name}: make a new one with campus ca code … --password",
        )
        return ([{"command": "deleteClient", "username": name}] if exists else []), [problem]
    if wanted.means == "password":
        roles = [{"rolename": role} for role in wanted.roles]
        modify = {"command": "modifyClient", "username": name, "clientid": wanted.client_id, "roles": roles}
        return [modify, {"command": "enableClient", "username": name}], []
    # To make it anew ends its session, a password that it may have, and whatever else it was given.
    remove = [{"command": "deleteClient", "username": name}] if exists else []
    return [*remove, create_command(name, wanted)], []


def create_command(name: str, client: Client, *, password: str | None = None) -> Command:
    """Makes a client of the broker; without a password it is let in by its certificate alone."""
    command: Command = {
        "command": "createClient",
        "username": name,
        "textname": client.mark,
        "roles": [{"rolename": role} for role in client.roles],
    }
    if client.client_id is not None:
        command["clientid"] = client.client_id
    if password is not None:
        command["password"] = password
    return command
