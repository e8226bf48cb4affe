"""Identifiers 证件与代码: check characters of the national standards, and what may stand openly."""

from __future__ import annotations

import re
from unicodedata import normalize

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


_IDENTITY = re.compile(r"(?<!\d)[1-8]\d{16}[\dXx](?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


def personal(text: str) -> str | None:
    """What in a text may only stand in a sealed field: 身份证号 or 手机号; None where nothing."""
    text = normalize("NFKC", text)
    joined = re.sub(r"(?<=\d)[\s-]+(?=[\dXx])", "", text)  # 138 0000 0000
    found = {"身份证号": _IDENTITY, "手机号": _MOBILE}
    return next((what for what, p in found.items() if p.search(text) or p.search(joined)), None)


def is_opaque(identifier: str) -> bool:
    """Whether an identifier tells nothing of a person: no name, identity or telephone number. A
    firm goes by its credit code, and what the system itself drew is opaque though it has digits.
    """
    if is_credit_code(identifier):
        return True
    return bool(_OPAQUE.fullmatch(identifier)) and personal(_UUID.sub("", identifier)) is None
