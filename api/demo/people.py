"""Who lives in the demo county: synthetic firms, workers and hospitals, and chance from a seed.

Nothing here is anybody's: credit codes from the synthetic range 91330523MA with a valid check
character, identity numbers with the area code 000000 that nobody was ever given, names numbered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import TypeVar

from domain.identifiers import CREDIT, credit_code, resident_check

T = TypeVar("T")


@dataclass(frozen=True)
class Industry:
    """What is made, and what its workers breathe, hear and fall ill of. Names as in the lists of
    diseases of 2013 and 2024 alike."""

    name: str
    share: int
    hazards: tuple[tuple[str, str, str | None], ...]  # hazard, disease, stage


INDUSTRIES = (
    Industry(
        "椅业",
        42,
        (
            ("噪声", "噪声聋", None),
            ("木粉尘", "哮喘", None),
            ("苯系物", "苯中毒", None),
            ("电焊烟尘", "电焊工尘肺", "壹期"),
        ),
    ),
    Industry("竹业", 22, (("噪声", "噪声聋", None), ("竹粉尘", "哮喘", None))),
    Industry("石英砂加工", 9, (("矽尘", "矽肺", "壹期"), ("矽尘", "矽肺", "贰期"))),
    Industry("机械铸造", 12, (("矽尘", "铸工尘肺", "壹期"), ("高温", "中暑", None))),
    Industry("化工", 8, (("二氯乙烷", "二氯乙烷中毒", None), ("正己烷", "正己烷中毒", None))),
    Industry("蓄电池", 7, (("铅尘", "铅及其化合物中毒", None),)),
)

DISEASES = {
    **{h: (ill, stage) for i in INDUSTRIES for h, ill, stage in reversed(i.hazards)},
    "苯": ("苯中毒", None),
    "锰": ("锰及其化合物中毒", None),
    "X射线": ("外照射慢性放射病", None),
}
"""What people fall ill of where a firm's own trade does not say it: the scenarios' firms."""

TOWNSHIPS = (
    ("TS-001", 26),
    ("TS-002", 12),
    ("TS-003", 4),
    ("TS-004", 4),
    ("TS-103", 2),
    ("TS-104", 3),
    ("TS-105", 9),
    ("TS-106", 2),
    ("TS-107", 1),
    ("TS-108", 5),
    ("TS-110", 12),
    ("TS-111", 13),
    ("TS-201", 3),
    ("TS-205", 2),
    ("TS-206", 1),
)
"""The county's townships, and how much of its industry each has: a guess, for the demo alone."""

INSTITUTIONS = ("institution:DI-01", "institution:DI-02")
HOSPITALS = ("hospital:H-01", "hospital:H-02", "hospital:H-03")
OFFICES = {"first": "appraisal:330500", "final": "appraisal:330000"}


@dataclass(frozen=True)
class Employer:
    party: str
    name: str
    industry: Industry
    township: str


@dataclass(frozen=True)
class People:
    """The firms of the county, by party."""

    employers: dict[str, Employer]
    seed: int

    def any(self, chance: Random) -> Employer:
        return chance.choice(list(self.employers.values()))

    def township(self, employer: str) -> str:
        """Where a firm is; the scenarios' own firms stand in the first township."""
        known = self.employers.get(employer)
        return known.township if known else TOWNSHIPS[0][0]


def settled(count: int, seed: int) -> People:
    """`count` firms, of the same names and places for the same seed."""
    chance = Random(f"people|{seed}")
    employers = {}
    for number in range(1, count + 1):
        industry = weighted(chance, [(i, i.share) for i in INDUSTRIES])
        party = f"employer:{credit_code(f'91330523MA{_in_code(number)}')}"
        name = f"合成{industry.name}{number:04d}号"
        employers[party] = Employer(party, name, industry, weighted(chance, TOWNSHIPS))
    return People(employers, seed)


def _in_code(number: int) -> str:
    """Seven characters of the code's alphabet, from the letter D on: the demo's own."""
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, len(CREDIT))
        digits = CREDIT[digit] + digits
    return f"D{digits}"


def worker_name(number: int) -> str:
    return f"劳动者甲{number:04d}"


def worker_id(number: int) -> str:
    """An identity number whose area code was never given out, of a made-up day of birth."""
    body = (
        f"000000{1960 + number % 40}{1 + number % 12:02d}{1 + number % 28:02d}{number % 1000:03d}"
    )
    return body + resident_check(body)


def weighted(chance: Random, among: Sequence[tuple[T, int]]) -> T:
    things, weights = zip(*among, strict=True)
    drawn: T = chance.choices(things, weights)[0]
    return drawn


def luck(case: str, word: str) -> float:
    """A number in [0, 1) that belongs to a case and a question, the same whenever it is asked."""
    return int.from_bytes(blake2b(f"{case}|{word}".encode(), digest_size=4).digest()) / 2**32
