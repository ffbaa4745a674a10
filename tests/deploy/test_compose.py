"""docker-compose.yml and the files it mounts fit each other and the programs they start."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from campus.program import app
from dashboards.board import BoardSettings
from edge_agent.gateway_settings import EdgeSettings
from ingest.settings import IngestSettings
from rules.watch.settings import RulesSettings
from runtime import Settings, load
from trust.settings import TrustSettings

ENV_SAMPLE = Path("deploy/env.sample")
VARIABLE = re.compile(r"CAMPUS_[A-Z0-9_]+")
OURS = ("campus-server", "campus-edge")


def compose(*arguments: str, env_file: Path = ENV_SAMPLE, **environment: str) -> Any:
    """What docker-compose makes of our file. Variables of this process do not count."""
    kept = {name: value for name, value in os.environ.items() if not VARIABLE.fullmatch(name)}
    command = ["docker-compose", "--env-file", str(env_file), "--profile", "sim", "config", *arguments]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**kept, **environment}
    )
    assert ended.returncode == 0, ended.stderr
    return yaml.safe_load(ended.stdout)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def ours(services: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in services.items() if service["image"] in OURS}


def mounts(service: dict[str, Any]) -> dict[Path, Path]:
    """Files of this repository that a service sees, by where it sees them."""
    found = {}
    for volume in service.get("volumes", ()):
        source, target = volume.split(":")[:2]
        if source.startswith("/"):
            found[Path(target)] = Path(source)
    return found


def test_compose_accepts_the_file_and_names_every_service(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == {
        "board",
        "edge-2112000001",
        "edge-3112000002",
        "edge-3112000003",
        "enrol-2112000001",
        "enrol-3112000002",
        "enrol-3112000003",
        "grafana",
        "grafana-files",
        "grafana-token",
        "influxdb",
        "ingest",
        "mosquitto",
        "rules",
        "sim",
        "sim-codes",
        "store-token",
        "trust",
        "trust-files",
    }


def test_without_secrets_compose_says_what_to_copy(tmp_path: Path) -> None:
    empty = tmp_path / "env"
    empty.write_text("")
    with pytest.raises(AssertionError, match=r"copy deploy/env\.sample to \.env"):
        compose(env_file=empty)


def test_every_secret_of_the_sample_still_has_to_be_chosen() -> None:
    lines = dict(line.split("=", 1) for line in ENV_SAMPLE.read_text().splitlines() if line[:1].isalpha())
    secrets = {value for name, value in lines.items() if "TOKEN" in name or "PASSWORD" in name}
    assert secrets == {"change-me"}


def test_every_path_that_is_mounted_exists(services: dict[str, dict[str, Any]]) -> None:
    sources = [source for service in services.values() for source in mounts(service).values()]
    assert len(sources) >= 10
    assert [source for source in sources if not source.exists()] == []


def test_the_simulated_registry_is_a_volume_that_the_simulator_writes() -> None:
    services = compose(CAMPUS_REGISTRY="sim-registry")["services"]
    users = {
        name: volume
        for name, service in services.items()
        for volume in service.get("volumes", ())
        if volume.startswith("sim-registry:")
    }
    assert users == {
        "board": "sim-registry:/registry:ro",
        "rules": "sim-registry:/registry:ro",
        "sim": "sim-registry:/sim/registry:rw",
        "sim-codes": "sim-registry:/registry:ro",
        "trust": "sim-registry:/registry:ro",
        "trust-files": "sim-registry:/registry:ro",
    }


def test_every_variable_set_for_our_programs_is_read_by_code_or_named_in_their_configuration(
    services: dict[str, dict[str, Any]],
) -> None:
    code = "".join(
        file.read_text(encoding="utf-8")
        for package in ("store", "runtime", "ingest", "rules", "dashboards", "edge_agent", "firmware_sim")
        for file in Path(package).rglob("*.py")
    )
    unread = []
    for name, service in ours(services).items():
        configuration = "".join(
            source.read_text(encoding="utf-8") for source in mounts(service).values() if source.is_file()
        )
        read = set(VARIABLE.findall(code)) | set(re.findall(r"env:(\w+)", configuration))
        unread += [(name, variable) for variable in service.get("environment", {}) if variable not in read]
    assert unread == []


def test_every_secret_that_a_configuration_names_is_set_for_its_program(
    services: dict[str, dict[str, Any]],
) -> None:
    unset = []
    for name, service in ours(services).items():
        for source in mounts(service).values():
            if source.suffix == ".toml":
                wanted = re.findall(r'"env:(\w+)"', source.read_text(encoding="utf-8"))
                unset += [(name, item) for item in wanted if item not in service["environment"]]
    assert unset == []


def test_every_variable_of_the_sample_is_used() -> None:
    sample = set(re.findall(r"^(CAMPUS_\w+)=", ENV_SAMPLE.read_text(), re.MULTILINE))
    used = set(re.findall(r"\$\{(CAMPUS_\w+)", Path("docker-compose.yml").read_text()))
    assert sample == used


def test_every_command_line_is_one_that_campus_knows(services: dict[str, dict[str, Any]]) -> None:
    command = typer.main.get_command(app)
    for service in ours(services).values():
        assert service.get("entrypoint") is None
        known, words = command, list(service["command"])
        while words and hasattr(known, "commands") and words[0] in known.commands:
            known = known.commands[words.pop(0)]
        options = {option for parameter in known.params for option in parameter.opts}
        assert known is not command, service["command"]
        assert [word for word in words if word.startswith("-") and word not in options] == []


def test_a_configuration_that_a_command_names_is_mounted(services: dict[str, dict[str, Any]]) -> None:
    missing = []
    for name, service in ours(services).items():
        words = service["command"]
        if "--config" in words and Path(words[words.index("--config") + 1]) not in mounts(service):
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("ingest", IngestSettings),
        ("rules", RulesSettings),
        ("board", BoardSettings),
        ("edge-2112000001", EdgeSettings),
        ("edge-3112000002", EdgeSettings),
        ("edge-3112000003", EdgeSettings),
        ("trust", TrustSettings),
    ],
)
def test_every_configuration_is_one_that_its_program_takes(
    name: str, settings: type[Settings], tmp_path: Path
) -> None:
    text = Path(f"deploy/config/{name}.toml").read_text(encoding="utf-8")
    # What the containers mount stands elsewhere here.
    for folder in ("/registry", "/sim", "/trust/ingest"):
        text = text.replace(f'"{folder}', f'"{tmp_path}{folder}')
        for path in re.findall(rf'"({tmp_path}{folder}[^"]*)"', text):
            target = Path(path)
            (target.parent if target.suffix else target).mkdir(parents=True, exist_ok=True)
            if target.suffix:
                target.touch()
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    assert isinstance(load(settings, file), settings)


def test_health_is_asked_where_the_program_serves_it(services: dict[str, dict[str, Any]]) -> None:
    ports = {}
    for name, key in (("ingest", "health"), ("rules", "health"), ("trust", "health"), ("board", "health")):
        settings = read_toml(Path(f"deploy/config/{name}.toml"))
        port = settings[key]["port"]
        ports[name] = f"http://127.0.0.1:{port}/healthz" in json.dumps(services[name]["healthcheck"])
    assert ports == {"ingest": True, "rules": True, "trust": True, "board": True}


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_every_image_is_pinned_to_a_version_and_every_service_of_ours_is_built_here(
    services: dict[str, dict[str, Any]],
) -> None:
    """`latest` would be another program tomorrow."""
    images = {service["image"] for service in services.values()}
    versions = {image: image.partition(":")[2] for image in images - set(OURS)}
    assert [image for image, version in versions.items() if not version[:1].isdigit()] == []
    assert [name for name, service in ours(services).items() if not service.get("build")] == []
    assert Path("deploy/Dockerfile").is_file()


def test_what_goes_on_running_is_asked_whether_it_is_well(services: dict[str, dict[str, Any]]) -> None:
    """A gateway is watched by what it tells."""
    lasting = {name for name, service in services.items() if service["restart"] != "no"}
    asked = {name for name, service in services.items() if "healthcheck" in service}
    assert {name for name in lasting - asked if not name.startswith("edge-")} == set()


def test_every_volume_that_a_container_of_ours_may_write_is_its_users_in_the_image(
    services: dict[str, dict[str, Any]],
) -> None:
    """A volume takes over the owner of the folder in the image; one that is not there is root's."""
    image = Path("deploy/Dockerfile").read_text(encoding="utf-8")
    made = set(" ".join(re.findall(r"install -d -o campus -g campus ((?:\\\n|[^&\n])+)", image)).split())
    written = {
        volume.split(":")[1]
        for service in ours(services).values()
        for volume in service.get("volumes", ())
        if not volume.startswith("/") and not volume.endswith(":ro")
    }
    assert written - made == set()


