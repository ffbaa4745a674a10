"""The bureau's certificate authority: keys, certificates, the list of revoked ones. No files, no clock."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from contract import Address
from contract.proof import SIGNATURE_BYTES, Proof, attach, key_id, signed_bytes
from runtime.errors import ConfigError, UserError
from runtime.language import Text

_AUTHORITY_YEARS, _SERVER_YEARS = 20, 10
# A list that has run out locks every gateway out: it is written anew at every change and once a day.
_LIST_YEARS = 10
_YEAR = timedelta(days=365)
# A gateway whose clock is a little slow must not find its certificate not valid yet.
_BACK = timedelta(hours=24)
_HASH = hashes.SHA256()


class WrongRequest(UserError):
    """A request for a certificate that cannot be answered."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's key and certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A gateway's certificate. `key` names its public key (`contract.proof.key_id`)."""

    serial: int
    key: str
    public_der: bytes
    address: Address
    since_ms: int
    until_ms: int
    pem: str


def user_name(address: Address) -> str:
    """A gateway's name at the broker and in its certificate: `2112000001.gw1`."""
    return f"{address.school}.{address.gateway}"


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def new_authority(name: str, *, now_ms: int) -> Authority:
    """An authority of one's own, which signs gateways and servers directly."""
    key = new_key()
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = _moment(now_ms)
    builder = (
        _builder(title, title, key.public_key(), start - _BACK, start + _AUTHORITY_YEARS * _YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(key, builder.sign(key, _HASH))


def issue_gateway(authority: Authority, csr_pem: str, address: Address, *, now_ms: int, days: int) -> Issued:
    """Sign a gateway's own key. Nothing of the request counts but the key; raises WrongRequest."""
    public = _requested_key(csr_pem)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, address.district),
            x509.NameAttribute(NameOID.COMMON_NAME, user_name(address)),
        ]
    )
    start = _moment(now_ms)
    builder = _leaf(authority, name, public, start - _BACK, start + timedelta(days=days))
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True)
    certificate = builder.sign(authority.key, _HASH)
    der = public_der(public)
    return Issued(
        serial=certificate.serial_number,
        key=key_id(der),
        public_der=der,
        address=address,
        since_ms=_ms(certificate.not_valid_before_utc),
        until_ms=_ms(certificate.not_valid_after_utc),
        pem=pem(certificate),
    )


def issue_server(
    authority: Authority, key: ec.EllipticCurvePrivateKey, hosts: Sequence[str], *, name: str, now_ms: int
) -> x509.Certificate:
    """For the broker and the enrolment service. It can never be used as a gateway's."""
    start = _moment(now_ms)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _leaf(authority, subject, key.public_key(), start - _BACK, start + _SERVER_YEARS * _YEAR)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=True)
    builder = builder.add_extension(
        x509.SubjectAlternativeName([_host_name(host) for host in hosts]), critical=False
    )
    return builder.sign(authority.key, _HASH)


def revocation_list(authority: Authority, revoked: Mapping[int, int], *, now_ms: int) -> str:
    """PEM of the list; `revoked` has the moment in milliseconds by serial number."""
    now = _moment(now_ms)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - _BACK)
        .next_update(now + _LIST_YEARS * _YEAR)
        .add_extension(x509.CRLNumber(now_ms), critical=False)
        .add_extension(_identifier(authority), critical=False)
    )
    for serial, since_ms in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_moment(since_ms))
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.key, _HASH).public_bytes(serialization.Encoding.PEM).decode()


def request_key(csr_pem: str) -> str:
    """The name of the key that a request is for; raises WrongRequest."""
    return key_id(public_der(_requested_key(csr_pem)))


def verifies(public_key_der: bytes, signature: bytes, data: bytes) -> None:
    """Raises InvalidSignature where `signature` (see contract.proof) is not this key's over `data`."""
    public = serialization.load_der_public_key(public_key_der)
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise InvalidSignature
    half = len(signature) // 2
    numbers = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    public.verify(encode_dss_signature(*numbers), data, ec.ECDSA(_HASH))


def signed(authority: Authority, topic: str, bare: bytes) -> bytes:
    """A message of the bureau's with its proof. What is signed begins with a topic: no certificate does."""
    data = signed_bytes(topic, bare)
    numbers = decode_dss_signature(authority.key.sign(data, ec.ECDSA(_HASH)))
    signature = b"".join(number.to_bytes(SIGNATURE_BYTES // 2, "big") for number in numbers)
    return attach(bare, Proof(key_id(public_der(authority.key.public_key())), signature))


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_der(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_authority(key_pem: bytes, certificate_pem: bytes, *, place: str) -> Authority:
    """Raises ConfigError where the files are damaged or do not belong together."""
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        text = Text(
            f"{place}：证书机构的密钥或证书已损坏", f"{place}: the authority's key or certificate is damaged"
        )
        raise ConfigError(text) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ConfigError(
            Text(
                f"{place}：证书机构的密钥与证书不是一对",
                f"{place}: the authority's key and certificate do not belong together",
            )
        )
    return Authority(key, certificate)


def _requested_key(csr_pem: str) -> ec.EllipticCurvePublicKey:
    try:
        request = x509.load_pem_x509_csr(csr_pem.encode())
        public = request.public_key()
        # Whoever asks has the key: nobody gets a certificate for another's.
        proven = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise WrongRequest(
            Text("无法读取证书申请", "the request for a certificate cannot be read")
        ) from error
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1" or not proven:
        raise WrongRequest(
            Text("证书申请的密钥不符合要求", "the request for a certificate has not the right kind of key")
        )
    return public


def _leaf(
    authority: Authority,
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    end = min(end, authority.certificate.not_valid_after_utc)
    return (
        _builder(subject, authority.certificate.subject, public, start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(_identifier(authority), critical=False)
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _identifier(authority: Authority) -> x509.AuthorityKeyIdentifier:
    public = authority.key.public_key()
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(public)


def _usage(*, signs_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise ConfigError(
            Text(f"{host!r} 不是主机名或地址", f"{host!r} is no host name and no address")
        ) from error


def _moment(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms // 1000, UTC)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
