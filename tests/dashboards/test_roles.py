"""Every route with every role: who may open it, and that a school never sees another one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from starlette.routing import Route

from dashboards.access.roles import GRANTED, ROLES, Role, Scope
from dashboards.access.scoped import OutsideScope, ScopedStore
from dashboards.access.settings import AccessSettings
from dashboards.board.routes import ROUTES
from dashboards.board.routing import Page
from registry import read_registry
from rules.shortfalls.history import days_of
from store import open_store
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import DISTRICT, JUNIOR, PRIMARY, district, verdict
from tests.dashboards.parsed import parse
from tests.dashboards.reader import Reader, add_account
from tests.dashboards.whole import NAMES_OF_ALL, STRANGE, everything

# How each route is asked for: a path with what stands for its parts, the fields of a form. A route that is
# missing here fails `test_every_route_is_walked`.
GETS: dict[str, str] = {
    "/": "/",
    "/now": "/now",
    "/schools": "/schools",
    "/school/{code}": f"/school/{PRIMARY}",
    "/indicators": "/indicators",
    "/trends": "/trends",
    "/use": "/use",
    "/inventory": "/inventory",
    "/fleet": "/fleet",
    "/inventory.csv": "/inventory.csv",
    "/planner": f"/planner?school={PRIMARY}&multimedia_rooms=2",
    "/planner.xlsx": "/planner.xlsx?budget=1500000",
    "/wall": "/wall",
    "/lessons": "/lessons?days=366",
    "/shortfalls": "/shortfalls",
    "/audit": "/audit",
    "/quarantine": "/quarantine",
    "/reports": "/reports",
    "/alerts": "/alerts?days=366",
    "/alerts/handle": f"/alerts/handle?district={DISTRICT}&school={PRIMARY}&alert=ap-down&subject=A1",
    "/login": "/login",
    "/account": "/account",
    "/school/{code}/decisions": f"/school/{PRIMARY}/decisions",
    "/tokens": "/tokens",
    "/sign-on": "/sign-on",
    "/sign-on/return": "/sign-on/return?code=x&state=y",
    "/api/v1/districts": "/api/v1/districts",
    "/api/v1/results": "/api/v1/results",
    "/api/v1/schools": "/api/v1/schools",
    "/api/v1/sections": "/api/v1/sections",
    "/api/v1/indicators": "/api/v1/indicators",
    "/api/v1/guarantees": "/api/v1/guarantees",
    "/api/v1/rates": "/api/v1/rates",
    "/api/v1/rooms": "/api/v1/rooms",
    "/api/v1/devices": "/api/v1/devices",
    "/api/v1/shortfalls": "/api/v1/shortfalls",
    "/api/v1/alerts": "/api/v1/alerts",
    "/api/v1/gateways": "/api/v1/gateways",
    "/api/v1/fleet": "/api/v1/fleet",
    "/api/v1/reports": "/api/v1/reports",
    "/api/v1/plan": "/api/v1/plan",
    "/api/v1/plan-stages": "/api/v1/plan-stages",
    "/api/v1/plan-costs": "/api/v1/plan-costs",
    "/api/v1/what-if": f"/api/v1/what-if?school={PRIMARY}&multimedia_rooms=2",
    "/api/v1/openapi.json": "/api/v1/openapi.json",
    "/reports/{quarter}/{version}/{name:path}": "/reports/2026Q4/v1/a.txt",
    "/healthz": "/healthz",
    "/metrics": "/metrics",
}
ALERT_OF = {"district": DISTRICT, "school": PRIMARY, "alert": "ap-down", "subject": "A1"}
POSTS: dict[str, dict[str, str]] = {
    "/login": {},
    "/account/password": {"old": "wrong", "new": "another-password-1", "again": "another-password-1"},
    "/logout": {},
    "/comment": {"school": PRIMARY, "text": "x"},
    "/retire": {"school": PRIMARY, "kind": "none"},
    "/tokens": {"role": "none"},
    "/tokens/revoke": {"key": "none"},
    "/alerts/acknowledge": ALERT_OF,
    "/alerts/silence": {**ALERT_OF, "end": "2099-01-01T00:00", "reason": "x"},
    "/alerts/maintenance": {"school": PRIMARY, "begin": "x", "end": "x", "reason": "x"},
    "/alerts/end": {"window": "none"},
    "/logout/everywhere": {},
}
# What each role opens, written once more by hand: a permission given away by mistake is seen here.
MAY: dict[str, set[Role]] = {
    "account": {"bureau", "school", "expert", "operator"},
    "read": {"bureau", "school", "expert", "operator"},
    "district": {"bureau", "expert", "operator"},
    "comment": {"bureau", "expert"},
    "alerts": {"operator"},
    "retire": {"operator"},
    "tokens": {"operator"},
    "audit": {"bureau", "operator"},
    "metrics": {"operator"},
}


@dataclass(frozen=True)
class World:
    board: RunningBoard
    readers: dict[Role, Reader]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A board with an account a role; the school's sees the primary school alone."""
    folder = tmp_path_factory.mktemp("roles")
    accounts = folder / "accounts.sqlite"
    for role in ROLES:
        for letter in "ab":  # the second for what ends sessions
            scope = Scope(schools=(PRIMARY,)) if role == "school" else None
            add_account(accounts, f"{letter}-{role}", role, scope)
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}",
        names=NAMES_OF_ALL,
        access=AccessSettings(accounts=accounts),
        reports=folder / "reports",
    ) as board:
        kept = folder / "reports" / "2026Q4" / "v1" / "a.txt"
        kept.parent.mkdir(parents=True)
        kept.write_text("of the whole district: 异话", encoding="utf-8")
        assert board.store.write(everything(board.now_ms)) == []
        readers = {role: Reader(board.url).enter(accounts, f"a-{role}") for role in ROLES}
        yield World(board, readers)


