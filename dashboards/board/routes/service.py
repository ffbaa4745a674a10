"""What machines ask of the board itself: is it well, and what does it count."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboards.board.reader import person_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of


async def healthz(request: Request) -> Response:
    """Well or not, to anyone; why not, to who may know where the store is."""
    seen = await request.app.state.board.overview.get()
    if seen.problem is None:
        return PlainTextResponse("ok\n")
    person = person_of(request)
    told = str(seen.problem) if person and person.may("metrics") else "not well"
    return PlainTextResponse(f"{told}\n", 503)


async def metrics(request: Request) -> Response:
    page = generate_latest(board_of(request).shared.metrics)
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES = (
    Page(path="/healthz", answer=healthz, needs="open"),
    Page(path="/metrics", answer=metrics, needs="metrics"),
)
