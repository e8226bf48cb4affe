"""given(kind, *facts).when(command, …).then(*events): tests of the domain as sentences.

States are never built by hand, only folded from events, under the real law and calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest

from api import law
from domain.calendar import Due
from domain.cases import CASE_KINDS, decide, followed
from domain.decider import Claim, Context, On, Refused, Release
from domain.events import SHANGHAI, Envelope, Moment, Recorded, type_of
from domain.fold import CaseFold, empty, step
from domain.papers import LetterIssued, StoredBytes
from domain.rules import Reference, parse_calendar, parse_edition, split
from domain.tasks import Task

EMPLOYER = "employer:91330523MA000TE131"
INSTITUTION = "institution:DI-01"
WORKER = "worker:S-1"


@cache
def reference(without_year: int | None = None) -> Reference:
    """The shipped law; `without_year` as if that year's calendar were not yet published."""
    edition, calendar = split(law.files())
    calendar.pop(f"calendar/{without_year}.toml", None)
    return Reference(parse_edition(edition), parse_calendar(calendar))


def noon(day: str) -> datetime:
    """Noon of a Shanghai day, or the minute given."""
    text = day if "T" in day else f"{day}T12:00"
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def moment(day: str) -> Moment:
    """A Shanghai day, or the minute of one where it is given."""
    return Moment(noon(day), "minute") if "T" in day else Moment.on(date.fromisoformat(day))


@dataclass(frozen=True)
class Fact:
    """An event that happened on a day, by someone; entered that day or later."""

    day: str
    event: Any
    by: str
    recorded: str | None = None
    command: str | None = None  # which recorded it; else one of its own


def on(day: str, event: Any, by: str = INSTITUTION, recorded: str | None = None) -> Fact:
    return Fact(day, event, by, recorded)


class Case:
    """A case with a history; the law it is folded under may change from event to event."""

    def __init__(self, kind: str, under: Reference | None = None) -> None:
        self.under = under or reference()
        self.fold: CaseFold = empty(CASE_KINDS[kind], f"{kind}-1")
        self.others: dict[str, CaseFold] = {}
        self.stored: StoredBytes | None = None

    def add(self, *facts: Fact) -> Case:
        for fact in facts:
            self.fold = step(self.fold, self._recorded(fact), self.under)
        return self

    def _recorded(self, fact: Fact) -> Recorded:
        kind = type_of(fact.event)
        position = self.fold.position + 1
        envelope = Envelope(
            position=position,
            stream=self.fold.case,
            version=self.fold.version + 1,
            type=kind.name,
            schema=kind.version,
            occurred=moment(fact.day),
            recorded_at=noon(fact.recorded or fact.day),
            actor=fact.by,
            recorder="officer-1",
            source="typed",
            command=fact.command or f"{self.fold.case}-{position}",
            causation=None,
            correlation=self.fold.case,
            edition=self.under.edition.id,
            calendar=self.under.calendar.id,
            case_number="DX-2026-0001" if position == 1 else None,
            document_number=self._document_number(fact),
        )
        return Recorded(envelope, fact.event)

    def _document_number(self, fact: Fact) -> str | None:
        """As the log would give it: one series after another, from 1 on."""
        if not isinstance(fact.event, LetterIssued):
            return None
        series = f"{fact.event.series}〔{fact.day[:4]}〕"
        given = sum(number.startswith(series) for number in self.fold.papers.letters)
        return f"{series}{given + 1}号"

    def when(
        self, command: Any, day: str, by: str = INSTITUTION, happened: str | None = None
    ) -> Outcome:
        """Give a command on `day`; its fact happened then, or on the day `happened`."""
        context = Context(
            now=noon(day),
            occurred=moment(happened or day),
            actor=by,
            recorder="officer-1",
            fold=self.fold,
            reference=self.under,
            cases=self.others,
            stored=self.stored,
        )
        try:
            return Outcome(self, day, by, decided=decide(command, context))
        except Refused as refused:
            return Outcome(self, day, by, refusal=refused)

    def task(self, rule: str, slot: str | None = None) -> Task:
        """The latest task of a rule (of one party's, if `slot` says so)."""
        found = [
            t for t in self.fold.tasks.values() if t.rule.id == rule and slot in (None, t.slot)
        ]
        return found[-1]

    def owes(self, party: str, day: str) -> dict[str, str | None]:
        """The open duties of a party that show on a day: rule -> `2026-06-15/06-12`.

        Legal and safe day as the law reference writes them; one day where both are the same.
        """
        return self._held(party, day, "duty")

    def may(self, party: str, day: str) -> dict[str, str | None]:
        """The rights a party has on a day, or will have: rule -> legal/safe day."""
        return self._held(party, day, "right")

    def _held(self, party: str, day: str, nature: str) -> dict[str, str | None]:
        return {
            t.rule.id: _days(t.due) if t.due else None
            for t in self.fold.visible(noon(day))
            if t.holder == party and t.rule.nature == nature
        }