def pages(method: str) -> list[Page]:
    return [page for page in ROUTES if page.method == method]


def test_every_route_is_walked() -> None:
    assert {page.path for page in pages("GET")} == GETS.keys()
    assert {page.path for page in pages("POST")} == POSTS.keys()
    assert {page.needs for page in ROUTES} <= {"open", *MAY}


def test_the_application_has_no_route_beside_the_table(world: World) -> None:
    from dashboards.board.app import create_app
    from dashboards.board.names import Names

    app = create_app(
        world.board.store, registry_folder=Path(__file__).parent, clock=lambda: 0.0, read=lambda _: Names()
    )
    routed = sorted(
        (route.path, *sorted(route.methods or ())) for route in app.routes if isinstance(route, Route)
    )
    listed = sorted((page.path, *(("GET", "HEAD") if page.method == "GET" else ("POST",))) for page in ROUTES)
    mounted = [route for route in app.routes if not isinstance(route, Route)]
    app.state.board.close()
    assert listed == routed
    assert ["/static"] == [getattr(route, "path", "") for route in mounted]


def test_roles_have_the_permissions_that_are_written_down() -> None:
    granted = {permission: {role for role in ROLES if permission in GRANTED[role]} for permission in MAY}
    assert MAY == granted


@pytest.mark.parametrize("page", pages("GET"), ids=lambda page: page.path)
def test_a_page_opens_for_who_may_and_for_nobody_else(world: World, page: Page) -> None:
    nobody = Reader(world.board.url).get(GETS[page.path]).status_code
    answers = {role: reader.get(GETS[page.path]).status_code for role, reader in world.readers.items()}
    if page.needs == "open":
        # Without a provider there is no sign-on.
        assert {nobody, *answers.values()} <= ({404} if "sign-on" in page.path else {200, 303})
        return
    assert nobody in ({401} if page.path.startswith("/api/") else {303})
    # 409: let in, and told that what is stored here is no ground for a plan.
    allowed = {role for role, status in answers.items() if status in {200, 303, 409}}
    assert MAY[page.needs] == allowed
    assert {403} >= {status for role, status in answers.items() if role not in allowed}


@pytest.mark.parametrize("page", pages("POST"), ids=lambda page: page.path)
def test_a_change_without_the_proof_of_a_form_is_made_by_nobody(world: World, page: Page) -> None:
    statuses = {
        reader.post(page.path, POSTS[page.path]).status_code
        for reader in (*world.readers.values(), Reader(world.board.url))
    }
    assert statuses <= {401, 403}


@pytest.mark.parametrize("page", pages("POST"), ids=lambda page: page.path)
def test_a_change_is_open_to_who_may_make_it_alone(world: World, page: Page) -> None:
    if page.needs == "open":
        return
    for role in ROLES:
        assert world.board.accounts is not None
        reader = Reader(world.board.url).enter(world.board.accounts, f"b-{role}")
        answer = reader.change(page.path, **POSTS[page.path])
        assert (answer.status_code == 403) == (role not in MAY[page.needs]), (role, answer.text)


