"""Check characters of credit codes (GB 32100) and identity numbers (GB 11643)."""

from __future__ import annotations

import pytest

from domain.identifiers import credit_check, credit_code, is_opaque, resident_check


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


@pytest.mark.parametrize(
    "id", ["S-1", "DI-01", "330500", "91330523MA000TE131", "S-0ab1-x", credit_code("1" * 17)]
)
def test_a_code_may_stand_openly(id: str) -> None:
    assert is_opaque(id)


def test_what_the_system_drew_may_stand_openly_whatever_its_digits() -> None:
    assert is_opaque("S-0f8e7d6c-1234-5678-9abc-a13812345678")


@pytest.mark.parametrize(
    "id",
    [
        "330523198001011234",
        "33052319800101123X",
        "13800000000",
        "S-138-0000-0000",
        "张三",
        "张三13800000000",
        "S－1",
        "",
    ],
)
def test_a_name_an_identity_or_a_telephone_number_may_not(id: str) -> None:
    assert not is_opaque(id)
