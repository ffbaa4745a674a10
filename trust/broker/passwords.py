"""A gateway that comes with a password: its own, made here, known to the broker alone."""

import secrets
from dataclasses import dataclass

from contract import Address
from trust.authority import user_name
from trust.broker.control import connected
from trust.broker.rules import acl_list, create_command, gateway_client, gateway_role
from trust.broker.syncing import broker_of
from trust.office import Office
from trust.settings import TrustSettings


@dataclass(frozen=True, slots=True)
class Login:
    """What a gateway's configuration needs; the password is kept nowhere."""

    user_name: str
    password: str


def set_password(settings: TrustSettings, office: Office, address: Address) -> Login:
    """Make a password for a gateway and tell the broker. Raises BrokerError, with nothing changed."""
    name, password = user_name(address), secrets.token_urlsafe(18)
    with connected(broker_of(settings)) as control, office.register.changing():
        found = control.rules()
        row = office.put_password_gateway(address)
        role = {"rolename": name, "acls": acl_list(gateway_role(address))}
        control.ask(
            [
                *([{"command": "deleteClient", "username": name}] if name in found.clients else []),
                {"command": "modifyRole" if name in found.roles else "createRole", **role},
                create_command(name, gateway_client(row), password=password),
            ]
        )
    office.publish()
    return Login(name, password)
