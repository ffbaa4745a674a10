"""What a school and the bureau say while a gateway is enrolled: the one-time code, questions and answers.

A code is 25 letters and digits that can be read over the telephone: 8 of them are the secret, 16 name the
bureau's certificate authority, so that nobody in between can pose as it, and the last finds slips of the pen.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from contract.envelope import Message, explain
from contract.errors import ContractError
from contract.moments import UtcText
from contract.proof import signed_bytes
from runtime.language import Text

DEFAULT_PORT = 8444
# Crockford's: none of I, L, O, U, which are taken for others.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("ILO", "110")
_SECRET, _PIN, _GROUP = 8, 16, 5
_LENGTH = _SECRET + _PIN + 1
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Code:
    """`secret` is shown once and works once; `pin` is `pin_of` the authority's certificate."""

    secret: str
    pin: str

    def __str__(self) -> str:
        text = self.secret + self.pin
        text += _check(text)
        return "-".join(text[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))

    @classmethod
    def parse(cls, text: str) -> "Code":
        """Read what a person typed, in whatever case and with whatever between; raises ContractError."""
        plain = "".join(sign for sign in text.upper() if sign.isalnum()).translate(_MISREAD)
        if len(plain) != _LENGTH:
            raise ContractError(
                Text(
                    f"注册码应有 {_LENGTH} 个字母和数字，这里有 {len(plain)} 个",
                    f"a code has {_LENGTH} letters and digits, this has {len(plain)}",
                )
            )
        if set(plain) - set(ALPHABET) or _check(plain[:-1]) != plain[-1]:
            raise ContractError(
                Text("注册码输入有误，请逐组核对", "the code was mistyped: compare it group by group")
            )
        return cls(plain[:_SECRET], plain[_SECRET:-1])


def pin_of(certificate_der: bytes) -> str:
    """The first 80 bits of a certificate's SHA-256, as a code holds them."""
    return encode_base32(hashlib.sha256(certificate_der).digest()[:10])


def encode_base32(data: bytes) -> str:
    """Five bits a sign; the number of bits must be a multiple of five."""
    number = int.from_bytes(data, "big")
    signs = len(data) * 8 // 5
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(signs)))


def _check(text: str) -> str:
    return ALPHABET[hashlib.sha256(text.encode()).digest()[0] & 31]


Pem = Annotated[str, Field(min_length=1, max_length=16_384)]


class Hello(Message):
    """GET /ca: the authority's certificate, to be compared with the code, and the server's clock."""

    ca: Pem
    time: UtcText


class Enrol(Message):
    """POST /enrol: a certificate for a key that never leaves the gateway (`csr`), against a code's secret."""

    secret: Annotated[str, Field(min_length=_SECRET, max_length=_SECRET)]
    district: str
    school: str
    gateway: str
    csr: Pem


class Renew(Message):
    """POST /renew: a new key's certificate, asked for with the key whose certificate is the newest so far.

    `signature` is by that key (`key`) over RENEWAL and the request to sign.
    """

    key: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    csr: Pem
    signature: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{86}$")]


class Enrolled(Message):
    """The answer to both: the certificate and its authority's."""

    certificate: Pem
    ca: Pem


class Refusal(Message):
    """Why not, in both languages; with a status of 400 or more."""

    code: str
    zh: str
    en: str


RENEWAL = "campus/v1/renew"


def renewal_bytes(csr: str) -> bytes:
    """What a gateway signs to ask for its next certificate."""
    return signed_bytes(RENEWAL, csr.encode())


_refusals = TypeAdapter(Refusal)
_hellos = TypeAdapter(Hello)
_answers = TypeAdapter(Enrolled)


def decode_hello(body: bytes) -> Hello:
    """Raises ContractError where this is not the enrolment service."""
    try:
        return _hellos.validate_json(body)
    except ValidationError as error:
        raise ContractError(f"cannot read answer: {explain(error)}") from error


def decode_answer(body: bytes) -> Enrolled:
    """Raises ContractError."""
    try:
        return _answers.validate_json(body)
    except ValidationError as error:
        raise ContractError(f"cannot read answer: {explain(error)}") from error


def decode_refusal(body: bytes) -> Refusal | None:
    """Why the service refused; None where something else answered."""
    try:
        return _refusals.validate_json(body)
    except ValidationError:
        return None
