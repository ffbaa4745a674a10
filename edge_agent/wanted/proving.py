"""Whether a message is the bureau's: signed by the authority whose certificate came with the enrolment."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from contract.proof import SIGNATURE_BYTES, detach, key_id, signed_bytes
from edge_agent.wanted.why import NotTakenError, because

_HALF = SIGNATURE_BYTES // 2


def proven(authority_pem: str, topic: str, payload: bytes) -> bytes:
    """The message without its proof; raises NotTakenError where it is not proven to be the bureau's."""
    bare, proof = detach(payload)
    try:
        public = x509.load_pem_x509_certificate(authority_pem.encode()).public_key()
        if proof is None or not isinstance(public, ec.EllipticCurvePublicKey):
            raise InvalidSignature
        if proof.key != key_id(_der(public)):
            raise InvalidSignature
        numbers = [int.from_bytes(half, "big") for half in (proof.signature[:_HALF], proof.signature[_HALF:])]
        public.verify(encode_dss_signature(*numbers), signed_bytes(topic, bare), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise NotTakenError(because("fleet.signature")) from error
    return bare


def _der(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
