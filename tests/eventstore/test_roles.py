"""What the application's role may do with the log: the database itself refuses the rest."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from eventstore.doctor import check_database
from eventstore.schema import APP_GRANTS, connect
from tests.conftest import Ground, Story

_numbers = itertools.count(1)

LOG_TABLES = ("events", "commands", "numbers", "blobs")
ALTERING = (
    "UPDATE {0} SET {1} = {1}",
    "DELETE FROM {0}",
    "TRUNCATE {0}",
    "DROP TABLE {0}",
    "ALTER TABLE {0} RENAME TO gone",
    "ALTER TABLE {0} DROP COLUMN {1}",
    "ALTER TABLE {0} DISABLE TRIGGER ALL",
    "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {0} OWNER TO zhifang_app",
    "CREATE RULE lost AS ON INSERT TO {0} DO INSTEAD NOTHING",
    "CREATE TRIGGER lost BEFORE INSERT ON {0} EXECUTE FUNCTION tsvector_update_trigger()",
)
A_COLUMN = {"events": "record", "commands": "receipt", "numbers": "number", "blobs": "content"}


@pytest.mark.parametrize("table", LOG_TABLES)
def test_the_database_refuses_to_alter_the_log(county: Ground, story: Story, table: str) -> None:
    for statement in ALTERING:
        with (
            pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"),
            county.app.begin() as connection,
        ):
            connection.execute(sa.text(statement.format(table, A_COLUMN[table])))


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE zhifang_owner",
        "SET SESSION AUTHORIZATION zhifang_owner",
        "SET session_replication_role = replica",
        "DROP SCHEMA {0} CASCADE",
        "DELETE FROM log_head",
        "UPDATE data_keys SET master = 'm9'",
        "DELETE FROM data_keys",
    ],
)
def test_it_cannot_become_another_nor_reach_the_log_by_another_way(
    county: Ground, statement: str
) -> None:
    with (
        pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"),
        county.app.begin() as connection,
    ):
        connection.execute(sa.text(statement.format(county.schema)))


def test_it_cannot_grant_itself_what_it_lacks(county: Ground, story: Story) -> None:
    with county.app.begin() as connection:  # answered with a warning, and nothing is granted
        connection.execute(sa.text("GRANT DELETE ON events TO zhifang_app"))
    assert role_codes(county.app) == set()


def test_the_projector_reads_the_log_and_cannot_write_it(county: Ground, story: Story) -> None:
    with county.projector.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM events")).scalar_one() == 3
    for statement in (*ALTERING, "INSERT INTO {0} SELECT * FROM {0}"):
        with (
            pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"),
            county.projector.begin() as connection,
        ):
            connection.execute(sa.text(statement.format("events", "record")))


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_with_one_grant_the_log_could_be_altered(county: Ground, story: Story, right: str) -> None:
    """Control: the statements above do work for whoever may, so the grants are what guards."""
    with county.admin.begin() as connection:
        connection.execute(sa.text(f"GRANT {right} ON events TO zhifang_app"))
    with county.app.begin() as connection:
        match = {"UPDATE": ALTERING[0], "DELETE": ALTERING[1], "TRUNCATE": ALTERING[2]}
        connection.execute(sa.text(match[right].format("events", "actor")))


# --- What serving refuses -----------------------------------------------------------------------


@pytest.fixture
def superuser(county: Ground) -> Iterator[sa.Engine]:
    passwords = json.loads((county.server.data.parent / "passwords.json").read_text())
    url = sa.make_url(county.server.owner_url)
    engine = connect(
        url.set(username="postgres", password=passwords["postgres"]).render_as_string(False),
        county.schema,
    )
    yield engine
    engine.dispose()


@pytest.fixture
def login(county: Ground, superuser: sa.Engine) -> Iterator[tuple[sa.Engine, str]]:
    """A login of a county's own server with the application's rights, to be given more."""
    name = f"careless_{next(_numbers)}"
    grants = [f"GRANT {rights} ON {table} TO {name}" for table, rights in APP_GRANTS.items()]
    run(
        superuser,
        f"CREATE ROLE {name} LOGIN PASSWORD 'synthetic'",
        f"GRANT CONNECT ON DATABASE zhifang TO {name}",
        f"GRANT USAGE ON SCHEMA {county.schema} TO {name}",
        *grants,
    )
    url = sa.make_url(county.server.app_url).set(username=name, password="synthetic")
    engine = connect(url.render_as_string(False), county.schema)
    yield engine, name
    engine.dispose()
    run(
        superuser,
        f"ALTER SCHEMA {county.schema} OWNER TO zhifang_owner",
        f"DROP OWNED BY {name}",
        f"DROP ROLE {name}",
    )


def run(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def role_codes(engine: sa.Engine) -> set[str]:
    return {f.code for f in check_database(engine) if f.code.startswith("role-")}


def test_a_login_with_the_applications_rights_is_fit(login: tuple[sa.Engine, str]) -> None:
    assert role_codes(login[0]) == set()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("GRANT UPDATE ON events TO {0}", "role-update-events"),
        ("GRANT UPDATE (record) ON events TO {0}", "role-update-events"),
        ("GRANT DELETE ON commands TO {0}", "role-delete-commands"),
        ("GRANT TRUNCATE ON numbers TO {0}", "role-truncate-numbers"),
        ("GRANT TRIGGER ON events TO {0}", "role-trigger-events"),
        ("GRANT UPDATE ON blobs TO {0}", "role-update-blobs"),
        ("GRANT pg_write_all_data TO {0}", "role-delete-events"),
        ("GRANT pg_write_all_data TO {0} WITH INHERIT FALSE", "role-delete-events"),
        ("GRANT zhifang_owner TO {0} WITH INHERIT FALSE, SET TRUE", "role-owner"),
        ("GRANT postgres TO {0} WITH INHERIT FALSE, SET TRUE", "role-superuser"),
        ("ALTER ROLE {0} SUPERUSER", "role-superuser"),
        ("ALTER ROLE {0} CREATEROLE", "role-powers"),
        ("GRANT pg_write_server_files TO {0}", "role-powers"),
        ("ALTER SCHEMA {1} OWNER TO {0}", "role-owner"),
    ],
)
def test_one_right_too_many_is_named(
    county: Ground, superuser: sa.Engine, login: tuple[sa.Engine, str], more: str, code: str
) -> None:
    engine, name = login
    run(superuser, more.format(name, county.schema))
    assert code in role_codes(engine)


def test_a_superuser_who_took_on_the_applications_role_is_still_one(
    county: Ground, superuser: sa.Engine
) -> None:
    dressed = sa.create_engine(
        superuser.url,
        connect_args={"options": f"-csearch_path={county.schema} -crole=zhifang_app"},
    )
    assert role_codes(dressed) == {"role-superuser"}
    dressed.dispose()
