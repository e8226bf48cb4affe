"""Stories of illness: suspicion, diagnosis, arbitration, appraisal, determination, dispute."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Literal

from api.demo.people import DISEASES, INSTITUTIONS, OFFICES, TOWNSHIPS, luck
from api.demo.ways import Act, Now, had, holds, way
from domain.cases import arbitration as arb
from domain.cases import determination as wi
from domain.cases import diagnosis as dx
from domain.cases import reconsideration as fy
from domain.cases import relief as rlf
from domain.fold import CaseFold
from domain.sealing import Secret
from domain.tasks import NEVER

DISPUTES = (
    *("wi.reconsider", "wi.sue", "wi.sue-after"),
    *("wi.reconsider-refusal", "wi.sue-refusal"),
)


def gone(employer: str | None) -> bool:
    """Whether this firm has closed down in the story."""
    return luck(employer or "", "gone") < 0.26


@way("diagnosis")
def diagnosis(fold: CaseFold, now: Now) -> Act | None:
    s, p = fold.state, fold.parties
    chance = partial(luck, fold.case)
    if not s.applied or (
        s.withdrawn and chance("again") < 0.3 and had(fold, "diagnosis.withdrawn") == 1
    ):
        return _suspected(fold)
    if s.withdrawn:
        return None
    if s.certified:
        return _certified(fold, now)
    institution = p["institution"]
    if chance("withdraw") < 0.05 and fold.version > 5 and not had(fold, "diagnosis.withdrawn"):
        return Act(dx.WithdrawDiagnosis(reason="另行安排"), p["worker"])
    if s.survey_pending:
        if holds(fold, "dx.survey-organise"):
            return Act(dx.OrganiseSurvey(), "HB", (1, 2))
        return Act(dx.FinishSurvey(finding="岗位接触情况属实（合成）"), "HB")
    if s.ruling_pending:
        return Act(dx.GiveRuling(finding="依现场调查与监督检查资料判定（合成）"), "HB")
    if gone(s.employer) and not s.employer_gone:
        return Act(dx.RequestRuling(ground="employer_gone"), institution)
    if not s.data_requested and not s.employer_gone:
        return Act(dx.RequestEmployerData(items=("职业史", "接触史", "检测资料")), institution)
    silent = chance("silent") < 0.12
    if s.data_requested and not s.data_supplied:
        if silent and not had(fold, "diagnosis.employer_urged"):
            return Act(dx.UrgeEmployer(note="请在期限内提供资料"), "HB", (11, 20))
        if not silent:
            disputed = "岗位" if chance("disputed") < 0.2 else None
            return Act(dx.SupplyData(disputed=disputed), p["employer"])
    if s.data_supplied and chance("objects") < 0.1 and not had(fold, "diagnosis.ruling_requested"):
        return Act(dx.RequestRuling(ground="disputed_data"), institution)
    if chance("survey") < 0.15 and not had(fold, "diagnosis.survey_requested"):
        return Act(dx.RequestSurvey(matter="核实岗位接触情况"), institution)
    if s.arbitrations:
        return None  # woken by its end
    if chance("arbitration") < (0.5 if s.employer_gone else 0.16) and not had(
        fold, "diagnosis.arbitration_filed"
    ):
        matter: arb.Matter = "relation" if chance("matter") < 0.4 else "post"
        employer_files = chance("files") < 0.15 and not s.employer_gone
        by = p["employer"] if employer_files else p["worker"]
        return Act(arb.FileArbitration(case_diagnosis=fold.case, matter=matter), by)
    if not s.file_complete:
        basis = "所提供的资料（合成）" if s.data_supplied else "劳动者自述和监督检查资料（合成）"
        return Act(dx.CompleteFile(basis=basis), institution)
    return Act(_conclusion(fold, now), institution)


def _suspected(fold: CaseFold) -> Act | None:
    s = fold.state
    if not s.applied:
        for party in ("worker", "employer"):
            if party not in s.informed and holds(fold, "dx.inform-suspect"):
                return Act(dx.InformSuspect(party=party), s.reporter, (1, 4))
        if holds(fold, "dx.suspected-card"):
            return Act(dx.FileSuspectedCard(), s.reporter)
        # Who has nobody left to arrange it goes himself; who does not want to is asked late.
        shut, reluctant = gone(s.employer), luck(fold.case, "applies") > 0.85
        prompt = luck(fold.case, "arranges") < 0.85
        if holds(fold, "dx.arrange-diagnosis") and not shut and (prompt or reluctant):
            arranged = dx.ArrangeDiagnosis(institution=_near(fold))
            return Act(arranged, s.employer, (1, 12) if prompt else (40, 120))
        if reluctant and not shut:
            return None
    applied = dx.ApplyDiagnosis(institution=_near(fold), locality="employer_seat")
    return Act(applied, f"worker:{s.subject}", (3, 40))


def _near(fold: CaseFold) -> str:
    return INSTITUTIONS[luck(fold.case, "institution") > 0.7]


def _disease(fold: CaseFold, now: Now) -> tuple[str, str | None]:
    employer = now.people.employers.get(fold.state.employer)
    known = [h for h in employer.industry.hazards if h[0] == fold.state.hazard] if employer else []
    if known:
        return known[0][1:]
    return DISEASES.get(fold.state.hazard, ("噪声聋", None))


def _conclusion(fold: CaseFold, now: Now) -> dx.Conclude:
    certificate = f"合成证{fold.number or fold.case[-6:]}"
    if luck(fold.case, "result") < 0.25:
        reason = Secret("合成：现有资料可以排除职业因素")
        return dx.Conclude(result="not_od", certificate=certificate, reason=reason)
    disease, stage = _disease(fold, now)
    return dx.Conclude(result="od", disease=disease, stage=stage, certificate=certificate)


def _certified(fold: CaseFold, now: Now) -> Act | None:
    s, p = fold.state, fold.parties
    owed = holds(fold, "dx.card") or holds(fold, "dx.card-appraised")
    if owed:
        days = (1, 6) if luck(fold.case, "card") < 0.98 else (40, 120)
        return Act(dx.ReportCard(), p["institution"], days)
    for party in ("worker", "employer"):
        if party not in s.delivered and not (party == "employer" and s.employer_gone):
            return Act(dx.Deliver(party=party), p["institution"], (1, 3))
    if s.appraisal_pending:
        return _appraisal(fold, now)
    level = "final" if s.appraisal else "first"
    # Nobody disputes what he asked for.
    party = "employer" if s.conclusion.result == "od" else "worker"
    rights = [
        t for t in fold.open_tasks() if t.rule.id == f"dx.appraise-{level}" and t.slot == party
    ]
    eager = luck(fold.case, f"{level}|{party}") < (0.3 if level == "first" else 0.45)
    if rights and eager and (rights[-1].due is None or now.day < rights[-1].due.legal):
        return Act(dx.RequestAppraisal(office=OFFICES[level]), p[party], (2, 12))
    sued = _employer_sues(fold, now)
    if sued:
        return sued
    if _wants_relief(fold, now):
        return _relief(fold, now)
    return None


def _appraisal(fold: CaseFold, now: Now) -> Act | None:
    held, p = fold.state.appraisal, fold.parties
    if not held.accepted:
        return Act(dx.AcceptAppraisal(), p["appraisal"])
    if not held.concluded:
        sender = p["institution"] if held.level == "first" else p["first_appraisal"]
        if had(fold, "diagnosis.files_sent") < (1 if held.level == "first" else 2):
            return Act(dx.SendFiles(), sender, (1, 6))
        if luck(fold.case, held.level) < 0.35:
            ruled = dx.ConcludeAppraisal(result="not_od", panel=5)
        else:
            disease, stage = _disease(fold, now)
            ruled = dx.ConcludeAppraisal(result="od", disease=disease, stage=stage, panel=5)
        return Act(ruled, p["appraisal"])
    for party in ("worker", "employer"):
        if party not in held.delivered and not (party == "employer" and fold.state.employer_gone):
            return Act(dx.DeliverAppraisal(party=party), p["appraisal"], (1, 4))
    return None


def _employer_sues(fold: CaseFold, now: Now) -> Act | None:
    """The employer's window on an award opens only when the diagnosis has ended."""
    windows = [
        t for t in fold.open_tasks() if t.rule.id in ("dx.employer-sue", "dx.employer-sue-ended")
    ]
    soon = now.day + timedelta(days=8)
    running = any(
        t.start and t.due and t.start.date() < now.day < soon < t.due.legal for t in windows
    )
    awards = [a for a in sorted(fold.state.arbitrated) if _lost(now.folded(a)) == "employer"]
    if awards and running and luck(fold.case, "sues") < 0.5:
        return Act(arb.Sue(), fold.parties["employer"], (1, 5), on=awards[0])
    return None


