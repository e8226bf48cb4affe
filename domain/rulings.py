"""Rulings 裁定: who handles what, where units disagree; and what no ruling may move.

A unit that disputes a task is answered by 领导小组办公室 in that case; 领导小组 or 联席会议 may
rule otherwise, and their word is final. Both may also rule for a class of cases: a routing of the
county's (a tip's matter, an incident's cause), an area and dates. A class ruling is a reference
event; routing obeys it from its own position on, and cases already routed stay where they are.

A power that a statute gives to a unit is not moved by anybody here: what cites a clause of a
statute stays with the unit named, unless that clause gives nobody a power (rules of procedure,
policy `ruling-procedural`). Basis: 43号文 二(三)8, 四(一), 附件2; 行政处罚法 22, 24.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.decider import Context, Refused, need
from domain.events import event
from domain.rules import Clause, Edition
from domain.units import LEADING_GROUP

JOINT_CONFERENCE = "JC"
ABOVE = (LEADING_GROUP, JOINT_CONFERENCE)
"""Who rules for a class of cases, and above the office: 领导小组、联席会议."""
ROUTINGS = ("tip-route-", "incident-lead-")
"""The policies by which the county routes: what a class ruling may name."""


@event("case.ruling_followed", "依类案裁定{ruling}由{to}办理")
class RulingFollowed:
    """The routing of this case obeyed a class ruling."""

    ruling: str
    to: str


@dataclass(frozen=True)
class ClassRuling:
    """A ruling for a class of cases 类案裁定; both days included."""

    id: str
    by: str
    routing: str  # the policy it overrides, e.g. tip-route-no_contract
    to: str
    area: str | None  # a township; None: the whole county
    since: date
    until: date | None
    reason: str

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def binds(self, routing: str, area: str | None, day: date) -> bool:
        return self.routing == routing and self.area in (None, area) and self.in_force(day)

    def covers(self, other: ClassRuling) -> bool:
        """Whether nothing of the other is left once this one begins: its area, and its days."""
        area = self.area is None or self.area == other.area
        return area and (self.until or date.max) >= (other.until or date.max)

    def overlaps(self, other: ClassRuling) -> bool:
        """Whether a case could fall under both."""
        near = self.area is None or other.area is None or self.area == other.area
        apart = (self.until or date.max) < other.since or (other.until or date.max) < self.since
        return self.routing == other.routing and near and not apart


def routed(routing: str, area: str | None, context: Context) -> tuple[str, RulingFollowed | None]:
    """The unit for a routing on the day of the fact: a class ruling's, else the county's policy.

    The day the fact happened chooses (CR8): what came in before a ruling's first day and is entered
    later is routed as it would have been; the entry says how late it was made.
    """
    day = context.occurred.day
    for ruling in context.reference.rulings:
        if ruling.binds(routing, area, day):
            return ruling.to, RulingFollowed(ruling=ruling.id, to=ruling.to)
    return str(context.reference.edition.policy(routing)), None


def under_class_ruling(context: Context) -> bool:
    """Whether its routing obeyed a class ruling: then the office does not change it."""
    return bool(context.fold.facts_of(RulingFollowed))


def statutory(edition: Edition, clauses: Iterable[str]) -> Clause | None:
    """The first of these clauses by which a statute gives the power; None where none does."""
    known = edition.policies.get("ruling-procedural")
    procedural = known.value if known else ()
    for id in clauses:
        clause = edition.clauses.get(id)
        if clause and clause.confidence != "S" and id.partition("-")[0] not in procedural:
            return clause
    return None


def above_it(by: str, ruling: ClassRuling) -> None:
    """联席会议 works under 领导小组 (43-4.1): it neither ends nor replaces what that has ruled."""
    zh = f"裁定{ruling.id}由领导小组作出，联席会议不能终止或取代"
    fine = by == ruling.by or by == LEADING_GROUP
    need(fine, "above", zh, f"{ruling.id} is the leading group's own")


def _competent(ruling: ClassRuling, edition: Edition) -> None:
    """Only an organ that may act on such matters; a township for its own area alone."""
    of = "tip-organs" if ruling.routing.startswith("tip-") else "incident-leads"
    organs = edition.policies.get(of)
    may = organs is None or ruling.to in organs.value
    own_area = ruling.to == ruling.area and ruling.routing.startswith("tip-")
    zh = f"{edition.unit_name(ruling.to)}不是可以承办这类事项的机关；乡镇（街道）只限本辖区的举报"
    need(may or own_area, "not-competent", zh, f"{ruling.to} may not act on such matters")


def movable(edition: Edition, clauses: Iterable[str], what: str) -> None:
    """Raises Refused, with the clause, where a statute says whose power it is."""
    clause = statutory(edition, clauses)
    if clause:
        zh = f"“{what}”依{clause.title}属法定职权，不能转办、改派，也不能以裁定移动"
        en = "A power given by statute is moved by no transfer and no ruling"
        raise Refused("statutory", zh, en, clause=clause.id)


def made(
    ruling: ClassRuling, standing: Iterable[ClassRuling], replaces: str | None, edition: Edition
) -> ClassRuling:
    """The ruling, if it may be made. Raises Refused in words."""
    policy = edition.policies.get(ruling.routing)
    ours = policy is not None and ruling.routing.startswith(ROUTINGS)
    zh = f"没有分派口径 {ruling.routing}；可写 tip-route-事项 或 incident-lead-原因"
    need(ours, "no-such-routing", zh, f"No routing {ruling.routing}")
    assert policy is not None
    zh = f"没有单位 {ruling.to}；请填单位代码，如 HB"
    need(ruling.to in edition.units, "no-such-unit", zh, f"No unit {ruling.to}")
    known = ruling.area is None or edition.is_township(ruling.area)
    need(known, "no-such-township", f"没有乡镇（街道） {ruling.area}", "No such township")
    fine = ruling.until is None or ruling.since <= ruling.until
    need(fine, "days", "终止日不能早于起始日", "It ends before it begins")
    movable(edition, policy.clauses, policy.title)
    _competent(ruling, edition)
    for other in standing:
        if other.id == replaces:
            zh = f"裁定{other.id}与本裁定没有重叠，谈不上取代"
            need(other.overlaps(ruling), "not-replaced", zh, f"{other.id} does not overlap this")
            zh = f"本裁定没有覆盖裁定{other.id}的全部区域和期间；请先终止{other.id}，再分别作出"
            en = f"It does not cover all of {other.id}: end that, and rule on each part"
            need(ruling.covers(other), "covers-part", zh, en)
            above_it(ruling.by, other)
        elif other.overlaps(ruling):
            zh = f"与裁定{other.id}重叠；请先终止它，或写明取代它（replaces）"
            raise Refused("overlap", zh, f"It overlaps {other.id}: end that or replace it")
    return ruling