def _days(due: Due) -> str:
    return f"{due.legal}" + (f"/{due.safe:%m-%d}" if due.safe != due.legal else "")


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    case: Case
    day: str
    by: str
    decided: tuple[Any, ...] = ()
    refusal: Refused | None = None

    def then(self, *events: Any) -> None:
        assert self.refusal is None, self.refusal
        assert tuple(e for e in self.decided if not isinstance(e, (Claim, Release))) == events

    def refused(self, code: str) -> None:
        if self.refusal is None:
            pytest.fail(f"not refused but {self.decided}")
        assert self.refusal.code == code, self.refusal
        assert self.refusal.zh
        assert self.refusal.en

    def done(self) -> Case:
        """The case after the command, its events recorded."""
        assert self.refusal is None, self.refusal
        own = (item for item in self.decided if _is_event(item))
        return self.case.add(*(Fact(self.day, event, self.by) for event in own))


def _is_event(item: Any) -> bool:
    try:
        type_of(item)
    except TypeError:
        return False
    return True


def given(kind: str, *facts: Fact, under: Reference | None = None) -> Case:
    """A case to which these facts have happened."""
    return Case(kind, under).add(*facts)


class World:
    """Several cases that act on each other, as the application has them, without its store."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}

    def case(self, id: str) -> Case:
        """The case of this id, empty until something happens to it."""
        if id not in self.cases:
            kind = id.partition("-")[0]
            self.cases[id] = Case(kind)
            self.cases[id].fold = empty(CASE_KINDS[kind], id)
        return self.cases[id]

    def do(self, id: str, command: Any, day: str, by: str = INSTITUTION) -> World:
        """Carry a command out, with all it brings about on other cases."""
        outcome = self._decided(id, command, day, by)
        assert outcome.refusal is None, outcome.refusal
        pending = [i for i in outcome.decided if not isinstance(i, (Claim, Release))]
        command = f"{id}-{self.case(id).fold.position + 1}"
        before = {case: known.fold for case, known in self.cases.items()}
        while pending:
            item = pending.pop(0)
            target, event = (item.case, item.event) if isinstance(item, On) else (id, item)
            known = before.get(target, empty(self.case(target).fold.kind, target))
            self.case(target).add(Fact(day, event, by, command=command))
            pending += followed(target, event, known, date.fromisoformat(day))
        return self

    def refuses(self, id: str, command: Any, day: str, by: str, code: str) -> None:
        self._decided(id, command, day, by).refused(code)

    def _decided(self, id: str, command: Any, day: str, by: str) -> Outcome:
        case = self.case(id)
        named = {v for f, v in vars(command).items() if f.startswith("case_") and v}
        links = case.fold.kind.links(case.fold.state)
        case.others = {other: self.case(other).fold for other in {*named, *links}}
        return case.when(command, day, by)