def _lost(award: CaseFold) -> str:
    """The party an award went against: who asked for it mostly has it."""
    filed = award.facts[0][0].event
    exists = award.state.relation == "relation_exists"
    if award.state.relation:
        return "employer" if exists else "worker"
    return "employer" if filed.party == "worker" else "worker"


def _wants_relief(fold: CaseFold, now: Now) -> bool:
    s = fold.state
    od = s.conclusion is not None and s.conclusion.result == "od"
    asks = s.employer_gone or _undeterminable(fold, now) is not None
    return od and asks and (fold.case, "relief") not in now.asked


def _undeterminable(fold: CaseFold, now: Now) -> str | None:
    """The arbitration that finally found the labour relation undeterminable."""
    arbitrated: list[str] = sorted(fold.state.arbitrated)
    for case in arbitrated:
        award = now.folded(case)
        pending = award.state.sued and award.state.judged is None
        window = any(t.rule.id == "arb.worker-sue" for t in award.visible(now.noon))
        found = award.state.relation == "relation_undeterminable"
        if found and not pending and not window:
            return case
    return None


def _relief(fold: CaseFold, now: Now) -> Act:
    draw = luck(fold.case, "tracks")
    newer = now.day.isoformat() >= "2026-07-01"
    tracks: tuple[rlf.Track, ...] = ("minimum_living", "medical")
    if draw < 0.15:
        tracks = ("temporary", "medical")
    elif draw < 0.3:
        tracks = ("special_hardship", "charity")
    elif draw < 0.5:
        tracks = ("minimum_living", "legal_aid")
    elif draw < 0.65 and newer:
        tracks = ("low_margin", "medical")
    urgent = luck(fold.case, "urgent") < 0.4
    award = None if fold.state.employer_gone else _undeterminable(fold, now)
    proof: rlf.Evidence = "final_award" if award else "deregistration"
    command = rlf.ApplyForRelief(
        case_diagnosis=fold.case,
        case_arbitration=award,
        township=now.people.township(fold.state.employer)
        if luck(fold.case, "home") < 0.6
        else TOWNSHIPS[int(luck(fold.case, "where") * len(TOWNSHIPS))][0],
        ground="relation_undeterminable" if award else "employer_ceased",
        evidence=None if urgent and not award and luck(fold.case, "proof") < 0.3 else proof,
        tracks=tracks,
        urgent=urgent,
        limitation_on=now.day + timedelta(days=30) if luck(fold.case, "barred") < 0.3 else None,
    )
    return Act(command, fold.parties["worker"], (5, 40))


