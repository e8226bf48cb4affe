"""The library's own test cases, run against the production recorder, tables and role."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent, Subscription
from eventsourcing.tests import persistence as library

from eventstore.codec import canonical
from eventstore.recorder import LogRecorder, LogSubscription
from tests.conftest import Ground


class Enveloped(ApplicationRecorder):
    """Supplies the envelope our records have and the library's events lack."""

    def __init__(self, recorder: LogRecorder) -> None:
        self.recorder = recorder
        self.engine, self.channel = recorder.engine, recorder.channel

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        return self.recorder.insert_events([self._wrapped(e) for e in stored_events], **kwargs)

    def select_events(self, originator_id: Any, **kwargs: Any) -> Sequence[StoredEvent]:
        found = self.recorder.select_events(originator_id, **kwargs)
        return [
            StoredEvent(e.originator_id, e.originator_version, e.topic, _state(e)) for e in found
        ]

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        return [_unwrapped(n) for n in self.recorder.select_notifications(*args, **kwargs)]

    def max_notification_id(self) -> int | None:
        return self.recorder.max_notification_id()

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        # The production subscription, reading through this adapter so that states are unwrapped.
        return LogSubscription(self, gt, topics)  # type: ignore[arg-type]

    def _wrapped(self, event: StoredEvent) -> StoredEvent:
        envelope = {
            "stream": str(event.originator_id),
            "version": event.originator_version,
            "type": event.topic,
            "occurred": {"at": "2026-01-01T00:00:00.000000Z", "precision": "day"},
            "actor": "test",
            "command": "test",
        }
        draft = {"envelope": envelope, "payload": {"state": event.state.decode()}}
        return StoredEvent(
            event.originator_id, event.originator_version, event.topic, canonical(draft)
        )


def _state(event: StoredEvent) -> bytes:
    state: str = orjson.loads(event.state)["payload"]["state"]
    return state.encode()


def _unwrapped(n: Notification) -> Notification:
    return Notification(n.originator_id, n.originator_version, n.topic, _state(n), n.id)


Make = Callable[[], Enveloped]


@pytest.fixture
def make(county: Ground) -> Make:
    return lambda: Enveloped(LogRecorder(county.app, lambda last: datetime.now(UTC)))


class Cases(library.ApplicationRecorderTestCase[Any]):
    __test__ = False  # run through the fixtures below, not collected as it stands

    def new_originator_id(self) -> str:
        return str(uuid4())

    def create_recorder(self) -> Enveloped:
        return self.make()  # type: ignore[attr-defined, no-any-return]


class NonInterleaving(library.NonInterleavingNotificationIDsBaseCase):
    __test__ = False
    insert_num = 200

    def new_originator_id(self) -> str:
        return str(uuid4())

    def create_recorder(self) -> Enveloped:
        return self.make()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    "test",
    [
        "test_insert_select",
        "test_concurrent_no_conflicts",
        "test_concurrent_throughput",
        "optional_test_insert_subscribe",
    ],
)
def test_it_is_an_application_recorder(make: Make, test: str) -> None:
    case = Cases(test)
    case.make = make  # type: ignore[attr-defined]
    getattr(case, test)()


def test_positions_of_two_writers_never_interleave(make: Make) -> None:
    case = NonInterleaving("test")
    case.make = make  # type: ignore[attr-defined]
    case.test()


def test_a_subscription_yields_what_is_recorded_while_it_waits(make: Make) -> None:
    recorder = make()
    event = StoredEvent(str(uuid4()), 1, "topic", b"{}")
    with recorder.subscribe() as following:
        recorder.insert_events([event])
        assert next(following).id == 1
        recorder.insert_events([StoredEvent(event.originator_id, 2, "topic", b"{}")])
        assert next(following).id == 2
