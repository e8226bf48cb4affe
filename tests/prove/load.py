"""Commands by many clients at once, each sent until acknowledged, some sent again on purpose."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.prove.system import PARTY

ACTS_A_CASE = 20
AGAIN_EVERY = 10


@dataclass
class Account:
    """What the clients were told."""

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)  # kinds of answer
    wrong: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """One client: opens cases and acts on them, until told to stop."""

    def __init__(self, name: str, port: int, account: Account, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.port, self.account, self.done = port, account, stop
        self._connection: http.client.HTTPConnection | None = None
        self._sent = 0

    def run(self) -> None:
        while not self.done.is_set():
            case = self._open()
            if case is None:
                return
            task = self._task(case)
            for number in range(ACTS_A_CASE):
                if task is None or self.done.is_set():
                    break
                self.command(f"/tasks/{task}/supervise", {"note": f"第{number}次"}, "LGO")

    def _open(self) -> str | None:
        worker = f"worker:S-{self.name}-{self._sent}"
        body = {
            "institution": PARTY,
            "employer": "employer:91330523MA000TE131",
            "hazard": "矽尘",
            "locality": "employer_seat",
        }
        receipt = self.command("/diagnosis/open-by-application", body, worker)
        return receipt["case"] if receipt else None

    def _task(self, case: str) -> str | None:
        receipt = self.command(f"/diagnosis/{case}/request-data", {"items": ["职业史"]}, PARTY)
        while receipt and not self.done.is_set():
            path = f"/api/v1/cases/{case}/tasks?min_position={receipt['position']}"
            status, tasks = self._once("GET", path, None, {})
            if status == 200:
                return str(next(t["id"] for t in tasks if t["rule"] == "dx.employer-data"))
            time.sleep(0.1)
        return None

    def command(self, path: str, body: dict[str, Any], party: str) -> dict[str, Any] | None:
        """Send a command until it is acknowledged; None where the time is up."""
        self._sent += 1
        id = f"{self.name}-{self._sent}"
        headers = {"X-Zhifang-Unit": party, "Idempotency-Key": id, "If-Match": "*"}
        while not self.done.is_set():
            status, answer = self._once("POST", f"/api/v1{path}", body, headers)
            self.account.told[str(status)] += 1
            if status == 200:
                return self._acknowledged(id, path, body, headers, answer)
            if status in (0, 503, 507) or answer.get("type") == "urn:zhifang:no-such-task":
                time.sleep(0.05)
            else:
                self.account.wrong.append(f"{path}: {status} {answer}")
                return None
        return None

    def _acknowledged(
        self,
        id: str,
        path: str,
        body: dict[str, Any],
        headers: dict[str, str],
        receipt: dict[str, Any],
    ) -> dict[str, Any]:
        self.account.receipts[id] = receipt
        if self._sent % AGAIN_EVERY == 0:
            # As a client does that never got its answer.
            status, again = self._once("POST", f"/api/v1{path}", body, headers)
            if status == 200 and {**again, "repeated": True} != {**receipt, "repeated": True}:
                self.account.wrong.append(f"{id} sent again was answered {again}, not {receipt}")
        return receipt

    def _once(
        self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> tuple[int, Any]:
        """(status, answer); status 0 where no answer came: carried out or not, who knows."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            sent = json.dumps(body) if body is not None else None
            typed = {**headers, "Content-Type": "application/json"} if sent else headers
            self._connection.request(method, path, sent, typed)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            return 0, {}