@way("arbitration")
def arbitration(fold: CaseFold, now: Now) -> Act | None:
    s, p = fold.state, fold.parties
    draw = luck(fold.case, "course")
    if s.refused or s.withdrawn:
        return None
    if not s.accepted:
        if draw < 0.12:
            return Act(arb.RefuseArbitration(ground="no_jurisdiction"), "HSSB")
        return Act(arb.AcceptArbitration(), "HSSB", (1, 3))
    if not s.awarded:
        if draw > 0.88:
            filed = fold.facts[0][0].event
            return Act(arb.WithdrawArbitration(reason="双方和解"), p[filed.party])
        return Act(_award(fold), "HSSB")
    for party in ("worker", "employer"):
        if party in s.served or (party == "employer" and s.excused):
            continue
        diagnosis = now.folded(s.diagnosis)
        if party == "employer" and diagnosis.state.employer_gone:
            return Act(arb.ExcuseService(reason="用人单位已注销", announced_on=None), "HSSB")
        return Act(arb.ServeAward(party=party), "HSSB", (1, 6))
    if s.sued and s.judged is None:
        return Act(_judgment(fold), "HSSB", (45, 150))
    right = next((t for t in fold.open_tasks() if t.rule.id == "arb.worker-sue"), None)
    left = (right.due.legal - now.day).days if right and right.due else 0
    if _lost(fold) == "worker" and luck(fold.case, "sues") < 0.4 and left > 4:
        return Act(arb.Sue(), p["worker"], (1, left - 4))
    advise = [t for t in fold.open_tasks() if t.rule.id.startswith("arb.advise-relief")]
    if advise and advise[0].appears != NEVER:
        # Not before the worker's days to sue are over.
        wait = max(2, ((advise[0].appears or now.day) - now.day).days)
        return Act(arb.AdviseRelief(), "CAB", (wait, wait + 8))
    return None


