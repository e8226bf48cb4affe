"""The restore drill: a restored log equals the old one to the byte, and goes on where it ended."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.cases.diagnosis import OpenByApplication
from domain.papers import FileDocument, IssueLetter
from domain.sealing import Secret
from eventstore import doctor, documents, merkle
from eventstore.application import Log
from eventstore.backup import FORMAT, TABLES, BackupError, Manifest, backup, inspect, restore
from eventstore.clock import InjectedClock
from eventstore.documents import Intake
from eventstore.keys import Keyring
from eventstore.schema import (
    commands,
    connect,
    data_keys,
    events,
    log_head,
    metadata,
    migrate,
    numbers,
)
from projections.engine import Engine
from tests.conftest import Ground, Story

SCAN = "%PDF-1.7 合成材料".encode()


def application(number: int) -> OpenByApplication:
    return OpenByApplication(
        subject=f"S-{number}",
        institution="institution:DI-01",
        employer="employer:91330523MA000TE131",
        hazard="苯",
        locality="employer_seat",
        worker_name=Secret(f"合成姓名{number}\t\\N\n制表"),
    )


@pytest.fixture
def lived(story: Story) -> Story:
    """A log with sealed fields, claims, numbers, a letter, a document and a few cases."""
    for number in range(6):
        applied = story.do(
            "2026-03-02", f"worker:S-{number}", application(number), id=f"apply-{number}"
        )
    case = applied.case
    notice = IssueLetter(template="notice", to=("worker",), values={"matter": "合成内容"})
    assert story.do("2026-03-02", "HB", notice, case).document_number == "安卫职告〔2026〕1号"
    with Intake(story.log.keyring, 1_000) as intake:
        intake.take(SCAN)
        stored = intake.keep(story.log.engine, "HB")
    filed = FileDocument(sha256=stored.sha256, title="送达回证", kind="service_proof")
    story.do("2026-03-02", "HB", filed, case)
    return story


@pytest.fixture
def elsewhere(county: Ground) -> Iterator[Ground]:
    """A fresh, migrated schema to restore into."""
    schema = f"{county.schema}_restored"
    server = county.server
    admin, app, projector = (
        connect(url, schema) for url in (server.owner_url, server.app_url, server.projector_url)
    )
    migrate(admin, schema)
    yield Ground(server, schema, admin, app, projector, county.keys, county.keys_file)
    for engine in (admin, app, projector):
        engine.dispose()


def content(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the log."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=repr
            )
            for table in TABLES
        }


def is_empty(ground: Ground) -> bool:
    return all(
        not rows or (name == "log_head" and rows[0][1] == 0)
        for name, rows in content(ground.app).items()
    )


def test_the_drill(county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path) -> None:
    made = backup(county.app, tmp_path / "log.zip")
    assert restore(elsewhere.admin, tmp_path / "log.zip") == made
    assert content(elsewhere.app) == content(county.app)
    with elsewhere.app.connect() as connection:
        head = connection.execute(sa.select(log_head)).one()
    assert merkle.root(head.frontier).hex() == made.root
    assert list(doctor.verify(elsewhere.app)) == []

    clock = InjectedClock(lived.clock.now())
    restored = Story(Log(elsewhere.app, Keyring(elsewhere.app, elsewhere.keys), clock))
    again = restored.do("2026-03-02", "worker:S-3", application(3), id="apply-3")
    assert again.repeated
    assert again.case_number == "DX-2026-0004"
    opened = restored.do("2026-03-03", "worker:S-9", application(9), id="apply-9")
    assert (opened.case_number, opened.position) == ("DX-2026-0007", made.position + 1)
    first = next(iter(restored.log.events.get(again.case)))
    sealed = first.event.worker_name  # type: ignore[attr-defined]
    keyring = Keyring(elsewhere.app, elsewhere.keys)
    sha256 = hashlib.sha256(SCAN).hexdigest()
    assert b"".join(documents.opened(elsewhere.app, keyring, sha256)) == SCAN
    assert keyring.open(sealed, f"{again.case}/1/worker_name").startswith("合成姓名3")


def test_the_read_models_of_a_restored_log_are_the_same(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path
) -> None:
    backup(county.app, tmp_path / "log.zip")
    restore(elsewhere.admin, tmp_path / "log.zip")
    shown = []
    for ground in (county, elsewhere):
        clock = InjectedClock(lived.clock.now())
        log = Log(ground.app, Keyring(ground.app, ground.keys), clock)
        Engine(ground.projector, log).catch_up()
        with ground.projector.connect() as connection:
            rows = connection.execute(sa.text("SELECT body::text FROM tasks_g1 ORDER BY id"))
            shown.append(rows.scalars().all())
    assert shown[0] == shown[1] != []


def test_a_backup_taken_while_writers_write_is_one_moment_of_the_log(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 100
        while not stop.is_set():
            number += 1
            id = f"apply-{number}"
            lived.do("2026-03-02", f"worker:S-{number}", application(number), id=id)

    writing = threading.Thread(target=write)
    writing.start()
    made = [backup(county.app, tmp_path / f"{number}.zip") for number in range(5)]
    stop.set()
    writing.join()
    assert made[0].position < made[-1].position
    restore(elsewhere.admin, tmp_path / "3.zip")
    assert list(doctor.verify(elsewhere.app)) == []


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with its members changed; None leaves one out."""
    to = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return to


