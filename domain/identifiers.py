"""Identifiers 证件与代码: the check characters of the national standards."""

from __future__ import annotations

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O S V Z


def credit_check(body: str) -> str:
    """The 18th character of a unified social credit code, of its first 17. GB 32100.

    Raises ValueError for a character the standard does not use, or another length.
    """
    if len(body) != 17:
        raise ValueError("a credit code has 17 characters before its check character")
    total = sum(CREDIT.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return CREDIT[-total % 31]


def credit_code(body: str) -> str:
    """The whole code from its first 17 characters."""
    return body + credit_check(body)


def is_credit_code(code: str) -> bool:
    """Whether this is a whole credit code with its right check character."""
    return len(code) == 18 and set(code[:17]) <= set(CREDIT) and credit_check(code[:17]) == code[17]


def written_out(party: str) -> str:
    """A firm as `employer:CODE` with its code in capitals and without spaces, so that one firm
    has one name."""
    klass, colon, code = party.partition(":")
    return f"{klass.strip()}{colon}{''.join(code.split()).upper()}"


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_check(body: str) -> str:
    """The 18th character of a resident identity number, of its first 17 digits. GB 11643."""
    if len(body) != 17:
        raise ValueError("an identity number has 17 digits before its check character")
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return "10X98765432"[total % 11]
