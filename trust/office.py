"""The bureau's office: makes codes, enrols, renews and revokes gateways, and writes each change out."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from contract import Address, ContractError, utc_text
from contract.enrolment import ALPHABET, Code, Enrol, Enrolled, Renew, pin_of, renewal_bytes
from runtime.errors import UserError
from runtime.language import Text
from trust.authority import issue_gateway, pem, request_key, signed, verifies
from trust.folder import Folder
from trust.publishing import publish
from trust.register import CertificateRow, CodeRow, GatewayRow, Means, Register
from trust.settings import TrustSettings

_DAY_MS = 86_400_000
# Who was away for longer is enrolled anew.
_RENEW_AFTER_END_MS = 400 * _DAY_MS
# A gateway that renews again and again must not fill the register.
_RENEW_AGAIN_MS = 3_600_000


class Refused(UserError):
    """A question of a gateway's that is answered with no; `code` tells programs why, the text people."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Office:
    """Open while it is used; several may be open at once, in the service and in commands."""

    def __init__(self, settings: TrustSettings, *, clock: Callable[[], int]) -> None:
        """`clock` gives milliseconds since 1970. Raises ConfigError where there is no authority yet."""
        self._settings = settings
        self.folder = Folder(settings.folder)
        self._authority = self.folder.authority()
        self._clock = clock
        self.register = Register(self.folder.register)
        certificate = self._authority.certificate.public_bytes(serialization.Encoding.DER)
        self.pin = pin_of(certificate)
        self.ca_pem = pem(self._authority.certificate)

    def __enter__(self) -> "Office":
        return self

    def __exit__(self, *_: object) -> None:
        self.register.close()

    def now_ms(self) -> int:
        return self._clock()

    def signed(self, topic: str, bare: bytes) -> bytes:
        """A message that gateways know to be the bureau's: they have its certificate since enrolment."""
        return signed(self._authority, topic, bare)

    def make_code(self, address: Address) -> tuple[Code, int]:
        """A code that enrols this gateway once, and until when (milliseconds). It replaces an earlier one."""
        now_ms = self._clock()
        secret = "".join(secrets.choice(ALPHABET) for _ in range(8))
        expires_ms = now_ms + round(self._settings.code_days * _DAY_MS)
        row = CodeRow(hash=_hash(secret), address=address, made_ms=now_ms, expires_ms=expires_ms)
        with self.register.changing():
            self.register.add_code(row)
        return Code(secret, self.pin), expires_ms

    def enrol(self, asked: Enrol) -> Enrolled:
        """A certificate for a code; the same again where the answer did not arrive. Raises Refused."""
        now_ms = self._clock()
        key = request_key(asked.csr)
        with self.register.changing():
            code = self.register.code(_hash(asked.secret))
            if code is None:
                raise Refused("wrong", Text("注册码不对", "this is not a code of ours"))
            known = self._of_key(code.address, key)
            if code.used_ms is not None and code.used_by == key and known and known.revoked_ms is None:
                answer = known.pem
            else:
                _check_code(code, asked, now_ms)
                self.register.revoke_certificates(code.address.school, code.address.gateway, now_ms=now_ms)
                answer = self._issue(asked.csr, code.address, now_ms)
                self.register.use_code(code.hash, key, now_ms=now_ms)
                self._put(code.address, "certificate", now_ms)
        self.publish()
        return Enrolled(certificate=answer, ca=self.ca_pem)

    def renew(self, asked: Renew) -> Enrolled:
        """The next certificate, for whoever has the key of the newest one. Raises Refused."""
        now_ms = self._clock()
        key = request_key(asked.csr)
        with self.register.changing():
            signer = next((row for row in self.register.certificates() if row.key == asked.key), None)
            if signer is None:
                raise Refused("unknown", Text("本机构未签发过此证书", "this certificate is none of ours"))
            gateway = self.register.gateway(signer.school, signer.gateway)
            if gateway is None or gateway.revoked_ms is not None or signer.revoked_ms is not None:
                text = Text(
                    "此网关的证书已被吊销，请向教育局索取新的注册码",
                    "this gateway's certificate was revoked: ask the bureau for a new code",
                )
                raise Refused("revoked", text)
            if not _signed_by(signer, asked):
                raise Refused("unknown", Text("续期申请的签名不对", "the request is not signed by its key"))
            answer = self._next_certificate(asked.csr, key, signer, gateway.address, now_ms)
        self.publish()
        return Enrolled(certificate=answer, ca=self.ca_pem)

    def put_password_gateway(self, address: Address) -> GatewayRow:
        """A gateway that the broker knows by a password; its certificates end.

        Belongs inside a change of the register that the broker takes part in; `publish` comes after it.
        """
        now_ms = self._clock()
        self.register.revoke_certificates(address.school, address.gateway, now_ms=now_ms)
        self.register.withdraw_codes(address.school, address.gateway, now_ms=now_ms)
        return self._put(address, "password", now_ms)

    def revoke(self, school: str, gateway: str, *, why: str) -> GatewayRow:
        """End a gateway's rights: certificates, codes, and what the broker grants. Raises Refused."""
        now_ms = self._clock()
        with self.register.changing():
            row = self.register.gateway(school, gateway) or self._only_coded(school, gateway)
            if row is None:
                raise Refused(
                    "unknown",
                    Text(
                        f"登记册中没有网关 {school} {gateway}（campus ca list 可列出全部）",
                        f"the register has no gateway {school} {gateway} (campus ca list shows them all)",
                    ),
                )
            row = replace(row, revoked_ms=row.revoked_ms or now_ms, why=why)
            self.register.put_gateway(row)
            self.register.revoke_certificates(school, gateway, now_ms=now_ms)
            self.register.withdraw_codes(school, gateway, now_ms=now_ms)
        self.publish()
        return row

    def publish(self) -> None:
        """Write what the broker and ingest read: the list of revoked certificates and the roster."""
        with self.register.changing():
            publish(self.register, self._authority, self.folder, now_ms=self._clock())

    def _next_certificate(
        self, csr: str, key: str, signer: CertificateRow, address: Address, now_ms: int
    ) -> str:
        of_gateway = self.register.certificates_of(signer.school, signer.gateway)
        newest = of_gateway[-1]
        if newest.key == key and signer in of_gateway[-2:]:
            return newest.pem  # its answer did not arrive
        if newest.key != signer.key:
            text = Text(
                "此证书之后已另发新证书：网关是否被复制或从旧备份恢复？请重新注册",
                "a newer certificate than this was issued: was the gateway copied, or put back from an old "
                "backup? Enrol it anew",
            )
            raise Refused("superseded", text)
        if now_ms > signer.until_ms + _RENEW_AFTER_END_MS:
            text = Text(
                f"证书已于 {utc_text(signer.until_ms)[:10]} 过期太久，请重新注册",
                f"the certificate ended too long ago, on {utc_text(signer.until_ms)[:10]}: enrol anew",
            )
            raise Refused("expired", text)
        if len(of_gateway) > 1 and now_ms < of_gateway[-1].issued_ms + _RENEW_AGAIN_MS:
            raise Refused("early", Text("刚刚续过期", "it was renewed just now"))
        return self._issue(csr, address, now_ms)

    def _issue(self, csr: str, address: Address, now_ms: int) -> str:
        days = self._settings.certificate_days
        issued = issue_gateway(self._authority, csr, address, now_ms=now_ms, days=days)
        if self.register.has_key(issued.key):
            text = Text(
                "此密钥已经用过，请重新运行注册命令", "this key was used before: run the command anew"
            )
            raise Refused("key", text)
        self.register.add_certificate(issued, now_ms=now_ms)
        return issued.pem

    def _put(self, address: Address, means: Means, now_ms: int) -> GatewayRow:
        row = GatewayRow(address=address, means=means, since_ms=now_ms)
        self.register.put_gateway(row)
        return row

    def _only_coded(self, school: str, gateway: str) -> GatewayRow | None:
        """A gateway that has a code and did not use it yet."""
        found = (code for code in self.register.open_codes() if code.address.school == school)
        code = next((code for code in found if code.address.gateway == gateway), None)
        if code is None:
            return None
        return GatewayRow(address=code.address, means="certificate", since_ms=code.made_ms)

    def _of_key(self, address: Address, key: str) -> CertificateRow | None:
        of_gateway = self.register.certificates_of(address.school, address.gateway)
        return next((row for row in of_gateway if row.key == key), None)


