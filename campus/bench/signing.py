"""A gateway that signs, and the roster that knows it: what proofs cost is measured with them."""

import base64
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from contract import Address, encode
from contract.proof import Proof, attach, key_id, signed_bytes
from contract.roster import Roster, RosterGateway, RosterKey

_SINCE, _UNTIL = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Signing:
    """A key made for this run."""

    address: Address
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, address: Address) -> "Signing":
        return cls(address, ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def signed(self, topic: str, bare: bytes) -> bytes:
        numbers = decode_dss_signature(self.key.sign(signed_bytes(topic, bare), ec.ECDSA(hashes.SHA256())))
        return attach(bare, Proof(key_id(self.public), b"".join(n.to_bytes(32, "big") for n in numbers)))

    def trust(self, folder: Path) -> str:
        """Ingest's settings for a roster that knows this key alone."""
        key = RosterKey(
            key=key_id(self.public),
            public=base64.b64encode(self.public).decode(),
            since=_SINCE,
            until=_UNTIL,
        )
        address = self.address
        gateway = RosterGateway(
            district=address.district,
            school=address.school,
            gateway=address.gateway,
            means="certificate",
            keys=(key,),
        )
        (folder / "gateways.json").write_bytes(encode(Roster(gateways=(gateway,))))
        return '[trust]\nroster = "gateways.json"\n'
