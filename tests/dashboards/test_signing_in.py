"""Signing in: passwords, sessions, forms, and what a board without accounts shows to whom."""

import re
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from dashboards.access.accounts import Accounts
from dashboards.access.files import AccountsFile
from dashboards.access.roles import Scope
from dashboards.access.settings import AccessSettings, HeaderSettings
from dashboards.board import BoardSettings
from dashboards.board.forms import own_path
from dashboards.board.settings import TlsSettings
from rules.stored.audit import read_audit
from runtime import ConfigError, HealthSettings, load
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import PRIMARY, evaluation
from tests.dashboards.reader import PASSWORD, Reader, add_account
from tests.servers import free_port


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    folder = tmp_path_factory.mktemp("signing")
    accounts = folder / "accounts.sqlite"
    add_account(accounts, "王老师", "bureau", password=PASSWORD)
    add_account(accounts, "ops", "operator", password=PASSWORD)
    add_account(accounts, "sso", "bureau")
    access = AccessSettings(accounts=accounts, root_path="/campus")
    with running_board(f"sqlite:///{folder / 'store.sqlite'}", access=access) as board:
        board.store.write(evaluation(board.now_ms - 5000))
        yield board


def below(board: RunningBoard) -> Reader:
    """A reader behind a proxy that leaves its own path in what it passes on."""
    return Reader(f"{board.url}/campus")


def audited(board: RunningBoard) -> list[tuple[str, str]]:
    return [(line.action, line.who) for line in read_audit(board.store, since_ms=0)]


def test_who_is_not_signed_in_is_led_to_the_login_and_back(guarded: RunningBoard) -> None:
    reader = below(guarded)
    led = reader.get("/schools?q=a%26b")
    assert (303, "/campus/login?next=%2Fschools%3Fq%3Da%2526b") == (led.status_code, led.headers["location"])
    asked = {"name": "王老师", "password": PASSWORD, "next": "/schools?q=a%26b"}
    signed = reader.post("/login", asked)
    assert (303, "/campus/schools?q=a%26b") == (signed.status_code, signed.headers["location"])
    assert 200 == reader.get("/schools").status_code
    assert ("sign_in", "王老师") in audited(guarded)


def test_links_and_files_of_a_page_stand_below_the_proxys_path(guarded: RunningBoard) -> None:
    reader = below(guarded)
    reader.sign_in("王老师")
    told = reader.get("/schools").text
    stripped, whole = Reader(guarded.url).get("/static/board.css"), reader.get("/static/board.css")
    assert (200, 200) == (stripped.status_code, whole.status_code)
    assert 'href="/campus/static/board.css"' in told
    assert 'href="/schools"' not in told
    assert f'href="/campus/school/{PRIMARY}"' in told


def test_a_wrong_password_and_a_wrong_name_are_answered_alike(guarded: RunningBoard) -> None:
    answers = [
        below(guarded).post("/login", {"name": name, "password": "wrong-password", "next": "/"})
        for name in ("ops", "sso", "nobody-here")
    ]
    told = {re.sub(r"\d{13}|nobody-here|ops|sso", "", answer.text) for answer in answers}
    assert ({401}, 1) == ({answer.status_code for answer in answers}, len(told))


def test_the_cookie_is_new_at_each_login_and_shut_to_scripts_and_other_sites(guarded: RunningBoard) -> None:
    reader = below(guarded)
    first = reader.sign_in("王老师").headers["set-cookie"]
    old = reader.client.cookies["campus_session"]
    second = reader.sign_in("王老师").headers["set-cookie"]
    flags = {part.strip().lower() for part in first.split(";")[1:]}
    assert {"httponly", "path=/campus", "samesite=lax"} == flags
    assert first.split(";")[0] != second.split(";")[0]
    held = below(guarded)
    held.client.cookies.set("campus_session", old, path="/campus")
    assert 303 == held.get("/schools").status_code


def test_signing_out_everywhere_ends_every_session(guarded: RunningBoard) -> None:
    here, there = below(guarded), below(guarded)
    here.sign_in("ops")
    there.sign_in("ops")
    assert 200 == there.get("/schools").status_code
    assert 303 == here.change("/logout/everywhere").status_code
    assert (303, 303) == (here.get("/schools").status_code, there.get("/schools").status_code)