def _check_code(code: CodeRow, asked: Enrol, now_ms: int) -> None:
    """Raises Refused where a code that exists does not serve."""
    if code.used_ms is not None:
        raise Refused(
            "used",
            Text(
                f"此注册码已于 {utc_text(code.used_ms)} 用过，请向教育局索取新的注册码",
                f"this code was used at {utc_text(code.used_ms)}: ask the bureau for a new one",
            ),
        )
    if code.replaced_ms is not None:
        text = Text(
            "此注册码已作废（之后另发了新码，或网关已被吊销）",
            "this code counts no more: a newer one was made, or the gateway was revoked",
        )
        raise Refused("replaced", text)
    if now_ms >= code.expires_ms:
        raise Refused(
            "expired",
            Text(
                f"此注册码已于 {utc_text(code.expires_ms)} 过期，请向教育局索取新的注册码",
                f"this code ended at {utc_text(code.expires_ms)}: ask the bureau for a new one",
            ),
        )
    try:
        address = Address(asked.district, asked.school, asked.gateway)
    except ContractError as error:
        raise Refused("address", Text(str(error), str(error))) from error
    if address != code.address:
        whose, here = _words(code.address), _words(address)
        raise Refused(
            "address",
            Text(
                f"此注册码属于 {whose}，而本机配置为 {here}",
                f"this code is for {whose}, but this gateway is configured as {here}",
            ),
        )


def _words(address: Address) -> str:
    return f"{address.district}/{address.school}/{address.gateway}"


def _signed_by(signer: CertificateRow, asked: Renew) -> bool:
    signature = base64.urlsafe_b64decode(asked.signature + "==")
    try:
        verifies(signer.public, signature, renewal_bytes(asked.csr))
    except InvalidSignature:
        return False
    return True


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
