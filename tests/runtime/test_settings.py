"""Settings and secrets: one line that names file and key, and never the secret itself."""

from pathlib import Path

import pytest

from runtime import BrokerSettings, ConfigError, Settings, load, secret


class Example(Settings):
    """A small program's settings."""

    number: int = 3
    broker: BrokerSettings


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("number = 3", "broker: must be set"),
        ('nummer = 3\nbroker.url = "mqtt://h"', "nummer: no such setting"),
        ('number = "x"\nbroker.url = "mqtt://h"', "number: "),
        ('broker.url = "mqtt://user:pw@h"', "must not hold a name or password"),
        ('broker.url = "mqtt://h:99999"', "broker.url: "),
        ("number = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_key(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "example.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(Example, file)
    assert str(refused.value).startswith(f"{file}: ")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("in_english")
def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "example.toml"
    file.write_bytes("名 = 1".encode("gbk"))
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load(Example, file)


def test_a_secret_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_EXAMPLE", "from the environment")
    (tmp_path / "secret").write_text("from a file\n")
    found = [secret("env:CAMPUS_EXAMPLE", key="k"), secret(f"file:{tmp_path}/secret", key="k")]
    assert ["from the environment", "from a file"] == found


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("change-me", "key: env:CAMPUS_EXAMPLE still holds 'change-me'"),
        ("", "key: the secret at env:CAMPUS_EXAMPLE is empty"),
        (None, "key: the environment variable CAMPUS_EXAMPLE is not set"),
    ],
)
def test_a_secret_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str | None, reason: str
) -> None:
    if value is None:
        monkeypatch.delenv("CAMPUS_EXAMPLE", raising=False)
    else:
        monkeypatch.setenv("CAMPUS_EXAMPLE", value)
    with pytest.raises(ConfigError) as refused:
        secret("env:CAMPUS_EXAMPLE", key="key")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("number = 3", "broker: 必须填写"),
        ('nummer = 3\nbroker.url = "mqtt://h"', "nummer: 没有此设置项"),
        ('number = "x"\nbroker.url = "mqtt://h"', "number: 应为整数（现为 'x'）"),
        ('number = 7.5\nbroker.url = "mqtt://h"', "number: 应为整数（现为 7.5）"),
        ('broker.url = "mqtt://h"\nbroker.keepalive_s = 4', "broker.keepalive_s: 应不小于 5（现为 4）"),
        (
            'broker.url = "mqtt://h"\nbroker.protocol = "3"',
            "broker.protocol: 应为其中之一：'5', '3.1.1'（现为 '3'）",
        ),
        (
            'broker.url = "mqtt://user:pw@h"',
            "broker.url: 地址中不得写用户名和密码，请用 username 和 password",
        ),
        ("x = 1\nnumber = ,", "第 2 行第 10 列不符合 TOML 写法"),
        ('nummer = 3\nnumber = "x"', "nummer: 没有此设置项；另有 2 处"),
    ],
)
def test_what_is_wrong_is_said_in_chinese_with_key_and_value(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "example.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(Example, file)
    assert f"{file}: {reason}" == str(refused.value)


def test_a_file_that_is_not_there_is_said_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(Example, tmp_path / "none.toml")
    assert f"{tmp_path / 'none.toml'}: 无法读取配置文件：没有此文件或文件夹" == str(refused.value)