def honest_sums(path: Path) -> Path:
    """The archive with a manifest whose hashes and counts fit whatever its members are."""
    with zipfile.ZipFile(path) as old:
        manifest = json.loads(old.read("manifest.json"))
        for name in manifest["sha256"]:
            data = old.read(f"{name}.copy")
            manifest["sha256"][name] = hashlib.sha256(data).hexdigest()
            manifest["rows"][name] = data.count(b"\n")

    def change(name: str, data: bytes) -> bytes:
        return json.dumps(manifest).encode() if name == "manifest.json" else data

    return rewritten(path, change)


MEMBERS = [
    *("blobs", "data_keys", "events", "commands", "numbers", "claims", "log_head"),
    *("documents", "document_chunks", "document_uploads"),
]


@pytest.mark.parametrize("member", MEMBERS)
def test_a_flipped_byte_anywhere_is_found_and_nothing_is_written(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path, member: str
) -> None:
    backup(county.app, tmp_path / "log.zip")

    def flip(name: str, data: bytes) -> bytes:
        middle = len(data) // 2
        flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        return flipped if name == f"{member}.copy" else data

    with pytest.raises(BackupError, match=f"{member}.*已损坏"):
        restore(elsewhere.admin, rewritten(tmp_path / "log.zip", flip))
    assert is_empty(elsewhere)


def drop_last(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def swap_two(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


@pytest.mark.parametrize("forge", [drop_last, swap_two])
def test_forged_events_with_a_fitting_manifest_are_caught_by_the_log_itself(
    county: Ground,
    lived: Story,
    elsewhere: Ground,
    tmp_path: Path,
    forge: Callable[[list[bytes]], list[bytes]],
) -> None:
    backup(county.app, tmp_path / "log.zip")

    def change(name: str, data: bytes) -> bytes:
        return b"".join(forge(data.splitlines(True))) if name == "events.copy" else data

    forged = honest_sums(rewritten(tmp_path / "log.zip", change))
    with pytest.raises(BackupError, match=r"日志头|记录不对"):
        restore(elsewhere.admin, forged)
    assert is_empty(elsewhere)


def test_a_truncated_or_foreign_file_and_a_missing_member_are_refused(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path
) -> None:
    whole = tmp_path / "log.zip"
    backup(county.app, whole)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-400])
    foreign = tmp_path / "foreign.zip"
    foreign.write_bytes(b"not a backup")
    lacking = rewritten(whole, lambda name, data: None if name == "numbers.copy" else data)
    for path in (cut, foreign, lacking, tmp_path / "none.zip"):
        with pytest.raises(BackupError, match="已损坏或不完整"):
            restore(elsewhere.admin, path)
    assert is_empty(elsewhere)


