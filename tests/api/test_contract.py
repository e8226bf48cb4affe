"""The OpenAPI document and the application agree: fuzzed by schemathesis, never a 5xx."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import schemathesis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from eventstore.embedded import Server
from tests.conftest import told

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PARTIES = (None, "HB", "institution:DI-01", "worker:S-E4")  # None: as generated
EXAMPLES = int(os.environ.get("ZHIFANG_CONTRACT_EXAMPLES", "4"))  # an operation


@pytest.fixture(scope="module")
def document(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[schemathesis.BaseSchema]:
    tmp = tmp_path_factory.mktemp("contract")
    for county in told(server, tmp, "api_contract", rate_limit="1000000/minute"):
        yield schemathesis.openapi.from_asgi("/openapi.json", create_app(county))


def test_whatever_is_sent_the_answer_is_as_documented(
    document: schemathesis.BaseSchema,
) -> None:
    wrong: dict[str, str] = {}
    for found in document.exclude(path_regex="stream$|/metrics").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @hypothesis.given(case=operation.as_strategy(), party=st.sampled_from(PARTIES))
        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def as_documented(case: Case[Any], party: str | None) -> None:
            known = {"X-Zhifang-Unit": party, "If-Match": "*"} if party else None
            case.call_and_validate(checks=CHECKS, headers=known)

        try:
            as_documented()
        except (Exception, BaseExceptionGroup) as error:
            wrong[operation.label] = str(error)[:1500]
    assert not wrong, "\n\n".join(f"{label}\n{told}" for label, told in wrong.items())
