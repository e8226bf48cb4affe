"""Field classes 字段分级 and commitments. No keys here.

Open fields need no mark. Restricted fields (disease, hazard, stage, subject id) are read by folds
and filtered by access. Sealed fields 密封字段 (name, numbers, contacts, free narrative) are never
read by decide, evolve, rules or projections: they pass through as `Secret` on the way in and
stand in the log as `Sealed`. Basis: 个人信息保护法 28, 51.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

RESTRICTED = "restricted"
"""Mark a field `Annotated[str, RESTRICTED]`."""


@dataclass(frozen=True)
class Secret:
    """Plaintext on its way to be sealed. It never shows itself in a log line or an error."""

    plaintext: str = field(repr=False)

    def __str__(self) -> str:
        return "（密封）"


@dataclass(frozen=True)
class Sealed:
    """A sealed field as it stands in the log: whose key opens it, and what was committed to."""

    subject: str
    ciphertext: str = field(repr=False)  # base64 of nonce ‖ AES-GCM ciphertext
    commitment: str = field(repr=False)  # hex SHA-256(0x02 ‖ salt ‖ plaintext)

    def __str__(self) -> str:
        return "（密封）"


SealedText = Secret | Sealed
"""The type of a sealed field, in a command and in its event alike."""


def commitment(salt: bytes, plaintext: str) -> str:
    """SHA-256(0x02 ‖ salt ‖ plaintext) in hex; the salt (32 bytes) travels inside the ciphertext.

    Whoever is shown salt and plaintext can check them against the log; nobody can guess a short
    plaintext from the commitment alone.
    """
    return hashlib.sha256(b"\x02" + salt + plaintext.encode()).hexdigest()
