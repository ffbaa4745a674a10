"""Every route of the board. A new page is a file here with its own ROUTES, and a line in this table."""

from dashboards.board.routes import (
    alerting,
    auditing,
    data,
    deciding,
    figures,
    interface,
    inventory,
    lessons,
    quarantine,
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
    *wall.ROUTES,
    *alerting.ROUTES,
    *quarantine.ROUTES,
    *deciding.ROUTES,
    *tokening.ROUTES,
    *auditing.ROUTES,
    *signing.ROUTES,
    *signing_on.ROUTES,
    *data.ROUTES,
    *interface.ROUTES,
    *service.ROUTES,
)
# The menu, in the order of the table.
NAVIGATION: tuple[Page, ...] = tuple(page for page in ROUTES if page.nav)
