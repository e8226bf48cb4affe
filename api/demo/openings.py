"""What opens cases in the demo county, and when: by firms, seasons and years, back from today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from api.demo.people import (
    HOSPITALS,
    INSTITUTIONS,
    Employer,
    People,
    weighted,
    worker_id,
    worker_name,
)
from api.demo.stories_disease import gone
from api.demo.stories_inspection import licence
from domain.cases import diagnosis as dx
from domain.cases import incident as inc
from domain.cases import period, tip
from domain.cases import plan as plans
from domain.cases.plan import Inspector, Target
from domain.events import SHANGHAI
from domain.rules import Reference
from domain.sealing import Secret

SICK, TIPS, INCIDENTS, PLANS = 0.42, 0.45, 0.07, 0.25  # a firm and year
SEASONS = (6, 5, 9, 9, 9, 8, 9, 9, 9, 8, 9, 10)  # of people falling ill or complaining, by month
HOT = (2, 2, 4, 6, 9, 14, 18, 16, 10, 6, 5, 4)  # of accidents


@dataclass(frozen=True)
class Opening:
    """A command that opens a case; `id` where it must happen once whoever gives it."""

    command: Any
    actor: str
    id: str | None = None
    office: bool = False  # entered by an officer, on a working day


def laid_out(
    people: People, reference: Reference, first: date, today: date
) -> Iterator[tuple[datetime, Opening]]:
    """Every opening from the first day to the eve of today, and the fresh ones of these weeks."""
    chance = Random(f"openings|{people.seed}")
    years = (today - first).days / 365
    many = len(people.employers) * years

    def day(seasons: tuple[int, ...]) -> date:
        while True:
            drawn = first + timedelta(days=chance.randrange((today - first).days))
            if chance.random() < seasons[drawn.month - 1] / max(seasons):
                return drawn

    def office(on: date) -> datetime:
        works = reference.calendar.on_or_before(on)
        return datetime.combine(
            works, time(8 + chance.randrange(9), chance.randrange(60)), SHANGHAI
        )

    for year in range(first.year, today.year + 1):
        for opening in period.due_openings(date(year, 1, 1), reference.edition):
            at = datetime.combine(max(opening.day, first), time(0, 1), SHANGHAI)
            yield at, Opening(opening.command, "system", opening.id)
    subject = 0
    for _ in range(max(8, round(many * SICK))):
        subject += 1
        yield office(day(SEASONS)), _sick(people, chance, subject)
    for _ in range(max(8, round(many * TIPS))):
        subject += 1
        yield office(day(SEASONS)), _tip(people, chance, subject)
    for _ in range(max(6, round(many * INCIDENTS))):
        subject += 1
        drawn = day(HOT)
        at = datetime.combine(drawn, time(chance.randrange(24), chance.randrange(60)), SHANGHAI)
        yield at, _incident(people, chance, subject, at)
    for _ in range(max(10, round(many * PLANS))):
        subject += 1
        drawn = day(SEASONS)
        yield office(drawn), _plan(people, chance, subject, drawn)
    # These weeks: every unit has something fresh, something on its way and something late.
    organs = set(reference.edition.policy("tip-organs"))
    for unit in reference.edition.units.values():
        if unit.code not in organs and unit.klass != "township":
            continue
        for days in (1, 2, 6, 13, 30, 58, 75):
            subject += 1
            yield office(today - timedelta(days=days)), _tip(people, chance, subject, unit.code)
    yesterday = datetime.combine(today - timedelta(days=1), time(15, 20), SHANGHAI)
    yield yesterday, _incident(people, chance, subject + 1, yesterday)


def _sick(people: People, chance: Random, number: int) -> Opening:
    employer = people.any(chance)
    hazard, _, _ = chance.choice(employer.industry.hazards)
    subject = f"S-county-{number}"
    name, id = Secret(worker_name(number)), Secret(worker_id(number))
    if chance.random() < 0.5:
        by = employer.party if chance.random() < 0.1 else chance.choice(HOSPITALS)
        reported = dx.ReportSuspected(
            subject=subject,
            employer=employer.party,
            hazard=hazard,
            worker_name=name,
            worker_id=id,
        )
        return Opening(reported, by, office=True)
    institution = INSTITUTIONS[chance.random() > 0.7]
    applied = dx.OpenByApplication(
        subject=subject,
        institution=institution,
        employer=employer.party,
        hazard=hazard,
        locality="employer_seat",
        worker_name=name,
        worker_id=id,
    )
    return Opening(applied, f"worker:{subject}", office=True)


def _tip(people: People, chance: Random, number: int, to: str | None = None) -> Opening:
    matters: list[tuple[tip.Matter, int]] = [
        ("unprotected", 34),
        ("no_checkup", 22),
        ("no_contract", 16),
        ("uninsured", 14),
        ("poisoning", 6),
        ("radiation", 4),
        ("officials", 4),
    ]
    matter = weighted(chance, matters)
    channels: list[tuple[tip.Channel, int]] = [
        ("platform", 50),
        ("phone", 20),
        ("visit", 12),
        ("letter", 8),
        ("patrol_found", 10),
    ]
    employer = people.any(chance)
    anonymous = chance.random() < 0.25
    received = tip.ReceiveTip(
        channel=weighted(chance, channels),
        matters=(matter,),
        subject=f"C-demo-{number}",
        content=Secret(f"合成举报：{employer.name}"),
        to=to or (employer.township if chance.random() < 0.3 else None),
        township=employer.township,
        anonymous=anonymous,
        accused=employer.party,
        accused_unit="HB" if matter == "officials" and to != "HB" else None,
        name=None if anonymous else Secret(f"来信人乙{number:04d}"),
    )
    return Opening(received, "HB" if chance.random() < 0.4 else "LGO", office=True)


def _plan(people: People, chance: Random, number: int, day: date) -> Opening:
    """A plan of 卫健局, alone or with others, a special campaign, or a township's patrol."""
    kinds: list[tuple[plans.Kind, int]] = [
        ("random", 25),
        ("joint", 20),
        ("special", 10),
        ("off_site", 10),
        ("patrol", 35),
    ]
    kind = weighted(chance, kinds)
    drawn = kind in plans.DRAWN
    employer = _standing(people, chance)
    firms = {employer.party: employer}
    while drawn and len(firms) < min(8, len(people.employers)):
        other = people.any(chance)
        if not gone(other.party) or chance.random() < 0.2:
            firms[other.party] = other
    units = ("HB", "EMB", "HSSB") if kind == "joint" else ("HB",)
    published = plans.PublishPlan(
        title=f"合成{plans.KINDS[kind]}计划{number}",
        kind=kind,
        visit_by=day + timedelta(days=chance.randrange(25, 60)),
        targets=tuple(
            Target(f.party, f.township, chance.choice("甲乙丙"), "试点办法（丙为最高风险）")
            for f in firms.values()
        ),
        units=units[1:],
        count=2 if drawn else 0,
        draw_on=day + timedelta(days=8) if drawn else None,
        seed_source="当日公布的合成号码" if drawn else None,
        inspectors=tuple(Inspector(licence(unit, n), unit) for unit in units for n in range(1, 5))
        if drawn
        else (),
    )
    return Opening(published, employer.township if kind == "patrol" else "HB", office=True)


def _standing(people: People, chance: Random) -> Employer:
    """A firm that has not closed down, as far as a few looks find one."""
    for _ in range(20):
        found = people.any(chance)
        if not gone(found.party):
            break
    return found


def _incident(people: People, chance: Random, number: int, at: datetime) -> Opening:
    employer = _standing(people, chance)
    midnight = datetime.combine(at.date(), time(0), SHANGHAI)
    happened = max(midnight, at - timedelta(minutes=3 + number % 17))
    causes: list[tuple[inc.Cause, int]] = [
        ("acute_poisoning", 45),
        ("other_sudden", 20),
        ("unknown_cause", 17),
        ("chronic", 10),
        ("radiation_accident", 8),
    ]
    reported = inc.ReportIncident(
        employer=employer.party,
        township=employer.township,
        cause=weighted(chance, causes),
        accident_on=at.date(),
        told="EMB" if chance.random() < 0.6 else "HB",
        accident_at=f"{happened:%H:%M}",
        subject=f"I-demo-{number}",
        hospital=chance.choice(HOSPITALS),
        deaths=1 if chance.random() < 0.12 else 0,
        poisoned=chance.choice((1, 1, 2, 3, 4, 11)),
    )
    return Opening(reported, employer.party)
