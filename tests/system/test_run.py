"""`zhifang run` as a person meets it: it starts, serves, is asked, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventstore import embedded

ZHIFANG = Path(sys.executable).parent / "zhifang"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A `zhifang run` of our own, with its own data and port."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        self.env = {**os.environ, "ZHIFANG_VAR": str(var), "ZHIFANG_PORT": str(self.port)}
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [ZHIFANG, "run"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3000):  # as long as a busy machine takes
            if process.poll() is not None:
                raise AssertionError(process.communicate()[0])
            try:
                self.get("/api/v1/health")
            except OSError:
                time.sleep(0.1)
            else:
                return process
        raise AssertionError("zhifang run did not come up")

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
        sent = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            json.dumps(body).encode(),
            {
                "Content-Type": "application/json",
                "If-Match": "*",
                **{k.replace("_", "-"): v for k, v in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(sent, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ZHIFANG, *arguments], env=self.env, capture_output=True, text=True, check=False
        )

    def stop(self, how: signal.Signals = signal.SIGINT) -> str:
        self.process.send_signal(how)
        return self.process.communicate(timeout=30)[0]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    var = tmp_path_factory.mktemp("run") / "var"
    started = Running(var)
    yield started
    if started.process.poll() is None:
        started.stop()
    embedded.remove(var)


def test_the_demo_says_that_it_is_simulated(running: Running) -> None:
    health = running.get("/api/v1/health")
    assert health["status"] == "ok"
    assert "合成" in health["simulated"]
    assert health["log"] >= health["read"] > 20
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/api/v1/queue/HB") as answer:
        assert answer.headers["X-Zhifang-Simulated"] == "true"
    assert "模拟日志" in running.cli("queue", "HB").stderr


def test_the_queue_as_of_a_day_is_the_scenarios(running: Running) -> None:
    items = running.get("/api/v1/queue/HSSB?as_of=2026-03-20T18:00")["items"]
    awards = [i["task"] for i in items if i["task"]["rule"] == "arb.award"]
    assert ("arb.award", "2026-04-16") in [(task["rule"], task["legal"]) for task in awards]


def test_a_command_moves_the_queue_and_is_answered_once(running: Running) -> None:
    items = running.get("/api/v1/queue/HB")["items"]
    task = next(i["task"] for i in items if i["tab"] == "to_sign")
    who = {"X_Zhifang_Unit": "HB", "Idempotency_Key": "sign-once"}
    status, first = running.post(f"/tasks/{task['id']}/sign", {}, **who)
    assert status == 200
    assert running.post(f"/tasks/{task['id']}/sign", {}, **who) == (
        200,
        {**first, "repeated": True},
    )
    after = running.get(f"/api/v1/queue/HB?min_position={first['position']}")
    assert next(i["tab"] for i in after["items"] if i["task"]["id"] == task["id"]) == "in_hand"


def test_an_opening_command_sent_again_opens_no_second_case(running: Running) -> None:
    body = {
        "institution": "institution:DI-01",
        "employer": "employer:91330523MA000TE131",
        "hazard": "锰",
        "locality": "household",
        "occurred_on": "2026-11-02",
        "worker_name": {"seal": "合成姓名"},
    }
    who = {"X_Zhifang_Unit": "worker:S-new", "Idempotency_Key": "apply-once"}
    status, first = running.post("/diagnosis/open-by-application", body, **who)
    again = running.post("/diagnosis/open-by-application", body, **who)
    assert status == 200
    assert again == (200, {**first, "repeated": True})
    other = running.post("/diagnosis/open-by-application", {**body, "hazard": "铅"}, **who)
    assert other[0] == 422
    assert other[1]["type"] == "urn:zhifang:id-reused"
    assert "合成姓名" not in json.dumps([first, other], ensure_ascii=False)


def test_a_refusal_is_a_problem_in_words(running: Running) -> None:
    status, problem = running.post(
        "/diagnosis/DX-2026-0001/conclude",
        {"result": "od", "certificate": "x"},
        X_Zhifang_Unit="HB",
    )
    assert (status, problem["type"]) == (409, "urn:zhifang:wrong-actor")
    assert "职业病诊断机构 DI-01" in problem["title"]
    assert problem["clause"] == "odl-46"


def test_a_stale_version_is_told_what_happened_since(running: Running) -> None:
    status, problem = running.post(
        "/cases/DX-2026-0001/correct",
        {"version": 1, "changes": {"hazard": "苯"}, "reason": "录错"},
        X_Zhifang_Unit="HB",
        If_Match='"1"',
    )
    assert status == 412
    assert [line["version"] for line in problem["since"]][:2] == [2, 3]
    assert all(line["sentence"] and line["actor"] for line in problem["since"])


def test_what_was_sent_is_never_echoed(running: Running) -> None:
    body = {"institution": 5, "worker_name": {"seal": "合成姓名"}, "secret": "合成证件号"}
    status, problem = running.post("/diagnosis/open-by-application", body, X_Zhifang_Unit="HB")
    told = json.dumps(problem, ensure_ascii=False)
    assert status == 422
    assert "合成" not in told
    assert {tuple(e["where"]) for e in problem["errors"]} >= {("body", "institution")}


@pytest.mark.parametrize("path", ["/cases/%00", "/queue/%00", "/tasks/%00/why"])
def test_a_character_the_database_cannot_hold_is_a_problem_in_words(
    running: Running, path: str
) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        running.get(f"/api/v1{path}")
    assert error.value.code == 422


def test_a_nul_in_a_field_is_refused_and_nothing_recorded(running: Running) -> None:
    before = running.get("/api/v1/cases?kind=diagnosis")["items"]
    body = {
        "institution": "institution:DI-01",
        "employer": "employer:91330523MA000TE131",
        "hazard": "锰\0",
        "locality": "household",
    }
    status, problem = running.post(
        "/diagnosis/open-by-application", body, X_Zhifang_Unit="worker:S-nul"
    )
    assert (status, problem["type"]) == (422, "urn:zhifang:characters")
    assert running.get("/api/v1/cases?kind=diagnosis")["items"] == before


def test_the_command_line_joins_the_running_database(running: Running) -> None:
    shown = running.cli("case", "show", "DX-2026-0001", "--json")
    assert json.loads(shown.stdout)["number"] == "DX-2026-0001"
    task = json.loads(running.cli("queue", "HB", "--json").stdout)["queue"][0]["task"]["id"]
    assert "依" in running.cli("task", "why", task).stdout
    assert running.cli("rebuild").returncode == 0
    assert running.cli("doctor", "--json").returncode == 0
    assert "已重建" in running.cli("rebuild").stdout
    assert "重放" in running.cli("replay", "DX-2026-0001").stdout
    assert json.loads(running.cli("replay", "--json").stdout) == {"differences": []}
    assert json.loads(running.cli("notices", "dead", "--json").stdout) == {"dead": []}


def test_it_is_backed_up_while_it_runs_and_restored_elsewhere(
    running: Running, tmp_path: Path
) -> None:
    file = tmp_path / "zhifang.zip"
    assert "已备份" in running.cli("backup", str(file)).stdout
    assert "已存在" in running.cli("backup", str(file)).stderr
    var = tmp_path / "elsewhere"
    var.mkdir()
    (var / "keys.json").write_bytes((running.var / "keys.json").read_bytes())
    env = {**running.env, "ZHIFANG_VAR": str(var)}

    def there(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([ZHIFANG, *arguments], env=env, capture_output=True, text=True)

    try:
        done = there("restore", str(file))
        assert "核验发现 0 项" in done.stdout, done.stderr
        assert "不能恢复到其上" in there("restore", str(file)).stderr
        shown, told = (
            json.loads(cli("case", "show", "DX-2026-0001", "--json").stdout)
            for cli in (running.cli, there)
        )
        assert shown == told
    finally:
        embedded.remove(var)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("queue", "XX"), "没有单位 XX"),
        (("case", "show", "DX-1999-0001"), "没有案件"),
        (("task", "why", "t-0"), "没有事项"),
        (("scenario", "run", "no-such.yaml"), "没有文件"),
        (("replay", "DX-1999-0001"), "没有案件"),
        (("notices", "resend", "n-0"), "没有已放弃的通知"),
    ],
)
def test_bad_input_gets_a_sentence_and_no_traceback(
    running: Running, arguments: tuple[str, ...], told: str
) -> None:
    done = running.cli(*arguments)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_run_on_the_same_port_or_data_is_told_what_to_do(running: Running) -> None:
    done = running.cli("run")
    assert done.returncode == 1
    assert f"端口 {running.port} 已被占用" in done.stderr
    assert "正被另一个进程使用" in running.cli("clean-data").stderr


def test_without_its_key_file_the_log_is_not_carried_on(running: Running) -> None:
    kept = running.var / "keys.json"
    kept.rename(kept.with_suffix(".away"))
    try:
        done = running.cli("queue", "HB")
    finally:
        kept.with_suffix(".away").rename(kept)
    assert done.returncode == 1
    assert "密钥文件" in done.stderr


def test_it_stops_cleanly_and_starts_again_on_the_same_data(running: Running) -> None:
    before = running.get("/api/v1/health")["log"]
    assert "消息总线 / bus: nats://127.0.0.1:" in running.stop()
    assert running.process.returncode == 0
    running.process = running.start()
    assert running.get("/api/v1/health")["log"] >= before


def test_killed_outright_it_starts_again_with_everything_acknowledged(running: Running) -> None:
    who = {"X_Zhifang_Unit": "LGO", "Idempotency_Key": "press-once"}
    task = running.get("/api/v1/queue/HB")["items"][0]["task"]["id"]
    status, receipt = running.post(f"/tasks/{task}/supervise", {"note": "请抓紧"}, **who)
    assert status == 200
    running.stop(signal.SIGKILL)
    running.process = running.start()
    again = running.post(f"/tasks/{task}/supervise", {"note": "请抓紧"}, **who)
    assert again == (200, {**receipt, "repeated": True})
    assert running.get("/api/v1/health")["log"] >= receipt["position"]
