"""The doctor names every way the log can be tampered with, and every unfit role or setting."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

from domain.cases.diagnosis import OpenByApplication, RequestEmployerData
from eventstore import embedded, merkle
from eventstore.doctor import UnsafeDatabaseError, check_database, require_safe, verify
from eventstore.schema import connect, events, migrate
from tests.conftest import Ground, Story

APPLY = OpenByApplication(
    subject="S-1",
    institution="institution:DI-01",
    employer="employer:91330523MA000TE131",
    hazard="矽尘",
    locality="employer_seat",
)


INSERT = "INSERT INTO events"
REST = "'reference', 4, type, occurred_at, recorded_at, actor, command, case_number, record, leaf"
FORGED = (
    "convert_to(replace(convert_from(receipt, 'UTF8'), 'DX-2026-0001', 'DX-2026-0002'), 'UTF8')"
)


@pytest.fixture
def written(county: Ground, story: Story) -> Ground:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    story.do("2026-03-03", "institution:DI-01", RequestEmployerData(items=("史",)), case)
    return county


def codes(county: Ground) -> set[str]:
    return {finding.code for finding in verify(county.app)}


def tamper(county: Ground, *statements: str) -> None:
    """What someone with the owner's rights could do by hand."""
    with county.admin.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def test_a_whole_log_has_no_findings(written: Ground) -> None:
    assert codes(written) == set()


def test_an_edited_record_is_named(written: Ground) -> None:
    tamper(
        written,
        "UPDATE events SET record = convert_to(replace(convert_from(record, 'UTF8'),"
        " '矽尘', '苯'), 'UTF8') WHERE position = 4",
    )
    found = [f for f in verify(written.app) if f.code == "log-leaf"]
    assert [f.zh for f in found] == ["位置 4：记录与其哈希不符，内容被改动"]


def test_an_edited_record_with_a_matching_leaf_no_longer_arrives_at_the_root(
    written: Ground,
) -> None:
    with written.admin.begin() as connection:
        record = connection.execute(
            sa.select(events.c.record).where(events.c.position == 4)
        ).scalar_one()
        forged = record.replace("矽尘".encode(), "苯".encode())
        connection.execute(
            sa.update(events)
            .where(events.c.position == 4)
            .values(record=forged, leaf=merkle.leaf(forged))
        )
    assert codes(written) == {"log-root"}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE events SET actor = 'HB' WHERE position = 4", "log-copy"),
        ("DELETE FROM events WHERE position = 5", "log-head"),
        ("DELETE FROM events WHERE position = 4", "log-gap"),
        ("DELETE FROM events WHERE position = 1", "log-gap"),
        (f"{INSERT} SELECT -1, {REST} FROM events WHERE position = 5", "log-gap"),
        (f"{INSERT} SELECT 6, {REST} FROM events WHERE position = 5", "log-head"),
        ("UPDATE numbers SET number = 7", "log-number-gap"),
        ("DELETE FROM numbers", "log-number"),
        ("DELETE FROM commands WHERE position = 5", "log-command"),
        ("UPDATE commands SET position = 99 WHERE position = 5", "log-receipt"),
        ("UPDATE commands SET position = 1 WHERE position = 5", "log-receipt"),
        ("UPDATE commands SET receipt = '{}' WHERE position = 5", "log-receipt"),
        (f"UPDATE commands SET receipt = {FORGED} WHERE position = 4", "log-receipt"),
        ("UPDATE events SET version = 9 WHERE position = 5", "log-version"),
        ("UPDATE events SET recorded_at = '2020-01-01' WHERE position = 5", "log-time"),
        ("UPDATE events SET recorded_at = 'infinity' WHERE position = 5", "log-copy"),
        ("UPDATE events SET occurred_at = '-infinity' WHERE position = 5", "log-copy"),
        ("UPDATE events SET leaf = 'x' WHERE position = 2", "log-leaf"),
        ("UPDATE events SET record = '[]' WHERE position = 4", "log-record"),
        ("UPDATE events SET record = 'x' WHERE position = 4", "log-record"),
        ("""UPDATE events SET record = '{"envelope":{}}' WHERE position = 4""", "log-record"),
        ("UPDATE log_head SET frontier = ''", "log-root"),
        ("UPDATE log_head SET recorded_at = '2099-01-01'", "log-head-time"),
        ("DELETE FROM log_head", "log-head"),
        ("UPDATE blobs SET content = '{}'", "log-edition"),
        ("UPDATE blobs SET content = convert_to('[1', 'UTF8')", "log-edition"),
        ("DELETE FROM blobs", "log-edition"),
    ],
)
def test_each_kind_of_tampering_is_named(written: Ground, statement: str, code: str) -> None:
    tamper(written, statement)
    assert code in codes(written)


def test_what_is_found_is_said_with_its_position_and_in_two_languages(written: Ground) -> None:
    tamper(written, "UPDATE events SET actor = 'HB' WHERE position = 4")
    assert [(f.zh, f.en) for f in verify(written.app)] == [
        ("位置 4：列 actor 与记录不符", "position 4: column actor differs from the record")
    ]


def test_a_log_longer_than_a_batch_is_whole_to_the_end(
    written: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of any size, also such as part the events of one command."""
    told: list[tuple[int, int]] = []
    for size in (1, 2, 3, 5):
        monkeypatch.setattr("eventstore.doctor.BATCH", size)
        assert list(verify(written.app, lambda done, of: told.append((done, of)))) == []
        assert told[-1] == (5, 5)


def test_two_swapped_records_are_noticed(written: Ground) -> None:
    tamper(
        written,
        "UPDATE events SET position = -4 WHERE position = 4",
        "UPDATE events SET position = 4 WHERE position = 5",
        "UPDATE events SET position = 5 WHERE position = -4",
    )
    assert {"log-copy", "log-root"} <= codes(written)


def test_unsafe_settings_are_named(county: Ground) -> None:
    """The tests' own server runs without fsync: the doctor must say so."""
    found = {finding.code for finding in check_database(county.app)}
    assert found == {"setting-fsync", "setting-full_page_writes", "setting-synchronous_commit"}


def test_a_durable_server_and_the_applications_role_are_fit(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    var = tmp_path_factory.mktemp("durable")
    with embedded.running(var) as server:
        admin, app = connect(server.owner_url), connect(server.app_url)
        migrate(admin)
        assert list(check_database(app)) == []
        owner = {finding.code for finding in check_database(admin)}
        assert "role-owner" in owner
        with pytest.raises(UnsafeDatabaseError, match="所有者"):
            require_safe(admin, allow_unsafe=False)
        admin.dispose()
        app.dispose()
    embedded.remove(var)


def test_a_role_that_could_alter_the_log_is_refused(county: Ground) -> None:
    """Control: one GRANT too many turns the check red."""
    before = {f.code for f in check_database(county.app) if f.code.startswith("role")}
    tamper(county, "GRANT UPDATE ON events TO zhifang_app")
    after = {f.code for f in check_database(county.app) if f.code.startswith("role")}
    assert (before, after) == (set(), {"role-update-events"})


def test_an_override_is_loud(county: Ground, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        require_safe(county.app, allow_unsafe=True)
    assert "放行" in caplog.text
    assert "fsync" in caplog.text
