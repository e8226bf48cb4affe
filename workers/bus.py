"""The bus 消息总线: the NATS server of the settings, or one of our own under `var/nats`.

Our own is for small counties and for trying out. It listens on loopback, writes through at every
message (`sync_interval: always`; the default may lose two minutes in a power cut) and ends with us.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from projections.county import Settings

PREFERRED_PORT = 4222
START_SECONDS = 10

# Ends the server when the pipe on its standard input closes: however we end.
_WATCH = '"$@" & server=$!; read -r _; kill "$server"; wait "$server"'


class BusError(Exception):
    """The bus cannot be used; the message says what to do."""


@dataclass
class Bus:
    """Where the bus is, and how it proves that it writes through."""

    servers: list[str]
    monitor: str | None
    replicas: int = 1

    def require_durable(self) -> None:
        """Raises BusError unless the server shows that every message is written through."""
        if self.monitor is None:
            raise BusError(
                "未设 ZHIFANG_NATS_MONITOR_URL，无从证实 JetStream 逐条落盘，暂不转发；"
                "请设为 NATS 监控地址，如 http://nats:8222"
                " / set ZHIFANG_NATS_MONITOR_URL: the relay must see sync_interval: always"
            )
        try:
            with urllib.request.urlopen(f"{self.monitor}/varz", timeout=5) as answer:
                config = json.load(answer)["jetstream"]["config"]
        except (OSError, ValueError, KeyError) as error:
            raise BusError(
                f"NATS 监控地址 {self.monitor} 不可用 / monitor not reachable: {error}"
            ) from None
        if config.get("sync_always") is not True:
            raise BusError(
                "JetStream 未设 sync_interval: always，断电会丢失已确认的消息，暂不转发"
                " / JetStream must run with sync_interval: always"
            )

    def mend(self) -> None:
        """Nothing here: an outside server is its operator's to restart."""


class EmbeddedBus(Bus):
    """A server of our own; `mend` starts it anew where it ended or lost its folder."""

    def __init__(self, home: Path) -> None:
        self.home, self.store = home, home / "store"
        port, monitor = free_port(PREFERRED_PORT), free_port()
        super().__init__([f"nats://127.0.0.1:{port}"], f"http://127.0.0.1:{monitor}")
        self.config = home / "nats.conf"
        self.config.write_text(
            f'listen: "127.0.0.1:{port}"\nhttp: "127.0.0.1:{monitor}"\n'
            f'jetstream {{ store_dir: "{self.store}", sync_interval: always }}\n'
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises BusError with its log where it does not."""
        log = self.home / "nats.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                ["sh", "-c", _WATCH, "sh", _program(), "-c", self.config],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C is for whoever started us
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.monitor}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        told = log.read_text(errors="replace")[-800:]
        raise BusError(f"NATS 未能启动，见 {log} / NATS did not start:\n{told}")

    def stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def mend(self) -> None:
        """Start the server anew where it ended, does not answer or its folder was deleted."""
        if self._well():
            return
        self.stop()
        self.start()

    def _well(self) -> bool:
        if self._process is None or self._process.poll() is not None or not self.store.exists():
            return False
        try:
            with urllib.request.urlopen(f"{self.monitor}/healthz", timeout=2):
                return True
        except (OSError, urllib.error.HTTPError):
            return False


@contextmanager
def opened(settings: Settings) -> Iterator[Bus]:
    """The bus of the settings; our own, started now, where they name none.

    Where another process of ours runs it already, that one is joined.
    """
    if settings.nats_url:
        servers = [url.strip() for url in settings.nats_url.split(",")]
        yield Bus(servers, settings.nats_monitor_url, settings.nats_replicas)
        return
    home = settings.var.resolve() / "nats"
    home.mkdir(parents=True, exist_ok=True)
    address = home / "address.json"
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield Bus(**json.loads(address.read_text()))
            return
        bus = EmbeddedBus(home)
        bus.start()
        try:
            address.write_text(json.dumps({"servers": bus.servers, "monitor": bus.monitor}))
            yield bus
        finally:
            bus.stop()
            address.unlink(missing_ok=True)


def free_port(preferred: int = 0) -> int:
    """A free port on loopback: the preferred one, if it is."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program() -> Path:
    """The server's program, from the `embedded` extra."""
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise BusError(
            "没有 NATS：请设 ZHIFANG_NATS_URL，或安装 zhifang[embedded]"
            " / no NATS server: set ZHIFANG_NATS_URL, or install zhifang[embedded]"
        )
    return Path(found)
