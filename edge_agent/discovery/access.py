"""With what agents are asked over SNMP: a community, or a user of v3; secrets as references alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from pydantic import ValidationError

from edge_agent.settings import SNMP_PORT, SnmpWlanSettings
from runtime import secret
from runtime.errors import ConfigError
from runtime.language import Text
from runtime.problems import problem_text

_SECRETS = {"community": "--community", "auth_key": "--snmp-auth-key", "priv_key": "--snmp-priv-key"}
_OPTIONS = {**_SECRETS, "auth": "--snmp-auth", "priv": "--snmp-priv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One way to ask. community: v2c; user and what follows: v3. Secrets are env:NAME or file:/path."""

    community: str | None = None
    user: str | None = None
    auth: str | None = None
    auth_key: str | None = None
    priv: str | None = None
    priv_key: str | None = None

    @property
    def values(self) -> Mapping[str, str]:
        """As a collector's settings have it."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: value for name, value in told.items() if value is not None}
        return {"version": "3", **given} if self.user is not None else given

    def agent(self, host: str, port: int = SNMP_PORT, **patience: object) -> SnmpWlanSettings:
        return SnmpWlanSettings.model_validate(
            {"id": "look", "host": host, "port": port, **self.values, **patience}
        )

    def check(self) -> None:
        """Raises ConfigError where it is not whole, or a secret is not there."""
        try:
            self.agent("127.0.0.1").read_keys()
        except ValidationError as error:
            (first, *_) = error.errors(include_url=False)
            option = _OPTIONS.get(str(first["loc"][-1]) if first["loc"] else "", "--snmp-user")
            raise ConfigError(f"{option}: {problem_text(first)}") from error
        except ConfigError:
            pass  # told below with the option's own name, or a key that is too short
        for name, option in _SECRETS.items():
            if (reference := getattr(self, name)) is not None:
                secret(reference, key=option)
        self.agent("127.0.0.1").read_keys()


def ways(community: str | None, by_user: Access) -> tuple[Access, ...]:
    """What was given, the user first: who has both set up means v3. Raises ConfigError."""
    found = list(_ways(community, by_user))
    for access in found:
        access.check()
    return tuple(found)


def _ways(community: str | None, by_user: Access) -> Iterator[Access]:
    if by_user.user is not None:
        yield by_user
    elif by_user != Access():
        raise ConfigError(Text("有 SNMP v3 的口令而没有 --snmp-user", "keys of SNMP v3 without --snmp-user"))
    if community is not None:
        yield Access(community=community)
