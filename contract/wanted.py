"""What the bureau wants a gateway to run: retained at the broker, signed by the bureau, for one gateway.

Never in it: who the gateway is, its broker, its keys, a secret. Secrets are references that a school has.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from contract.envelope import Message, explain
from contract.errors import ContractError
from contract.moments import UtcText, utc_ms
from contract.proof import ProofText
from contract.readings import ADDRESS_TAGS, Text
from contract.topics import MAX_MESSAGE_BYTES, Address
from contract.types import Column, Measurement, Point

# A message holds the settings and every list beside them; around them there is little.
MOST_CONTENT_BYTES = MAX_MESSAGE_BYTES - 4096
MOST_FILES = 32
# What a version number may be: it counts up by one, and JSON readers elsewhere keep it exactly.
MOST_VERSION = 2**53 - 1

Version = Annotated[int, Field(ge=1, le=MOST_VERSION)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Arg = Text | int | Annotated[tuple[Text, ...], Field(max_length=64)]


class Wanted(Message):
    """One version of a gateway's wanted settings.

    `settings` is a TOML text of collectors alone, `files` the lists that it names; None: the school's own
    file counts again. `software`: the program's version that should run; a person there installs it.
    """

    district: str
    school: str
    gateway: str
    version: Version
    made: UtcText
    settings: str | None = None
    files: Annotated[Mapping[FileName, str], Field(max_length=MOST_FILES)] = {}
    sha256: Sha256
    software: Annotated[Text, Field(min_length=1, max_length=64)] | None = None
    proof: ProofText | None = None


class NotTaken(Message):
    """A wanted version that does not run, and why: a code with its arguments. version 0: it was not ours."""

    version: Annotated[int, Field(ge=0, le=MOST_VERSION)]
    outcome: Literal["refused", "rolled_back"]
    code: Annotated[Text, Field(max_length=64)]
    args: Annotated[Mapping[str, Arg], Field(max_length=8)] = {}
    time: UtcText


class RunningSettings(Message):
    """Which settings a gateway runs, told in its status by who takes them from the bureau.

    version 0: the school's own file. `trial`: they are new, and the last good ones come back where they fail.
    `unproven`: collectors for which the trial goes on: they have not worked with the new settings yet.
    `wanted`: the newest version that was heard and proven. `changed_here`: the own file was edited meanwhile,
    which counts for nothing while the bureau's settings run.
    """

    version: Annotated[int, Field(ge=0, le=MOST_VERSION)]
    sha256: Sha256 | None = None
    since: UtcText
    trial: bool = False
    # Only while there are any: an older ingest does not know it.
    unproven: Annotated[tuple[Text, ...], Field(max_length=64)] | None = None
    wanted: Version | None = None
    master: Literal["bureau", "school"] = "bureau"
    changed_here: bool = False
    not_taken: NotTaken | None = None


WANTED = Measurement(
    name="wanted_settings",
    kept="records",
    tags=ADDRESS_TAGS[:3],
    fields=(
        Column(
            name="version", type="integer", unit="1", low=1, required=True, meaning="Number of the version"
        ),
        Column(name="own", type="boolean", required=True, meaning="The school's own file is wanted"),
        Column(name="sha256", type="text", meaning="Hash of settings and lists"),
        Column(name="software", type="text", meaning="Version of the program that is wanted"),
    ),
    meaning="What the bureau wants a gateway to run, by the moment it was made.",
)

_wanted = TypeAdapter(Wanted)


def content_hash(settings: str | None, files: Mapping[str, str]) -> str:
    """The SHA-256 of settings and lists, whatever order the lists come in."""
    whole = json.dumps([settings, sorted(files.items())], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


def content_bytes(settings: str | None, files: Mapping[str, str]) -> int:
    """How much of a message they fill, as JSON writes them."""
    return len(json.dumps([settings, files], ensure_ascii=False).encode())


def decode_wanted(bare: bytes, address: Address) -> Wanted:
    """Read a message without its proof that was said on this gateway's topic; raises ContractError."""
    if len(bare) > MAX_MESSAGE_BYTES:
        raise ContractError(f"message has {len(bare)} bytes, at most {MAX_MESSAGE_BYTES} are allowed")
    try:
        wanted = _wanted.validate_json(bare)
    except ValidationError as error:
        raise ContractError(f"cannot read wanted settings: {explain(error)}") from error
    named = (wanted.district, wanted.school, wanted.gateway)
    if named != (address.district, address.school, address.gateway):
        raise ContractError(f"wanted settings of {'/'.join(named)[:64]}")
    if content_hash(wanted.settings, wanted.files) != wanted.sha256:
        raise ContractError("wanted settings are not those of their hash")
    return wanted


def wanted_point(address: Address, wanted: Wanted) -> Point:
    """The row that it becomes in a store: which version, and nothing of what is in it."""
    return Point(
        WANTED,
        (address.district, address.school, address.gateway),
        utc_ms(wanted.made),
        (wanted.version, wanted.settings is None, wanted.sha256, wanted.software),
    )


def reason_json(left: NotTaken) -> str:
    """Why a version does not run, in the form that reasons have in a store (`rules.words.to_json`)."""
    value = {"code": left.code, "args": dict(left.args)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
