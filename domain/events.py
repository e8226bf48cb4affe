"""Events 事件: facts that happened, frozen, with stable stored names.

The string given to `event()` and the field names below it ARE the storage format: they stay for
ever. Renaming a class changes nothing stored; renaming a field or changing its type needs
a higher version, an `upcaster` and a file in `tests/corpus/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar, dataclass_transform
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

Payload = dict[str, Any]
Precision = Literal["day", "minute"]
Source = Literal["typed", "imported", "feed", "system", "simulated"]


@dataclass(frozen=True)
class Moment:
    """When a fact happened: an instant, or a Shanghai day (then `at` is that day's 00:00)."""

    at: datetime
    precision: Precision

    @property
    def day(self) -> date:
        return shanghai_day(self.at)

    @staticmethod
    def on(day: date) -> Moment:
        return Moment(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI), "day")


def shanghai_day(at: datetime) -> date:
    """The legal day an instant falls on. Legal days are Asia/Shanghai dates."""
    return at.astimezone(SHANGHAI).date()


def shanghai_minute(at: datetime) -> str:
    """An instant as Shanghai reads it, to the minute."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Envelope:
    """What is known of an event beside its content; the part that could not be added later."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    occurred: Moment
    recorded_at: datetime
    actor: str  # the unit, outside party or post that acted
    recorder: str  # the officer who entered it
    source: Source
    command: str
    causation: int | None  # position of the event that led to this one
    correlation: str
    edition: str  # content hashes of the law and the calendar in force when it was recorded
    calendar: str
    case_number: str | None = None  # 案号, on the opening event only
    document_number: str | None = None  # 文号, on the issue of a letter only; absent elsewhere

    @property
    def recorded_on(self) -> date:
        return shanghai_day(self.recorded_at)


@dataclass(frozen=True)
class Recorded:
    """An event as it stands in the log."""

    envelope: Envelope
    event: Any


@dataclass(frozen=True)
class EventType:
    """A registered kind of event: its stored name, its version, and its one Chinese sentence."""

    name: str
    version: int
    cls: type[Any]
    sentence: str
    upcasters: dict[int, Callable[[Payload], Payload]]


_BY_NAME: dict[str, EventType] = {}
_BY_CLASS: dict[type[Any], EventType] = {}
EVENT_TYPES: Mapping[str, EventType] = _BY_NAME

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, sentence: str, *, version: int = 1) -> Callable[[type[T]], type[T]]:
    """Declare an event class under its stored name.

    `sentence` is the Chinese sentence of the timeline, the audit trail and the exports; it may
    name open and restricted fields as `{field}`, never sealed ones, and properties; a method it
    names is given the units' names.
    """

    def register(cls: type[T]) -> type[T]:
        if name in _BY_NAME:
            raise TypeError(f"event name {name!r} is taken by {_BY_NAME[name].cls.__name__}")
        frozen = dataclass(frozen=True, kw_only=True)(cls)
        _BY_NAME[name] = _BY_CLASS[frozen] = EventType(name, version, frozen, sentence, {})
        return frozen

    return register


def upcaster(name: str, from_version: int) -> Callable[[Callable[[Payload], Payload]], None]:
    """Register how a payload stored as `from_version` reads in the next version."""

    def register(convert: Callable[[Payload], Payload]) -> None:
        _BY_NAME[name].upcasters[from_version] = convert

    return register


def fields_added(name: str, from_version: int) -> None:
    """Register that the next version only adds fields: their defaults say what was not said."""
    _BY_NAME[name].upcasters[from_version] = lambda payload: payload


def upcast(name: str, version: int, payload: Payload) -> Payload:
    """Bring a stored payload to the present version of its event. Stored bytes never change."""
    kind = _BY_NAME[name]
    for step in range(version, kind.version):
        payload = kind.upcasters[step](payload)
    return payload


def type_of(fact: object) -> EventType:
    """The registered type of an event object or class; TypeError for anything else."""
    cls = fact if isinstance(fact, type) else type(fact)
    try:
        return _BY_CLASS[cls]
    except KeyError:
        raise TypeError(f"{cls.__name__} is not a registered event") from None


_TERMS: dict[str, str] = {}


def terms(words: Mapping[Any, str]) -> None:
    """Say how coded values read in Chinese sentences; a code means one thing everywhere."""
    for code, chinese in words.items():
        if _TERMS.setdefault(code, chinese) != chinese:
            raise TypeError(f"code {code!r} reads as {_TERMS[code]} and as {chinese}")


