"""Comments, retirements and tokens on the board: who may, what is kept, and what a reader sees of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import httpx
import pytest

from dashboards.access.roles import Scope
from dashboards.access.settings import AccessSettings
from rules.stored.audit import read_audit
from rules.stored.comments import read_comments
from rules.stored.retirements import read_retirements
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import DISTRICT, JUNIOR, PRIMARY, UNSAFE
from tests.dashboards.reader import Reader, add_account
from tests.dashboards.whole import NAMES_OF_ALL, everything


@dataclass(frozen=True)
class Desk:
    board: RunningBoard
    operator: Reader
    expert: Reader
    school: Reader


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("decisions")
    accounts = folder / "accounts.sqlite"
    add_account(accounts, "ops", "operator")
    add_account(accounts, "expert", "expert")
    add_account(accounts, "school", "school", Scope(schools=(JUNIOR,)))
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}", names=NAMES_OF_ALL, access=AccessSettings(accounts=accounts)
    ) as board:
        board.store.write(everything(board.now_ms))
        readers = [Reader(board.url).enter(accounts, name) for name in ("ops", "expert", "school")]
        readers[0].get("/now")  # the board knows the districts of what was evaluated
        yield Desk(board, *readers)


def test_a_comment_stands_beside_a_schools_figures_as_text(desk: Desk) -> None:
    said = desk.expert.change("/comment", school=JUNIOR, about="L7", text=UNSAFE)
    refused = [
        desk.school.change("/comment", school=JUNIOR, text="mine"),
        desk.expert.change("/comment", school=JUNIOR, text="  "),
        desk.expert.change("/comment", school="nobody", text="x"),
    ]
    assert (303, [403, 400, 400]) == (said.status_code, [answer.status_code for answer in refused])
    kept = [(found.who, found.about, found.text) for found in read_comments(desk.board.store, JUNIOR)]
    assert [("expert", "L7", UNSAFE)] == kept
    told = desk.school.get(f"/school/{JUNIOR}/decisions").text
    assert ("&lt;script&gt;" in told, "<script>alert" in told) == (True, False)


def test_a_device_is_taken_out_of_service_and_put_back_with_a_reason(desk: Desk) -> None:
    what = {"school": JUNIOR, "kind": "device", "subject": "PJ3"}
    done = desk.operator.change("/retire", **what, since="2026-10-01", reason="报废")
    (found,) = read_retirements(desk.board.store).found.values()
    assert (303, "PJ3", date(2026, 10, 1), DISTRICT) == (
        done.status_code,
        found.subject,
        found.since,
        found.district,
    )
    assert "PJ3" in desk.school.get(f"/school/{JUNIOR}/decisions").text
    refused = [
        desk.operator.change("/retire", **what, since="soon", reason="x"),
        desk.operator.change("/retire", **what, reason=" "),
        desk.operator.change("/retire", **{**what, "subject": "PJ9"}, back="1", reason="x"),
        desk.expert.change("/retire", **what, reason="x"),
    ]
    assert [400, 400, 400, 403] == [answer.status_code for answer in refused]
    assert 303 == desk.operator.change("/retire", **what, back="1", reason="wieder da").status_code
    assert {} == read_retirements(desk.board.store).found
    actions = [line.action for line in read_audit(desk.board.store, since_ms=0)]
    assert {"retire", "unretire", "comment"} <= set(actions)


def test_a_token_is_issued_shown_once_and_taken_back_on_the_page(desk: Desk) -> None:
    fields = {"label": UNSAFE[:40], "role": "school", "schools": PRIMARY, "days": "31"}
    shown = desk.operator.change("/tokens", **fields)
    (token,) = re.findall(r"campus_[0-9a-f]{12}_[\w-]+", shown.text)
    assert 200 == shown.status_code
    later = desk.operator.get("/tokens").text
    assert (False, False) == (token in later, "<script>alert" in later)
    (key,) = re.findall(r'data-token="([0-9a-f]+)"', later)
    headers = {"Authorization": f"Bearer {token}"}
    told = httpx.get(f"{desk.board.url}/api/v1/schools", headers=headers, trust_env=False).json()
    assert [PRIMARY] == [row["school"] for row in told["data"]]
    assert 303 == desk.operator.change("/tokens/revoke", key=key).status_code
    refused = httpx.get(f"{desk.board.url}/api/v1/schools", headers=headers, trust_env=False)
    assert 401 == refused.status_code


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""},
        {"role": "king"},
        {"days": "100000"},
        {"days": "x"},
        {"schools": "9999999999"},
        {"schools": ""},
    ],
)
def test_a_token_that_would_be_wrong_is_not_issued(desk: Desk, wrong: dict[str, str]) -> None:
    fields = {"label": "x", "role": "school", "schools": PRIMARY, "days": "31", **wrong}
    assert 400 == desk.operator.change("/tokens", **fields).status_code
