"""Every route of the board. A new page is a file here with its own ROUTES, and a line in this table."""

from dashboards.board.routes import (
    alerting,
    auditing,
    deciding,
    figures,
    fleet,
    interface,
    inventory,
    lessons,
    planner,
    quarantine,
    reporting,
    service,
    signing,
    signing_on,
    tokening,
    wall,
)
from dashboards.board.routing import Page

ROUTES: tuple[Page, ...] = (
    *figures.ROUTES,
    *lessons.ROUTES,
    *inventory.ROUTES,
    *fleet.ROUTES,
    *planner.ROUTES,
    *wall.ROUTES,
    *alerting.ROUTES,
    *quarantine.ROUTES,
    *reporting.ROUTES,
    *deciding.ROUTES,
    *tokening.ROUTES,
    *auditing.ROUTES,
    *signing.ROUTES,
    *signing_on.ROUTES,
    *interface.ROUTES,
    *service.ROUTES,
)
# The menu, a set for each question: what is wrong now, how the district stands, what is used, what is kept.
_SETS = (
    ("overview", "now", "alerts"),
    ("schools", "indicators", "shortfalls", "planner", "trends", "reports"),
    ("use", "lessons", "inventory"),
    ("wall", "fleet", "quarantine", "tokens", "audit"),
)


def _navigation() -> tuple[tuple[Page, ...], ...]:
    """The pages of each set in its order; a page that no set names stands at the end of the last one."""
    found = {page.nav: page for page in ROUTES if page.nav}
    sets = [[found.pop(key) for key in keys] for keys in _SETS]
    sets[-1].extend(found.values())
    return tuple(tuple(pages) for pages in sets)


NAVIGATION: tuple[tuple[Page, ...], ...] = _navigation()
