"""The whole system as processes of our own, each of which may be killed at any moment."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from eventstore import embedded, embedded_files
from eventstore.embedded import EmbeddedError, Server
from workers.bus import free_port

ROOT = Path(__file__).parent.parent.parent
PARTY = "institution:DI-01"  # whose notices go out by webhook


class Heard(http.server.ThreadingHTTPServer):
    """Another system's webhook; counts how often it heard each notice."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()
        heard = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                heard.told[self.headers["Webhook-Id"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class System:
    """PostgreSQL, NATS, the API and two processes of workers, over one folder.

    `sabotage` names a deliberate fault the API and the workers are started with.
    """

    def __init__(self, var: Path, server: Server, sabotage: str = "") -> None:
        var.mkdir(parents=True, exist_ok=True)
        self.var, self.server, self.sabotage = var, server, sabotage
        self.port, self.bus_port, self.monitor_port = free_port(), free_port(), free_port()
        self.heard = Heard()
        self.nats_home = var / "nats"
        self.nats_home.mkdir(exist_ok=True)
        secret = var / "secret"
        secret.write_text("synthetic")
        channels = var / "notices.toml"
        listener = f"http://127.0.0.1:{self.heard.server_address[1]}"
        channels.write_text(
            f'allow = ["{listener}"]\n[[webhook]]\nname = "peer"\nurl = "{listener}/"\n'
            f'secret_file = "{secret}"\nparties = ["{PARTY}"]\n'
        )
        self.environment = {
            **os.environ,
            "ZHIFANG_VAR": str(var),
            "ZHIFANG_PORT": str(self.port),
            "ZHIFANG_DATABASE_URL": server.app_url,
            "ZHIFANG_DATABASE_PROJECTOR_URL": server.projector_url,
            "ZHIFANG_DATABASE_ADMIN_URL": server.owner_url,
            "ZHIFANG_NATS_URL": f"nats://127.0.0.1:{self.bus_port}",
            "ZHIFANG_NATS_MONITOR_URL": f"http://127.0.0.1:{self.monitor_port}",
            "ZHIFANG_NOTICES_FILE": str(channels),
            "ZHIFANG_RATE_LIMIT": "1000000/minute",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = (var / "processes.log").open("ab")

    # --- Starting and ending --------------------------------------------------------------------

    def start(self) -> None:
        self.run("migrate")
        self.run("law", "adopt")
        self.start_bus()
        self.start_api()
        for name in ("workers-1", "workers-2"):
            self.start_workers(name)
        self.ready()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            process.wait()
        self.heard.shutdown()
        self.heard.server_close()
        self.log.close()

    def run(self, *arguments: str) -> None:
        """A `zhifang …` command to its end."""
        zhifang = Path(sys.executable).parent / "zhifang"
        subprocess.run(
            [zhifang, *arguments],
            env=self.environment,
            check=True,
            stdout=self.log,
            stderr=self.log,
        )

    def start_api(self) -> None:
        self._spawn("api", sys.executable, "-m", "tests.prove.sabotage", self.sabotage, "api")

    def start_workers(self, name: str) -> None:
        self._spawn(name, sys.executable, "-m", "tests.prove.sabotage", self.sabotage, "workers")

    def start_bus(self) -> None:
        config = self.nats_home / "nats.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self.bus_port}"\nhttp: "127.0.0.1:{self.monitor_port}"\n'
            f'jetstream {{ store_dir: "{self.nats_home / "store"}", sync_interval: always }}\n'
        )
        self._spawn("nats", str(Path(sys.executable).parent / "nats-server"), "-c", str(config))

    def _spawn(self, name: str, *command: str) -> None:
        self.processes[name] = subprocess.Popen(
            command,
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(self.address("/ready"), timeout=5):
                return
            self.tend()
            time.sleep(0.2)
        raise AssertionError("the API did not become ready")

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address(path), timeout=10) as answer:
            return json.load(answer)

    # --- Killing --------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """SIGKILL a process and start it again, as its supervisor would."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()
        self._start(name)

    def tend(self) -> None:
        """Start again whatever ended by itself, as a supervisor does: the API ends in words where
        it is started while the database is down.
        """
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self._start(name)

    def _start(self, name: str) -> None:
        if name == "api":
            self.start_api()
        elif name == "nats":
            self.start_bus()
        else:
            self.start_workers(name)

    def delete_bus_folder(self) -> None:
        """Delete JetStream's folder under the running server, then kill it."""
        shutil.rmtree(self.nats_home / "store", ignore_errors=True)
        time.sleep(0.2)
        self.kill("nats")

    def kill_database(self) -> None:
        """SIGKILL PostgreSQL's postmaster and start it again; nothing else is told."""
        home = self.server.data.parent
        pid = int((self.server.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        programs = embedded_files.programs()
        for _ in range(100):
            try:
                embedded._start(home, programs, self.server.socket, True)
            except EmbeddedError:
                # The killed server's children are still letting go of its memory.
                time.sleep(0.1)
            else:
                return
        raise AssertionError("PostgreSQL did not start again")

    def restart_database(self) -> None:
        """An operator's restart in the middle of it all."""
        home = self.server.data.parent
        programs = embedded_files.programs()
        embedded._pg_ctl(home, programs, "stop", "-m", "fast")
        embedded._start(home, programs, self.server.socket, True)


@contextmanager
def running(var: Path, sabotage: str = "") -> Iterator[System]:
    """The whole system, started; all of it ended afterwards."""
    with embedded.running(var) as server:
        system = System(var, server, sabotage)
        try:
            system.start()
            yield system
        finally:
            system.stop()
    embedded.remove(var)
