"""What an integrator is given: the bus's document is true, the sample consumer misses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from api.app import create_app
from projections.county import County, Settings
from tests.conftest import serving
from tests.workers.test_relay import messages, more, relaying, until, whole
from workers import bus
from workers.bus import Bus

ROOT = Path(__file__).parent.parent.parent
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())


@pytest.fixture
def own_bus(tmp_path: Path) -> Iterator[Bus]:
    with bus.opened(Settings(var=tmp_path / "var")) as found:
        yield found


def test_every_message_is_as_the_document_says(told_county: County, own_bus: Bus) -> None:
    with relaying(told_county, own_bus):
        until(lambda: whole(told_county, own_bus))
    schema = DOCUMENT["components"]["schemas"]["Recorded"]
    told = messages(told_county, own_bus)
    for sequence, message in told:
        jsonschema.validate(message, schema)
        assert message["data"]["position"] == sequence
    with pytest.raises(jsonschema.ValidationError):  # control
        jsonschema.validate({**told[0][1], "sentence": "内容"}, schema)


def test_the_sample_consumer_says_what_to_do_where_there_is_no_bus(tmp_path: Path) -> None:
    nowhere = f"nats://127.0.0.1:{bus.free_port()}"
    told = subprocess.run(
        [sys.executable, ROOT / "examples" / "consumer.py", nowhere],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert f"连不上消息总线 {nowhere}；请先 make run" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.fixture
def served(told_county: County) -> Iterator[str]:
    with serving(create_app(told_county)) as base:
        yield f"{base}/api/v1"


def test_the_sample_consumer_survives_restarts_and_holes(
    told_county: County, own_bus: Bus, served: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    environment = {
        **os.environ,
        "ZHIFANG_API": served,
        "ZHIFANG_NATS_URL": own_bus.servers[0],
        "ZHIFANG_UNIT": "LGO",
        "ZHIFANG_PLACE": str(tmp_path / "place"),
    }

    def consume() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, ROOT / "examples" / "consumer.py"],
            env=environment,
            stdout=out.open("ab"),
        )

    def heard() -> list[int]:
        return [int(line.split()[0]) for line in out.read_text().splitlines()]

    def everything() -> bool:
        return set(heard()) == set(
            range(1, (told_county.log.recorder.max_notification_id() or 0) + 1)
        )

    consumer = consume()
    with relaying(told_county, own_bus):
        until(everything)
        more(told_county, 3)
        until(everything)  # told by the bus, well before it would look by itself
        consumer.send_signal(signal.SIGKILL)
        consumer.wait()
        more(told_county, 5)  # a hole: nobody was listening
        consumer = consume()
        until(everything)
    consumer.kill()
    consumer.wait()
    assert heard() == sorted(heard())
    assert json.loads((tmp_path / "place").read_text()) == heard()[-1]
