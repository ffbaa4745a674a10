"""What a form of ours sends: bounded, in UTF-8, from a page of ours."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from runtime.errors import UserError
from runtime.language import Text

_LONGEST = 64 * 1024
_MOST_FIELDS = 60
KIND = "application/x-www-form-urlencoded"


class BadForm(UserError):
    """What was sent is no form of ours; `status` is the answer to it."""

    def __init__(self, text: Text, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


async def read_form(request: Request) -> dict[str, str]:
    """The fields, each once. Raises BadForm."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise BadForm(Text("不是表单", "this is no form"), 415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST:
            raise BadForm(Text("表单过大", "the form is too large"), 413)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise BadForm(Text("表单无法读取", "the form cannot be read")) from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise BadForm(Text("表单中同一项出现两次", "a field of the form stands there twice"))
    return fields


def same_site(headers: Mapping[str, str], host: str) -> bool:
    """Whether a page of ours sent this, as far as the browser says; what is no browser says nothing."""
    told = headers.get("sec-fetch-site")
    if told is not None:
        return told in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def one_line(text: str, longest: int) -> str:
    """What a person typed, as one line of so many characters; what is not to be printed is left out."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:longest]


def own_path(text: str) -> str:
    """A path of the board's own to go on to, else its first page: never another site."""
    safe = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if safe and len(text) < 2000 else "/"
