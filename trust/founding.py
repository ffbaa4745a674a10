"""`campus ca init`: everything that a bureau needs once, made in one go and never made over."""

import secrets

from runtime.errors import ConfigError
from runtime.language import Text
from trust.authority import issue_server, new_authority, new_key, pem, private_pem, revocation_list
from trust.broker.initial import initial_file
from trust.folder import Folder, write_public, write_secret
from trust.publishing import publish
from trust.register import Register
from trust.settings import TrustSettings


def found(settings: TrustSettings, *, now_ms: int) -> Folder:
    """Make authority, certificates of broker and service, passwords and first rules. Raises ConfigError."""
    folder = Folder(settings.folder)
    if folder.authority_key.exists():
        raise ConfigError(
            Text(
                f"{folder.path} 中已有证书机构，未作改动",
                f"{folder.path} holds an authority already; nothing was changed",
            )
        )
    authority = new_authority(settings.name, now_ms=now_ms)
    hosts = settings.hosts or ("localhost",)
    admin, ingest = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    share = f"ingest-{secrets.token_hex(12)}"
    for key_file, certificate_file, name in (
        (folder.service_key, folder.service_certificate, "enrolment"),
        (folder.broker / "server-key.pem", folder.broker / "server.pem", "broker"),
    ):
        key = new_key()
        write_secret(key_file, private_pem(key))
        certificate = issue_server(authority, key, hosts, name=name, now_ms=now_ms)
        write_public(certificate_file, pem(certificate))
    write_secret(folder.admin_password, f"{admin}\n")
    write_secret(folder.ingest / "password", f"{ingest}\n")
    write_secret(folder.share, f"{share}\n")
    rules = initial_file(admin_password=admin, ingest_password=ingest, share=share)
    write_secret(folder.broker / "dynamic-security.json", rules)
    for place in (folder.broker / "ca.pem", folder.ingest / "ca.pem", folder.authority_certificate):
        write_public(place, pem(authority.certificate))
    write_public(folder.revoked, revocation_list(authority, {}, now_ms=now_ms))
    with Register(folder.register) as register, register.changing():
        publish(register, authority, folder, now_ms=now_ms)
    # Last: what is there with it is whole.
    write_secret(folder.authority_key, private_pem(authority.key))
    return folder
