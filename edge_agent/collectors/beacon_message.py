"""What a class PC says of itself, and whether it is to be believed: signed, for now, and for the first time.

POST /beacon with {"v":1,"device":…,"time":…,"nonce":…,"signed_in":…,"display_on":…} and, in
X-Campus-Signature, the HMAC-SHA256 of the body by the room's token. `time` is what GET /time of the gateway
said, so that no PC's clock matters. There is no field for a user, and a message that has any other field is
refused as a whole.
"""

import hmac
import json
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# From asking the time to sending: a slow PC that has just been started takes its time.
WINDOW_S = 120


class Beacon(BaseModel):
    """The body. signed_in: whether someone is; null: not known. display_on: whether a screen is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: Literal[1]
    device: Annotated[str, Field(min_length=1, max_length=64)]
    time: Annotated[int, Field(ge=0, le=2**40)]
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
    signed_in: bool | None = None
    display_on: bool | None = None


class Refusal(Exception):
    """`why` goes back to whoever sent it: a word without anything of what was sent."""

    def __init__(self, *, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def read_beacon(body: bytes) -> Beacon:
    """Raises Refusal."""
    try:
        return Beacon.model_validate(json.loads(body))
    except (ValueError, RecursionError, ValidationError) as error:
        raise Refusal(status=HTTPStatus.BAD_REQUEST, why="unreadable") from error


def check(
    beacon: Beacon, body: bytes, signature: str, *, token: bytes, now_s: int, after_s: int, seen: set[str]
) -> None:
    """Raises Refusal. after_s: the time of the device's last one, or since when the gateway listens."""
    right = hmac.new(token, body, sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), signature.strip().lower().encode("ascii", errors="replace")):
        raise Refusal(status=HTTPStatus.FORBIDDEN, why="signature")
    if abs(beacon.time - now_s) > WINDOW_S:
        raise Refusal(status=HTTPStatus.CONFLICT, why="time")
    if beacon.time < after_s or beacon.nonce in seen:
        raise Refusal(status=HTTPStatus.CONFLICT, why="replay")