def _award(fold: CaseFold) -> arb.Award:
    if fold.state.matter != "relation":
        return arb.Award(finding="确认申请人所述岗位（合成）")
    relations: tuple[arb.Relation, ...] = (
        "relation_exists",
        "relation_absent",
        "relation_undeterminable",
    )
    relation = relations[int(luck(fold.case, "relation") * 3)]
    return arb.Award(finding=f"{arb.RELATIONS[relation]}（合成）", relation=relation)


def _judgment(fold: CaseFold) -> arb.RecordJudgment:
    final = bool(had(fold, "arbitration.first_judged")) or luck(fold.case, "first") < 0.6
    document = f"合成民{'终' if final else '初'}{fold.number}"
    if luck(fold.case, "court") < 0.5:
        return arb.RecordJudgment(outcome="award_set_aside", document=document, final=final)
    return arb.RecordJudgment(outcome="award_upheld", document=document, final=final)


@way("determination")
def determination(fold: CaseFold, now: Now) -> Act | None:
    s, p = fold.state, fold.parties
    chance = partial(luck, fold.case)
    if s.applicant is None:
        return _to_file(fold)
    if s.papers_pending:
        days = None if chance("papers") < 0.22 else (40, 100)
        return Act(wi.SupplyPapers(), p.get("applicant", p["worker"]), days)
    if not s.accepted and not s.refused:
        if chance("papers") < 0.25 and not s.papers_asked:
            return Act(wi.RequestPapers(missing=("劳动关系证明",)), "HSSB")
        if chance("lost time") < 0.06 and not had(fold, "determination.time_excluded"):
            began = fold.opened_on
            if began and began < now.day:
                lost = wi.ExcludeTime(reason="诉讼期间", began_on=began, ended_on=now.day)
                return Act(lost, "HSSB")
        ground = _no_case(fold, now)
        new = _something_new(fold, ground)
        if ground and (ground not in wi.barred(fold) or new):
            return Act(wi.RefuseDetermination(ground=ground, new_grounds=new), "HSSB")
        soon = (1, 1) if holds(fold, "wi.answer-supplement") else (1, 4)
        return Act(wi.AcceptDetermination(clear=chance("clear") < 0.3), "HSSB", soon)
    if s.refused:
        return _refused(fold, now)
    if s.suspended:
        days = (20, 60) if chance("suspend") < 0.2 else (90, 180)
        return Act(wi.ResumeDetermination(), "HSSB", days)
    if s.determined is None and s.accepted and _to_determine(fold):
        clear = holds(fold, "wi.determine-clear")
        if not clear and chance("suspend") < 0.3 and not had(fold, "determination.suspended"):
            return Act(wi.SuspendDetermination(awaiting="judicial"), "HSSB")
        if not had(fold, "determination.investigated") and chance("look") < 0.6:
            looked = wi.Investigate(matter="workplace", finding="属实（合成）")
            return Act(looked, "HSSB", (2, 5) if clear else None)
        injury: Literal["yes", "no"] = "no" if chance("injury") < 0.1 or not s.has_basis else "yes"
        new = _something_new(fold, injury)
        if injury in wi.barred(fold) and not new:
            injury, new = _other(injury, s.has_basis)
        # A second decision of the case has a number of its own.
        made = had(fold, "determination.determined")
        number = f"合成认{fold.number}" + (f"之{made + 1}" if made else "")
        decided = wi.Determine(injury=injury, decision=number, new_grounds=new)
        return Act(decided, "HSSB")
    if s.determined is None:
        # Revoked, and not to be made again.
        return _benefits(fold) or (_disputed(fold, now) if s.sued else None)
    for party in ("worker", "employer"):
        if party in s.served or (party == "employer" and s.excused):
            continue
        if party == "employer" and _none_left(fold, now):
            return Act(wi.ExcuseService(reason="用人单位已注销"), "HSSB")
        return Act(wi.ServeDecision(party=party), "HSSB", (1, 7))
    return _decided(fold, now)


