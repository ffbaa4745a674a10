"""What the dynamic security plugin says about itself, read as rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from trust.broker.rules import MARK, Acl, Client, Rules
from trust.register import Means

_MEANS: tuple[Means, ...] = ("certificate", "password")
_ODD: Acl = ("odd", "")


def found_rules(
    defaults: Iterable[Mapping[str, Any]],
    roles: Iterable[Mapping[str, Any]],
    clients: Iterable[Mapping[str, Any]],
) -> Rules:
    """From the answers to getDefaultACLAccess, listRoles and listClients."""
    return Rules(
        defaults={str(item["acltype"]): bool(item["allow"]) for item in defaults},
        roles={str(role["rolename"]): frozenset(map(_acl, role.get("acls", ()))) for role in roles},
        clients={str(client["username"]): _client(client) for client in clients},
    )


def _acl(item: Mapping[str, Any]) -> Acl:
    """What we do not write ourselves (a refusal, a priority) is like nothing that we want."""
    if item.get("allow") is not True or item.get("priority", 0) not in {0, -1}:
        return _ODD
    return str(item["acltype"]), str(item["topic"])


def _client(item: Mapping[str, Any]) -> Client | None:
    """None: not quite as we make them, and so to be made anew."""
    mark = str(item.get("textname", ""))
    means = next((means for means in _MEANS if mark.startswith(MARK + means)), None)
    if means is None or item.get("groups"):
        return None
    return Client(
        means=means,
        mark=mark,
        roles=tuple(str(role["rolename"]) for role in item.get("roles", ())),
        client_id=item.get("clientid"),
        enabled=not item.get("disabled", False),
    )
