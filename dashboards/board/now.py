"""What is wrong now as lists that are searched together and turned one by one: a district's is long."""

from functools import partial
from typing import Any

from starlette.datastructures import QueryParams

from dashboards.board.figures import Overview
from dashboards.board.listing import Listing, listed
from dashboards.board.searching import alert_text, gateway_text, trouble_text
from runtime.language import Language

# Several lists share the page; each shows what is worst, and the rest one step on.
_ROWS = 20


def now_lists(page: Overview, asked: QueryParams, language: Language) -> dict[str, Listing[Any]]:
    """The lists of the page by the sections that they stand in."""
    found: dict[str, Listing[Any]] = {
        trouble.kind: listed(trouble.lines, asked, trouble_text, key=trouble.kind, rows=_ROWS)
        for trouble in page.troubles
    }
    alerts = partial(alert_text, language)
    found["alerts"] = listed(page.alerts.lines, asked, alerts, key="alerts", rows=_ROWS)
    gateways = partial(gateway_text, language)
    found["gateways"] = listed(page.gateways, asked, gateways, key="gateways", rows=_ROWS)
    return found