def _no_case(fold: CaseFold, now: Now) -> wi.RefusalGround | None:
    """On what ground the bureau would not take the application up."""
    chance = partial(luck, fold.case)
    if fold.state.overdue:
        return "overdue"
    if chance("refuse") < 0.06:
        return "other_county"
    left = _none_left(fold, now) and chance("nobody left") < 0.35
    return "employer_gone_before" if left else None


NEW = "合成：撤销后另行查明的事实"


def _something_new(fold: CaseFold, same: str | None) -> str | None:
    """What now and then bears the same decision again after it was revoked."""
    return NEW if same in wi.barred(fold) and luck(fold.case, f"new {same}") < 0.3 else None


def _other(injury: str, has_basis: bool) -> tuple[Literal["yes", "no"], str | None]:
    """The decision the revocation leaves; without a disease there is but one, newly grounded."""
    if injury == "yes":
        return "no", None
    return ("yes", None) if has_basis else ("no", NEW)


def _to_determine(fold: CaseFold) -> bool:
    """Whether a decision is owed: what was revoked for good is not made again."""
    return any(
        holds(fold, f"wi.{rule}")
        for rule in (
            *("determine", "determine-clear"),
            *("redetermine", "redetermine-judged", "redetermine-own"),
        )
    )


def _none_left(fold: CaseFold, now: Now) -> bool:
    """Whether the diagnosis it rests on has found the employer gone."""
    rests_on = fold.state.diagnosis
    return rests_on is not None and bool(now.folded(rests_on).state.employer_gone)


def _refused(fold: CaseFold, now: Now) -> Act | None:
    """A refusal is served; who applied may dispute it, and is told of relief where it is due."""
    if holds(fold, "wi.serve-refusal"):
        return Act(wi.ServeDecision(party=fold.state.applied_by), "HSSB", (1, 9))
    if holds(fold, "wi.advise-relief"):
        return Act(wi.AdviseRelief(), "CAB", (2, 10))
    return _disputed(fold, now)


def _decided(fold: CaseFold, now: Now) -> Act | None:
    """Paid on, and now and then disputed."""
    s = fold.state
    chance = partial(luck, fold.case)
    if holds(fold, "wi.act-on-review"):
        own = wi.RevokeDetermination(decision=f"合成撤{fold.number}", redo=False)
        return Act(own, "HSSB", (3, 12))
    questioned = _benefits(fold)
    if questioned:
        return questioned
    if s.determined == "yes" and not s.benefits and chance("paid") < 0.7:
        return Act(wi.GrantBenefit(benefit="medical_costs", payer="fund"), "HSSB", (5, 30))
    return _disputed(fold, now)


def _benefits(fold: CaseFold) -> Act | None:
    """What was granted on a decision that changed is looked at again."""
    questioned = [of for of, standing in fold.state.benefits if standing == "under_review"]
    if not questioned:
        return None
    outcome: wi.BenefitOutcome = "benefit_kept" if fold.state.determined else "benefit_stopped"
    return Act(wi.ReviewBenefit(benefit=questioned[0], outcome=outcome), "HSSB", (3, 20))


