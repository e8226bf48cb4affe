"""Sealed fields: each under its subject's key, bound to its place, and nowhere in the clear."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from domain.cases.diagnosis import OpenByApplication
from domain.sealing import Sealed, Secret
from eventstore.doctor import verify
from eventstore.keys import KeyFile, KeyLostError, Keyring, rewrap
from eventstore.recorder import ClaimTakenError
from eventstore.schema import data_keys, metadata
from tests.conftest import Ground, Story

NAME = "合成姓名甲乙丙"
APPLY = OpenByApplication(
    subject="S-1",
    institution="institution:DI-01",
    employer="employer:91330523MA000TE131",
    hazard="矽尘",
    locality="employer_seat",
    worker_name=Secret(NAME),
)


def sealed_name(story: Story) -> tuple[Sealed, str]:
    """The sealed name of a fresh application, and the place it is bound to."""
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    applied = story.log.fold(case).fact(1)
    assert applied is not None
    assert isinstance(applied.event.worker_name, Sealed)
    return applied.event.worker_name, f"{case}/1/worker_name"


def test_what_was_sealed_opens_in_its_place(story: Story) -> None:
    sealed, place = sealed_name(story)
    assert story.log.keyring.open(sealed, place) == NAME


def test_moved_elsewhere_it_does_not_open(story: Story) -> None:
    sealed, place = sealed_name(story)
    for elsewhere in (place.replace("/1/", "/2/"), place.replace("name", "id"), "x/1/worker_name"):
        with pytest.raises(KeyLostError):
            story.log.keyring.open(sealed, elsewhere)


def test_it_does_not_open_under_another_subjects_key(story: Story) -> None:
    sealed, place = sealed_name(story)
    story.log.keyring.seal(Secret("另一人"), "S-2", "x/1/y")
    with pytest.raises(KeyLostError):
        story.log.keyring.open(replace(sealed, subject="S-2"), place)


@pytest.mark.parametrize("ciphertext", ["", "eA==", "x", "QUJD" * 20])
def test_a_damaged_ciphertext_is_noticed(story: Story, ciphertext: str) -> None:
    sealed, place = sealed_name(story)
    with pytest.raises(KeyLostError):
        story.log.keyring.open(replace(sealed, ciphertext=ciphertext), place)


def test_a_false_commitment_is_noticed(story: Story) -> None:
    sealed, place = sealed_name(story)
    with pytest.raises(KeyLostError, match="commitment"):
        story.log.keyring.open(replace(sealed, commitment="00" * 32), place)


def test_a_rotated_master_key_still_opens_and_the_old_one_is_not_needed(
    county: Ground, story: Story
) -> None:
    sealed, place = sealed_name(story)
    rotated = county.keys.with_new_master()
    assert rewrap(county.admin, rotated) == 1
    only_new = KeyFile(rotated.current, {rotated.current: rotated.masters["m2"]}, rotated.index)
    assert Keyring(county.app, only_new).open(sealed, place) == NAME
    with pytest.raises(KeyLostError, match="m2"):
        Keyring(county.app, county.keys).open(sealed, place)


def test_the_key_file_is_its_owners_alone(county: Ground) -> None:
    county.keys.with_new_master().write(county.keys_file)
    assert county.keys_file.stat().st_mode & 0o777 == 0o600
    assert KeyFile.read(county.keys_file).current == "m2"


def test_a_log_with_events_is_not_carried_on_under_new_keys(tmp_path: Path) -> None:
    assert KeyFile.read(tmp_path / "new.json").current == "m1"
    with pytest.raises(KeyLostError, match="请先恢复"):
        KeyFile.read(tmp_path / "lost.json", may_create=False)
    assert not (tmp_path / "lost.json").exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"current": "m1"}',
        '{"current": "m1", "index": "zz", "masters": {}}',
        '{"current": "m2", "index": "00", "masters": {"m1": "00"}}',
    ],
)
def test_a_damaged_key_file_gets_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeyLostError, match="请由备份恢复"):
        KeyFile.read(path)
    assert path.read_text() == content


def test_a_log_is_not_carried_on_under_another_logs_keys(county: Ground, story: Story) -> None:
    """They bear the same name, m1: what was sealed under both could be opened with neither."""
    Keyring(county.app, KeyFile.new())  # nothing is sealed yet
    sealed_name(story)
    with pytest.raises(KeyLostError, match="请恢复"):
        Keyring(county.app, KeyFile.new())


@pytest.mark.parametrize("wrapped", [b"x" * 60, b"x"])
def test_one_damaged_data_key_costs_its_own_subject_only(
    county: Ground, story: Story, wrapped: bytes
) -> None:
    sealed, place = sealed_name(story)
    other = story.log.keyring.seal(Secret("另一人"), "S-2", "x/1/y")
    with county.admin.begin() as connection:
        damaged = sa.update(data_keys).where(data_keys.c.subject == "S-1")
        connection.execute(damaged.values(wrapped=wrapped))
    keyring = Keyring(county.app, county.keys)
    assert keyring.open(other, "x/1/y") == "另一人"
    with pytest.raises(KeyLostError, match="S-1"):
        keyring.open(sealed, place)
    with pytest.raises(KeyLostError, match="S-1"):
        rewrap(county.admin, county.keys.with_new_master())


def test_with_its_key_destroyed_a_field_is_lost_and_the_log_still_verifies(
    county: Ground, story: Story
) -> None:
    sealed, place = sealed_name(story)
    with county.admin.begin() as connection:
        connection.execute(sa.delete(data_keys).where(data_keys.c.subject == "S-1"))
    with pytest.raises(KeyLostError, match="destroyed"):
        Keyring(county.app, county.keys).open(sealed, place)
    assert list(verify(county.app)) == []


def dumped(county: Ground) -> bytes:
    """Every byte of every table of the log."""
    with county.admin.connect() as connection:
        rows = [
            value
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
            for value in row
        ]
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in rows)


def test_no_table_holds_the_plaintext(county: Ground, story: Story) -> None:
    sealed_name(story)
    content = dumped(county)
    assert "矽尘".encode() in content  # the search does find what is open
    assert NAME.encode() not in content
    assert NAME.encode("unicode_escape") not in content


def test_no_representation_or_error_shows_the_plaintext(story: Story) -> None:
    assert NAME not in repr(APPLY)
    assert NAME not in f"{APPLY.worker_name}"
    assert NAME not in str(ClaimTakenError("diagnosis.open", "S-1", "case"))
    sealed, _ = sealed_name(story)
    assert NAME not in repr(sealed)


def test_no_log_line_shows_the_plaintext(
    county: Ground, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """Every statement sent to the database is logged here, with what it is willing to show."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("sqlalchemy.engine.Engine").setLevel(logging.DEBUG)
        try:
            sealed, place = sealed_name(story)
            assert story.log.keyring.open(sealed, place) == NAME
        finally:
            logging.getLogger("sqlalchemy.engine.Engine").setLevel(logging.NOTSET)
    assert "INSERT INTO events" in caplog.text
    assert NAME not in caplog.text
    assert "officer-1" not in caplog.text


