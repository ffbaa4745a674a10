"""Codes, certificates, renewal and revocation, as the office decides them; tests turn the clock."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from campus.backup import Parts, back_up, restore
from contract import Address, ContractError
from contract.enrolment import ALPHABET, Code, Renew, renewal_bytes
from contract.proof import Proof, attach, detach, key_id
from contract.roster import RosterGateway, decode_roster
from runtime import ConfigError
from tests.trust.bureau import enrolment, request
from trust.authority import WrongRequest, public_der
from trust.founding import found
from trust.office import Office, Refused
from trust.register import GatewayRow
from trust.settings import TrustSettings

DAY_MS = 86_400_000
T0 = 1_800_000_000_000
HERE = Address("120116", "2112000001", "gw1")


@dataclass
class Clock:
    now: int = T0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    settings = TrustSettings(folder=tmp_path / "ca")
    found(settings, now_ms=T0)
    with Office(settings, clock=clock) as opened:
        yield opened


def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def enrolled(office: Office, own: ec.EllipticCurvePrivateKey) -> str:
    code, _ = office.make_code(HERE)
    return office.enrol(enrolment(HERE, code.secret, request(own))).certificate


def renewal(signer: ec.EllipticCurvePrivateKey, new: ec.EllipticCurvePrivateKey) -> Renew:
    csr = request(new)
    numbers = decode_dss_signature(signer.sign(renewal_bytes(csr), ec.ECDSA(hashes.SHA256())))
    signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    return Renew(
        key=key_id(public_der(signer.public_key())),
        csr=csr,
        signature=base64.urlsafe_b64encode(signature).rstrip(b"=").decode(),
    )


def refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        ask()
    return refused.value.code


def roster(office: Office) -> tuple[RosterGateway, ...]:
    return decode_roster(office.folder.roster.read_bytes()).gateways


def revoked_serials(office: Office) -> set[int]:
    found = x509.load_pem_x509_crl(office.folder.revoked.read_bytes())
    return {entry.serial_number for entry in found}


def test_a_certificate_says_whose_it_is_and_nothing_that_the_gateway_wished(office: Office) -> None:
    own = key()
    asked = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "campus-admin")])
    )
    csr = asked.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    code, _ = office.make_code(HERE)
    answer = office.enrol(enrolment(HERE, code.secret, csr))
    certificate = x509.load_pem_x509_certificate(answer.certificate.encode())
    assert certificate.subject.rfc4514_string() == "CN=2112000001.gw1,OU=120116"
    assert certificate.public_key() == own.public_key()


def test_a_code_is_read_however_it_is_typed_and_a_slip_is_found() -> None:
    code = Code("0123ABCD", "EFGH0123456789AB")
    text = str(code)
    assert [code] * 3 == [
        Code.parse(typed) for typed in (text.lower(), text.replace("-", " "), text.replace("0", "O"))
    ]
    slips = [
        text[:place] + ALPHABET[(ALPHABET.index(sign) + 1) % 32] + text[place + 1 :]
        for place, sign in enumerate(text)
        if sign != "-"
    ]
    noticed = 0
    for slip in [*slips, text[:-1], ""]:
        try:
            noticed += Code.parse(slip) is None
        except ContractError:
            noticed += 1
    # One in 32 passes the check sign, and is then found by the server.
    assert noticed >= len(slips) - 3


def test_a_code_works_once(office: Office) -> None:
    code, _ = office.make_code(HERE)
    office.enrol(enrolment(HERE, code.secret, request(key())))
    assert refusal(lambda: office.enrol(enrolment(HERE, code.secret, request(key())))) == "used"


def test_a_gateway_whose_answer_got_lost_asks_again_and_gets_the_same(office: Office) -> None:
    code, _ = office.make_code(HERE)
    asked = enrolment(HERE, code.secret, request(key()))
    assert office.enrol(asked) == office.enrol(asked)


def test_codes_that_are_wrong_late_replaced_or_another_s_are_told_apart(office: Office, clock: Clock) -> None:
    first, _ = office.make_code(HERE)
    second, until_ms = office.make_code(HERE)
    other = replace(HERE, school="3112000002")
    answers = [
        refusal(lambda: office.enrol(enrolment(HERE, "00000000", request(key())))),
        refusal(lambda: office.enrol(enrolment(HERE, first.secret, request(key())))),
        refusal(lambda: office.enrol(enrolment(other, second.secret, request(key())))),
    ]
    clock.now = until_ms
    answers.append(refusal(lambda: office.enrol(enrolment(HERE, second.secret, request(key())))))
    assert answers == ["wrong", "replaced", "address", "expired"]


def test_the_secret_of_a_code_is_not_in_the_register(office: Office) -> None:
    code, _ = office.make_code(HERE)
    files = [file for file in office.folder.path.rglob("*") if file.is_file()]
    assert [] == [file for file in files if code.secret.encode() in file.read_bytes()]


@pytest.mark.parametrize("csr", ["", "no request", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"])
def test_a_request_that_is_none_is_refused_and_the_code_stays(office: Office, csr: str) -> None:
    code, _ = office.make_code(HERE)
    asked = enrolment(HERE, code.secret, csr or "x")
    with pytest.raises(WrongRequest):
        office.enrol(asked)
    assert office.enrol(enrolment(HERE, code.secret, request(key()))).certificate


def test_a_key_of_another_kind_is_refused(office: Office) -> None:
    code, _ = office.make_code(HERE)
    weak = request(ec.generate_private_key(ec.SECP384R1()))
    with pytest.raises(WrongRequest):
        office.enrol(enrolment(HERE, code.secret, weak))


def test_a_gateway_renews_with_its_newest_key_alone(office: Office, clock: Clock) -> None:
    first, second, third = key(), key(), key()
    enrolled(office, first)
    clock.now += 60 * DAY_MS
    answer = office.renew(renewal(first, second))
    assert answer == office.renew(renewal(first, second))  # its answer got lost
    clock.now += 40 * DAY_MS
    assert refusal(lambda: office.renew(renewal(first, third))) == "superseded"
    office.renew(renewal(second, third))
    assert 3 == len(roster(office)[0].keys)


def test_a_gateway_that_was_switched_off_for_a_summer_renews_all_the_same(
    office: Office, clock: Clock
) -> None:
    own = key()
    enrolled(office, own)
    clock.now += 200 * DAY_MS
    certificate = x509.load_pem_x509_certificate(office.renew(renewal(own, key())).certificate.encode())
    assert certificate.not_valid_after_utc.timestamp() * 1000 > clock.now
    clock.now += 800 * DAY_MS
    assert refusal(lambda: office.renew(renewal(own, key()))) == "superseded"


def test_a_renewal_signed_by_another_key_is_refused(office: Office) -> None:
    own = key()
    enrolled(office, own)
    forged = renewal(key(), key()).model_copy(update={"key": key_id(public_der(own.public_key()))})
    assert refusal(lambda: office.renew(forged)) == "unknown"


def test_a_gateway_does_not_renew_over_and_over(office: Office, clock: Clock) -> None:
    first, second = key(), key()
    enrolled(office, first)
    clock.now += 60 * DAY_MS
    office.renew(renewal(first, second))
    assert refusal(lambda: office.renew(renewal(second, key()))) == "early"


def test_years_of_renewals_do_not_fill_the_roster(office: Office, clock: Clock) -> None:
    own = key()
    enrolled(office, own)
    for _ in range(12):
        clock.now += 65 * DAY_MS
        following = key()
        office.renew(renewal(own, following))
        own = following
    kept = [entry.key for entry in roster(office)[0].keys]
    assert (2, key_id(public_der(own.public_key()))) == (len(kept), kept[-1])


def test_revocation_ends_certificates_codes_and_renewal_and_a_new_code_begins_anew(
    office: Office, clock: Clock
) -> None:
    own = key()
    certificate = x509.load_pem_x509_certificate(enrolled(office, own).encode())
    waiting, _ = office.make_code(HERE)
    office.revoke(HERE.school, HERE.gateway, why="stolen")
    assert revoked_serials(office) == {certificate.serial_number}
    assert (True, True) == (roster(office)[0].revoked, roster(office)[0].keys[0].revoked)
    assert refusal(lambda: office.renew(renewal(own, key()))) == "revoked"
    assert refusal(lambda: office.enrol(enrolment(HERE, waiting.secret, request(key())))) == "replaced"
    clock.now += 1000
    enrolled(office, key())
    assert [False, True] == [roster(office)[0].revoked, roster(office)[0].keys[0].revoked]


def test_a_code_that_went_astray_is_withdrawn_before_anybody_used_it(office: Office) -> None:
    code, _ = office.make_code(HERE)
    office.revoke(HERE.school, HERE.gateway, why="read by a stranger")
    assert refusal(lambda: office.enrol(enrolment(HERE, code.secret, request(key())))) == "replaced"
    assert refusal(lambda: office.revoke("2112000009", "gw1", why="")) == "unknown"


def test_an_authority_is_made_once(office: Office) -> None:
    with pytest.raises(ConfigError):
        found(TrustSettings(folder=office.folder.path), now_ms=T0)


def test_an_authority_comes_back_from_a_backup_that_was_made_while_it_worked(
    office: Office, tmp_path: Path
) -> None:
    code, _ = office.make_code(HERE)
    own, out, back = key(), tmp_path / "backup.tar.gz", tmp_path / "back"
    other = replace(HERE, gateway="gw2")
    with office.register.changing():
        office.register.put_gateway(GatewayRow(address=other, means="password", since_ms=T0))
        back_up(Parts(settings=[office.folder.path]), out, now_ms=T0, say=lambda _: None)
    restore(out, Parts(settings=[back]), add=False, say=lambda _: None)
    with Office(TrustSettings(folder=back / "ca"), clock=lambda: T0) as restored:
        restored.enrol(enrolment(HERE, code.secret, request(own)))
        assert (office.pin, [HERE]) == (
            restored.pin,
            [gateway.address for gateway in restored.register.gateways()],
        )


def test_what_is_secret_is_for_its_owner_alone(office: Office) -> None:
    public = {"ca.pem", "crl.pem", "server.pem", "service.pem", "gateways.json"}
    modes = {
        file.name: file.stat().st_mode & 0o777 for file in office.folder.path.rglob("*") if file.is_file()
    }
    assert {name for name, mode in modes.items() if mode != 0o600} == public
    assert "ca-key.pem" in modes


def test_a_proof_is_found_only_as_the_last_member_and_taken_off_whole() -> None:
    proof = Proof("0123456789abcdef", bytes(range(64)))
    bare = b'{"v":1,"seq":2}'
    signed = attach(bare, proof)
    assert (bare, proof) == detach(signed)
    for damaged in (bare, signed + b" ", signed[:-3] + b'"}', signed.replace(b"proof", b"Proof"), b""):
        assert (damaged, None) == detach(damaged)
