"""The enrolment service's three answers: the authority's certificate, a first certificate, the next one."""

import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract import encode, utc_text
from contract.enrolment import MOST_BYTES, Enrol, Enrolled, Hello, Refusal, Renew
from contract.envelope import Message
from runtime.errors import UserError
from runtime.language import Text
from trust.authority import WrongRequest
from trust.office import Office, Refused

log = logging.getLogger("trust.service")

# A code has 40 bits: at this rate it is not guessed in its week, nor in a century. What one address does must
# not keep others from enrolling, so each has its own count.
_WRONG_AT_MOST, _WRONG_OF_ALL, _WRONG_WITHIN_S = 10, 300, 60.0

Q = TypeVar("Q", bound=Message)
_enrols: TypeAdapter[Enrol] = TypeAdapter(Enrol)
_renews: TypeAdapter[Renew] = TypeAdapter(Renew)


class Guesses:
    """Wrong codes of the last minute; too many from one address, and none of its is looked at for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def too_many(self, address: str) -> bool:
        with self._lock:
            while self._wrong and self._clock() - self._wrong[0][0] >= _WRONG_WITHIN_S:
                self._wrong.popleft()
            own = sum(whose == address for _, whose in self._wrong)
            return own >= _WRONG_AT_MOST or len(self._wrong) >= _WRONG_OF_ALL

    def wrong(self, address: str) -> None:
        with self._lock:
            self._wrong.append((self._clock(), address))


def create_app(office: Office, *, changed: Callable[[], None], guesses: Guesses | None = None) -> Starlette:
    """`changed` is called when somebody was enrolled, so that the broker is told."""
    limit = guesses or Guesses()

    async def hello(_request: Request) -> Response:
        return _json(200, Hello(ca=office.ca_pem, time=utc_text(office.now_ms())))

    def enrolled(asked: Enrol, address: str) -> Enrolled:
        if limit.too_many(address):
            text = Text("错误的注册码过多，请一分钟后再试", "too many wrong codes: try again in a minute")
            raise Refused("busy", text)
        try:
            answer = office.enrol(asked)
        except Refused as refused:
            if refused.code == "wrong":
                limit.wrong(address)
            raise
        log.info("enrolled %s %s", asked.school, asked.gateway)
        changed()
        return answer

    return Starlette(
        routes=[
            Route("/ca", hello, methods=["GET"]),
            Route("/enrol", _answering(_enrols, enrolled), methods=["POST"]),
            Route("/renew", _answering(_renews, lambda asked, _: office.renew(asked)), methods=["POST"]),
        ]
    )


def _answering(
    questions: TypeAdapter[Q], answer: Callable[[Q, str], Enrolled]
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads one kind of question, from whatever address, and words what goes wrong."""

    async def endpoint(request: Request) -> Response:
        try:
            question = questions.validate_json(await _body(request))
        except ValidationError:
            text = Text("无法读取申请：两边的版本是否一致？", "cannot read the request: do the versions fit?")
            return _refusal(400, "request", text)
        try:
            address = request.client.host if request.client else ""
            return _json(200, await run_in_threadpool(answer, question, address))
        except Refused as refused:
            log.warning("refused %s: %s", request.url.path, refused.text.en)
            return _refusal(403, refused.code, refused.text)
        except WrongRequest as error:
            return _refusal(400, "request", Text(str(error), str(error)))
        except UserError as error:
            # Ours to mend, not the gateway's: it asks again.
            log.error("cannot answer %s: %s", request.url.path, error)
            text = Text("注册服务出错，请稍后再试", "the service has trouble: try again later")
            return _refusal(503, "trouble", text)

    return endpoint


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return b""
    return body


def _refusal(status: int, code: str, text: Text) -> Response:
    return _json(status, Refusal(code=code, zh=text.zh, en=text.en))


def _json(status: int, message: Message) -> Response:
    return Response(encode(message), status, media_type="application/json")
