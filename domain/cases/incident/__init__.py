"""Incidents 职业病危害事故 (INC): told at once, led by one unit, investigated with the union.

The cause names the lead: radiation 生态环境局, acute poisoning and other sudden events 应急管理局,
the rest 卫健局; an unknown cause is led by 应急管理局 for the time being. 卫健局 is told in every
case and does rescue and control (ODL 37); 领导小组 rules where two bureaus claim the lead. Each
worker harmed has an injury case, and a suspected case where a hospital says so.
Whoever is told reports upward by the hour from the moment it was told; what the accident itself
starts, counts from the day it happened.
Basis: 职业病防治法 37, 64; 生产安全事故报告和调查处理条例 11, 13, 27, 29, 32; 工会法 27;
行政执法机关移送涉嫌犯罪案件的规定 5, 8; 43号文 三.
"""

from __future__ import annotations

from typing import get_args

from domain.cases.incident.commands import *
from domain.cases.incident.decisions import *
from domain.cases.incident.events import *
from domain.cases.incident.state import *
from domain.decider import CaseKind

INCIDENT = CaseKind(
    name="incident",
    title="职业病危害事故",
    number_prefix="INC",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        **{f"did_{duty}": did(duty) for duty in DUTIES},
        "did_refusal_accepted": refusal_settled,
        "did_crime_considered": crime_considered,
        **{f"undone_{duty}": undone(duty) for duty in ("rescue", "relay", "investigator")},
        **{f"undone_{duty}": undone_outside_radiation(duty) for duty in ("assist", "record")},
        **{
            f"undone_{duty}": undone_in_radiation(duty)
            for duty in ("radiation_form", "acknowledge")
        },
        **{
            made.__name__: made
            for made in (
                health_told,
                refers,
                filed_with_exhibits,
                power_settled,
                undone_upward_report,
                undone_six_hour_report,
                undone_network_report,
                investigation_begins,
                radiation_investigation_begins,
                supplement_owed,
                radiation_supplement_owed,
                report_unapproved,
                rectification_unevaluated,
                own_controls_lifted,
                radiation_controls,
                health_controls,
                first_radiation_control,
                first_health_control,
                upward_report_owed,
                radiation_upward_owed,
                parted_health_unaware,
                crime_to_consider,
                institution_to_inspect,
                first_refusal,
                still_exceeded,
                still_exceeded_in_radiation,
                no_longer_radiation,
                found_radiation,
                undone_radiation_upward,
                health_unaware,
                lead_unaware,
                lead_told,
                employer_reports,
                employer_told_safety,
                employer_need_not,
                # Named by older editions alone, which the log keeps:
                safety_told,
                reportable,
                radiation,
                not_radiation,
                filing_refused,
            )
        },
    },
    parties=lambda state: {
        role: party
        for role, party in (
            ("employer", state.employer),
            ("township", state.township),
            ("hospital", state.hospital),
            ("lead", state.lead),
        )
        if party
    },
    status=status,
    corrections=CORRECTIONS,
    roles=("employer", "township", "hospital", "lead"),
    policies=(
        *(f"incident-lead-{cause}" for cause in CAUSES),
        *(f"incident-county-{scale}" for scale in get_args(Scale)),
        "crime-deaths",
        "crime-injured",
        "incident-always-told",
        "incident-floor-moh25",
        "incident-floor-public_health",
        "incident-floor-work_safety",
        "incident-leads",
        "network-report-deaths",
        "network-report-poisoned",
    ),
    links=lambda state: (state.gone,) if state.gone and "-" in state.gone else (),
)
