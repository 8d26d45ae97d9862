"""Every operation of /openapi.json against a real process, with sound and unsound requests made from the document.

``CONTACT_FUZZ_EXAMPLES`` requests an operation (3 by default); a longer run sets it to some hundreds.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.servers import Service

pytestmark = pytest.mark.processes

EXAMPLES = int(os.environ.get("CONTACT_FUZZ_EXAMPLES", "3"))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
_SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def _said(failed: BaseException) -> str:
    """What was wrong, without the whole of a long request."""
    several = failed.exceptions if isinstance(failed, FailureGroup) else [failed]
    return "; ".join(f"{each}"[:1500] for each in several)


def test_no_request_finds_an_error_or_an_undeclared_answer(start_service: Callable[..., Service]) -> None:
    """Whatever is sent, the status is declared for that operation, is no 5xx, and the body is as declared."""
    service = start_service(role="api")
    service.publish()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {service.key('admin')}"
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json", config=SchemathesisConfig())
    seen, wrong = Counter[int](), list[str]()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @_SETTINGS
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: schemathesis.Case) -> None:
                answer = case.call(session=session, timeout=30)
                seen[answer.status_code] += 1
                case.validate_response(answer, checks=list(CHECKS))

            try:
                ask()
            except Unsatisfiable:
                pass  # an operation without parameters and body has no unsound request
            except (Exception, FailureGroup) as failed:
                wrong.append(f"{operation.label} {mode.name}: {_said(failed)}")
    assert not wrong, "\n\n".join(wrong)
    assert seen[200] and seen[400] and sum(seen.values()) >= 300