def test_a_log_that_is_not_empty_is_not_restored_over(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    backup(county.app, tmp_path / "log.zip")
    before = content(county.app)
    with pytest.raises(BackupError, match="不能恢复到其上"):
        restore(county.admin, tmp_path / "log.zip")
    assert content(county.app) == before


def test_an_existing_file_is_not_overwritten(county: Ground, lived: Story, tmp_path: Path) -> None:
    kept = tmp_path / "log.zip"
    kept.write_text("kept")
    with pytest.raises(BackupError, match="已存在"):
        backup(county.app, kept)
    assert kept.read_text() == "kept"


def test_a_log_that_does_not_verify_gives_no_backup(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    with county.admin.begin() as connection:
        edited = sa.update(events).where(events.c.position == 3)
        connection.execute(edited.values(record=b'{"edited": true}'))
    with pytest.raises(BackupError, match="第 3 条"):
        backup(county.app, tmp_path / "log.zip")
    assert list(tmp_path.glob("*.zip*")) == []


def test_a_backup_is_readable_by_its_owner_alone_and_holds_no_key(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    path = tmp_path / "log.zip"
    backup(county.app, path)
    assert path.stat().st_mode & 0o077 == 0
    unpacked = tmp_path / "unpacked"
    shutil.unpack_archive(path, unpacked)
    told = b"".join(file.read_bytes() for file in unpacked.iterdir())
    assert county.keys.index.hex().encode() not in told
    assert "合成姓名".encode() not in told


def test_a_backup_can_be_inspected_without_a_database(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    made = backup(county.app, tmp_path / "log.zip")
    found = inspect(tmp_path / "log.zip")
    assert isinstance(found, Manifest)
    assert found == made
    with county.app.connect() as connection:
        for table in (commands, numbers, data_keys):
            counted = connection.execute(sa.select(sa.func.count()).select_from(table))
            assert found.rows[table.name] == counted.scalar_one()


def test_whoever_changes_the_logs_tables_gives_the_archive_a_new_format() -> None:
    """A backup of other columns could not be read: let FORMAT and this line change together."""
    columns = {name: [c.name for c in table.columns] for name, table in metadata.tables.items()}
    shape = hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()[:12]
    assert {table.name for table in TABLES} == set(metadata.tables)
    assert (FORMAT, shape) == (3, "ac550a7e7b9d")


def test_a_flipped_bit_anywhere_in_the_file_is_refused_or_means_nothing(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    """In the compressed bytes and in the zip's own; a few of these mean nothing, as a date does."""
    made = backup(county.app, tmp_path / "log.zip")
    whole, chance, harmless = (tmp_path / "log.zip").read_bytes(), random.Random(5), 0
    places = [chance.randrange(len(whole)) for _ in range(150)]
    places += [len(whole) - 1 - chance.randrange(900) for _ in range(150)]  # the zip's directory
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        (tmp_path / "damaged.zip").write_bytes(damaged)
        try:
            assert inspect(tmp_path / "damaged.zip") == made
            harmless += 1
        except BackupError:
            pass
    assert harmless < len(places) / 4


@pytest.mark.parametrize(
    ("format", "later"),
    [
        (1, ("documents", "document_chunks", "document_uploads")),
        (2, ("document_uploads",)),
    ],
)
def test_a_backup_of_an_earlier_format_is_still_restored(
    county: Ground,
    story: Story,
    elsewhere: Ground,
    tmp_path: Path,
    format: int,
    later: tuple[str, ...],
) -> None:
    story.do("2026-03-02", "worker:S-1", application(1))
    made = backup(county.app, tmp_path / "log.zip")

    def older(name: str, data: bytes) -> bytes | None:
        if name != "manifest.json":
            return None if name.removesuffix(".copy") in later else data
        told = json.loads(data) | {"format": format}
        for member in later:
            del told["rows"][member], told["sha256"][member]
        return json.dumps(told).encode()

    assert restore(elsewhere.admin, rewritten(tmp_path / "log.zip", older)).root == made.root
    assert list(doctor.verify(elsewhere.app)) == []


def test_another_format_is_named_whatever_else_it_holds(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path
) -> None:
    backup(county.app, tmp_path / "log.zip")

    def other(name: str, data: bytes) -> bytes:
        return b'{"format": 4, "news": []}' if name == "manifest.json" else data

    with pytest.raises(BackupError, match="备份格式 4 与本版软件（3）不符"):
        restore(elsewhere.admin, rewritten(tmp_path / "log.zip", other))
    assert is_empty(elsewhere)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE events SET leaf = 'x' WHERE position = 4", "第 4 条记录不对（leaf）"),
        ("UPDATE events SET actor = 'HB' WHERE position = 4", "第 4 条记录不对（actor）"),
        ("UPDATE events SET case_number = NULL WHERE position = 4", "（case_number）"),
        ("UPDATE events SET occurred_at = '2020-01-01' WHERE position = 4", "（occurred_at）"),
        (
            "UPDATE events SET recorded_at = 'infinity' WHERE position = 4",
            "第 4 条记录不对（record）",
        ),
        ("DELETE FROM events WHERE position = 4", "第 4 条记录不对（position）"),
        ("UPDATE log_head SET recorded_at = '2099-01-01'", "与日志头不符"),
        ("DELETE FROM log_head", "日志头不存在"),
    ],
)
def test_each_kind_of_tampering_gives_no_backup(
    county: Ground, lived: Story, tmp_path: Path, statement: str, told: str
) -> None:
    with county.admin.begin() as connection:
        connection.execute(sa.text(statement))
    with pytest.raises(BackupError, match=r"zhifang doctor|与日志头不符") as error:
        backup(county.app, tmp_path / "log.zip")
    assert told in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def _no_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_not_overwritten(
    county: Ground, lived: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    to = tmp_path / "log.zip"
    with pytest.raises(BackupError, match="已存在"):
        backup(county.app, to, lambda done, of: to.touch())
    assert to.read_bytes() == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.json", "log.zip"]


def test_a_file_system_without_hard_links_will_do(
    county: Ground, lived: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a memory stick."""
    monkeypatch.setattr(os, "link", _no_links)
    assert backup(county.app, tmp_path / "log.zip") == inspect(tmp_path / "log.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.json", "log.zip"]


def test_a_place_that_cannot_be_written_gets_a_sentence(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    for to in (tmp_path / "keys.json" / "log.zip", Path("/proc/log.zip")):
        with pytest.raises(BackupError, match="写不出"):
            backup(county.app, to)


KILLED = """
import sys, time
from pathlib import Path
from eventstore.backup import backup
from eventstore.schema import connect
def told(done, of):
    print(done, flush=True)
    time.sleep(60)
backup(connect(sys.argv[1], sys.argv[2]), Path(sys.argv[3]), told)
"""


def test_a_killed_backup_leaves_nothing_under_the_final_name(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    to = tmp_path / "log.zip"
    run = [sys.executable, "-c", KILLED, county.server.app_url, county.schema, str(to)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline()  # in the middle of the events
        child.kill()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert [name.endswith(".part") for name in left] == [True, False]
    assert not to.exists()
    assert backup(county.app, to).position == lived.log.recorder.max_notification_id()


def test_what_is_recorded_during_a_backup_is_wholly_left_out(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path
) -> None:
    """While the events are read: before the commands, numbers and claims of that moment are."""
    before, numbers_given = content(county.app), iter(range(100, 200))

    def meanwhile(done: int, of: int) -> None:
        number = next(numbers_given)
        lived.do("2026-03-02", f"worker:S-{number}", application(number), id=f"apply-{number}")

    made = backup(county.app, tmp_path / "log.zip", meanwhile)
    assert lived.log.recorder.max_notification_id() == 2 * made.position
    restore(elsewhere.admin, tmp_path / "log.zip")
    # Keys and law may be stored ahead of their events; these tables are read first.
    assert content(elsewhere.app) == before


@pytest.mark.parametrize("subject", ["S-1", "S-another"])
def test_a_log_without_events_that_holds_a_key_is_not_restored_over(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path, subject: str
) -> None:
    backup(county.app, tmp_path / "log.zip")
    elsewhere.log().keyring.seal(Secret("另一人"), subject, "x/1/y")
    before = content(elsewhere.app)
    with pytest.raises(BackupError, match="不能恢复到其上"):
        restore(elsewhere.admin, tmp_path / "log.zip")
    assert content(elsewhere.app) == before


@pytest.mark.parametrize("member", ["blobs", "data_keys", "commands", "numbers", "claims"])
def test_rows_the_database_refuses_undo_everything_and_are_not_repeated(
    county: Ground, lived: Story, elsewhere: Ground, tmp_path: Path, member: str
) -> None:
    backup(county.app, tmp_path / "log.zip")

    def doubled(name: str, data: bytes) -> bytes:
        last = data.splitlines(True)[-1] if name == f"{member}.copy" else b""
        return data + last

    forged = honest_sums(rewritten(tmp_path / "log.zip", doubled))
    with pytest.raises(BackupError, match=f"{member} 的内容，全部撤销.*UniqueViolation$"):
        restore(elsewhere.admin, forged)
    assert is_empty(elsewhere)


def test_the_servers_own_way_of_writing_dates_and_bytes_does_not_matter(
    county: Ground, lived: Story, tmp_path: Path
) -> None:
    odd = "-csearch_path={} -ctimezone=UTC -cdatestyle=German -cbytea_output=escape"
    options = {"options": odd.format(county.schema)}
    engine = sa.create_engine(county.server.app_url, connect_args=options)
    assert backup(engine, tmp_path / "odd.zip") == backup(county.app, tmp_path / "plain.zip")
    engine.dispose()
