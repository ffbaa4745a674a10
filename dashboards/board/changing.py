"""The one way in which a page changes anything: form → permission → proof → row with its audit line → go on.

A change is a row of the routes with the permission that it needs, and a function that decides: it takes what
was asked and gives what is to be written, or raises a UserError that says what is wrong with the request.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from contract import Point
from dashboards.access.roles import Person
from dashboards.access.scoped import OutsideScope, check_inside
from dashboards.board.answers import page, said_of, to
from dashboards.board.forms import BadForm, one_line, own_path, read_form, same_site
from dashboards.board.reader import language_of, person_of
from dashboards.board.routing import Answer
from dashboards.board.state import Board, board_of
from rules.stored.audit import NOWHERE, AuditLine, audit_point
from runtime.errors import UserError
from runtime.language import Language, Text
from store import StoreError

_log = logging.getLogger("board.changes")
NO_LONGER = Text("表单已失效，请返回后重试", "the form is no longer valid; go back and try again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What someone asks to change, with all that a decision may look at."""

    form: Mapping[str, str]
    person: Person
    address: str
    board: Board
    now_ms: int
    language: Language
    request: Request

    def text(self, name: str, longest: int = 200) -> str:
        return one_line(self.form.get(name, ""), longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is to be written, what the audit says of it, and where the reader goes on to.

    act: what is done beside the store (to the file of accounts) once the audit line stands.
    answer: the page that follows in place of `next`.
    """

    action: str
    district: str = NOWHERE
    school: str = NOWHERE
    subject: str = ""
    detail: str = ""
    points: Sequence[Point] = ()
    next: str = "/"
    act: Callable[[], None] | None = None
    answer: Callable[[], Response] | None = None


Decide = Callable[[Asked], Decided]


class Refused(UserError):
    """What was asked cannot be done; the text says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


def change(decide: Decide) -> Answer:
    """A route's answer that makes a change."""

    async def answer(request: Request) -> Response:
        person = person_of(request)
        try:
            form = await proven_form(request)
            if person is None:  # the proof is bound to somebody
                raise BadForm(NO_LONGER, 403)
            asked = Asked(
                form=form,
                person=person,
                address=request.state.origin.address,
                board=board_of(request),
                now_ms=board_of(request).shared.moment(board_of(request).now_ms()),
                language=language_of(request),
                request=request,
            )
            decided = await asked.board.shared.run(lambda: _made(decide, asked))
        except BadForm as error:
            return said(request, error.text, error.status)
        except OutsideScope as error:
            return said(request, said_of(error), 403)
        except StoreError as error:
            return said(request, said_of(error), 503)
        except UserError as error:
            return said(request, said_of(error), 400)
        asked.board.changed()
        return decided.answer() if decided.answer else to(request, own_path(decided.next))

    return answer


async def proven_form(request: Request) -> dict[str, str]:
    """A form that a page of ours gave to this very reader. Raises BadForm."""
    form = await read_form(request)
    person, doors = person_of(request), request.app.state.doors
    bound_to = person.session if person else ""
    proven = doors is not None and bound_to and doors.forms.proves(form.pop("mark", ""), bound_to)
    if not proven or not same_site(request.headers, request.state.origin.host):
        raise BadForm(NO_LONGER, 403)
    return form


def said(request: Request, text: Text, status: int) -> Response:
    return page(request, "error", "error.html", status, what="page.not_done", detail=text)


def _made(decide: Decide, asked: Asked) -> Decided:
    decided = decide(asked)
    line = line_of(asked.person, asked.address, decided, asked.now_ms)
    _write(asked.board, [*decided.points, audit_point(line)], decided)
    if decided.act:
        decided.act()
    return decided


def _write(board: Board, points: list[Point], decided: Decided) -> None:
    check_inside(board.scope, decided.points)
    # The audit line may be about no school at all, and then stands in nobody's part of the district.
    refused = board.whole_store.write(points)
    if refused:
        raise Refused(Text(f"未能保存：{refused[0].reason}", f"not kept: {refused[0].reason}"))


def line_of(person: Person, address: str, decided: Decided, now_ms: int) -> AuditLine:
    return AuditLine(
        time_ms=now_ms,
        action=decided.action,
        who=person.name,
        role=person.role or "local",
        address=address,
        district=decided.district,
        school=decided.school,
        subject=decided.subject,
        detail=decided.detail,
    )


def note(board: Board, line: AuditLine) -> None:
    """A line beside which nothing is changed, such as a sign-in: a store that is away holds nobody up."""
    try:
        board.whole_store.write([audit_point(line)])
    except StoreError as error:
        _log.warning("no audit line of %s by %s: %s", line.action, line.who, error)
