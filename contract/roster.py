"""The roster: which gateways the bureau has enrolled and their public keys. Nothing in it is secret.

Written whenever somebody is enrolled, renewed or revoked; read by whoever must tell whose a message is.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from contract.envelope import Message, explain
from contract.errors import ContractError
from contract.moments import UtcText

MOST_ROSTER_BYTES = 32 << 20


class RosterKey(Message):
    """A public key (`contract.proof.key_id`; SubjectPublicKeyInfo in Base64) and how long it counts."""

    key: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    public: str
    since: UtcText
    until: UtcText
    revoked: bool = False


class RosterGateway(Message):
    """A gateway that proves itself with a key, or one that the broker knows by its password alone."""

    district: str
    school: str
    gateway: str
    means: Literal["certificate", "password"]
    revoked: bool = False
    keys: tuple[RosterKey, ...] = ()


class Roster(Message):
    """The whole file."""

    gateways: tuple[RosterGateway, ...]


_rosters = TypeAdapter(Roster)


def decode_roster(text: bytes) -> Roster:
    """Raises ContractError."""
    try:
        return _rosters.validate_json(text)
    except ValidationError as error:
        raise ContractError(f"cannot read roster: {explain(error)}") from error
