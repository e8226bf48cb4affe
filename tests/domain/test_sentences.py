"""The one Chinese sentence of an event: units by name, codes by their words, nothing sealed."""

from __future__ import annotations

from datetime import date

from domain.cases.tip import TipAccepted, TipRouted
from domain.corrections import Change, FactCorrected
from domain.events import sentence, shown

UNITS = {"HB": "卫健局", "EMB": "应急局"}


def test_a_unit_is_told_by_its_name() -> None:
    routed = TipRouted(actor="LGO", to="EMB", reason="属安全生产")
    assert sentence(routed, UNITS) == "LGO确定由应急局办理：属安全生产"
    assert sentence(TipAccepted(unit="HB"), UNITS) == "卫健局受理"


def test_a_unit_that_the_law_of_the_day_does_not_know_keeps_its_code() -> None:
    assert sentence(TipAccepted(unit="TS-999"), UNITS) == "TS-999受理"


def test_a_correction_names_the_units_it_exchanges() -> None:
    corrected = FactCorrected(
        target=2,
        target_type="tip.routed",
        changes=(Change("to", "EMB", "HB"),),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason="录错",
    )
    assert "由“应急局”改为“卫健局”" in sentence(corrected, UNITS)


def test_values_are_told_in_chinese() -> None:
    assert shown(None, UNITS) == "（未载明）"
    assert shown(True, UNITS) == "是"
    assert shown(date(2026, 11, 24), UNITS) == "2026-11-24"
    assert shown(("HB", "employer:91330523MA000TE131"), UNITS) == (
        "卫健局、用人单位（91330523MA000TE131）"
    )
