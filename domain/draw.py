"""双随机抽取 The draw: which of a pool comes first, from a recorded seed, for anybody to repeat.

Each item of the pool is one line of text. Its number is SHA-256 of the seed, a line feed and the
line, in UTF-8; the items stand in the order of their numbers (hexadecimal, smallest first) and the
first `count` are drawn. The order in which the pool was given has no part in it. `docs/draw.md`
repeats a draw with `sha256sum` alone. Basis: 43号文 二(三)1 双随机、一公开.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable


def draw(pool: Iterable[str], seed: str, count: int) -> tuple[str, ...]:
    """The first `count` lines of the pool in drawn order; all of them where there are fewer."""
    lines = {_said(line) for line in pool}
    return tuple(sorted(lines, key=lambda line: (number(line, seed), line)))[:count]


def number(line: str, seed: str) -> str:
    """The number of one line under a seed, 64 hexadecimal digits."""
    return hashlib.sha256(f"{_said(seed)}\n{_said(line)}".encode()).hexdigest()


def pool_hash(pool: Iterable[str]) -> str:
    """What fixes a pool before the seed is known: `LC_ALL=C sort -u FILE | sha256sum`."""
    lines = sorted({_said(line) for line in pool})
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _said(text: str) -> str:
    """As the log stores text, so that what was decided and what is repeated agree."""
    return unicodedata.normalize("NFC", text)
