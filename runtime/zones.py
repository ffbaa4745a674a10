"""Time zones by their names, as settings and options write them."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from runtime.language import Text

_NO_ZONE = Text("没有此时区；例如 Asia/Shanghai", "no such time zone; an example is Asia/Shanghai")


def known_zone(name: str) -> str:
    """The name of a zone that there is; else ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            Text("没有此时区；例如 Asia/Shanghai", "no such time zone; an example is Asia/Shanghai")
        ) from error
    return name


ZoneName = Annotated[str, AfterValidator(known_zone)]