_FIELDS: dict[str, dict[str, str]] = {}


def field_names(kind: str, words: Mapping[str, str]) -> None:
    """Say how the fields of a kind's facts are called where one is put right. They stand with the
    facts; `EVERY` kind calls by one word what means the same everywhere."""
    _FIELDS.setdefault(kind, {}).update(words)


EVERY = "*"
field_names(
    EVERY,
    {
        "reason": "理由",
        "ground": "理由",
        "note": "说明",
        "unit": "作出单位",
        "lead": "牵头单位",
        "party": "当事人",
        "subject": "当事人编号",
        "worker": "劳动者",
        "employer": "用人单位",
        "township": "所在乡镇（街道）",
        "received_on": "收到日",
        "announced_on": "公告发布日",
        "diagnosis": "诊断案件",
        "hazard": "危害因素",
        "matter": "事项",
        "finding": "认定意见",
        "outcome": "结果",
        "document": "文书编号",
    },
)


def field_name(type: str, name: str) -> str:
    """How a field of this type of fact is called; its own name where nobody gave it another."""
    own = _FIELDS.get(type.partition(".")[0], {})
    return own.get(name) or _FIELDS[EVERY].get(name, name)


def sentence(fact: object, names: Mapping[str, str]) -> str:
    """The event as one plain Chinese sentence. Sealed fields never appear.

    `names` says what the codes of units, clauses and routings are called, as of the law the event
    was recorded under.
    """
    return tidied(type_of(fact).sentence.format_map(_Shown(fact, names)))


UNSAID, YES, NO = "\0\1\2"  # where a sentence has a gap or a yes or no; no text can hold them


def tidied(text: str) -> str:
    """Gaps leave no trace where nothing is lost: no empty brackets, no colon before nothing."""
    if not any(mark in text for mark in (UNSAID, YES, NO)):
        return text
    text = re.sub(f"（[^（）]*：{NO}）|：{YES}(?=）)", "", text)
    text = re.sub(f"(?<=（){UNSAID}+|(?<![：；，]){UNSAID}+(?=）)", "", text).replace("（）", "")
    text = re.sub(f"[：；，]{UNSAID}(?=[；，。]|$)", "", text)
    return text.replace(UNSAID, "未载明").replace(YES, "是").replace(NO, "否")


def headline(type: str) -> str:
    """What an event of this type is, without what a single one fills in: 诊断资料齐全."""
    text = re.sub(r"（[^（）]*\{[^（）]*）|“\{\w+\}”", "", EVENT_TYPES[type].sentence)
    return re.sub(r"\{\w+\}", "", re.split(r"[：；，](?=[^：；，]*\{)", text)[0])


def told(recorded: Recorded, names: Mapping[str, str]) -> str:
    """The sentence of a record, with the number 文号 that a letter was given."""
    number = recorded.envelope.document_number
    return sentence(recorded.event, names) + (f"（{number}）" if number else "")


class _Shown(dict[str, str]):
    """The values a sentence names, in Chinese."""

    def __init__(self, fact: object, names: Mapping[str, str]) -> None:
        self.fact, self.names = fact, names

    def __missing__(self, name: str) -> str:
        value = getattr(self.fact, name)
        if isinstance(value, bool):
            return YES if value else NO
        if value == "" and isinstance(getattr(type(self.fact), name, None), property):
            return ""  # words a fact makes of itself: it has none to add
        if value is None or value in ("", ()):
            return UNSAID
        return str(value(self.names)) if callable(value) else shown(value, self.names)


INFORMANT = "citizen"  # the class of those who inform: no sentence says which of them it was


def shown(value: object, names: Mapping[str, str]) -> str:
    """A value as a Chinese sentence says it: codes by their words, parties by their class, an
    informant by that alone."""
    match value:
        case None:
            return "未载明"
        case bool():
            return "是" if value else "否"
        case date():
            return value.isoformat()
        case tuple() | list():  # a list: as a correction keeps it
            return "、".join(shown(item, names) for item in value)
        case dict():  # a part with fields of its own, likewise
            return " ".join(shown(part, names) for part in value.values())
        case str():
            klass, colon, id = value.partition(":")
            if colon and klass in _TERMS:
                return _TERMS[klass] if klass == INFORMANT else f"{_TERMS[klass]} {id}"
            return names.get(value) or _TERMS.get(value, value)
        case _:
            return str(value)