def test_no_two_programs_of_one_machine_tell_how_they_are_at_the_same_port() -> None:
    """Whoever takes these files over without containers has them all on one address."""
    ports = [read_toml(file)["health"]["port"] for file in sorted(Path("deploy/config").glob("*.toml"))]
    assert sorted(set(ports)) == sorted(ports)
    page = Path("docs/operations.md").read_text(encoding="utf-8")
    assert [port for port in ports if port < 9110 and str(port) not in page] == []


def test_only_board_and_grafana_are_published_and_only_on_the_chosen_address(
    services: dict[str, dict[str, Any]],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"board": ["127.0.0.1:8080:8080/tcp"], "grafana": ["127.0.0.1:3000:3000/tcp"]}


def test_grafana_is_given_all_that_its_data_source_takes_from_the_environment(
    services: dict[str, dict[str, Any]],
) -> None:
    grafana, files = services["grafana"], services["grafana-files"]
    source = Path("deploy/grafana/provisioning/datasources/campus.yaml").read_text()
    given = {*grafana["environment"], *re.findall(r"export (\w+)=", " ".join(grafana["entrypoint"]))}
    bucket = services["influxdb"]["environment"]["DOCKER_INFLUXDB_INIT_BUCKET"]
    assert (set(VARIABLE.findall(source)) - given, grafana["environment"]["CAMPUS_GRAFANA_INFLUX_DB"]) == (
        set(),
        bucket,
    )
    # What one service writes the other reads, from the same volumes.
    assert "grafana-provisioning:/provisioning:rw" in files["volumes"]
    assert "grafana-provisioning:/etc/grafana/provisioning:ro" in grafana["volumes"]


