"""execute(): the one way a command becomes events.

Load what the command touches, fold it, decide, and write under the head row's lock, where all
that was read is checked again; a miss decides anew. A command id is carried out once: sent again
it answers with the first receipt, and with another body it is refused.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import orjson
import sqlalchemy as sa
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, Mapper

from domain import reference
from domain.cases import CASE_KINDS, decide, followed, opaque
from domain.corrections import CorrectFact, FactCorrected, moved_keys
from domain.decider import (
    CaseKind,
    Claim,
    CommandType,
    Context,
    On,
    Refused,
    Release,
    command_type,
)
from domain.events import Envelope, Moment, Recorded, Source, type_of
from domain.fold import CaseFold, empty, step
from domain.papers import LetterIssued
from domain.reference import NOTHING_ADOPTED, REFERENCE
from domain.reference import State as Adopted
from domain.rules import FIRST_DAY, Reference, content_hash, parse_calendar, parse_edition
from domain.sealing import Secret
from domain.tasks import called, in_english
from domain.units import OUTSIDE_CLASSES, is_outside, party_class
from eventstore import documents
from eventstore.clock import Clock
from eventstore.codec import RecordMapper, UnstorableError, canonical, plain
from eventstore.keys import Keyring
from eventstore.recorder import (
    ClaimTakenError,
    ClockError,
    CommandKnownError,
    ConflictError,
    Envelopes,
    LogFactory,
    LogRecorder,
    Writing,
)
from eventstore.schema import blobs, commands, events

ATTEMPTS = 20
CACHED_CASES = 2_000
LONGEST_ID = 200  # characters; an index entry has a limit


@dataclass(frozen=True)
class Order:
    """A command as it comes through a door: who asks, for whom, what happened and when."""

    command: Any
    id: str
    actor: str
    recorder: str
    occurred: Moment | None = None  # None: it happens as it is entered
    case: str | None = None  # None: the command opens a case
    source: Source = "typed"
    correlation: str | None = None
    expected_version: int | None = None  # If-Match: the tag of what the officer saw


@dataclass(frozen=True)
class Receipt:
    """The answer to a command carried out; the same however often it is sent again."""

    command: str
    case: str
    case_number: str | None
    position: int
    events: tuple[dict[str, Any], ...]
    document_number: str | None = None  # 文号, of the letter the command issued
    repeated: bool = field(default=False, compare=False)


class IdReusedError(Exception):
    """The command id was carried out before with another body."""


class StaleError(Exception):
    """What the command is about changed since the officer saw it; `since` says who changed what.

    A task has a tag of its own, so acts on other tasks of its case do not collide; the tag of
    a case does not change by acts on its tasks.
    """

    def __init__(
        self, case: str, expected: int, since: tuple[Recorded, ...], units: Mapping[str, str]
    ) -> None:
        self.case, self.expected, self.since = case, expected, since
        self.units = units  # the units' names, to tell it by
        super().__init__(f"{case} has moved on from version {expected}")


class Log(Application[str]):
    """The county's log: the library's application over our recorder, mapper and deciders."""

    recorder_class: type[LogRecorder] = LogRecorder
    cached_cases = CACHED_CASES

    def __init__(self, engine: sa.Engine, keyring: Keyring, clock: Clock) -> None:
        self.engine, self.keyring, self.clock = engine, keyring, clock
        self.log_recorder = self.recorder_class(engine, clock.checked)
        self._references: dict[tuple[str, str], Reference] = {("", ""): NOTHING_ADOPTED}
        self._folds: OrderedDict[str, CaseFold] = OrderedDict()
        self._lock = Lock()
        super().__init__()

    def construct_factory(self, env: Any) -> InfrastructureFactory[Any]:
        return LogFactory(env, self.log_recorder)

    def construct_mapper(self) -> Mapper[str]:
        return RecordMapper(self.keyring.seal)

    # --- Reading --------------------------------------------------------------------------------

    def fold(self, case: str) -> CaseFold:
        """The case as it stands; version 0 where there is none yet. KeyError for no such kind.

        Raises Refused for a case one of whose records cannot be folded: it is parked.
        """
        fold = self._folds.get(case) or empty(kind_of(case), case)
        stored = self.recorder.select_events(case, gt=fold.version)
        for event in stored:
            try:
                fold = self.stepped(fold, self.mapper.to_domain_event(event))
            except Exception:
                at = event.originator_version
                zh = f"案件第{at}条记录无法读取，已停办；请修复后 zhifang rebuild"
                en = f"Record {at} of the case cannot be read: it is parked"
                raise Refused("parked", zh, en) from None
        with self._lock:  # requests are served by several threads
            self._folds[case] = fold
            self._folds.move_to_end(case)
            if len(self._folds) > self.cached_cases:
                self._folds.popitem(last=False)
        return fold

    def stepped(self, fold: CaseFold, recorded: Any) -> CaseFold:
        """The case after one more event, under the law and calendar that event names."""
        envelope = recorded.envelope
        return step(fold, recorded, self.reference(envelope.edition, envelope.calendar))

    def reference(self, edition: str, calendar: str) -> Reference:
        """The law and calendar of these hashes, from the bytes stored beside the log."""
        if (edition, calendar) not in self._references:
            self._references[edition, calendar] = Reference(
                parse_edition(self._files(edition)) if edition else NOTHING_ADOPTED.edition,
                parse_calendar(self._files(calendar)) if calendar else NOTHING_ADOPTED.calendar,
            )
        return self._references[edition, calendar]

    def units(self, recorded: Recorded) -> Mapping[str, str]:
        """What codes are called under the law that an event was recorded under, to tell it by."""
        envelope = recorded.envelope
        return self.reference(envelope.edition, envelope.calendar).edition.names

    def reference_in_force(self) -> Reference:
        """The law and calendar adopted last, and the class rulings that stand."""
        return self.ruled(self.fold(reference.STREAM).state)

    def ruled(self, state: Adopted) -> Reference:
        """The reference of a state of the reference stream."""
        found = self.reference(state.edition, state.calendar)
        return Reference(found.edition, found.calendar, state.rulings) if state.rulings else found

    def _files(self, hash: str) -> dict[str, str]:
        with self.engine.connect() as connection:
            wanted = sa.select(blobs.c.content).where(blobs.c.hash == hash)
            content = connection.execute(wanted).scalar_one()
        files: dict[str, str] = orjson.loads(content)
        return files

    def store(self, files: Mapping[str, str]) -> str:
        """Keep the bytes of an edition or calendar; returns the hash that names them."""
        hash = content_hash(files)
        row = {"hash": hash, "content": canonical(dict(files))}
        with self.engine.begin() as connection:
            insert = sa.dialects.postgresql.insert(blobs).values(row)
            connection.execute(insert.on_conflict_do_nothing())
        return hash

    def case_of(self, number: str) -> str | None:
        """The stream of the case with this case number 案号; None where there is none."""
        wanted = sa.select(events.c.stream).where(events.c.case_number == number)
        with self.engine.connect() as connection:
            return connection.execute(wanted).scalar()

    # --- Writing --------------------------------------------------------------------------------

    def execute(self, order: Order) -> Receipt:
        """Carry a command out, once. Raises Refused, StaleError, IdReusedError or ClockError."""
        kind = command_type(order.command)
        fingerprint = self.keyring.fingerprint(_storable_body(kind, order))
        known = self._receipt(order.id, fingerprint)
        if known:
            return known
        case = self._case(kind, order)
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(kind, case, order, fingerprint)
            except ConflictError:
                continue
            except CommandKnownError:
                known = self._receipt(order.id, fingerprint)
                assert known is not None
                return known
        zh = "同一案件正被频繁修改，请稍后以同一命令编号重试"
        raise Refused("busy", zh, "The case is being changed by others: retry with the same id")

    def _attempt(self, kind: CommandType, case: str, order: Order, fingerprint: bytes) -> Receipt:
        base = self.fold(reference.STREAM)
        real = base.state.simulated is None and not isinstance(order.command, reference.Simulate)
        if self.clock.injected and real:
            raise ClockError(
                "正式日志不接受注入的时钟 / A production log refuses an injected clock"
            )
        fold = self.fold(case)
        self._not_stale(fold, order)
        cases = {id: self.fold(id) for id in self._named(order.command, fold)}
        now = self.clock.now()
        context = Context(
            now=now,
            occurred=order.occurred or Moment(now, "minute"),
            actor=order.actor,
            recorder=order.recorder,
            fold=fold,
            reference=self.ruled(base.state),
            cases=cases,
            stored=documents.described(self.engine, getattr(order.command, "sha256", None)),
        )
        _admit(kind, order, context)
        decision = decide(order.command, context)
        folds = {reference.STREAM: base, case: fold, **cases}
        return self._write(order, case, decision, folds, context, fingerprint)

    def _write(
        self,
        order: Order,
        case: str,
        decision: tuple[Any, ...],
        folds: dict[str, CaseFold],
        context: Context,
        fingerprint: bytes,
    ) -> Receipt:
        recorded: list[Recorded] = []
        numbered: dict[int, str] = {}
        lettered: dict[int, str] = {}
        next_version = {id: fold.version for id, fold in folds.items()}
        pending = [item for item in decision if not isinstance(item, (Claim, Release))]
        while pending:
            item = pending.pop(0)
            stream, event = (item.case, item.event) if isinstance(item, On) else (case, item)
            if stream not in folds:
                folds[stream] = self.fold(stream)
                next_version[stream] = folds[stream].version
            next_version[stream] += 1
            prefix = folds[stream].kind.number_prefix
            if next_version[stream] == 1 and prefix:
                numbered[len(recorded)] = prefix
            if isinstance(event, LetterIssued):
                lettered[len(recorded)] = event.series
            recorded.append(_recorded(stream, next_version[stream], event, order, case, context))
            pending += followed(stream, event, folds[stream], context.occurred.day)
        own = next((i for i, r in enumerate(recorded) if r.envelope.stream == case), None)
        caused = {
            i: own for i, r in enumerate(recorded) if own is not None and r.envelope.stream != case
        }

        keys = [(case, item) for item in decision if isinstance(item, (Claim, Release))]
        keys += linked_keys(case, recorded, folds, context.reference)
        told: list[dict[str, Any]] = []  # as it was committed

        def receipt(envelopes: Envelopes) -> bytes:
            told.append(_receipt_of(order.id, case, folds[case].number, envelopes, context))
            return canonical(told[-1])

        writing = Writing(
            now=self.clock.checked,
            read={id: fold.version for id, fold in folds.items()},
            numbered=numbered,
            lettered=lettered,
            caused=caused,
            claims=[(k.index, k.key, by) for by, k in keys if isinstance(k, Claim)],
            releases=[(k.index, k.key, by) for by, k in keys if isinstance(k, Release)],
            command=order.id,
            fingerprint=fingerprint,
            receipt=receipt,
        )
        try:
            self.events.put(recorded, writing=writing)  # type: ignore[arg-type]
        except ClaimTakenError as taken:
            number = self.fold(taken.holder).number or taken.holder
            raise already_open(number, order.command) from None
        return Receipt(**{**told[-1], "events": tuple(told[-1]["events"])})

    def _receipt(self, id: str, fingerprint: bytes) -> Receipt | None:
        wanted = sa.select(commands).where(commands.c.id == id)
        with self.log_recorder.reads.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise IdReusedError(id)
        data = orjson.loads(row.receipt)
        position = data.pop("position") or row.position
        return Receipt(events=tuple(data.pop("events")), position=position, repeated=True, **data)

    def _case(self, kind: CommandType, order: Order) -> str:
        """The case a command is about; a new one's id follows from the command's id alone."""
        if kind.name.startswith("reference."):
            return reference.STREAM
        if order.case is None:
            if not kind.opens:
                raise Refused("case-missing", "须指明案件", "Name the case this is about")
            return f"{kind.name.partition('.')[0]}-{uuid.uuid5(uuid.NAMESPACE_OID, order.id)}"
        if kind.opens:
            raise Refused("case-given", "立案命令不指定案件", "This command opens a new case")
        case = order.case if "-" in order.case else ""
        if case and case.partition("-")[0] not in CASE_KINDS:
            case = self.case_of(order.case) or ""
        if not case or self.fold(case).version == 0:
            raise Refused("no-such-case", f"没有案件 {order.case}", f"No case {order.case}")
        return case

    def _named(self, command: Any, fold: CaseFold) -> set[str]:
        """The other cases a decision may look at: those the command names, those linked."""
        given = {
            getattr(command, f.name)
            for f in dataclasses.fields(command)
            if f.name.startswith("case_") and getattr(command, f.name)
        }
        for id in given:
            if id.partition("-")[0] not in CASE_KINDS:
                raise Refused("no-such-case", f"没有案件 {id}", f"No case {id}")
        return {*given, *fold.kind.links(fold.state)}

    def _not_stale(self, fold: CaseFold, order: Order) -> None:
        expected = order.expected_version
        if expected is None:
            return
        task = fold.tasks.get(getattr(order.command, "task", ""))
        if expected != (task.touched if task else fold.touched):
            since = self._since(fold, expected, task.id if task else None)
            units = self.reference_in_force().edition.names
            raise StaleError(fold.case, expected, since, units)

    def _since(self, fold: CaseFold, expected: int, task: str | None) -> tuple[Recorded, ...]:
        """The events after `expected` that changed the task, or else the case itself."""
        told, now = [], empty(fold.kind, fold.case)
        for recorded in self.events.get(fold.case):
            now = self.stepped(now, recorded)
            tag = now.tasks[task].touched if task and task in now.tasks else now.touched
            if now.version > expected and tag == now.version:
                told.append(recorded)
        return tuple(told)  # type: ignore[arg-type]


def kind_of(stream: str) -> CaseKind:
    """The kind a stream belongs to. KeyError for none."""
    name = stream.partition("-")[0]
    return REFERENCE if name == reference.STREAM else CASE_KINDS[name]


def _admit(kind: CommandType, order: Order, context: Context) -> None:
    """What holds for every command: who may give it, and that its fact has happened."""
    if context.occurred.at > context.now:
        zh = "事实发生时间晚于现在；计划中的事请用计划字段"
        raise Refused("future", zh, "The fact is said to happen in the future")
    if kind.name.startswith("reference."):
        return
    began = context.fold.opened_on
    if began and context.occurred.day < began:
        zh = f"本案自{began}开始，此前没有可办的事；请核对发生日期"
        raise Refused("before-case", zh, f"The case began on {began}: check the day")
    _known_party(order.actor, context)
    shared = kind.name.startswith(("task.", "case.", "letter.", "document."))
    if not shared and not any(cls is kind.cls for cls in context.fold.kind.commands):
        zh = f"{context.fold.kind.title}案件没有“{kind.title}”这一操作"
        raise Refused("wrong-kind", zh, f"{kind.name} does not fit this kind of case")
    allowed = {context.fold.parties.get(role, role) for role in kind.by}
    if allowed and order.actor not in allowed:
        en = ", ".join(map(in_english, sorted(allowed)))
        names = "、".join(called(party, context.reference) for party in sorted(allowed))
        actor = called(order.actor, context.reference)
        actor = f"另一{actor}" if actor == names else actor  # one person for another
        zh = f"“{kind.title}”应由{names}作出，不能由{actor}作出"
        raise Refused("wrong-actor", zh, f"Only {en} may do this", clause=kind.clause)


def _known_party(actor: str, context: Context) -> None:
    """The actor is a unit of the county, an outside party of a known class, or the system."""
    known = party_class(actor) in OUTSIDE_CLASSES if is_outside(actor) else False
    if not known and actor not in (*context.reference.edition.units, "system"):
        zh = f"没有单位或当事方 {actor}；单位写代码如 HB，其他写 类别:编号 如 worker:S-1"
        raise Refused("no-such-party", zh, f"No unit or party {actor}")
    if is_outside(actor) and actor not in context.fold.parties.values():
        opaque(actor.partition(":")[2])


def linked_keys(
    case: str, recorded: Sequence[Recorded], folds: Mapping[str, CaseFold], law: Reference
) -> list[tuple[str, Claim | Release]]:
    """The uniqueness keys that move on other cases than the one a command is about, where a
    correction of what they copied from it puts them right as well."""
    moved: list[tuple[str, Claim | Release]] = []
    corrected = {r.envelope.stream for r in recorded if isinstance(r.event, FactCorrected)}
    for stream in sorted(corrected - {case}):
        after = folds[stream]
        for event in recorded:
            if event.envelope.stream == stream:
                after = step(after, event, law)
        moved += [(stream, key) for key in moved_keys(folds[stream], after)]
    return moved


def already_open(number: str, command: Any) -> Refused:
    """Another case holds a uniqueness key that is to be taken."""
    en = f"Case {number} is already open on this matter"
    if not isinstance(command, CorrectFact):
        return Refused("already-open", f"已有在办案件 {number}，不能重复立案", en)
    zh = f"照此更正，就与在办案件 {number} 重复：请先办结或者更正该案"
    return Refused("already-open", zh, f"{en}: end it, or put it right, first")


def _recorded(
    stream: str, version: int, event: Any, order: Order, case: str, context: Context
) -> Recorded:
    kind = type_of(event)
    edition, calendar = context.reference.key
    envelope = Envelope(
        position=0,
        stream=stream,
        version=version,
        type=kind.name,
        schema=kind.version,
        occurred=context.occurred,
        recorded_at=context.now,
        actor=order.actor,
        recorder=order.recorder,
        source=order.source,
        command=order.id,
        causation=None,
        correlation=order.correlation or case,
        edition=edition,
        calendar=calendar,
    )
    return Recorded(envelope, event)


def _receipt_of(
    id: str, case: str, number: str | None, envelopes: Envelopes, context: Context
) -> dict[str, Any]:
    told = [{key: e[key] for key in ("position", "stream", "version", "type")} for e in envelopes]
    opened = next((e["case_number"] for e in envelopes if e["stream"] == case), None)
    lettered = (e.get("document_number") for e in envelopes)
    return {
        "command": id,
        "case": case,
        "case_number": number or opened,
        "document_number": next(filter(None, lettered), None),
        # A command that changed nothing answers with where its case stood.
        "position": envelopes[-1]["position"] if envelopes else context.fold.position,
        "events": told,
    }


def _storable_body(kind: CommandType, order: Order) -> bytes:
    """The body, of a command that can be stored. Raises Refused for one that cannot."""
    if not 0 < len(order.id) <= LONGEST_ID:
        zh = f"命令编号应为 1 至 {LONGEST_ID} 个字符"
        raise Refused("command-id", zh, f"A command id has 1 to {LONGEST_ID} characters")
    if order.occurred is not None and order.occurred.at.date() < FIRST_DAY:
        zh = f"事实发生日不能早于{FIRST_DAY}，请核对年份"
        raise Refused("too-early", zh, f"Nothing here happened before {FIRST_DAY}: check the year")
    try:
        plain([order.id, order.case, order.actor, order.recorder, order.correlation])
        return _body(kind, order)
    except UnstorableError:
        zh = "内容中有无法保存的值（空字符、不完整的字符、小数或过大的数），请改后重试"
        en = "NUL, half a surrogate pair, decimals and huge numbers cannot be stored: change it"
        raise Refused("characters", zh, en) from None


def _body(kind: CommandType, order: Order) -> bytes:
    """What makes two sendings of one command id the same command."""
    body = {
        f.name: _open(getattr(order.command, f.name)) for f in dataclasses.fields(order.command)
    }
    about = [kind.name, order.case, order.actor, order.recorder, plain(order.occurred)]
    return canonical([about, plain(body)])


def _open(value: Any) -> Any:
    """Secrets take part in the (keyed) fingerprint: another name is another command."""
    match value:
        case Secret():
            return {"sealed": value.plaintext}
        case Mapping():
            return {key: _open(item) for key, item in value.items()}
        case _:
            return value
