"""Check characters of credit codes (GB 32100) and identity numbers (GB 11643)."""

from __future__ import annotations

import pytest

from domain.identifiers import credit_check, credit_code, resident_check


@pytest.mark.parametrize(
    "code",
    ["91350100M000100Y43", "91330523MA000TE131", "91330523MA000TE21U", "91330523MA000TE3XK"],
)
def test_a_credit_code_ends_in_the_standards_check_character(code: str) -> None:
    assert credit_code(code[:17]) == code


def test_another_check_character_is_wrong() -> None:
    assert credit_check("91350100M000100Y4") != "Z"


def test_an_identity_number_ends_in_the_standards_check_character() -> None:
    assert resident_check("11010519491231002") == "X"


def test_a_body_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="17"):
        credit_check("913301")
    with pytest.raises(ValueError, match="17"):
        resident_check("1101051949")
