"""Who asks, and in which language: what they chose, else their browser's, else the program's own."""

from operator import itemgetter

from starlette.requests import Request
from starlette.responses import Response

from dashboards.access.roles import Person
from runtime.language import LANGUAGES, Language, language

COOKIE = "lang"
_YEAR_S = 365 * 86_400


def person_of(request: Request) -> Person | None:
    """Who asks, as the gate found; None: nobody who is signed in."""
    person: Person | None = getattr(request.state, "person", None)
    return person


def language_of(request: Request) -> Language:
    """`?lang=`, else the cookie of an earlier choice, else Accept-Language, else the program's language."""
    asked = (request.query_params.get("lang"), request.cookies.get(COOKIE))
    chosen = next((known for text in asked if (known := _known(text))), None)
    return chosen or _preferred(request.headers.get("accept-language", "")) or language()


def remember(request: Request, response: Response) -> None:
    """A choice in the address is kept for the next pages; the page's own refreshing chooses nothing."""
    chosen = _known(request.query_params.get("lang"))
    if chosen and "fragment" not in request.query_params:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR_S, samesite="lax", httponly=True)


def switch_address(request: Request, to: Language) -> str:
    """This page in another language."""
    return "?" + str(request.url.include_query_params(lang=to).query)


def _known(text: str | None) -> Language | None:
    return next((known for known in LANGUAGES if known == text), None)


def _preferred(header: str) -> Language | None:
    """The first of `zh-CN,zh;q=0.9,en;q=0.8` that there is, by its weight."""
    weighted: list[tuple[float, Language]] = []
    for part in header.split(","):
        tag, _, weight = part.partition(";q=")
        known = _known(tag.strip().lower()[:2])
        if known:
            weighted.append((_weight(weight), known))
    return max(weighted, key=itemgetter(0))[1] if weighted else None


def _weight(text: str) -> float:
    try:
        return float(text) if text.strip() else 1.0
    except ValueError:
        return 0.0
