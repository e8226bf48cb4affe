"""Recorded(envelope, event) <-> the one byte string that is the record.

Canonical JSON: keys sorted, strings NFC, no floats, instants in UTC, days as ISO dates. Written
once, never re-serialised; older versions of an event are brought up to date on reading.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import orjson
from eventsourcing.persistence import Mapper, StoredEvent
from pydantic import TypeAdapter

from domain.events import EVENT_TYPES, Envelope, Moment, Recorded, type_of, upcast
from domain.sealing import Sealed, Secret

Seal = Callable[[Secret, str, str], Sealed]
"""(secret, subject, place) -> sealed; the place `stream/version/field` is bound in as AAD."""


UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class UnstorableError(ValueError):
    """What no record can hold: NUL, half of a surrogate pair, a float, a huge number."""


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of a plain value."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def plain(value: Any) -> Any:
    """A value as canonical JSON may hold it.

    TypeError for unsealed secrets, UnstorableError for floats and text that cannot be stored.
    """
    match value:
        case None | bool():
            return value
        case int():
            if not -(2**63) <= value < 2**63:
                raise UnstorableError
            return value
        case str():
            if UNSTORABLE.search(value):
                raise UnstorableError  # without the text, which may be sealed
            return unicodedata.normalize("NFC", value)
        case float():
            raise UnstorableError
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Secret():
            raise TypeError("a secret must be sealed before it is stored")
        case Mapping():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case tuple() | list():
            return [plain(item) for item in value]
        case frozenset() | set():
            return sorted(plain(item) for item in value)
        case _ if dataclasses.is_dataclass(value):
            return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        case _:
            raise TypeError(f"{type(value).__name__} cannot stand in a record")


def instant(at: datetime) -> str:
    """An instant as stored: UTC with microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def decode(record: bytes) -> Recorded:
    """A record as the domain knows it, brought up to the event's present version."""
    data = orjson.loads(record)
    envelope = _envelope(data["envelope"])
    payload = upcast(envelope.type, envelope.schema, data["payload"])
    return Recorded(envelope, _adapter(envelope.type).validate_python(payload))


def _envelope(data: dict[str, Any]) -> Envelope:
    occurred = data.pop("occurred")
    moment = Moment(datetime.fromisoformat(occurred["at"]), occurred["precision"])
    recorded_at = datetime.fromisoformat(data.pop("recorded_at"))
    return Envelope(occurred=moment, recorded_at=recorded_at, **data)


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(EVENT_TYPES[name].cls)


class RecordMapper(Mapper[str]):
    """The library's mapper over our record: stable type names, no Python paths, no `vars()`."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The draft of a record: position, recording time and case number come under the lock."""
        recorded: Recorded = domain_event
        envelope = recorded.envelope
        draft = {"envelope": plain(envelope), "payload": self._payload(recorded)}
        return StoredEvent(
            originator_id=envelope.stream,
            originator_version=envelope.version,
            topic=type_of(recorded.event).name,
            state=canonical(draft),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        return decode(stored_event.state)

    def _payload(self, recorded: Recorded) -> dict[str, Any]:
        """The event's fields, every secret sealed under its subject's key."""
        event, envelope = recorded.event, recorded.envelope
        place = f"{envelope.stream}/{envelope.version}"

        def sealed(value: Any, field: str) -> Any:
            match value:
                case Secret():
                    return self.seal(value, event.subject, f"{place}/{field}")
                case Mapping():
                    return {key: sealed(item, f"{field}.{key}") for key, item in value.items()}
                case _:
                    return value

        values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
        return {name: plain(sealed(value, name)) for name, value in values.items()}
