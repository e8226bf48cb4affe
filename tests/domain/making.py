"""Commands of any kind, made from their registered types; values are chosen by chance.

A new kind of case needs nothing here. Where a field wants a value that chance would hardly find,
its name has a line in `VALUES`; a kind that is long to walk through has a line in `WAYS`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from domain import corrections
from domain.cases import CASE_KINDS
from domain.decider import COMMAND_TYPES, CommandType
from domain.sealing import Secret

if TYPE_CHECKING:
    from domain.fold import CaseFold
    from tests.domain.world import World

SECRET = "合成密文"  # stands in every sealed field; must be seen nowhere
DEPARTMENTS = ("HB", "HSSB", "EMB", "EEB", "FTU", "CAB", "MIB", "JB", "PSB", "FB")
UNITS = ("LGO", "LG", "CGO", *DEPARTMENTS, "TS-001", "TS-110")

VALUES: Mapping[str, tuple[Any, ...]] = {
    "subject": ("S-1", "S-2", "S-3"),
    "employer": ("employer:91330523MA000TE131", "employer:91330523MA000TE21U"),
    "institution": ("institution:DI-01",),
    "hospital": ("hospital:H-01", None),
    "office": ("appraisal:330500",),
    "township": ("TS-001", "TS-110"),
    "accused": ("employer:91330523MA000TE131", None),
    "accused_unit": (None, "HB", "HSSB", "LGO", "LG", "TS-110"),
    "to": (*UNITS, "NOBODY"),
    "unit": UNITS,
    "told": UNITS,
    "members": (("EMB", "FTU"), ("EMB", "HB", "FTU", "PSB"), ("EMB", "HB")),
    "tracks": (("minimum_living",), ("medical", "charity"), ("temporary", "legal_aid")),
    "blocked": ((), (), ("successor",)),
    "eligible": (True, True, False),
    "disease": ("矽肺", "矽肺", "矽肺", "噪声聋", None, "感冒"),
    "stage": ("壹期", "贰期", "贰期", None),
    "village": ("合成村", "合成村", "矽肺村"),
    "result": ("od", "od", "od", "not_od"),
    "panel": (5, 7, 4),
    "year": (2026, 2027),
    "amount": (600, 600, 300, 0),
    "length": (5, 30, 0),
    "clause": ("o6-25", "odl-48", "no-such"),
    "deaths": (0, 0, 1, 3),
    "poisoned": (0, 3, 12),
    "received_on": (None, None, "recent"),
    "limitation_on": (None, "soon"),
    "visit_by": ("soon",),
    "title": ("合成计划",),
    "grade": (None, "甲"),
    "grade_before": (None,),
    "method": (None, "第一版"),
    "count": (0, 1),
    "reason": ("合成理由", "合成理由", " "),
}
"""What fields of a name are given; what stands here twice comes twice as often."""

WAYS: Mapping[str, tuple[str, ...]] = {
    "diagnosis": (
        *("open_by_application", "apply", "request_data", "complete_file", "conclude"),
        *("deliver", "request_appraisal", "accept_appraisal", "conclude_appraisal"),
        "deliver_appraisal",
    ),
    "arbitration": ("file", "accept", "award", "serve", "sue"),
    "determination": ("file", "accept", "suspend", "resume", "determine", "serve"),
    "incident": (
        *("report", "do", "form_team", "submit_report", "approve_report", "evaluate", "close"),
        *("suspect_crime", "decide_referral", "refer", "answer_referral"),
    ),
    "relief": (
        *("apply", "relieve_first", "check_entry", "check_household", "publicise", "approve"),
        *("check_linkage", "offer_hearing", "request_hearing", "hold_hearing", "review"),
    ),
    "reconsideration": ("apply", "accept", "forward", "reply", "decide"),
    "tip": ("receive", "accept", "inform", "conclude", "reply"),
    "period": ("open", "report"),
}
"""A way through each kind, by the names of its commands; the first that is admitted is taken."""


def command(kind: CommandType, world: World, fold: CaseFold | None, chance: Random) -> Any:
    """A command of this type, about this case; its values are often right and not always."""
    if kind.cls is corrections.CorrectFact:
        assert fold is not None
        return _correction(fold, chance)
    hints = _hints(kind.cls)
    return kind.cls(
        **{name: _value(name, hint, world, fold, chance) for name, hint in hints.items()}
    )


_known: dict[Any, dict[str, Any]] = {}


def _hints(cls: Any) -> dict[str, Any]:
    if cls not in _known:
        _known[cls] = get_type_hints(cls)
    return _known[cls]


@cache
def commands_of(kind: str) -> tuple[CommandType, ...]:
    """The commands of a kind of case, in the order of its way."""
    mine = [c for c in COMMAND_TYPES.values() if c.name.partition(".")[0] == kind]
    way = WAYS.get(kind, ())
    place = {f"{kind}.{step}": n for n, step in enumerate(way)}
    return tuple(sorted(mine, key=lambda c: place.get(c.name, len(way))))


@cache
def papers() -> tuple[CommandType, ...]:
    """Commands that fit a case of any kind: its letters and documents."""
    own = (*CASE_KINDS, "task", "case", "reference")
    return tuple(c for c in COMMAND_TYPES.values() if c.name.partition(".")[0] not in own)


ACTS = tuple(c for c in COMMAND_TYPES.values() if c.name.startswith("task."))


def _value(name: str, hint: Any, world: World, fold: CaseFold | None, chance: Random) -> Any:
    if name.startswith("case_"):
        return _case(name, hint, world, chance)
    if name == "task":
        tasks = list(fold.tasks) if fold else []
        return chance.choice(tasks) if tasks else "t-unknown"
    if get_origin(hint) is Literal:
        return chance.choice(
            [v for v in VALUES.get(name, ()) if v in get_args(hint)] or get_args(hint)
        )
    if name in VALUES:
        fits = [v for v in VALUES[name] if v is not None or type(None) in get_args(hint)]
        value = chance.choice(fits)
        if value == "recent":
            return world.day - timedelta(days=chance.choice((0, 1, 3)))
        return world.day + timedelta(days=5) if value == "soon" else value
    return _made(hint, world, chance)


def _case(name: str, hint: Any, world: World, chance: Random) -> str | None:
    """A case of the kind the field names (`case_diagnosis`), else any."""
    wanted = name.removeprefix("case_")
    fitting = [id for id in world.folds if id.startswith(wanted)] or list(world.folds)
    if type(None) in get_args(hint) and chance.random() < 0.5:
        return None
    return chance.choice(fitting) if fitting else f"{wanted}-0"


def _made(hint: Any, world: World, chance: Random) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return chance.choice(inner)
    if origin in (Union, types.UnionType):
        if Secret in inner:
            return Secret(f"{SECRET}{chance.randrange(99)}")
        chosen = chance.choice(inner)
        return None if chosen is type(None) else _made(chosen, world, chance)
    if origin is tuple:
        made = [_made(inner[0], world, chance) for _ in range(chance.choice((1, 1, 2, 3, 0)))]
        return tuple(dict.fromkeys(made))
    plain: dict[Any, Callable[[], Any]] = {
        bool: lambda: chance.random() < 0.5,
        int: lambda: chance.choice((0, 1, 2, 5)),
        str: lambda: chance.choice(("合成", "合成文字", "")),
        date: lambda: world.day - timedelta(days=chance.choice((0, 1, 4, 40))),
    }
    if hint in plain:
        return plain[hint]()
    if origin in (dict, Mapping) or str(origin).endswith("Mapping'>"):
        return {}
    fields = _hints(hint)  # a value object of the kind's own
    return hint(**{n: _value(n, h, world, None, chance) for n, h in fields.items()})


def _correction(fold: CaseFold, chance: Random) -> corrections.CorrectFact:
    """Another day, or another value of one field, of some fact of the case."""
    if not fold.facts:
        return corrections.CorrectFact(version=1, reason="录错")
    fact, _ = chance.choice(fold.facts)
    version, reason = fact.envelope.version, chance.choice(("录错", "录错", ""))
    if chance.random() < 0.6:
        day = fact.envelope.occurred.day + timedelta(days=chance.randint(-9, 9))
        return corrections.CorrectFact(version=version, occurred_on=day, reason=reason)
    named = [n for n in _hints(type(fact.event)) if n in VALUES] or ["result"]
    name = chance.choice(named)
    value = chance.choice(VALUES.get(name, ("od", "not_od")))
    changes = {name: list(value) if isinstance(value, tuple) else value}
    return corrections.CorrectFact(version=version, changes=changes, reason=reason)