@pytest.mark.parametrize("page", pages("GET"), ids=lambda page: page.path)
@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/csv"])
def test_a_school_never_sees_another_one(world: World, page: Page, accept: str) -> None:
    """Not its name, not its code, not a room, a device or a word of it, on any page, as CSV or by search."""
    school, bureau = world.readers["school"], world.readers["bureau"]
    path = GETS[page.path]
    more = f"{path}{'&' if '?' in path else '?'}"
    also = [path, f"{more}q=", f"{more}fragment=1", f"{more}school={JUNIOR}", path.replace(PRIMARY, JUNIOR)]
    for asked in also:
        answer = school.get(asked, Accept=accept)
        assert "/login" not in answer.headers.get("location", ""), "it was signed out"
        told = answer.text.replace(f"school={JUNIOR}", "")
        assert [mark for mark in STRANGE if mark in told] == [], asked
    if page.path in {"/schools", "/indicators", "/now"} and accept == "text/html":
        assert any(mark in bureau.get(path).text for mark in STRANGE)


def test_a_school_searching_for_another_finds_nothing(world: World) -> None:
    reader = world.readers["school"]
    found = reader.get("/schools?q=异校").text
    own = reader.get("/schools").text
    assert "异校甲中学" not in found.replace('value="异校"', "")
    assert NAMES_OF_ALL.school(PRIMARY).name in own
    assert reader.get(f"/school/{JUNIOR}").status_code == 404


def test_a_district_sees_no_other_one(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.sqlite"
    add_account(accounts, "elsewhere", "bureau", Scope(districts=("120199",)))
    add_account(accounts, "here", "bureau", Scope(districts=(DISTRICT,)))
    with running_board(
        f"sqlite:///{tmp_path / 'store.sqlite'}", names=NAMES_OF_ALL, access=AccessSettings(accounts=accounts)
    ) as board:
        board.store.write(everything(board.now_ms))
        elsewhere, here = (Reader(board.url).enter(accounts, name) for name in ("elsewhere", "here"))
        seen = [mark for mark in STRANGE for path in ("/schools", "/now") if mark in elsewhere.get(path).text]
        assert [] == seen
        assert JUNIOR in here.get("/schools").text


def test_a_school_has_all_that_stands_though_only_changes_are_stored(tmp_path: Path) -> None:
    """When the district was evaluated is known to a school, and of the district's figures nothing else."""
    accounts = tmp_path / "accounts.sqlite"
    add_account(accounts, "school", "school", Scope(schools=(PRIMARY,)))
    with running_board(
        f"sqlite:///{tmp_path / 'store.sqlite'}", names=NAMES_OF_ALL, access=AccessSettings(accounts=accounts)
    ) as board:
        whole, later = board.now_ms - 7_200_000, board.now_ms - 3_600_000
        last = board.now_ms - 5000
        board.store.write(
            [
                *(
                    district("school", "wireless", (9, 9, 9), time, whole_ms=whole)
                    for time in (whole, later, last)
                ),
                verdict(PRIMARY, "primary", "L1", "pass", whole, reason="unchanged since"),
                verdict(PRIMARY, "primary", "L2", "fail", later, reason="changed later"),
            ]
        )
        reader = Reader(board.url).enter(accounts, "school")
        told = reader.get("/api/v1/indicators").json()["data"]
        results = reader.get("/api/v1/results").status_code
        targets = reader.get("/indicators").text
    assert {("L1", "pass"), ("L2", "fail")} == {(row["indicator"], row["verdict"]) for row in told}
    assert 403 == results
    assert "9" not in "".join(cell.text for cell in parse(targets).all("td"))


def test_the_register_of_a_school_is_its_part_of_the_districts(tmp_path: Path) -> None:
    calendar = read_registry(Path("tests/cases/rules/small")).calendar
    day = date(2021, 9, 1)
    noon = calendar.end_of(day) - 43_200_000
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.prepare()
        own_day = {"as_of": day.isoformat()}
        store.write(
            [
                district("school", "wireless", (1, 1, 0), noon, whole_ms=noon, **own_day),
                verdict(PRIMARY, "primary", "L1", "fail", noon, **own_day),
                verdict(JUNIOR, "junior", "L1", "fail", noon, **own_day),
            ]
        )
        whole, own = (
            [finding.key[1] for found in days_of(each, calendar, until=day) for finding in found.findings]
            for each in (store, ScopedStore(store, Scope(schools=(PRIMARY,))))
        )
    assert ([PRIMARY, JUNIOR], [PRIMARY]) == (sorted(whole), own)


def test_what_is_written_outside_a_scope_is_refused_by_the_store_itself(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.prepare()
        own = ScopedStore(store, Scope(schools=(PRIMARY,)))
        points = everything(1_800_000_000_000)
        mine = [point for point in points if PRIMARY in point.tags]
        assert own.write(mine) == []
        with pytest.raises(OutsideScope):
            own.write([point for point in points if JUNIOR in point.tags])