def test_a_form_of_another_site_or_of_another_reader_changes_nothing(guarded: RunningBoard) -> None:
    mine, other = below(guarded), below(guarded)
    mine.sign_in("王老师")
    other.sign_in("王老师")
    stolen = {"mark": other.mark()}
    statuses = [
        mine.post("/logout", stolen).status_code,
        mine.post("/logout", {"mark": mine.mark()}, Origin="https://elsewhere.example").status_code,
        mine.post("/logout", {"mark": mine.mark()}, **{"Sec-Fetch-Site": "cross-site"}).status_code,
        mine.post("/logout", {"mark": ""}).status_code,
    ]
    assert [403] * 4 == statuses
    assert 200 == mine.get("/schools").status_code


def test_a_login_form_of_another_site_signs_nobody_in(guarded: RunningBoard) -> None:
    fields = {"name": "王老师", "password": PASSWORD, "next": "/"}
    answer = below(guarded).post("/login", fields, Origin="https://elsewhere.example")
    assert (403, False) == (answer.status_code, "set-cookie" in answer.headers)


def test_failures_make_the_login_wait_and_say_how_long(guarded: RunningBoard) -> None:
    reader = below(guarded)
    for _ in range(5):
        reader.sign_in("someone", "wrong-password")
    held = reader.sign_in("someone", "wrong-password")
    other = reader.sign_in("王老师")
    assert (429, 303) == (held.status_code, other.status_code)
    assert 0 < int(held.headers["retry-after"]) <= 15


