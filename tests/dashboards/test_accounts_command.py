"""`campus board user` and `campus board token`: each change with its line in the audit."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from dashboards.access.accounts import Accounts
from dashboards.access.files import AccountsFile
from dashboards.access.roles import Scope
from dashboards.access.tokens import Tokens
from rules.stored.audit import read_audit
from store import open_store
from tests.dashboards.test_command import write_registry

WORD = "a password of some length"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    write_registry(tmp_path / "registry")
    (tmp_path / "word").write_text(WORD)
    file = tmp_path / "board.toml"
    store = f"sqlite:///{tmp_path}/x.sqlite"
    file.write_text(f'store = "{store}"\nregistry = "registry"\n[access]\naccounts = "accounts.sqlite"\n')
    return file


def campus(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "campus.main", "--lang", "en", "board", *words, "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def audited(config: Path) -> list[tuple[str, str, str]]:
    with open_store(f"sqlite:///{config.parent}/x.sqlite") as store:
        lines = read_audit(store, since_ms=0)
    return [(line.action, line.subject, line.role) for line in reversed(lines)]


def test_an_account_is_made_changed_and_removed_and_the_audit_says_so(config: Path) -> None:
    word = f"file:{config.parent / 'word'}"
    made = campus(
        config, "user", "add", "Wang", "--role", "bureau", "--district", "120116", "--password", word
    )
    assert 0 == made.returncode, made.stderr
    assert "wang" in campus(config, "user", "list").stdout
    assert (
        0 == campus(config, "user", "role", "wang", "--role", "school", "--school", "2112000001").returncode
    )
    with closing(AccountsFile(config.parent / "accounts.sqlite")) as file:
        accounts = Accounts(file)
        (account,) = accounts.all()
        tried = accounts.log_in("wang", WORD, "127.0.0.1", now_ms=1)
        hashes = [row["hash"] for row in file.rows("SELECT hash FROM account")]
    assert ("school", Scope(schools=("2112000001",))) == (account.role, account.scope)
    assert tried.account == account
    assert hashes[0].startswith("$argon2id$")
    assert 0 == campus(config, "user", "remove", "wang").returncode
    expected = [
        (action, name, "local")
        for action, name in (("user_add", "Wang"), ("user_role", "wang"), ("user_remove", "wang"))
    ]
    assert expected == audited(config)


def test_a_code_that_the_registry_does_not_have_is_told(config: Path) -> None:
    """Whoever it was given to would find an empty board."""
    role = ("user", "role", "wang", "--role")
    made = ("user", "add", "wang", "--no-password", "--role", "school", "--school")
    asked = [
        (*made, "2112999999"),
        (*role, "school", "--school", "2112000001"),
        (*role, "bureau", "--district", "120999"),
    ]
    ran = [campus(config, *words) for words in asked]
    told = ["check it: the registry does not have " + code + "\n" for code in ("2112999999", "120999")]
    assert [(0, told[0]), (0, ""), (0, told[1])] == [(done.returncode, done.stderr) for done in ran]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("user", "add", "a b", "--role", "bureau", "--no-password"), "an account's name has 1 to 64"),
        (
            ("user", "add", "li", "--role", "school", "--no-password"),
            "the role school needs its school codes",
        ),
        (("user", "add", "li", "--role", "bureau", "--district", "12", "--no-password"), "has 6 digits"),
        (("user", "remove", "nobody"), "there is no such account"),
        (("token", "revoke", "nothing"), "there is no such token"),
        (("token", "add", "--label", " ", "--role", "bureau"), "say what the token is for"),
    ],
)
def test_what_cannot_be_is_one_line_and_no_account(
    config: Path, words: tuple[str, ...], problem: str
) -> None:
    ended = campus(config, *words)
    assert (2, 1) == (ended.returncode, ended.stderr.count("\n")), ended.stderr
    assert problem in ended.stderr
    with closing(AccountsFile(config.parent / "accounts.sqlite")) as file:
        assert ([], []) == (Accounts(file).all(), audited(config))


def test_a_token_is_printed_once_and_listed_without_its_secret(config: Path) -> None:
    made = campus(config, "token", "add", "--label", "data platform", "--role", "bureau", "--days", "30")
    token = made.stdout.strip()
    listed = campus(config, "token", "list").stdout
    with closing(AccountsFile(config.parent / "accounts.sqlite")) as file:
        (known,) = Tokens(file).all()
        person = Tokens(file).person(token, now_ms=known.created_ms)
    assert (True, True, False) == (token.startswith("campus_"), known.key in listed, token in listed)
    assert person is not None
    assert "bureau" == person.role


def test_where_the_audit_cannot_be_written_nothing_is_changed(config: Path) -> None:
    text = config.read_text().replace("sqlite:///", "influxdb://127.0.0.1:9/campus?org=")
    store = f"influxdb://127.0.0.1:9{config.parent}/x.sqlite".partition("9/")[0] + "9/campus"
    lines = [f'store = "{store}"' if line.startswith("store") else line for line in text.splitlines()]
    config.write_text("\n".join(lines))
    ended = campus(config, "user", "add", "li", "--role", "bureau", "--no-password")
    with closing(AccountsFile(config.parent / "accounts.sqlite")) as file:
        assert (2, []) == (ended.returncode, Accounts(file).all())
