"""The log's Merkle tree (RFC 6962 hashing): one leaf a record, its frontier in the head row.

Whoever edits a record in place, even with its leaf, no longer arrives at the recorded root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

HASH = 32


def leaf(record: bytes) -> bytes:
    """SHA-256(0x00 ‖ record)."""
    return hashlib.sha256(b"\x00" + record).digest()


def node(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append(frontier: bytes, size: int, leaves: Iterable[bytes]) -> bytes:
    """The frontier (roots of the full subtrees, largest first) after more leaves.

    `size` is the number of leaves so far; the frontier has one hash for each of its set bits.
    """
    peaks = _peaks(frontier)
    for new in leaves:
        carry, bits = new, size
        while bits & 1:
            carry = node(peaks.pop(), carry)
            bits >>= 1
        peaks.append(carry)
        size += 1
    return b"".join(peaks)


def root(frontier: bytes) -> bytes:
    """The root over all leaves; SHA-256 of nothing for an empty log."""
    peaks = _peaks(frontier)
    if not peaks:
        return hashlib.sha256(b"").digest()
    whole = peaks.pop()
    while peaks:
        whole = node(peaks.pop(), whole)
    return whole


def _peaks(frontier: bytes) -> list[bytes]:
    return [frontier[i : i + HASH] for i in range(0, len(frontier), HASH)]