def test_grafana_never_gets_the_token_that_writes(services: dict[str, dict[str, Any]]) -> None:
    token = services["grafana-token"]
    assert "CAMPUS_INFLUX_TOKEN" not in services["grafana"]["environment"]
    assert token["command"][:3] == ["store", "token", "--read"]
    assert token["command"][-1] == "/secrets/influx-token"
    assert services["grafana"]["depends_on"]["grafana-token"]["condition"] == "service_completed_successfully"
    assert "cat /run/campus/influx-token" in services["grafana"]["entrypoint"][-1]
    assert "grafana-secrets:/run/campus:ro" in services["grafana"]["volumes"]


@pytest.mark.parametrize(
    ("name", "starts", "secrets"),
    [
        (
            "influxdb",
            "/entrypoint.sh influxd",
            {
                "DOCKER_INFLUXDB_INIT_PASSWORD": "CAMPUS_INFLUX_ADMIN_PASSWORD",
                "DOCKER_INFLUXDB_INIT_ADMIN_TOKEN": "CAMPUS_INFLUX_TOKEN",
            },
        ),
        ("grafana", "/run.sh", {"GF_SECURITY_ADMIN_PASSWORD": "CAMPUS_GRAFANA_ADMIN_PASSWORD"}),
    ],
)
def test_a_server_of_others_refuses_a_secret_that_was_not_chosen(
    name: str, starts: str, secrets: dict[str, str], tmp_path: Path, services: dict[str, dict[str, Any]]
) -> None:
    """It would keep the placeholder from its first start on; ours refuse it by themselves."""
    program, option, script = services[name]["entrypoint"]
    (tmp_path / "influx-token").write_text("read-only")
    assert f"exec {starts}" in script
    # As the container's shell has it, but for what it starts and where its token lies.
    script = script.replace("$$", "$").replace(f"exec {starts}", "echo started")
    script = script.replace("/run/campus/influx-token", str(tmp_path / "influx-token"))

    def start(**environment: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [program, option, script],
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    chosen = dict.fromkeys(secrets, "f3b8d2")
    assert start(**chosen) == (0, "started\n", "")
    for inside, ours in secrets.items():
        assert services[name]["environment"][inside] == "change-me"  # what the sample gives it
        code, _, told = start(**{**chosen, inside: "change-me"})
        assert (code, ours in told) == (2, True)


def test_only_who_makes_tokens_has_the_one_that_may_do_everything(
    services: dict[str, dict[str, Any]],
) -> None:
    holders = {
        name for name, service in services.items() if "CAMPUS_INFLUX_TOKEN" in service.get("environment", {})
    }
    readers = {
        name
        for name, service in services.items()
        if service.get("environment", {}).get("CAMPUS_INFLUX_TOKEN_FILE") == "/run/campus/influx-token"
        and "store-secrets:/run/campus:ro" in service["volumes"]
        and service["depends_on"]["store-token"]["condition"] == "service_completed_successfully"
    }
    assert (holders, readers) == ({"grafana-token", "store-token"}, {"ingest", "rules", "board"})


def test_the_bucket_of_every_program_is_the_one_that_influxdb_is_set_up_with(
    services: dict[str, dict[str, Any]],
) -> None:
    environment = services["influxdb"]["environment"]
    address = "influxdb://influxdb:8086/{DOCKER_INFLUXDB_INIT_BUCKET}?org={DOCKER_INFLUXDB_INIT_ORG}"
    stores = {read_toml(Path(f"deploy/config/{name}.toml"))["store"] for name in ("ingest", "rules", "board")}
    assert stores == {address.format(**environment)}


def test_only_the_authority_has_its_keys_and_broker_and_ingest_have_their_parts(
    services: dict[str, dict[str, Any]],
) -> None:
    holders = {
        volume.partition(":")[0] + ":" + volume.rpartition(":")[2]: set[str]()
        for service in services.values()
        for volume in service.get("volumes", ())
        if volume.startswith("trust")
    }
    for name, service in services.items():
        for volume in service.get("volumes", ()):
            if volume.startswith("trust"):
                holders[volume.partition(":")[0] + ":" + volume.rpartition(":")[2]].add(name)
    authority = {"sim-codes", "trust", "trust-files"}
    assert holders == {
        "trust:rw": authority,
        "trust-broker:rw": authority,
        "trust-ingest:rw": authority,
        "trust-broker:ro": {"mosquitto"},
        "trust-ingest:ro": {"ingest"},
    }


def test_a_simulated_gateway_starts_once_it_is_enrolled(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if name.startswith("edge-"):
            enrolment = name.replace("edge", "enrol")
            condition = service["depends_on"][enrolment]["condition"]
            own = [volume for volume in services[enrolment]["volumes"] if "/codes" not in volume]
            assert (condition, own) == ("service_completed_successfully", service["volumes"])


def test_simulator_and_gateways_share_one_network(services: dict[str, dict[str, Any]]) -> None:
    gateways = [service for name, service in services.items() if name.startswith("edge-")]
    assert [service["network_mode"] for service in gateways] == ["service:sim"] * 3
