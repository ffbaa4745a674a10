"""The proof of a message: a signature by its gateway's own key, as the message's last member.

`{"v":1,…,"proof":"<key>.<signature>"}`: what is signed is the topic and every byte of the message without the
proof, so that neither can be changed and none is read before it is proven. What signs, and what it is checked
with, is not decided here.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

# ECDSA over P-256: two numbers of 32 bytes.
SIGNATURE_BYTES = 64
_PATTERN = r"[0-9a-f]{16}\.[A-Za-z0-9_-]{86}"
_LAST_MEMBER = re.compile(rf',"proof":"({_PATTERN})"\}}\Z'.encode())
_LENGTH = len(',"proof":""}') + 16 + 1 + 86

ProofText = Annotated[str, Field(pattern=f"^{_PATTERN}$")]


@dataclass(frozen=True, slots=True)
class Proof:
    """Which key signed (see `key_id`), and its signature as two numbers one after the other."""

    key: str
    signature: bytes


def key_id(public_der: bytes) -> str:
    """The name of a key: the first 16 digits of the SHA-256 of its SubjectPublicKeyInfo."""
    return hashlib.sha256(public_der).hexdigest()[:16]


def signed_bytes(topic: str, bare: bytes) -> bytes:
    """What a proof signs: the message as it is without it, and where it is said."""
    return topic.encode() + b"\n" + bare


def attach(bare: bytes, proof: Proof) -> bytes:
    """A message, which ends with `}`, with its proof."""
    signature = base64.urlsafe_b64encode(proof.signature).rstrip(b"=")
    return bare[:-1] + b',"proof":"' + proof.key.encode() + b"." + signature + b'"}'


def detach(payload: bytes) -> tuple[bytes, Proof | None]:
    """The message without its proof, and the proof; None where it has none in exactly this form."""
    found = _LAST_MEMBER.search(payload, max(len(payload) - _LENGTH, 0))
    if found is None:
        return payload, None
    key, _, signature = found[1].partition(b".")
    return payload[: found.start()] + b"}", Proof(key.decode(), base64.urlsafe_b64decode(signature + b"=="))
