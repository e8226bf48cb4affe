"""The shape every kind of case has: decide, evolve, conditions 案件种类."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

from domain.events import Moment, shanghai_day

if TYPE_CHECKING:
    from domain.fold import CaseFold
    from domain.papers import StoredBytes
    from domain.rules import Reference
    from domain.tasks import Task


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A command the facts do not admit: what is wrong, what would be right, which clause."""

    def __init__(self, code: str, zh: str, en: str, *, clause: str | None = None) -> None:
        self.code, self.zh, self.en, self.clause = code, zh, en, clause
        super().__init__(zh)


def need(fine: bool, code: str, zh: str, en: str, *, clause: str | None = None) -> None:
    """Refuse unless `fine`: the one-line guard of a decision."""
    if not fine:
        raise Refused(code, zh, en, clause=clause)


@dataclass(frozen=True)
class On:
    """An event for another case's stream, committed in the same transaction."""

    case: str
    event: Any


@dataclass(frozen=True)
class Claim:
    """Take a uniqueness key; whoever comes second is refused with the case that holds it."""

    index: str
    key: str


@dataclass(frozen=True)
class Release:
    """Give a uniqueness key back."""

    index: str
    key: str


Decision = tuple[Any, ...]  # own events, On, Claim, Release


@dataclass(frozen=True)
class Context:
    """What a decision may know beside the case itself. Time and identity come in from outside."""

    now: datetime
    occurred: Moment
    actor: str  # who acts
    recorder: str  # the officer who enters it
    fold: CaseFold
    reference: Reference
    cases: Mapping[str, CaseFold] = field(default_factory=dict)  # named by the command, or linked
    stored: StoredBytes | None = None  # the document the command names by its hash

    @property
    def case(self) -> str:
        return self.fold.case

    @property
    def today(self) -> date:
        return shanghai_day(self.now)


def known_unit(code: str, context: Context) -> None:
    """Refuse a code that is no unit of the county's."""
    known = code in context.reference.edition.units
    need(known, "no-such-unit", f"没有单位 {code}；请填单位代码，如 HB", f"No unit {code}")


def in_time(last: date, context: Context, *, clause: str | None = None) -> None:
    """Refuse what is asked for after its last day."""
    fine = context.occurred.day <= last
    zh = f"期限至{last}，已逾期"
    need(fine, "window-closed", zh, f"The window closed on {last}", clause=clause)


@dataclass(frozen=True)
class CommandType:
    """A registered command: its name, its titles, who may give it, under which clause."""

    name: str  # "diagnosis.apply"
    title: str
    by: tuple[str, ...]  # unit codes or roles in the case; empty: any unit
    clause: str | None
    cls: type[Any]
    opens: bool

    @property
    def action(self) -> str:
        return self.name.split(".", 1)[1].replace("_", "-")


_COMMANDS: dict[str, CommandType] = {}
COMMAND_TYPES: Mapping[str, CommandType] = _COMMANDS

C = TypeVar("C")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(
    name: str,
    title: str,
    *,
    by: tuple[str, ...] = (),
    clause: str | None = None,
    opens: bool = False,
) -> Callable[[type[C]], type[C]]:
    """Declare a command under its stable name `kind.verb`; `opens` makes it open a new case.

    The docstring's first paragraph is the legal consequence shown in the API document. Fields
    named `case_…` name other cases the decision reads.
    """

    def register(cls: type[C]) -> type[C]:
        if name in _COMMANDS:
            raise TypeError(f"command name {name!r} is taken")
        frozen = dataclass(frozen=True, kw_only=True)(cls)
        _COMMANDS[name] = CommandType(name, title, by, clause, frozen, opens)
        return frozen

    return register


def command_type(given: object) -> CommandType:
    """The registered type of a command object."""
    for known in _COMMANDS.values():
        if known.cls is type(given):
            return known
    raise TypeError(f"{type(given).__name__} is not a registered command")


Condition = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Correctable:
    """What a kind of case says of corrections of its facts."""

    supervisor: str  # may correct any fact of the kind
    # A fact -> the command that records it, or what gives that command back from the fact.
    commands: Mapping[type[Any], type[Any] | Callable[[Any], Any]] = field(default_factory=dict)
    # Facts that another act undoes, named here, and no correction; or what names it, if any.
    undone_by: Mapping[type[Any], str | Callable[[Any], str | None]] = field(default_factory=dict)
    # Fields of a fact that another act changes, named here, and no correction.
    elsewhere: Mapping[type[Any], Mapping[str, str]] = field(default_factory=dict)
    # Of these facts the day stands as well: a draw rests on the order of days.
    day_stands: tuple[type[Any], ...] = ()
    # Refuses what would leave the case, put right (before, after), with something nobody has.
    bears: Callable[[CaseFold, CaseFold], None] = lambda before, after: None
    # The uniqueness keys a case in this state holds.
    keys: Callable[[Any], frozenset[Claim]] = lambda state: frozenset()


@dataclass(frozen=True)
class CaseKind:
    """A kind of case 案件种类: everything the rest of the house needs to know of it."""

    name: str  # stream prefix, "diagnosis"
    title: str  # 职业病诊断
    number_prefix: str  # of the case number 案号: DX-2026-0001
    initial: Any
    evolve: Callable[[Any, Any], Any]
    decide: Callable[[Any, Any, Context], Decision]
    events: tuple[type[Any], ...]
    commands: tuple[type[Any], ...]
    conditions: Mapping[str, Condition]
    parties: Callable[[Any], Mapping[str, str]]  # role -> party, as far as known
    status: Callable[[Any], str]  # one Chinese word for the case list
    roles: tuple[str, ...]
    # Where the case lies, in a kind that makes no party of the township: it has no part in it.
    place: Callable[[Any], str | None] | None = None
    policies: tuple[str, ...] = ()  # which its decisions read: an edition must have them
    links: Callable[[Any], tuple[str, ...]] = lambda state: ()  # cases this one rests on
    corrections: Correctable | None = None  # without it only the form of a correction is checked
    # Units that may hold no task of the case: the one a tip accuses.
    barred: Callable[[Any, Mapping[str, CaseFold]], tuple[str, ...]] = lambda state, cases: ()
    # What the kind records of its own when a task of it is passed on by an act.
    passed: Callable[[Any, Task, Any, Context], tuple[Any, ...]] = lambda *given: ()
    # What this kind adds when an event of this name is recorded on another kind's case.
    follows: Mapping[str, Callable[[str, Any, CaseFold, date], tuple[On, ...]]] = field(
        default_factory=dict
    )
