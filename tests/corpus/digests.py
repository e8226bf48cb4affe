"""What each corpus file folds to, as a digest; prints those not yet recorded."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from domain.fold import CaseFold, empty, step
from domain.rules import Reference, parse_calendar, parse_edition, split
from eventstore.application import kind_of
from eventstore.codec import canonical, decode, plain

CORPUS = Path(__file__).parent
RECORDED: dict[str, str] = json.loads((CORPUS / "digests.json").read_text())


def files() -> list[Path]:
    return sorted(CORPUS.glob("*.jsonl"))


def law() -> Reference:
    edition, calendar = split(json.loads((CORPUS / "law.json").read_text()))
    return Reference(parse_edition(edition), parse_calendar(calendar))


def folded(path: Path, under: Reference) -> dict[str, CaseFold]:
    """The cases in a corpus file, folded from its records."""
    cases: dict[str, CaseFold] = {}
    for line in path.read_bytes().splitlines():
        recorded = decode(line)
        stream = recorded.envelope.stream
        fold = cases.get(stream) or empty(kind_of(stream), stream)
        cases[stream] = step(fold, recorded, under)
    return cases


def digest(cases: dict[str, CaseFold]) -> str:
    """Over each case's state and the dates, holders and ends of its tasks."""
    told = {
        stream: {
            "state": plain(fold.state),
            "tasks": [
                [t.id, t.holder, plain(t.due), plain(t.closed), plain(t.signed)]
                for t in fold.tasks.values()
            ],
        }
        for stream, fold in cases.items()
    }
    return hashlib.sha256(canonical(told)).hexdigest()


if __name__ == "__main__":
    for path in files():
        if path.name not in RECORDED:
            sys.stdout.write(f'"{path.name}": "{digest(folded(path, law()))}"\n')
