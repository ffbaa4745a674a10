"""What others read of the register: revoked certificates for the broker, the roster for ingest."""

import base64

from contract import utc_text
from contract.envelope import encode
from contract.roster import Roster, RosterGateway, RosterKey
from trust.authority import Authority, revocation_list
from trust.folder import Folder, write_public
from trust.register import CertificateRow, Register

# So long an ended key is listed, so that a late message is told when it ended; ten years of renewals are not.
_ENDED_MS = 30 * 86_400_000


def publish(register: Register, authority: Authority, folder: Folder, *, now_ms: int) -> None:
    """Write both files. Belongs inside a change of the register, so that an older state never comes last."""
    certificates = register.certificates()
    # A certificate that has ended needs no place in the list: it is refused for its date.
    revoked = {
        row.serial: row.revoked_ms
        for row in certificates
        if row.revoked_ms is not None and row.until_ms > now_ms
    }
    write_public(folder.revoked, revocation_list(authority, revoked, now_ms=now_ms))
    write_public(folder.roster, encode(roster(register, now_ms=now_ms)).decode() + "\n")


def roster(register: Register, *, now_ms: int) -> Roster:
    """Every gateway of the register with its keys, but for those that ended long ago."""
    keys: dict[tuple[str, str], list[RosterKey]] = {}
    for row in register.certificates():
        if row.until_ms > now_ms - _ENDED_MS:
            keys.setdefault((row.school, row.gateway), []).append(_key(row))
    return Roster(
        gateways=tuple(
            RosterGateway(
                district=row.address.district,
                school=row.address.school,
                gateway=row.address.gateway,
                means=row.means,
                revoked=row.revoked_ms is not None,
                keys=tuple(keys.get((row.address.school, row.address.gateway), ())),
            )
            for row in register.gateways()
        )
    )


def _key(row: CertificateRow) -> RosterKey:
    return RosterKey(
        key=row.key,
        public=base64.b64encode(row.public).decode(),
        since=utc_text(row.since_ms),
        until=utc_text(row.until_ms),
        revoked=row.revoked_ms is not None,
    )