def test_no_failure_on_the_way_shows_the_plaintext(county: Ground, story: Story) -> None:
    """A command that fails at any step: refused, of a used id, or broken off by the database."""
    story.do("2026-03-02", "worker:S-1", APPLY, id="same")
    errors: list[BaseException] = []

    def failing(id: str, name: str, subject: str = "S-1") -> None:
        given = replace(APPLY, subject=subject, worker_name=Secret(name))
        with pytest.raises(Exception) as caught:  # noqa: PT011 - of every kind
            story.do("2026-03-02", "worker:S-1", given, id=id)
        errors.append(caught.value)

    failing("again", NAME)
    failing("same", NAME + "丁")
    failing("characters", NAME + "\0")
    failing("characters", NAME + "\ud800")
    with county.admin.begin() as connection:
        connection.execute(sa.text("REVOKE INSERT ON events FROM zhifang_app"))
    failing("revoked", NAME, "S-2")
    assert [type(e).__name__ for e in errors] == [
        "Refused",
        "IdReusedError",
        "Refused",
        "Refused",
        "ProgrammingError",
    ]
    for error in errors:
        told = "".join(traceback.format_exception(error))
        assert NAME not in told
        assert NAME not in repr(error)


def test_another_plaintext_is_another_command(story: Story) -> None:
    """The fingerprint is keyed, and sealed fields take part in it."""
    story.do("2026-03-02", "worker:S-1", APPLY, id="same")
    other = replace(APPLY, worker_name=Secret("别的姓名"))
    with pytest.raises(Exception, match="same"):
        story.do("2026-03-02", "worker:S-1", other, id="same")


def test_processes_that_find_no_key_file_at_once_end_up_with_the_same_one(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    found: list[KeyFile] = []
    threads = [Thread(target=lambda: found.append(KeyFile.read(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({keys.index for keys in found}) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]
