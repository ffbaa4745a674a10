"""Questions to the bureau's enrolment service, over HTTPS; every way to fail is one line for a person."""

import http.client
import ssl
from dataclasses import dataclass

from contract import ContractError, encode, utc_text
from contract.enrolment import (
    MOST_BYTES,
    Code,
    Enrol,
    Enrolled,
    Hello,
    Renew,
    decode_answer,
    decode_hello,
    decode_refusal,
    pin_of,
)
from contract.moments import utc_ms
from edge_agent.identity.identity import Server, trusting
from runtime.errors import UserError, os_reason
from runtime.language import Text

_PATIENCE_S = 15.0
_MOST_OFF_MS = 10 * 60 * 1000
_ERROR = 400


class Unreachable(UserError):
    """The service does not answer now; to ask again may help."""


class Refused(UserError):
    """The service said no; `code` tells programs why (see trust.office)."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes


def meet(server: Server, code: Code, *, now_ms: int) -> Hello:
    """The authority's certificate, proven by the code; raises Unreachable or Refused."""
    # Whoever answers is not known yet: the code names the authority, and nothing secret is said before.
    unproven = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unproven.check_hostname = False
    unproven.verify_mode = ssl.CERT_NONE
    reply = _ask(server, unproven, "GET", "/ca", None)
    try:
        hello = decode_hello(reply.body)
        der = ssl.PEM_cert_to_DER_cert(hello.ca)
    except ValueError as error:  # ContractError among them
        raise _stranger(server) from error
    if pin_of(der) != code.pin:
        raise Refused(
            "authority",
            Text(
                f"{server} 不是发出此注册码的机构：请核对地址和注册码；若都无误，可能有人冒充，请联系教育局",
                f"{server} is not the authority that made this code: compare address and code; if both are "
                "right, somebody may stand in between: tell the bureau",
            ),
        )
    off_ms = now_ms - utc_ms(hello.time)
    if abs(off_ms) > _MOST_OFF_MS:
        ours, theirs = utc_text(now_ms)[:16], hello.time[:16]
        raise Refused(
            "clock",
            Text(
                f"本机时钟不准：本机 {ours}，服务器 {theirs}（UTC）；请先校准时间",
                f"this machine's clock is wrong: it shows {ours}, the server {theirs} (UTC); set it first",
            ),
        )
    return hello


def ask_enrol(server: Server, authority_pem: str, question: Enrol) -> Enrolled:
    """Raises Unreachable or Refused."""
    return _answer(server, _ask(server, trusting(authority_pem), "POST", "/enrol", encode(question)))


def ask_renew(server: Server, authority_pem: str, question: Renew) -> Enrolled:
    """Raises Unreachable or Refused."""
    return _answer(server, _ask(server, trusting(authority_pem), "POST", "/renew", encode(question)))


def _answer(server: Server, reply: _Reply) -> Enrolled:
    if reply.status >= _ERROR:
        refusal = decode_refusal(reply.body)
        if refusal is None:
            raise _stranger(server)
        raise Refused(refusal.code, Text(refusal.zh, refusal.en))
    try:
        return decode_answer(reply.body)
    except ContractError as error:
        raise _stranger(server) from error


def _ask(server: Server, context: ssl.SSLContext, method: str, path: str, body: bytes | None) -> _Reply:
    connection = http.client.HTTPSConnection(server.host, server.port, timeout=_PATIENCE_S, context=context)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        return _Reply(response.status, response.read(MOST_BYTES))
    except ssl.SSLCertVerificationError as error:
        raise Refused(
            "server",
            Text(
                f"{server} 的证书不对（{error.verify_message}）：本机时钟是否准确？",
                f"{server} has a wrong certificate ({error.verify_message}): is this machine's clock right?",
            ),
        ) from error
    except ssl.SSLError as error:
        raise _stranger(server) from error
    except (http.client.HTTPException, UnicodeError) as error:
        raise _stranger(server) from error
    except OSError as error:
        why = os_reason(error)
        raise Unreachable(
            Text(
                f"无法连接注册服务 {server}：{why.zh}。地址对吗？教育局的 campus ca serve 在运行吗？",
                f"cannot reach the enrolment service {server}: {why.en}. Is the address right, and is the "
                "bureau's campus ca serve running?",
            )
        ) from error
    finally:
        connection.close()


def _stranger(server: Server) -> Unreachable:
    return Unreachable(
        Text(
            f"{server} 上答复的不是注册服务，请核对地址和端口",
            f"what answers at {server} is not the enrolment service: compare address and port",
        )
    )
