"""HTTP to an InfluxDB server: answers as they are, long ones streamed, and a server that is away."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import urllib3
from pydantic_core import from_json

from runtime.errors import os_reason
from runtime.language import Text
from store.base import Unavailable

_CONNECT_S, READ_S = 5.0, 30.0
_TIMEOUT = urllib3.Timeout(connect=_CONNECT_S, read=READ_S)
# Writes and queries that run at the same time; more wait for a connection.
_CONNECTIONS = 16
# A wish that is longer is cut: when the server is well again, nobody should wait for minutes.
_LONGEST_WISH_S = 30.0
_LONGEST_TEXT = 500
_PACKED = "application/x-msgpack"


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer, read whole."""

    status: int
    text: str = ""
    retry_after_s: float | None = None
    version: str = ""
    gemini: str = ""

    @property
    def message(self) -> str:
        """What the server says is wrong."""
        found = self.document
        text = str(found.get("error") or found.get("message") or "") if isinstance(found, dict) else ""
        return (text or self.text.strip() or "no explanation")[:_LONGEST_TEXT]

    @property
    def document(self) -> object:
        """The answer as JSON; None where it is none."""
        try:
            return from_json(self.text)
        except ValueError:
            return None


class NotForUs(Unavailable):
    """The server does not answer this to us: our token may not ask it, or sees no such bucket."""


class Refusal(Exception):
    """The server answered a question with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.message)
        self.answer = answer


class Http:
    """Connections to one server. Its methods raise Unavailable where the server does not answer."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self._pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS, block=True, timeout=_TIMEOUT, retries=False, headers=headers
        )

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return self._read("GET", path, query or {}, b"")

    def post(self, path: str, query: Mapping[str, str], body: bytes) -> Answer:
        return self._read("POST", path, query, body)

    def lines(self, path: str, form: Mapping[str, str], *, patience_s: float = READ_S) -> Iterator[bytes]:
        """The lines of an answer as they come, the next within `patience_s`; raises Refusal."""
        with self._asked(path, form, patience_s, {}) as response:
            yield from response

    def whole(self, path: str, form: Mapping[str, str], *, patience_s: float) -> tuple[bytes, bool]:
        """An answer read whole, and whether it is packed, as servers do that can; raises Refusal."""
        with self._asked(path, form, patience_s, {"Accept": _PACKED}) as response:
            return response.read(), response.headers.get("Content-Type", "").startswith(_PACKED)

    @contextmanager
    def _asked(
        self, path: str, form: Mapping[str, str], patience_s: float, headers: Mapping[str, str]
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        try:
            response = self._pool.request_encode_body(
                "POST",
                f"{self.url}{path}",
                dict(form),
                headers={**self._pool.headers, **headers},
                encode_multipart=False,
                # urllib3 declares all of these as text.
                timeout=urllib3.Timeout(connect=_CONNECT_S, read=patience_s),  # type: ignore[arg-type]
                preload_content=False,  # type: ignore[arg-type]
            )
            try:
                if response.status >= 300:
                    raise Refusal(_answer(response))
                yield response
            finally:
                response.close()
        except urllib3.exceptions.HTTPError as error:
            raise self._away(error) from error

    def close(self) -> None:
        self._pool.clear()

    def _read(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Answer:
        target = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            return _answer(self._pool.request(method, target, body=body))
        except urllib3.exceptions.HTTPError as error:
            raise self._away(error) from error

    def _away(self, error: urllib3.exceptions.HTTPError) -> Unavailable:
        # urllib3 begins with the connection object and its address: noise, and never twice the same text.
        said = re.sub(r"<[^>]*>: ", "", str(error))
        why = _reason(error)
        return Unavailable(Text(f"{self.url}：{why.zh if why else said}", f"{self.url}: {said}"))


def _reason(error: BaseException) -> Text | None:
    """What the operating system said of a connection, where it was that."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno is not None:
            return os_reason(found)
        reason = getattr(found, "reason", None)
        found = reason if isinstance(reason, BaseException) else found.__cause__ or found.__context__
    late = isinstance(error, urllib3.exceptions.TimeoutError)
    return Text("没有及时应答", "no answer in time") if late else None


def _answer(response: urllib3.BaseHTTPResponse) -> Answer:
    wish = response.headers.get("Retry-After", "")
    return Answer(
        response.status,
        response.data.decode(errors="replace"),
        min(float(wish), _LONGEST_WISH_S) if wish.isascii() and wish.isdigit() else None,
        response.headers.get("X-Influxdb-Version", ""),
        response.headers.get("X-Geminidb-Version", ""),
    )
