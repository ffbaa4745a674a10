"""Whose message this is: its proof (contract.proof) against the bureau's roster of gateways and their keys.

The broker lets a gateway speak on its own topics alone. This checks once more, from what the gateway signed
and without trusting the broker: school, district and gateway of the topic are those of the key.
"""

import base64
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from contract import Address, ContractError, utc_ms, utc_text
from contract.proof import SIGNATURE_BYTES, Proof, key_id, signed_bytes
from contract.roster import MOST_ROSTER_BYTES, RosterGateway, RosterKey, decode_roster
from ingest.settings import SenderSettings
from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text

# How old a change of the roster may be before it is noticed; an unknown key is looked up at once.
_LOOK_S = 1.0
_HALF = SIGNATURE_BYTES // 2
_AUTHORITY = "ca.pem"
_HOW = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A gateway's public key, ready to be used."""

    address: Address
    public: ec.EllipticCurvePublicKey
    since_ms: int
    until_ms: int
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The roster as it is used: keys by name, gateways by school and name."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    gateways: Mapping[tuple[str, str], RosterGateway] = field(default_factory=dict)


class Senders:
    """`problem`: why the roster cannot be read now; what was known before goes on counting."""

    def __init__(self, settings: SenderSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises ConfigError where the roster cannot be read at all."""
        self._path = settings.roster
        self._accept_unenrolled = settings.unenrolled == "accept"
        self._clock = clock
        self._identity: tuple[int, int, int] | None = None
        self._looked_s = float("-inf")
        self._known = Known()
        self._bureau = _bureau_key(settings)
        self.problem: str | None = None
        self._look()
        if self.problem is not None:
            raise ConfigError(f"trust.roster: {self.problem}")

    @property
    def gateways(self) -> Mapping[tuple[str, str], RosterGateway]:
        """By school and name."""
        return self._known.gateways

    def doubt(
        self, address: Address, topic: str, bare: bytes, proof: Proof | None, *, now_ms: int
    ) -> str | None:
        """Why a message is not proven to be its gateway's; None where it is, or need not be."""
        stranger = proof is not None and self.problem is None and proof.key not in self._known.keys
        if stranger or self._clock() - self._looked_s > _LOOK_S:
            self._look()
        gateway = self._known.gateways.get((address.school, address.gateway))
        if proof is None:
            return self._doubt_of_unsigned(address, gateway)
        key = self._known.keys.get(proof.key)
        doubt = _doubt_of_key(address, gateway, proof.key, key, now_ms)
        if doubt is None and key is not None and not _fits(key.public, proof, signed_bytes(topic, bare)):
            doubt = "its signature does not fit"
        return doubt

    def doubt_of_bureau(self, topic: str, bare: bytes, proof: Proof | None) -> str | None:
        """Why a message is not proven to be the bureau's own."""
        if proof is None:
            return "it is not signed"
        if self._bureau is None:
            return "the bureau's certificate (ca.pem) is not beside the roster"
        if proof.key != key_id(_der(self._bureau)):
            return f"key {proof.key} is not the bureau's"
        fits = _fits(self._bureau, proof, signed_bytes(topic, bare))
        return None if fits else "its signature does not fit"

    def _doubt_of_unsigned(self, address: Address, gateway: RosterGateway | None) -> str | None:
        if gateway is None:
            return None if self._accept_unenrolled else "its gateway is not enrolled"
        if gateway.means == "password" and not gateway.revoked and gateway.district == address.district:
            return None
        return _doubt_of_gateway(address, gateway) or "it is not signed"

    def _look(self) -> None:
        """Read the roster if it is another file than before."""
        self._looked_s = self._clock()
        try:
            status = os.stat(self._path)
            identity = (status.st_ino, status.st_mtime_ns, status.st_size)
            if identity == self._identity and self.problem is None:
                return
            if status.st_size > MOST_ROSTER_BYTES:
                raise ContractError("cannot read roster: it is too large")
            self._known = _known(self._path.read_bytes())
        except OSError as error:
            why = os_reason(error)
            self.problem = str(Text(f"{self._path}：{why.zh}", f"{self._path}: {why.en}"))
        except (ValueError, UnsupportedAlgorithm) as error:  # ContractError among them
            self.problem = str(Text(f"{self._path} 已损坏：{error}", f"{self._path} is damaged: {error}"))
        else:
            self._identity, self.problem = identity, None


def _bureau_key(settings: SenderSettings) -> ec.EllipticCurvePublicKey | None:
    """None where no certificate was given and none lies beside the roster. Raises ConfigError."""
    path = settings.authority or settings.roster.with_name(_AUTHORITY)
    if settings.authority is None and not path.exists():
        return None
    try:
        public = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"{path}：{why.zh}", f"{path}: {why.en}")) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(Text(f"{path} 不是证书（PEM）", f"{path} is no certificate (PEM)")) from error
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise ConfigError(Text(f"{path} 的密钥种类不对", f"{path} has another kind of key"))
    return public


def _der(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _known(text: bytes) -> Known:
    roster = decode_roster(text)
    return Known(
        keys={key.key: _key(gateway, key) for gateway in roster.gateways for key in gateway.keys},
        gateways={(gateway.school, gateway.gateway): gateway for gateway in roster.gateways},
    )


def _key(gateway: RosterGateway, key: RosterKey) -> Key:
    public = serialization.load_der_public_key(base64.b64decode(key.public))
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise ContractError(f"key {key.key} is of another kind")
    return Key(
        address=Address(gateway.district, gateway.school, gateway.gateway),
        public=public,
        since_ms=utc_ms(key.since),
        until_ms=utc_ms(key.until),
        revoked=key.revoked,
    )


def _doubt_of_key(
    address: Address, gateway: RosterGateway | None, name: str, key: Key | None, now_ms: int
) -> str | None:
    if key is None:
        return f"key {name} is in no roster of ours"
    if key.address != address:
        owner = key.address
        return f"key {name} is of {owner.district}/{owner.school}/{owner.gateway}"
    if key.revoked or gateway is None or gateway.revoked:
        return f"key {name} was revoked"
    if not key.since_ms <= now_ms < key.until_ms:
        return f"key {name} counts from {utc_text(key.since_ms)} to {utc_text(key.until_ms)}"
    return None


def _doubt_of_gateway(address: Address, gateway: RosterGateway) -> str | None:
    if gateway.revoked:
        return "its gateway was revoked"
    if gateway.district != address.district:
        return f"its gateway is enrolled in district {gateway.district}"
    return None


def _fits(public: ec.EllipticCurvePublicKey, proof: Proof, data: bytes) -> bool:
    signature = proof.signature
    numbers = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    try:
        public.verify(encode_dss_signature(*numbers), data, _HOW)
    except InvalidSignature:
        return False
    return True
