"""Enrolment and renewal: a new key here, its certificate from the bureau, and then both in their place."""

import base64
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contract import Address
from contract.enrolment import Code, Enrol, Enrolled, Renew, renewal_bytes
from edge_agent.identity.asking import Refused, Unreachable, ask_enrol, ask_renew, meet
from edge_agent.identity.files import AUTHORITY, IDENTITY, NEXT, SERVER, write_file
from edge_agent.identity.identity import Identity, Server, load_identity, owner, parse_server
from runtime import ConfigError
from runtime.language import Text


def enrol(folder: Path, address: Address, server: Server, code: Code, *, now_ms: int) -> Identity:
    """Raises Unreachable or Refused with nothing changed, ConfigError where the folder cannot be written."""
    hello = meet(server, code, now_ms=now_ms)
    try:
        return _enrol(folder, address, server, code, hello.ca)
    except Refused as refused:
        if refused.code != "key":
            raise
        # A key that an earlier code was used with: a new one, then.
        (folder / NEXT).unlink(missing_ok=True)
        return _enrol(folder, address, server, code, hello.ca)


def renew(identity: Identity, address: Address) -> Identity:
    """The same gateway with a new key and certificate; raises as `enrol` does."""
    key = _next_key(identity.folder)
    csr = _request(key)
    signature = base64.urlsafe_b64encode(identity.signature(renewal_bytes(csr))).rstrip(b"=").decode()
    question = Renew(key=identity.key_name, csr=csr, signature=signature)
    answer = ask_renew(identity.server, identity.authority_pem, question)
    _check(answer, key, address)
    return _put(identity.folder, address, key, answer)


def _enrol(folder: Path, address: Address, server: Server, code: Code, authority_pem: str) -> Identity:
    key = _next_key(folder)
    question = Enrol(
        secret=code.secret,
        district=address.district,
        school=address.school,
        gateway=address.gateway,
        csr=_request(key),
    )
    answer = ask_enrol(server, authority_pem, question)
    _check(answer, key, address)
    write_file(folder / AUTHORITY, authority_pem.encode())
    write_file(folder / SERVER, f"{server}\n".encode())
    return _put(folder, address, key, answer)


def _put(folder: Path, address: Address, key: ec.EllipticCurvePrivateKey, answer: Enrolled) -> Identity:
    write_file(folder / IDENTITY, answer.certificate.encode() + _private(key))
    (folder / NEXT).unlink(missing_ok=True)
    return load_identity(folder, address)


def _next_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """A key is kept before it is asked for: where the answer gets lost, the same question is asked again."""
    path = folder / NEXT
    try:
        kept = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(kept, ec.EllipticCurvePrivateKey):
            return kept
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        pass  # there is none, or a torn one that nobody was asked about
    key = ec.generate_private_key(ec.SECP256R1())
    write_file(path, _private(key))
    return key


def _request(key: ec.EllipticCurvePrivateKey) -> str:
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _check(answer: Enrolled, key: ec.EllipticCurvePrivateKey, address: Address) -> None:
    """Raises Unreachable where the certificate is not for our key and name."""
    try:
        certificate = x509.load_pem_x509_certificate(answer.certificate.encode())
        fits = certificate.public_key() == key.public_key()
        fits = fits and owner(certificate) == (address.district, f"{address.school}.{address.gateway}")
    except (ValueError, UnsupportedAlgorithm):
        fits = False
    if not fits:
        raise Unreachable(
            Text("注册服务给出的证书不是本网关的", "the certificate that came is not this gateway's")
        )


def server_of(given: str | None, broker_host: str, port: int) -> Server:
    """Where to enrol: as given, else beside the broker."""
    if given is None:
        return Server(broker_host, port)
    if given.startswith(("http://", "https://")):
        given = given.partition("://")[2].rstrip("/")
    if ":" not in given:
        given = f"{given}:{port}"
    try:
        return parse_server(given)
    except ConfigError as error:
        raise ConfigError(f"--server: {error}") from error