def _disputed(fold: CaseFold, now: Now) -> Act | None:
    """Before 司法局 first or straight in court."""
    s, p = fold.state, fold.parties
    chance = partial(luck, fold.case)
    if s.sued:
        outcomes: tuple[Literal["decision_upheld", "decision_revoked"], ...] = (
            "decision_upheld",
            "decision_revoked",
        )
        final = bool(had(fold, "determination.first_judged")) or chance("first") < 0.5
        if holds(fold, "wi.appeal") and chance("appeals") < 0.3:
            return Act(wi.AppealJudgment(), "HSSB", (2, 9))
        judged = wi.RecordJudgment(
            outcome=outcomes[chance("court") < 0.4],
            document=f"合成行{'终' if final else '初'}{fold.number}",
            served_on=now.day,
            for_procedure=chance("procedure") < 0.15,
            final=final,
        )
        return Act(judged, "HSSB", (60, 150))
    aggrieved = _aggrieved(fold)
    rights = [
        t
        for t in fold.open_tasks()
        if t.rule.id in DISPUTES and t.due is not None and t.slot == aggrieved
    ]
    open_still = [t for t in rights if t.due and now.day < t.due.safe - timedelta(days=21)]
    if s.disputed_by or not open_still or had(fold, "determination.suit_ended"):
        return None
    right = open_still[0]
    party = p[right.slot]
    if right.rule.id.startswith("wi.reconsider") and chance(f"disputes {right.slot}") < 0.17:
        asked = fy.ApplyForReconsideration(case_determination=fold.case)
        before = (fold.case, "reconsideration") in now.asked
        return None if before else Act(asked, party, (3, 20))
    if chance(f"sues {right.slot}") < 0.12:
        return Act(wi.SueDetermination(), party, (2, 7))
    return None


def _aggrieved(fold: CaseFold) -> str:
    """The party the decision went against, or its revocation: nobody disputes what he asked for."""
    s, made = fold.state, fold.facts_of(wi.Determined)
    if s.refused or not made:
        return str(s.applied_by)
    found, stands = made[-1].event.injury == "yes", s.determined is not None
    return "employer" if found == stands else "worker"


@way("reconsideration")
def reconsideration(fold: CaseFold, now: Now) -> Act | None:
    s, p = fold.state, fold.parties
    chance = partial(luck, fold.case)
    if s.ended:
        return None
    if not s.accepted:
        if chance("accept") < 0.12:
            return Act(fy.RefuseReconsideration(reason="不属于复议范围（合成）"), "JB")
        return Act(fy.AcceptReconsideration(), "JB")
    if chance("withdraws") < 0.1:
        said = fy.WithdrawReconsideration(reason="不再申请（合成）")
        return Act(said, p[s.party or "worker"], (2, 8))
    if not s.forwarded:
        return Act(fy.ForwardCopy(), "JB", (1, 4))
    if not s.replied and chance("replies") < 0.85:
        return Act(fy.Reply(), "HSSB")
    revoked = not s.replied or chance("revokes") < 0.35
    decided = fy.DecideReconsideration(
        outcome="decision_revoked" if revoked else "decision_upheld",
        document=f"合成复决{fold.number}",
        served_on=now.day,
        redo=chance("redo") < 0.75,
        for_procedure=revoked and s.replied and chance("procedure") < 0.15,
    )
    return Act(decided, "JB")


def _to_file(fold: CaseFold) -> Act | None:
    """Most employers apply in their thirty days; a worker mostly where his employer does not."""
    s, p = fold.state, fold.parties
    draw = luck(fold.case, "files")
    if s.result != "od" and s.incident is None:
        return None
    # Of a worker who died the kin applies; they have no seat in the case.
    killed = getattr(fold.facts[0][0].event, "harm", None) == "killed"
    own = wi.FileDetermination(applicant="kin" if killed else "worker")
    by = f"citizen:K-{fold.case[-8:]}" if killed else p["worker"]
    if s.excluded:
        return Act(wi.EndExclusion(), "HSSB", (20, 70))
    if s.employer_gone or gone(s.employer):
        if draw < 0.08 and not had(fold, "determination.exclusion_began"):
            return Act(wi.BeginExclusion(reason="等待仲裁"), "HSSB")
        return Act(own, by, (3, 25) if draw < 0.93 else (366, 420)) if draw < 0.98 else None
    if draw < 0.22:
        return Act(own, by, (3, 24))
    if draw < 0.95:
        late = draw > 0.93
        apply = wi.FileDetermination(applicant="employer")
        return Act(apply, p["employer"], (31, 60) if late else (3, 22))
    if draw < 0.97:
        return Act(own, by, (366, 420))
    return Act(own, by, (30, 200))
