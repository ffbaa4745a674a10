"""A gateway's identity: a folder with its key and certificate, its authority, and where it renews."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from contract import Address
from contract.proof import SIGNATURE_BYTES, Proof, attach, key_id, signed_bytes
from edge_agent.identity.files import AUTHORITY, IDENTITY, SERVER
from runtime import ConfigError
from runtime.language import Text
from runtime.whole_files import read_whole

_HALF = SIGNATURE_BYTES // 2
# It renews when so much of its time is left.
_LEFT_SHARE = 3


@dataclass(frozen=True, slots=True)
class Server:
    """Where gateways enrol and renew."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What proves who a gateway is, to the broker and with every message."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    key_name: str
    since_ms: int
    until_ms: int
    authority_pem: str
    server: Server

    def signed(self, topic: str, bare: bytes) -> bytes:
        """A message with its proof."""
        return attach(bare, Proof(self.key_name, self.signature(signed_bytes(topic, bare))))

    def signature(self, data: bytes) -> bytes:
        numbers = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(_HALF, "big") for number in numbers)

    def tls(self) -> ssl.SSLContext:
        """For the broker: it must be one of our authority's, under whatever name or address it is reached."""
        context = trusting(self.authority_pem)
        context.load_cert_chain(self.folder / IDENTITY)
        return context

    @property
    def renews_ms(self) -> int:
        """From when on it is renewed."""
        return self.until_ms - (self.until_ms - self.since_ms) // _LEFT_SHARE

    def renewal_due(self, now_ms: int) -> bool:
        return now_ms >= self.renews_ms


def trusting(authority_pem: str) -> ssl.SSLContext:
    """Trust in servers of this authority alone; it makes no others than the bureau's own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.load_verify_locations(cadata=authority_pem)
    return context


def load_identity(folder: Path, address: Address) -> Identity:
    """Raises ConfigError where a file is damaged or it is another gateway's identity."""
    combined = read_whole(folder / IDENTITY)
    try:
        key = serialization.load_pem_private_key(combined, password=None)
        certificate = x509.load_pem_x509_certificate(combined)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _damaged(folder / IDENTITY) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise _damaged(folder / IDENTITY)
    authority_pem = read_whole(folder / AUTHORITY).decode(errors="replace")
    try:
        trusting(authority_pem)
    except ssl.SSLError as error:
        raise _damaged(folder / AUTHORITY) from error
    whose = owner(certificate)
    if whose != (address.district, f"{address.school}.{address.gateway}"):
        raise ConfigError(
            Text(
                f"{folder} 是网关 {' '.join(whose)} 的证书，而本机配置为 {address.district} {address.school}"
                f".{address.gateway}；请重新注册（campus enrol）",
                f"{folder} belongs to {' '.join(whose)}, this gateway is configured as {address.district} "
                f"{address.school}.{address.gateway}: enrol it anew (campus enrol)",
            )
        )
    return Identity(
        folder=folder,
        key=key,
        key_name=key_id(public_der(key)),
        since_ms=round(certificate.not_valid_before_utc.timestamp() * 1000),
        until_ms=round(certificate.not_valid_after_utc.timestamp() * 1000),
        authority_pem=authority_pem,
        server=parse_server(read_whole(folder / SERVER).decode(errors="replace").strip()),
    )


def parse_server(text: str) -> Server:
    """`host:port`; raises ConfigError."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 65536:
        raise ConfigError(
            Text(
                f"{text!r} 不是 主机:端口，例如 10.8.0.1:8444", f"{text!r} is not host:port, as 10.8.0.1:8444"
            )
        )
    return Server(host, int(port))


def owner(certificate: x509.Certificate) -> tuple[str, str]:
    """District and user name of a certificate."""
    values = {attribute.oid: str(attribute.value) for attribute in certificate.subject}
    return (
        values.get(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, ""),
        values.get(x509.NameOID.COMMON_NAME, ""),
    )


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _damaged(path: Path) -> ConfigError:
    return ConfigError(
        Text(f"{path} 已损坏，请重新注册（campus enrol）", f"{path} is damaged: enrol anew (campus enrol)")
    )
