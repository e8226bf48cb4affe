"""Old events still replay: every stored version folds to what it folded to when it was new."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import orjson
import pytest

from domain.cases.diagnosis import RulingGiven
from domain.events import EVENT_TYPES, type_of, upcast
from eventstore.codec import canonical, decode
from tests.corpus.digests import RECORDED, digest, files, folded, laws


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_a_stored_history_folds_as_it_did_when_it_was_added(path: Path) -> None:
    assert digest(folded(path)) == RECORDED[path.name]


def test_every_file_is_recorded_and_none_was_taken_away() -> None:
    assert {path.name for path in files()} == set(RECORDED)


def records() -> list[bytes]:
    return [line for path in files() for line in path.read_bytes().splitlines()]


def test_every_version_of_every_event_is_kept() -> None:
    """A new event or version has its record here before it can be stored anywhere."""
    kept = {(r.envelope.type, r.envelope.schema) for r in map(decode, records())}
    for name, kind in EVENT_TYPES.items():
        for version in range(1, kind.version + 1):
            assert (name, version) in kept, f"see tests/corpus/README.md: {name} {version}"


def test_the_law_a_record_names_is_kept_beside_it() -> None:
    for recorded in map(decode, records()):
        assert (recorded.envelope.edition, recorded.envelope.calendar) in laws()


def test_no_stored_field_is_left_unread() -> None:
    """A field renamed or dropped without a new version is caught here, not by a county's log."""
    for line in records():
        data, event = orjson.loads(line), decode(line).event
        kind = type_of(event)
        payload = upcast(kind.name, data["envelope"]["schema"], data["payload"])
        assert set(payload) <= {f.name for f in dataclasses.fields(event)}


def test_an_older_version_is_read_as_the_present_one_and_its_bytes_stay() -> None:
    old = next(line for line in records() if b'"schema":1,' in line and b"ruling_given" in line)
    recorded = decode(old)
    assert recorded.event == RulingGiven(finding="认定接触史", basis="未载明")
    assert b"basis" not in old


def test_a_changed_reading_turns_the_digest_red() -> None:
    """Control: read one record differently and the digest is another."""
    path = next(p for p in files() if p.stem == "diagnosis-v1")
    changed = path.read_bytes().replace("壹期".encode(), "叁期".encode())
    other = path.parent / "changed.tmp"
    try:
        other.write_bytes(changed)
        assert digest(folded(other)) != RECORDED[path.name]
    finally:
        other.unlink(missing_ok=True)


def test_records_are_canonical_bytes() -> None:
    for line in records():
        assert canonical(orjson.loads(line)) == line
