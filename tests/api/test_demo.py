"""The demo county: every state of every kind, every unit at work, the same from the same seed."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from api import demo
from api.demo.people import settled, worker_id
from api.demo.ways import WAYS
from domain.acts import TaskAct
from domain.cases import CASE_KINDS
from domain.decider import CaseKind
from domain.events import EVENT_TYPES, SHANGHAI, type_of
from domain.fold import CaseFold
from domain.identifiers import credit_code, resident_check
from domain.reference import STREAM
from domain.rulings import ABOVE
from domain.tasks import TABS, summary
from eventstore.clock import InjectedClock
from eventstore.doctor import verify
from eventstore.embedded import Server
from eventstore.schema import events
from projections.county import County, Settings, Urls, opened

TODAY = date(2026, 11, 24)


def words(kind: CaseKind) -> set[str]:
    """Every word the state of a kind can be told by, read off the function that tells it."""
    source = ast.parse(textwrap.dedent(inspect.getsource(kind.status)))
    texts = (n.value for n in ast.walk(source) if isinstance(n, ast.Constant))
    return {text for text in texts if isinstance(text, str) and "\u4e00" <= text[:1] <= "\u9fff"}


@dataclass(repr=False)
class Loaded:
    """A demo county as its log has it, with the folds of all its cases."""

    county: County
    folds: list[CaseFold]
    types: Counter[str]

    def tasks(self) -> Iterator[Any]:
        for fold in self.folds:
            yield from (summary(task) for task in fold.open_tasks() if task.is_duty)


def loaded(server: Server, tmp: Path, schema: str, plan: demo.Plan) -> Iterator[Loaded]:
    urls = Urls(server.app_url, server.projector_url, server.owner_url)
    clock = InjectedClock(datetime(2000, 1, 1, tzinfo=SHANGHAI))
    with opened(Settings(var=tmp), urls, schema=schema, clock=clock) as county:
        scheduler = demo.played(county, clock, plan, lambda done, of: None)
        streams = sa.select(events.c.stream).where(events.c.version == 1, events.c.stream != STREAM)
        with county.app.connect() as connection:
            cases = connection.execute(streams.order_by(events.c.position)).scalars().all()
        folds = [scheduler.loader.fold(case) for case in cases]
        counted = sa.select(events.c.type, sa.func.count()).group_by(events.c.type)
        with county.app.connect() as connection:
            types = Counter({row[0]: row[1] for row in connection.execute(counted)})
        yield Loaded(county, folds, types)


@pytest.fixture(scope="module")
def whole(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """The county as `zhifang demo` loads it by default."""
    plan = demo.Plan(today=TODAY)
    yield from loaded(server, tmp_path_factory.mktemp("demo"), "demo_whole", plan)


def small(today: date = TODAY) -> demo.Plan:
    return demo.Plan(employers=3, years=0.2, seed=7, today=today, scenarios=False)


def test_every_kind_that_has_commands_has_its_stories() -> None:
    assert {kind.name for kind in CASE_KINDS.values() if kind.commands} == set(WAYS)


def test_every_type_of_event_occurs(whole: Loaded) -> None:
    shared = {t.name for t in EVENT_TYPES.values() if issubclass(t.cls, TaskAct)}
    own = {type_of(cls).name for kind in CASE_KINDS.values() for cls in kind.events}
    wanted = shared | own | {"case.fact_corrected", "case.reference_applied"}
    assert wanted - set(whole.types) == set()


def test_every_state_of_every_kind_is_passed_through(whole: Loaded) -> None:
    told = {name: words(kind) for name, kind in CASE_KINDS.items() if kind.commands}
    passed: dict[str, set[str]] = {name: set() for name in told}
    for fold in whole.folds:
        kind, state = fold.kind, fold.kind.initial
        for fact, _ in fold.facts:
            if isinstance(fact.event, kind.events) and kind.name in told:
                state = kind.evolve(state, fact.event)
                passed[kind.name].add(kind.status(state))
    missing = {
        name: [word for word in told[name] if not any(word in status for status in passed[name])]
        for name in told
    }
    assert {name: left for name, left in missing.items() if left} == {}


def test_every_tab_and_every_clock_is_on_some_desk_and_no_unit_is_idle(whole: Loaded) -> None:
    now = datetime.combine(TODAY, time(9), SHANGHAI)
    units = whole.county.log.reference_in_force().edition.units
    tabs: Counter[str] = Counter()
    standings: Counter[str] = Counter()
    busy: set[str] = set()
    provisional = 0
    for task in whole.tasks():
        for unit in units:
            tab, standing = task.tab(unit, now), task.standing(now)
            if tab and standing not in ("hidden", "closed"):
                tabs[tab] += 1
                standings[standing] += 1
                busy.add(unit)
                provisional += task.provisional
    assert set(tabs) == set(TABS)
    assert set(standings) >= {"running", "near", "overdue", "suspended", "waiting", "undated"}
    # 领导小组 and 联席会议 only rule, and 联席会议 only for classes of cases.
    assert set(units) - busy <= set(ABOVE)
    assert provisional > 0


def test_officers_enter_on_working_days_within_office_hours(whole: Loaded) -> None:
    calendar = whole.county.log.reference_in_force().calendar
    for fold in whole.folds:
        if fold.kind.name in ("diagnosis", "determination", "relief"):
            for fact, _ in fold.facts:
                at = fact.envelope.recorded_at.astimezone(SHANGHAI)
                if fact.envelope.recorder.startswith("经办"):
                    assert calendar.works(at.date()), fact.envelope.type
                    assert 8 <= at.hour < 18, fact.envelope.type


def test_most_is_done_in_time_some_late_some_never(whole: Loaded) -> None:
    done = Counter(t.on_time for fold in whole.folds for t in fold.tasks.values())
    assert done[True] > 3 * done[False] > 0


def test_the_log_is_marked_as_simulated_and_verifies(whole: Loaded) -> None:
    state = whole.county.log.fold("reference").state
    assert "合成" in (state.simulated or "")
    assert list(verify(whole.county.app)) == []


def test_every_identifier_is_synthetic_and_checks() -> None:
    for party in settled(400, 1).employers:
        code = party.removeprefix("employer:")
        assert code.startswith("91330523MAD")
        assert credit_code(code[:17]) == code
    for number in (1, 77, 4321):
        told = worker_id(number)
        assert told.startswith("000000")
        assert resident_check(told[:17]) == told[17]


def test_the_same_seed_gives_the_same_county_and_a_second_load_adds_nothing(
    server: Server, tmp_path: Path
) -> None:
    def told(schema: str, *, twice: bool) -> list[Any]:
        tmp = tmp_path / schema
        tmp.mkdir()
        for one in loaded(server, tmp, schema, small()):
            first = _open_content(one.county)
            if not twice:
                return first
            clock = InjectedClock(datetime(2000, 1, 1, tzinfo=SHANGHAI))
            urls = one.county.urls
            with opened(Settings(var=tmp), urls, schema=schema, clock=clock) as again:
                # Another day's command: the demo begun earlier is the one that goes on.
                demo.played(again, clock, small(date(2026, 11, 30)), lambda done, of: None)
                assert again.log.recorder.max_notification_id() == len(first)
            return first
        raise AssertionError

    one, other = told("demo_one", twice=True), told("demo_other", twice=False)
    assert one == other


def _open_content(county: County) -> list[Any]:
    """All that is recorded but what sealing draws anew: ciphertexts and commitments."""

    def opened_up(value: Any) -> Any:
        match value:
            case {"ciphertext": _, "commitment": _}:
                return value["subject"]
            case dict():
                return {key: opened_up(item) for key, item in value.items()}
            case _:
                return value

    wanted = sa.select(events.c.record).order_by(events.c.position)
    with county.app.connect() as connection:
        return [opened_up(orjson.loads(r)) for r in connection.execute(wanted).scalars()]


def test_a_log_that_holds_anything_else_is_refused_with_what_to_do(
    server: Server, tmp_path: Path
) -> None:
    for one in loaded(server, tmp_path, "demo_taken", small()):
        with pytest.raises(demo.NotOursError, match="clean-data"):
            demo.plan_of(one.county.log, demo.Plan(seed=8, today=TODAY))
