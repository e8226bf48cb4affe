"""Units 单位, areas 区域 and parties 当事方: who can hold a task.

A party is a short string: a unit's code (`HB`, `TS-001`), or for anyone outside the county's
units `class:identifier` (`employer:91330523MA000TE131`, `institution:DI-01`, `worker:S-7f…`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.events import terms

UnitClass = Literal["department", "township", "body"]

LEADING_GROUP = "LG"  # 领导小组
LEADING_GROUP_OFFICE = "LGO"  # 领导小组办公室, an identity apart from 卫健局

OUTSIDE_CLASSES: dict[str, str] = {
    "worker": "劳动者",
    "employer": "用人单位",
    "institution": "职业病诊断机构",
    "hospital": "医疗卫生机构",
    "appraisal": "职业病诊断鉴定办事机构",
    "citizen": "信访人",
    "superior": "上级机关",
}
terms(OUTSIDE_CLASSES)

ROLES: dict[str, str] = {
    **OUTSIDE_CLASSES,
    "institution": "诊断机构",
    "hospital": "报告单位",  # a suspicion may be reported by an employer, too
    "incident.hospital": "医疗机构",  # it treats the casualties; whoever reported is another
    "first_appraisal": "首次鉴定办事机构",
    "applicant": "申请人",
    "informant": "信访人",
    "handler": "办理单位",
    "lead": "牵头单位",
    "township": "所在乡镇（街道）",
}
"""What a role in a case is called; `kind.role` where a kind of case means another by it."""


def role_name(role: str, kind: str = "") -> str:
    """A role in Chinese, in a kind of case; the role itself where it has no name."""
    return ROLES.get(f"{kind}.{role}") or ROLES.get(role, role)


@dataclass(frozen=True)
class Unit:
    """One of the 14 departments, 15 townships or the bodies above them (43号文 三、四)."""

    code: str
    name: str
    full_name: str
    klass: UnitClass
    area: str | None = None  # 9-digit statistical code, townships only
    joint_conference: bool = False  # 联席会议成员
    leading_group: bool = False  # 领导小组成员
    note: str = ""


def is_outside(party: str) -> bool:
    """Whether a party stands outside the county's units (then a unit supervises its tasks)."""
    return ":" in party


def party_class(party: str) -> str:
    """`worker`, `employer`, … for an outside party; the code itself for a unit."""
    return party.split(":", 1)[0]
