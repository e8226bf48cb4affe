"""What each corpus file folds to, as a digest; prints those not yet recorded."""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from domain.fold import CaseFold, empty, step
from domain.reference import NOTHING_ADOPTED
from domain.rules import Reference, parse_calendar, parse_edition, split
from eventstore.application import kind_of
from eventstore.codec import canonical, decode, plain

CORPUS = Path(__file__).parent
RECORDED: dict[str, str] = json.loads((CORPUS / "digests.json").read_text())


def files() -> list[Path]:
    return sorted(CORPUS.glob("*.jsonl"))


@cache
def laws() -> dict[tuple[str, str], Reference]:
    """The law and calendar of each `law*.json`, by the hashes that records name them by."""
    kept = {NOTHING_ADOPTED.key: NOTHING_ADOPTED}
    for path in sorted(CORPUS.glob("law*.json")):
        edition, calendar = split(json.loads(path.read_text()))
        reference = Reference(parse_edition(edition), parse_calendar(calendar))
        kept[reference.key] = reference
        before = Reference(reference.edition, NOTHING_ADOPTED.calendar)  # adopted one by one
        kept[before.key] = before
    return kept


def folded(path: Path) -> dict[str, CaseFold]:
    """The cases in a corpus file, each record folded under the law it names.

    A file may hold several histories of one stream, one after another: version 1 begins the next.
    """
    cases: dict[str, CaseFold] = {}
    name = ""
    for line in path.read_bytes().splitlines():
        recorded = decode(line)
        envelope = recorded.envelope
        stream = envelope.stream
        if envelope.version == 1:
            begun = sum(fold.case == stream for fold in cases.values())
            name = f"{stream}#{begun + 1}" if begun else stream
            cases[name] = empty(kind_of(stream), stream)
        elif cases[name].case != stream:
            name = stream
        under = laws()[envelope.edition, envelope.calendar]
        cases[name] = step(cases[name], recorded, under)
    return cases


def digest(cases: dict[str, CaseFold]) -> str:
    """Over each case's state and the dates, holders and ends of its tasks.

    Only what the history changed in the state: a field that was added to it later, and that no
    event of the history touches, leaves the digest as it was.
    """
    told = {
        name: {
            "state": _told(plain(fold.state), plain(fold.kind.initial)),
            "tasks": [
                [t.id, t.holder, plain(t.due), plain(t.closed), plain(t.signed)]
                for t in fold.tasks.values()
            ],
        }
        for name, fold in cases.items()
    }
    return hashlib.sha256(canonical(told)).hexdigest()


def _told(state: dict[str, Any], initial: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if value != initial[name]}


if __name__ == "__main__":
    for path in files():
        if path.name not in RECORDED:
            sys.stdout.write(f'"{path.name}": "{digest(folded(path))}"\n')
