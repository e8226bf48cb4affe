"""Chance stories: whatever officers might do, in any order, refusals included. Seeded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from domain import acts, corrections
from domain.cases import arbitration as arb
from domain.cases import diagnosis as dx
from domain.decider import Refused
from domain.fold import CaseFold
from tests.conftest import Story

INSTITUTION = "institution:DI-01"
EMPLOYER = "employer:91330523MA000TE131"
OFFICE = "appraisal:330500"
PARTIES = ("HB", "HSSB", "LGO", "LG", "TS-110", INSTITUTION, EMPLOYER, OFFICE)


def wander(story: Story, seed: int, steps: int) -> Iterator[date]:
    """Act `steps` times from 2025-06-02 on; yields the day after each act carried out."""
    chance = Random(seed)
    day = date(2025, 6, 2)
    opened: list[str] = []
    while steps:
        day += timedelta(days=chance.choice((0, 0, 1, 1, 2, 5, 9)))
        late = timedelta(days=chance.choice((0, 0, 0, 1, 4)))
        command, by, case = _chosen(story, chance, opened)
        try:
            receipt = story.do(
                day.isoformat(), by, command, case, happened=(day - late).isoformat()
            )
        except Refused:
            continue
        if case is None:
            opened.append(receipt.case)
        steps -= 1
        yield day


def _chosen(story: Story, chance: Random, opened: list[str]) -> tuple[Any, str, str | None]:
    if len(opened) < 3 or chance.random() < 0.08:
        return _opening(chance, opened)
    fold = story.log.fold(chance.choice(opened))
    draw = chance.random()
    if draw < 0.2 and fold.open_tasks():
        return (*_act(fold, chance), fold.case)
    if draw < 0.27:
        return _correction(fold, chance), "HB", fold.case
    step = _step(fold, chance)
    return (*step, fold.case)


def _opening(chance: Random, opened: list[str]) -> tuple[Any, str, None]:
    subject = f"S-{len(opened)}-{chance.randrange(99)}"
    diagnoses = [case for case in opened if case.startswith("diagnosis")]
    if diagnoses and chance.random() < 0.5:
        filed = arb.FileArbitration(case_diagnosis=chance.choice(diagnoses), matter="post")
        return filed, EMPLOYER, None
    applied = dx.OpenByApplication(
        subject=subject,
        institution=INSTITUTION,
        employer=EMPLOYER,
        hazard="矽尘",
        locality="household",
    )
    return applied, f"worker:{subject}", None


def _step(fold: CaseFold, chance: Random) -> tuple[Any, str]:
    worker = fold.parties.get("worker", "worker:none")
    party: dx.PartyRole = chance.choice(("worker", "employer"))
    if fold.kind.name == "arbitration":
        return chance.choice(
            [
                (arb.AcceptArbitration(), "HSSB"),
                (arb.Award(finding="确认"), "HSSB"),
                (arb.ServeAward(party=party), "HSSB"),
                (arb.Sue(), worker),
                (arb.Sue(), EMPLOYER),
            ]
        )
    diagnosed = dx.Conclude(result="od", disease="矽肺", stage="壹期", certificate="合成")
    panel = dx.ConcludeAppraisal(result="od", disease="矽肺", stage="贰期", panel=5)
    return chance.choice(
        [
            (dx.RequestEmployerData(items=("职业史",)), INSTITUTION),
            (dx.SupplyData(disputed="工种"), EMPLOYER),
            (dx.UrgeEmployer(note="催"), "HB"),
            (dx.RequestSurvey(matter="现场"), INSTITUTION),
            (dx.FinishSurvey(finding="属实"), "HB"),
            (dx.RequestRuling(ground="disputed_data"), INSTITUTION),
            (dx.GiveRuling(finding="属实"), "HB"),
            (dx.CompleteFile(basis="齐全"), INSTITUTION),
            (diagnosed, INSTITUTION),
            (dx.Deliver(party=party), INSTITUTION),
            (dx.ReportCard(), INSTITUTION),
            (dx.RequestAppraisal(office=OFFICE), chance.choice((worker, EMPLOYER))),
            (dx.AcceptAppraisal(), OFFICE),
            (dx.SendFiles(), INSTITUTION),
            (panel, OFFICE),
            (dx.DeliverAppraisal(party=party), OFFICE),
        ]
    )


def _act(fold: CaseFold, chance: Random) -> tuple[Any, str]:
    task = chance.choice(fold.open_tasks())
    acting: list[tuple[Any, str]] = [
        (acts.SignTask(task=task.id), task.holder),
        (acts.ReturnTask(task=task.id, reason="not_my_duty", note="不属"), task.holder),
        (acts.UpholdReturn(task=task.id, to="TS-110"), task.holder),
        (acts.RejectReturn(task=task.id, reason="应办"), task.holder),
        (acts.TransferTask(task=task.id, to="HB", reason="转办"), task.holder),
        (acts.RequestAssist(task=task.id, unit="TS-110", question="请协助"), task.holder),
        (acts.SuspendTask(task=task.id, reason="等待", clause="odl-48"), task.holder),
        (acts.ResumeTask(task=task.id), task.holder),
        (acts.SuperviseTask(task=task.id, note="请抓紧"), "LGO"),
    ]
    return chance.choice(acting)


def _correction(fold: CaseFold, chance: Random) -> corrections.CorrectFact:
    fact, _ = chance.choice(fold.facts)
    earlier = fact.envelope.occurred.day - timedelta(days=chance.randint(1, 6))
    return corrections.CorrectFact(
        version=fact.envelope.version, occurred_on=earlier, reason="日期录错"
    )