def test_a_changed_password_ends_the_session_and_counts_from_then_on(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.sqlite"
    add_account(accounts, "a", "expert", password=PASSWORD)
    new = "ganz-neues-Wort"
    with running_board(
        f"sqlite:///{tmp_path / 's.sqlite'}", access=AccessSettings(accounts=accounts)
    ) as board:
        reader = Reader(board.url)
        reader.sign_in("a")
        short = reader.change("/account/password", old=PASSWORD, new="short", again="short")
        unlike = reader.change("/account/password", old=PASSWORD, new=new, again=new + "x")
        done = reader.change("/account/password", old=PASSWORD, new=new, again=new)
        assert (400, 400, 303) == (short.status_code, unlike.status_code, done.status_code)
        assert 303 == reader.get("/account").status_code
        assert [401, 303] == [reader.sign_in("a", word).status_code for word in (PASSWORD, new)]
        assert ("password", "a") in audited(board)


def test_a_session_ends_with_its_account_and_follows_its_role(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.sqlite"
    add_account(accounts, "a", "bureau")
    with running_board(
        f"sqlite:///{tmp_path / 's.sqlite'}", access=AccessSettings(accounts=accounts)
    ) as board:
        reader = Reader(board.url).enter(accounts, "a")
        assert 200 == reader.get("/audit").status_code
        with closing(AccountsFile(accounts)) as file:
            Accounts(file).set_role("a", "expert", Scope(), now_ms=2)
        assert 303 == reader.get("/audit").status_code
        again = Reader(board.url).enter(accounts, "a")
        assert 403 == again.get("/audit").status_code
        with closing(AccountsFile(accounts)) as file:
            Accounts(file).remove("a")
        assert 303 == again.get("/schools").status_code


def test_where_there_is_no_account_yet_the_login_says_how_to_make_one(tmp_path: Path) -> None:
    access = AccessSettings(accounts=tmp_path / "accounts.sqlite")
    with running_board(f"sqlite:///{tmp_path / 's.sqlite'}", access=access) as board:
        assert "campus board user add" in Reader(board.url).get("/login").text
        assert 0o600 == (tmp_path / "accounts.sqlite").stat().st_mode & 0o777


def test_a_name_in_a_header_counts_from_a_proxy_alone(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.sqlite"
    add_account(accounts, "li", "bureau")
    header = HeaderSettings(user="X-Remote-User")
    for proxies, status in ((("127.0.0.1",), 200), (("192.0.2.1",), 303)):
        access = AccessSettings(accounts=accounts, proxies=proxies, header=header)
        with running_board(f"sqlite:///{tmp_path / 's.sqlite'}", access=access) as board:
            answer = Reader(board.url).get("/schools", **{"X-Remote-User": "li"})
            nobody = Reader(board.url).get("/schools", **{"X-Remote-User": "stranger"})
        assert (status, 303) == (answer.status_code, nobody.status_code)


def test_a_board_without_accounts_answers_nothing_that_came_through_a_proxy(board: RunningBoard) -> None:
    direct = board.get("/schools").status
    through = board.get("/schools", **{"X-Forwarded-For": "127.0.0.1"})
    named = board.get("/schools", Host="board.example")
    api = board.get("/api/v1/schools", Forwarded="for=127.0.0.1")
    assert (200, 403, 403, 403) == (direct, through.status, named.status, api.status)
    assert "模拟" not in through.text + named.text + api.text


def test_a_board_without_accounts_changes_nothing(board: RunningBoard) -> None:
    asked = urllib.request.Request(board.url + "/logout", data=b"mark=1", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    refused.value.close()
    assert 401 <= refused.value.code <= 403


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb", "evil", "/" + "a" * 3000],
)
def test_a_login_leads_to_no_other_site(path: str) -> None:
    assert "/" == own_path(path)


def test_every_answer_carries_the_headers_that_keep_a_browser_careful(guarded: RunningBoard) -> None:
    reader = below(guarded)
    for path in ("/login", "/static/board.css", "/nowhere", "/schools", "/api/v1/schools"):
        headers = reader.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert ("nosniff", "DENY") == (headers["x-content-type-options"], headers["x-frame-options"])
        assert "server" not in headers


def test_health_and_metrics_stand_on_a_port_of_their_own(tmp_path: Path) -> None:
    health = HealthSettings(port=free_port())
    access = AccessSettings(accounts=tmp_path / "accounts.sqlite")
    with running_board(f"sqlite:///{tmp_path / 's.sqlite'}", access=access, health=health) as board:
        apart = [httpx.get(f"http://127.0.0.1:{health.port}{path}") for path in ("/healthz", "/metrics")]
        beside = [Reader(board.url).get(path).status_code for path in ("/healthz", "/metrics")]
    assert [(200, "ok\n"), 200] == [(apart[0].status_code, apart[0].text), apart[1].status_code]
    assert "campus_board_responses" in apart[1].text
    assert [404, 404] == beside


def test_the_board_has_tls_of_its_own_and_its_cookies_stay_there(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*make, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    accounts = tmp_path / "accounts.sqlite"
    add_account(accounts, "li", "bureau", password=PASSWORD)
    tls = TlsSettings(certificate=certificate, key=key)
    access = AccessSettings(accounts=accounts)
    with running_board(f"sqlite:///{tmp_path / 's.sqlite'}", access=access, tls=tls) as board:
        form = {"name": "li", "password": PASSWORD, "next": "/"}
        trusted = ssl.create_default_context(cafile=certificate)
        answer = httpx.post(f"{board.url}/login", data=form, verify=trusted)
    assert 303 == answer.status_code
    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('host = "0.0.0.0"', "host is 0.0.0.0, which other machines reach: set access.accounts"),
        ('[access]\nproxies = ["127.0.0.1"]', "access: proxies needs accounts"),
        ('[access]\naccounts = "a"\nproxies = ["0.0.0.0/0"]', "access.proxies: must not be every address"),
        ('[access]\naccounts = "a"\nproxies = ["proxy"]', "access.proxies: must be addresses or networks"),
        ('[access]\naccounts = "a"\n[access.header]\nuser = "X-User"', "access: header needs proxies"),
        ('[tls]\ncertificate = "a"\nkey = "b"', "tls.certificate: there is no such file"),
    ],
)
def test_settings_that_would_show_the_board_to_anyone_are_refused(
    tmp_path: Path, lines: str, problem: str
) -> None:
    config = tmp_path / "board.toml"
    config.write_text(f'store = "sqlite:///x"\nregistry = "."\n{lines}\n')
    with pytest.raises(ConfigError) as refused:
        load(BoardSettings, config)
    assert problem in str(refused.value)


def test_the_audit_says_who_did_what_from_where(guarded: RunningBoard) -> None:
    reader = below(guarded)
    reader.sign_in("ops")
    told = reader.get("/audit?q=ops").text
    assert "登录" in told
    assert "127.0.0.1" in told
    assert time.time() * 1000 >= read_audit(guarded.store, since_ms=0)[0].time_ms - 60_000
