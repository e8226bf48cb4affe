"""Numbers of letters under writers, crashes and the new year; documents stored once and whole."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from domain.cases.diagnosis import OpenByApplication
from domain.cases.tip import ReceiveTip
from domain.decider import Refused
from domain.papers import FileDocument, IssueLetter, WithdrawLetter
from domain.sealing import Secret
from eventstore import documents, recorder
from eventstore.application import Log, Order, Receipt
from eventstore.doctor import verify
from eventstore.documents import TYPES, Intake, TooLargeError, WrongTypeError
from eventstore.embedded import Server
from eventstore.keys import KeyFile, KeyLostError, Keyring
from eventstore.schema import connect, data_keys, document_chunks, events, migrate
from eventstore.schema import documents as documents_table
from tests.conftest import Ground, Story

_subjects = itertools.count(1)


@pytest.fixture(scope="module")
def ground(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    urls = (server.owner_url, server.app_url, server.projector_url)
    admin, app, projector = (connect(url, "county_papers") for url in urls)
    migrate(admin, "county_papers")
    file = tmp_path_factory.mktemp("papers") / "keys.json"
    yield Ground(server, "county_papers", admin, app, projector, KeyFile.read(file), file)
    for engine in (app, projector, admin):
        engine.dispose()


@pytest.fixture(scope="module")
def told(ground: Ground) -> Story:
    return Story.begun(ground)


def opened(told: Story, day: str = "2026-03-02") -> str:
    number = next(_subjects)
    apply = OpenByApplication(
        subject=f"S-paper-{number}",
        institution="institution:DI-01",
        employer="employer:91330523MA000TE131",
        hazard="铅",
        locality="household",
    )
    return told.do(day, f"worker:S-paper-{number}", apply, id=f"papers-{number}").case


def opened_for(told: Story, unit: str, day: str = "2026-03-02") -> str:
    """A case that this unit handles: only then may it send letters on it."""
    subject = f"S-paper-{next(_subjects)}"
    tip = ReceiveTip(
        channel="letter",
        matters=("unprotected",),
        subject=subject,
        content=Secret("合成"),
        to=unit,
    )
    return told.do(day, "CGO", tip, id=f"papers-{subject}").case


def notice(told: Story, case: str, day: str = "2026-03-02", by: str = "HB", **also: Any) -> Receipt:
    to = "informant" if case.startswith("tip-") else "worker"
    letter = IssueLetter(template="notice", to=(to,), values={"matter": "合成内容"})
    return told.do(day, by, letter, case, **also)


def number(receipt: Receipt) -> int:
    """The digits of 安卫职告〔2026〕3号."""
    assert receipt.document_number
    return int(receipt.document_number.partition("〕")[2].removesuffix("号"))


# --- Numbers --------------------------------------------------------------------------------------


def test_each_unit_and_kind_of_letter_counts_from_one(told: Story) -> None:
    case = opened_for(told, "CAB")
    first, again = notice(told, case, by="CAB"), notice(told, case, by="CAB")
    assert [first.document_number, again.document_number] == [
        "安民职告〔2026〕1号",
        "安民职告〔2026〕2号",
    ]
    other = opened_for(told, "TS-110")
    assert notice(told, other, by="TS-110").document_number == "安梅镇职告〔2026〕1号"


def test_a_repeated_command_is_answered_with_its_number_and_takes_no_other(told: Story) -> None:
    case = opened_for(told, "JB")
    first = notice(told, case, by="JB", id="notice-once")
    assert notice(told, case, by="JB", id="notice-once") == first
    assert number(notice(told, case, by="JB")) == number(first) + 1


def test_a_withdrawn_letter_keeps_its_number(told: Story) -> None:
    case = opened_for(told, "DRB")
    first = notice(told, case, by="DRB")
    withdraw = WithdrawLetter(letter=first.document_number or "", reason="内容有误")
    told.do("2026-03-02", "DRB", withdraw, case)
    assert notice(told, case, by="DRB").document_number == "安发改职告〔2026〕2号"
    assert told.log.fold(case).papers.letters["安发改职告〔2026〕1号"].withdrawn == "内容有误"


def test_two_writers_at_once_leave_no_gap_and_no_repeat(ground: Ground, told: Story) -> None:
    cases = [opened_for(told, "FTU") for _ in range(4)]
    other = Log(ground.app, Keyring(ground.app, ground.keys), told.clock)
    writers = [told, Story(other)]
    given: list[int] = []

    def write(writer: Story, case: str, place: int) -> None:
        for turn in range(6):
            given.append(number(notice(writer, case, by="FTU", id=f"at-once-{place}-{turn}")))

    threads = [
        threading.Thread(target=write, args=(writers[place % 2], case, place))
        for place, case in enumerate(cases)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 25))
    assert list(verify(ground.app)) == []


def test_letters_that_share_a_commit_follow_one_another() -> None:
    """Each sees what those before it in the same commit were given."""
    standing = recorder._Standing(0, set(), {}, {}, last=lambda series: 4)
    assert [standing.next_number("安卫职告〔2026〕") for _ in range(3)] == [5, 6, 7]
    assert standing.next_number("安卫职告〔2027〕") == 5


def test_a_crash_after_the_number_was_taken_gives_it_to_the_next(
    told: Story, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened_for(told, "EIB")
    before = number(notice(told, case, by="EIB"))

    def crash(*arguments: object) -> None:
        raise OSError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(recorder.LogRecorder, "_move_head", crash)
        with pytest.raises(OSError, match="gone"):
            notice(told, case, by="EIB", id="crashed")
    assert number(notice(told, case, by="EIB")) == before + 1
    assert number(notice(told, case, by="EIB", id="crashed")) == before + 2
    assert list(verify(ground.app)) == []


def test_only_the_record_of_a_letter_bears_the_field(told: Story, ground: Ground) -> None:
    case = opened_for(told, "PSB")
    receipt = notice(told, case, by="PSB")
    with ground.app.connect() as connection:
        wanted = sa.select(events.c.record).where(events.c.stream == case)
        records = [orjson.loads(r) for r in connection.execute(wanted).scalars()]
    borne = [record["envelope"].get("document_number", "absent") for record in records]
    assert borne == ["absent", receipt.document_number]


# --- Documents ------------------------------------------------------------------------------------

PDF = b"%PDF-1.7 " + "合成".encode()


def office(member: str, content: bytes = "合成".encode() * 500) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr(member, content)
    return made.getvalue()


def kept(told: Story, *pieces: bytes, limit: int = 2_000_000) -> Any:
    with Intake(told.log.keyring, limit) as intake:
        for piece in pieces:
            intake.take(piece)
        return intake.keep(told.log.engine, "HB")


def rows(ground: Ground, table: sa.Table) -> int:
    with ground.app.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def everything(ground: Ground) -> list[int]:
    return [rows(ground, table) for table in (documents_table, document_chunks, data_keys)]


def read(told: Story, sha256: str) -> bytes:
    return b"".join(documents.opened(told.log.engine, told.log.keyring, sha256))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "pdf"),
        (b"\xff\xd8\xff\xe0" + b"x" * 40, "jpeg"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "png"),
        (office("word/document.xml"), "docx"),
        (office("xl/workbook.xml"), "xlsx"),
        (office("OFD.xml"), "ofd"),
        (office("word/document.xml", os.urandom(700_000)), "docx"),
        ("合成文本\n第二行".encode(), "text"),
    ],
)
def test_what_the_bytes_are_they_say_themselves(told: Story, content: bytes, name: str) -> None:
    sizes = (1, 7, len(content)) if len(content) < 10_000 else (65_536,)
    for size in sizes:  # wherever the stream is cut
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        assert kept(told, *pieces).media_type == TYPES[name]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a program \x00\x01\x02\x03",
        b"\x7fELF" + b"\x00" * 30,
        "国标编码".encode("gb18030"),
        b"text with a \x00 in it, after enough of it",
        office("malware.exe"),
        office("malware.exe", b"word/document.xml xl/workbook.xml OFD.xml"),
        office("word/document.xml")[:-30],
        b"PK\x03\x04",
    ],
)
def test_another_type_is_refused_and_leaves_nothing(
    told: Story, ground: Ground, content: bytes
) -> None:
    before = everything(ground)
    with pytest.raises(WrongTypeError):
        kept(told, content)
    assert everything(ground) == before


def test_too_much_is_refused_at_the_byte_too_many_while_it_streams(
    told: Story, ground: Ground
) -> None:
    piece = b"%PDF-" + b"x" * 99_995
    before = everything(ground)
    with Intake(told.log.keyring, 250_000) as intake:
        for _ in range(2):
            intake.take(piece)
        with pytest.raises(TooLargeError):
            intake.take(piece)
    assert everything(ground) == before
    kept(told, *[piece] * 3, limit=300_000)  # control: the limit alone was in the way
    with pytest.raises(TooLargeError):
        kept(told, *[piece] * 3, limit=299_999)


def test_an_upload_broken_off_leaves_nothing(told: Story, ground: Ground) -> None:
    before = everything(ground)
    with Intake(told.log.keyring, 1_000_000) as intake:
        intake.take(PDF + b"y" * 600_000)
    assert everything(ground) == before


def test_a_database_that_fails_midway_leaves_nothing(
    told: Story, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(ground)
    reads = itertools.count()
    with Intake(told.log.keyring, 2_000_000) as intake:
        intake.take(PDF + b"z" * 900_000)
        whole = intake._aside.read

        def full(size: int) -> bytes:
            if next(reads) == 2:
                raise sa.exc.OperationalError("insert", {}, OSError("no space left"))
            return whole(size)

        monkeypatch.setattr(intake._aside, "read", full, raising=False)
        with pytest.raises(sa.exc.OperationalError):
            intake.keep(told.log.engine, "HB")
    assert everything(ground) == before


def test_the_same_bytes_on_two_cases_are_stored_once(told: Story, ground: Ground) -> None:
    content = PDF + b"twice" * 100_000
    stored = kept(told, content)
    before = everything(ground)
    assert kept(told, content) == stored
    assert everything(ground) == before
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    for _ in range(2):
        case = opened(told)
        filed = FileDocument(sha256=stored.sha256, title="合成材料", kind="medical_record")
        told.do("2026-03-02", "HB", filed, case)
        assert told.log.fold(case).papers.documents[stored.sha256].filed.size == len(content)
    assert everything(ground)[:2] == before[:2]
    assert read(told, stored.sha256) == content
    assert list(verify(ground.app)) == []


def test_no_plaintext_of_a_document_stands_in_the_database(told: Story, ground: Ground) -> None:
    stored = kept(told, PDF + "合成病历内容".encode() * 20)
    with ground.app.connect() as connection:
        wanted = sa.select(document_chunks.c.content).where(
            document_chunks.c.sha256 == stored.sha256
        )
        assert "病历".encode() not in b"".join(connection.execute(wanted).scalars())


def test_with_its_key_destroyed_a_document_is_gone_and_the_log_still_verifies(
    told: Story, ground: Ground
) -> None:
    stored = kept(told, PDF + b"to be erased")
    case = opened(told)
    filed = FileDocument(sha256=stored.sha256, title="合成材料", kind="medical_record")
    told.do("2026-03-02", "HB", filed, case)
    assert read(told, stored.sha256)
    with ground.admin.begin() as connection:
        key = sa.select(documents_table.c.key).where(documents_table.c.sha256 == stored.sha256)
        connection.execute(sa.delete(data_keys).where(data_keys.c.subject.in_(key)))
    with pytest.raises(KeyLostError):
        documents.opened(told.log.engine, told.log.keyring, stored.sha256)
    assert list(verify(ground.app)) == []


def test_sent_again_after_its_key_was_destroyed_it_is_stored_anew(
    told: Story, ground: Ground
) -> None:
    content = PDF + b"sent again" * 50_000
    stored = kept(told, content)
    for turn in (2, 3):
        with ground.admin.begin() as connection:
            connection.execute(sa.delete(data_keys))
        with pytest.raises(KeyLostError):
            read(told, stored.sha256)
        assert kept(told, content) == stored
        assert read(told, stored.sha256) == content
        before = everything(ground)
        assert kept(told, content) == stored
        assert everything(ground) == before, turn
    assert list(verify(ground.app)) == []


def test_who_sent_the_bytes_may_file_them_and_nobody_else(told: Story) -> None:
    stored = kept(told, PDF + b"whose")
    case = opened(told)
    filing = FileDocument(sha256=stored.sha256, title="合成材料", kind="medical_record")
    worker = told.log.fold(case).parties["worker"]
    with pytest.raises(Refused) as refused:
        told.do("2026-03-02", worker, filing, case)
    assert refused.value.code == "not-uploaded"
    with Intake(told.log.keyring, 1_000) as intake:
        intake.take(PDF + b"whose")
        assert intake.keep(told.log.engine, worker).sha256 == stored.sha256
    told.do("2026-03-02", worker, filing, case)
    known = documents.described(told.log.engine, stored.sha256)
    assert known is not None
    assert known.uploaded_by == ("HB", worker)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE document_chunks SET content = content || 'x'", "log-document"),
        ("DELETE FROM document_chunks", "log-document"),
        ("DELETE FROM documents", "log-document"),
        ("UPDATE numbers SET number = number + 900 WHERE series LIKE '%〕'", "log-number-gap"),
        ("DELETE FROM numbers WHERE series LIKE '%〕'", "log-number"),
        ("UPDATE commands SET receipt = {}", "log-receipt"),
    ],
)
def test_the_doctor_names_what_was_done_to_papers(
    told: Story, ground: Ground, statement: str, code: str
) -> None:
    case = opened(told)
    stored = kept(told, PDF + b"to be damaged")
    filed = FileDocument(sha256=stored.sha256, title="合成材料", kind="site_record")
    told.do("2026-03-02", "HB", filed, case)
    notice(told, case)
    forged = "convert_to(replace(convert_from(receipt, 'UTF8'), '〕', '〕9'), 'UTF8')"
    with ground.admin.connect() as connection, connection.begin() as undone:
        # `verify` reads from an engine; this one sees what is not committed and is rolled back.
        connection.execute(sa.text(statement.format(forged)))
        assert code in {finding.code for finding in verify(Uncommitted(connection))}  # type: ignore[arg-type]
        undone.rollback()
    assert list(verify(ground.app)) == []  # control


class Uncommitted:
    """Stands in for an engine where the doctor is to see a change that will be rolled back."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def connect(self) -> Uncommitted:
        return self

    def execution_options(self, **options: object) -> Uncommitted:
        return self

    def __enter__(self) -> sa.Connection:
        return self.connection

    def __exit__(self, *failure: object) -> None:
        return None


def test_the_new_year_in_shanghai_begins_the_numbers_anew(told: Story) -> None:
    """Last of all: the log's clock goes on. 2027-01-01 00:30 there is still 2026 in UTC."""
    case = opened_for(told, "MIB")
    notice(told, case, by="MIB")
    assert notice(told, case, "2026-12-31", by="MIB").document_number == "安医保职告〔2026〕2号"
    told.clock.set(datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
    midnight = IssueLetter(template="notice", to=("informant",), values={"matter": "合成内容"})

    receipt = told.log.execute(
        Order(
            command=midnight,
            id="new-year",
            actor="MIB",
            recorder="o",
            case=case,
            source="simulated",
        )
    )
    assert receipt.document_number == "安医保职告〔2027〕1号"
