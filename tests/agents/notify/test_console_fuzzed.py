"""Whatever is sent, the console's API answers as its description says, and never with a 5xx."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from tests.kit.console import Counter

COUNTER = Counter()
COUNTER.live.close()  # whoever follows is sent away after the first words
EVERY_ROLE = COUNTER.token("m1", "manager", "risk", "operator", "auditor")
schema = schemathesis.openapi.from_asgi("/openapi.json", COUNTER.app)
SAID: Any = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
patient = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@schema.parametrize()
@patient
def test_every_answer_is_one_that_was_described(case: schemathesis.Case[Any]) -> None:
    answer = case.call(headers={"Authorization": f"Bearer {EVERY_ROLE}"})
    if answer.status_code != 405:  # a verb that no description names
        case.validate_response(answer, checks=SAID)


@schema.parametrize()
@patient
def test_without_a_credential_nothing_is_answered(case: schemathesis.Case[Any]) -> None:
    assert case.call(headers={"Authorization": "Bearer nobody"}).status_code in (401, 405)
